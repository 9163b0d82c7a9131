"""Hostile input: whatever comes, a problem with a number, never a 5xx; and answers are what the document says.

Schemathesis reads the OpenAPI document and makes requests up, the same ones each time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core import signals
from django.db import close_old_connections
from django.test import Client

from linli.doors.api.codes import CODES
from linli.doors.api.tests.conftest import Machine
from linli.house.home import SOURCE
from linli.house.wsgi import application
from linli.kernel.authority import SystemAuthority
from linli.rooms.cases.tests.fixtures import reported
from linli.rooms.people import actions
from linli.rooms.people.keys import SCOPES, WHOLE_HOUSE

pytestmark = pytest.mark.django_db
EXAMPLES = 3


def document() -> dict[str, Any]:
    return json.loads(Client().get("/api/v1/openapi.json").content)


@pytest.fixture
def house(town, settings, tmp_path) -> Machine:
    """The whole house with all its middleware, and a key that may do everything; one case stands in it."""
    settings.MEDIA_ROOT = tmp_path

    def made(*scopes: str) -> Machine:
        return Machine(actions.create_key(SystemAuthority(), name="试探", scopes=scopes, per_minute=100_000)[1])

    one = made(*(scope for scope in SCOPES if scope not in WHOLE_HOUSE))
    one.others = {scope: made(scope).headers for scope in WHOLE_HOUSE}  # type: ignore[attr-defined]
    one.number = reported(town).number  # type: ignore[attr-defined]
    return one


@contextmanager
def connection_stays() -> Iterator[None]:
    """The whole WSGI application closes its connection after a request; the test's transaction lives in it."""
    ends = (signals.request_started, signals.request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in ends:
            signal.connect(close_old_connections)


def test_made_up_requests_get_no_5xx_and_answers_as_described(house: Machine):
    schema = schemathesis.openapi.from_dict(document())
    schema.app = application
    checks = [
        _check(name)
        for name in (
            "not_a_server_error",
            "response_schema_conformance",
            "status_code_conformance",
            "content_type_conformance",
        )
    ]
    with connection_stays():
        for path, methods in schema.raw_schema["paths"].items():
            for method in methods:
                _ask(schema[path][method.upper()], house, checks)


def _ask(operation: Any, house: Machine, checks: list[Any]) -> None:
    @hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy())
    def asked(case: schemathesis.Case) -> None:
        if "number" in (case.path_parameters or {}):
            case.path_parameters["number"] = house.number  # type: ignore[attr-defined]
        headers = _headers(house, case.method, case.path)
        answer = case.call(headers=headers | {"Host": "testserver"})
        case.validate_response(answer, checks=checks)

    asked()


def _headers(house: Machine, method: str, path: str) -> dict[str, str]:
    """Those of the key that may do it: administrators' affairs have keys of their own."""
    others: dict[str, dict[str, str]] = house.others  # type: ignore[attr-defined]
    kind = path.removeprefix("/api/v1").split("/")[1]
    if kind == "posts" and (method != "GET" or "held" in path):
        return others["appoint"]
    if kind == "grids" or (method != "GET" and kind in ("units", "items", "rules", "buildings")):
        return others["configure"]
    return house.headers


def _check(name: str) -> Any:
    schemathesis.checks.load_all_checks()
    return schemathesis.checks.CHECKS.get_one(name)


TEXTS = [
    "\x00",
    "\ud800",
    "'; DROP TABLE cases_case; --",
    "%00",
    "<script>",
    "=1+1",
    "𠮷" * 50,
    "\u202e",
    "{{7*7}}",
    "../..",
]
BODIES: list[bytes] = [
    b"", b"null", b"[]", b"1", b'"x"', b"{", b'{"words": "\\u0000"}', b'{"words": "\xff"}', b'{"words": {"a": 1}}',
    b'{"words": "a", "lng": 1e400, "lat": 0}', b'{"words": "a", "lng": NaN, "lat": 0}', b"[" * 5000,
    b'{"words": "a", "place": 99999999999999999999}', b'{"words": "a", "photos": ["x"]}',
    b'{"words": "a", "lng": 27.6, "lat": 113.1}', b'{"words": "a", "system": "mars", "lng": 1, "lat": 1}',
    b'{"words": "a", "place": 1, "__proto__": {}}', b'{"words":"' + b"a" * 300_000 + b'"}',
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:24]))
def test_bodies_that_nobody_should_send_are_refused_with_a_number(house: Machine, body: bytes):
    number = house.number  # type: ignore[attr-defined]
    for path in ("/cases", f"/cases/{number}/join", f"/cases/{number}/steps/accept"):
        answer = house.post(path, body)
        assert 400 <= answer.status_code < 500 or (answer.status_code == 201 and path.endswith("join")), path
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json"
            assert answer.json()["code"].startswith(f"LL-{answer.status_code}")


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_texts_that_break_other_houses_are_taken_or_refused(house: Machine, town, text: str):
    word = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    answers = [
        house.get("/cases", {"q": word}),
        house.get("/places", {"q": word}),
        house.get("/units", {"q": word}),
        house.get("/items", {"q": word}),
        house.get("/items/suggest", {"words": word}),
        house.post("/cases", {"words": text, "place": town.grid_a.pk, "address": text}),
        house.post("/cases", {"words": "灯", "place": town.grid_a.pk, "reporter": {"name": text, "phone": text}}),
        house.post(f"/cases/{house.number}/steps/note", {"note": text}),  # type: ignore[attr-defined]
        house.post("/cases", {"words": "灯", "place": town.grid_a.pk}, Idempotency_Key=ascii(text)),
    ]
    assert {answer.status_code for answer in answers} <= {200, 201, 400, 422}


def test_other_kinds_of_content_methods_and_addresses_are_refused_as_problems(house: Machine):
    client, headers = house.client, house.headers
    answers = {
        415: client.post("/api/v1/cases", "<x/>", content_type="application/xml", headers=headers),
        405: client.put("/api/v1/cases", "{}", content_type="application/json", headers=headers),
        404: client.get("/api/v1/../etc", headers=headers),
        413: client.post("/api/v1/cases", b"{}" + b" " * 300_000, content_type="application/json", headers=headers),
    }
    for status, answer in answers.items():
        assert answer.status_code == status and answer.json()["status"] == status
        assert answer["Content-Type"] == "application/problem+json"
    assert "POST" in answers[405]["Allow"] and "GET" in answers[405]["Allow"]
    head = client.head("/api/v1/cases", headers=headers)
    assert head.status_code == 200 and not head.content
    assert client.options("/api/v1/cases", headers=headers)["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_the_document_lists_every_number_and_every_address_knows_its_problems():
    text = (SOURCE / "docs" / "api.md").read_text("utf-8")
    assert [line for line in text.splitlines() if line.startswith("| LL-")] == [
        f"| {code.number} | `{code.reason}` | {code.words} |" for code in CODES
    ]
    assert len({code.number for code in CODES}) == len({code.reason for code in CODES}) == len(CODES)
    drawn = document()
    refs = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(drawn)))
    assert refs <= set(drawn["components"]["schemas"])
    for path, methods in drawn["paths"].items():
        for method, operation in methods.items():
            assert {"400", "404", "422"} <= set(operation["responses"]), path
            assert operation["security"] or "/problems" in path
            names = {one["name"] for one in operation.get("parameters", [])}
            assert ("Idempotency-Key" in names) == (method == "post"), path
