"""Log lines are one line each, and say nothing about persons."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from linli.house import logs
from linli.house.logs import JsonFormatter, LineFormatter
from linli.house.requests import RequestMiddleware
from linli.rooms.cases.models import Report
from linli.rooms.cases.tests.fixtures import lay_out_town, reported


def test_it_is_one_line_with_keys() -> None:
    record = logging.LogRecord("linli.x", logging.WARNING, "f", 1, 'two\n"lines" %s', ("here",), None)
    record.created = 0.0
    expected = "1970-01-01T00:00:00Z level=warning logger=linli.x message=\"two 'lines' here\""
    assert LineFormatter().format(record) == expected


def test_as_json_it_is_one_object_a_line() -> None:
    record = logging.LogRecord("linli.x", logging.WARNING, "f", 1, 'two\n"lines" %s', ("here",), None)
    record.created, record.status, record.route = 0.25, 200, "/desk/"
    token = logs.request_id.set("ab12")
    try:
        line = JsonFormatter().format(record)
    finally:
        logs.request_id.reset(token)
    assert "\n" not in line
    assert json.loads(line) == {
        "time": "1970-01-01T00:00:00.250Z",
        "level": "warning",
        "logger": "linli.x",
        "message": 'two\n"lines" here',
        "route": "/desk/",
        "status": 200,
        "request_id": "ab12",
    }


@pytest.mark.parametrize("formatter", [LineFormatter(), JsonFormatter()])
def test_it_leaves_out_the_rows_that_postgresql_repeats(formatter: logging.Formatter) -> None:
    said = "duplicate key\nDETAIL:  Key (phone)=(13800000000) already exists."
    try:
        raise ValueError(said)
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "failed", (), sys.exc_info())
    text = formatter.format(record)
    assert "duplicate key" in text
    assert "138" not in text


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        ("call 13800138000 now", "13800138000"),
        ("call +86 138 0013 8000 now", "8000"),
        ("id 430212199001011234 here", "430212199001011234"),
        ("track 7K3M-9QWX-2D4F please", "7K3M"),
        ("track 7K3M9QWX2D4F please", "7K3M"),
        ("GET /track/?code=secret&b=2 failed", "secret"),
        ("mail to li.na@example.cn bounced", "li.na"),
    ],
)
def test_what_names_a_person_is_taken_out_of_any_message(said: str, gone: str) -> None:
    record = logging.LogRecord("other.library", logging.ERROR, "f", 1, said, (), None)
    for formatter in (LineFormatter(), JsonFormatter()):
        assert gone not in formatter.format(record)


def test_what_names_nobody_stays() -> None:
    said = "case 20261122-00001 of M01037 took 1234567 ms in 430212100001001 at 2026-11-22T08:30:00Z"
    record = logging.LogRecord("x", logging.ERROR, "f", 1, said, (), None)
    assert said in LineFormatter().format(record)


# ── The whole house ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def written(settings) -> Iterator[Callable[[], str]]:
    """Everything all loggers write during a test, in both forms."""
    settings.LINLI_LOG_REQUESTS = True
    stream = io.StringIO()
    handlers = []
    for formatter in (LineFormatter(), JsonFormatter()):
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        logging.getLogger().addHandler(handler)
        handlers.append(handler)
    yield stream.getvalue
    for handler in handlers:
        logging.getLogger().removeHandler(handler)


PHONE, NAME, WORDS = "13907330001", "李娜演示", "独家秘密的话"


def test_no_request_leaves_a_person_in_the_log(db, written: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    case = reported(lay_out_town(), name=NAME, phone=PHONE)
    code = Report.objects.get(case=case).tracking_code
    shown = "-".join(code[i : i + 4] for i in (0, 4, 8))
    client = Client(raise_request_exception=False)
    for address in (f"/track/{code}/", f"/track/{shown}/", f"/track/?code={shown}&phone={PHONE}", "/nothing/here/"):
        client.get(address, {"q": WORDS} if "?" not in address else None)
        client.post(address, {"phone": PHONE, "name": NAME, "description": WORDS})
    client.post("/accounts/login/", {"login": NAME, "password": WORDS})

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"cannot show {shown} of {PHONE}")

    monkeypatch.setattr("django.template.base.Template.render", broken)
    assert client.get(f"/track/{code}/?q={WORDS}").status_code == 500
    text = written()
    assert '"status": 500' in text and '"route": "/track/<' in text and "RuntimeError" in text
    for secret in (PHONE, NAME, WORDS, code, shown, case.number):
        assert secret not in text, secret


def test_a_request_is_one_line_with_its_status_and_time(client: Client, db, written: Callable[[], str]) -> None:
    answer = client.get("/accounts/login/?next=/desk/")
    lines = [json.loads(line) for line in written().splitlines() if line.startswith("{")]
    line = next(line for line in lines if line["logger"] == "linli.requests")
    assert (line["method"], line["route"], line["status"]) == ("GET", "/accounts/login/", 200)
    assert line["ms"] > 0 and line["request_id"] == answer.headers["X-Request-ID"]


def test_without_wishing_it_only_slow_requests_get_a_line(settings, rf, written: Callable[[], str]) -> None:
    from django.http import HttpResponse

    settings.LINLI_LOG_REQUESTS = False
    RequestMiddleware(lambda request: HttpResponse())(rf.get("/quick"))
    assert "linli.requests" not in written()
