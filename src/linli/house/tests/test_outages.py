"""What visitors and machines are told while the database is away or busy, or the disk full; nothing typed is lost."""

from __future__ import annotations

import errno
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from linli.house.outages import outage_of
from linli.kernel.imaging.tests.pictures import jpeg
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import IN_A

KEY = f"linli_abcdefgh_{'x' * 43}"


def raised(cause: Exception, kind: type[Exception] = OperationalError) -> Exception:
    """The error of PostgreSQL as Django hands it on."""
    try:
        raise kind(*cause.args) from cause
    except kind as error:
        return error


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[None]:
    """Whatever asks the database is told that it cannot be reached."""

    def gone(*_args: object, **_more: object) -> None:
        raise raised(psycopg.errors.CannotConnectNow("the database system is starting up"))

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", gone)
        yield


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (raised(psycopg.errors.AdminShutdown("terminating connection")), 503, "unavailable"),
        (raised(psycopg.errors.CrashShutdown("the server crashed")), 503, "unavailable"),
        (raised(psycopg.errors.TooManyConnections("too many clients already")), 503, "unavailable"),
        (raised(psycopg.errors.ReadOnlySqlTransaction("a standby")), 503, "unavailable"),
        (raised(psycopg.errors.LockNotAvailable("canceling statement due to lock timeout")), 503, "busy"),
        (raised(psycopg.errors.DeadlockDetected("deadlock detected")), 503, "busy"),
        (raised(psycopg.errors.DiskFull("could not extend file")), 507, "disk.full"),
        (OSError(errno.ENOSPC, "No space left on device"), 507, "disk.full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), 507, "disk.full"),
    ],
)
def test_an_outage_is_told_from_a_defect(error: Exception, status: int, code: str) -> None:
    outage = outage_of(error)
    assert outage is not None and (outage.status, outage.code) == (status, code)
    assert outage.retry_after > 0 and outage.what_next


@pytest.mark.parametrize(
    "error",
    [
        ValueError("a defect"),
        OSError(errno.ENOENT, "no such file"),
        raised(psycopg.errors.UndefinedTable("no such table")),
        raised(psycopg.errors.CheckViolation("against a rule")),
    ],
)
def test_a_defect_stays_a_defect(error: Exception, db: None) -> None:
    connection.ensure_connection()
    assert outage_of(error) is None


@pytest.mark.parametrize(
    ("error", "gone"),
    [
        (InterfaceError("connection already closed"), True),
        (OperationalError("consuming input failed: server closed the connection unexpectedly"), True),
        (InterfaceError("the cursor is closed"), False),
        (OperationalError("number of parameters must be between 0 and 65535"), False),
    ],
)
def test_a_broken_connection_is_an_outage_even_if_there_is_a_new_one(error: Exception, gone: bool) -> None:
    assert (outage_of(error) is not None) is gone


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "系统正在恢复"), ("en", "The system is recovering")])
def test_a_page_says_in_both_languages_what_to_do(away: None, language: str, words: str) -> None:
    client = Client(raise_request_exception=False, headers={"accept-language": language})
    client.cookies["linli_language"] = language
    for path in ("/report/", "/problems/", "/accounts/login/"):
        answer = client.get(path)
        if answer.status_code == 200:
            continue  # a page that needs nothing of the database is as good as ever
        assert answer.status_code == 503 and answer["Retry-After"] == "10", path
        assert words in answer.content.decode() and '<link rel="stylesheet"' in answer.content.decode()
    client.cookies["linli_session"] = "x" * 32
    answer = client.get("/desk/")
    assert answer.status_code == 503 and words in answer.content.decode()


def test_a_report_can_be_sent_again_with_what_was_typed(town: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    key = uuid.uuid4().hex
    fields = {"key": key, "words": "路灯<不亮>", "lng": str(IN_A[0]), "lat": str(IN_A[1])}
    with monkeypatch.context() as patch:
        full = raised(psycopg.errors.DiskFull("could not extend file: No space left on device"))

        def refuse(*_args: object, **_more: object) -> None:
            raise full

        patch.setattr("linli.rooms.cases.actions.intake.insert", refuse)
        answer = client.post("/report/", fields)
    page = answer.content.decode()
    assert answer.status_code == 507 and answer["Retry-After"] == "60"
    assert f'name="key" value="{key}"' in page and "路灯&lt;不亮&gt;" in page and 'name="csrfmiddlewaretoken"' in page
    before = Case.objects.count()
    assert client.post("/report/", fields).status_code == 302
    assert client.post("/report/", fields).status_code == 302
    assert Case.objects.count() == before + 1


def test_a_password_is_never_given_back(away: None) -> None:
    client = Client(raise_request_exception=False)
    answer = client.post("/accounts/login/", {"login": "somebody", "password": "a secret of mine"})
    assert answer.status_code == 503 and "a secret of mine" not in answer.content.decode()


def test_a_part_of_a_page_gets_a_message_and_keeps_its_form(away: None) -> None:
    answer = Client(raise_request_exception=False).get("/problems/", headers={"hx-request": "true"})
    assert answer.status_code == 503 and answer["HX-Retarget"] == "#messages"
    assert "<html" not in answer.content.decode()


def test_machines_are_told_in_their_own_form(away: None) -> None:
    client = Client(raise_request_exception=False)
    rest = client.get("/api/v1/cases", headers={"authorization": f"Bearer {KEY}"})
    assert rest.status_code == 503 and rest["Content-Type"] == "application/problem+json"
    assert rest.json()["reason"] == "unavailable" and rest["Retry-After"]
    open311 = client.post("/open311/v2/requests.json", {"api_key": KEY, "service_code": "M01037", "lat": "1"})
    assert open311.status_code == 503 and open311["Retry-After"]
    assert json.loads(open311.content)[0]["code"] == 503


def test_a_photo_that_finds_no_room_is_refused_whole_and_can_be_sent_again(
    town: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    client = Client(raise_request_exception=False)
    key = uuid.uuid4().hex

    def post() -> int:
        photo = SimpleUploadedFile("lamp.jpg", jpeg(), "image/jpeg")
        fields = {"key": key, "words": "路灯不亮", "lng": str(IN_A[0]), "lat": str(IN_A[1]), "photos": photo}
        return client.post("/report/", fields).status_code

    with monkeypatch.context() as patch:

        def full(_handle: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr("linli.rooms.cases.actions.photos.os.fsync", full)
        before = Case.objects.count()
        assert post() == 507
    assert Case.objects.count() == before
    assert not [path for path in tmp_path.rglob("*") if path.is_file()], "nothing half-written is left"
    assert post() == 302
