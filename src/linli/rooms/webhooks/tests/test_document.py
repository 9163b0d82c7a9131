"""docs/webhooks.md says what is sent: its code runs, its example has the fields of a real message."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from linli.kernel import clock
from linli.kernel.outbox.jobs import drain
from linli.kernel.outgoing import new_secret, sign
from linli.rooms.cases.tests.fixtures import LAMP, reported
from linli.rooms.cases.tests.walking import walk
from linli.rooms.webhooks.models import Endpoint
from linli.rooms.webhooks.rules import CASE_KINDS, WAITS

PAGE = (Path(__file__).parents[5] / "docs" / "webhooks.md").read_text("utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.S)
    assert found
    return found.group(1)


def test_the_snippet_takes_what_is_ours_and_nothing_else():
    names: dict = {}
    exec(block("python"), names)
    secret, body = new_secret(), b'{"type":"webhook.test"}'
    headers = sign(secret, "msg_1", clock.now(), body)
    assert names["take_in"](secret, headers, body) == {"type": "webhook.test"}
    assert names["take_in"](new_secret(), headers, body) is None
    assert names["take_in"](secret, headers, body + b" ") is None
    old = sign(secret, "msg_1", clock.now() - timedelta(minutes=6), body)
    assert names["take_in"](secret, old, body) is None


@pytest.mark.django_db
def test_the_example_has_the_fields_of_a_real_message(town, picture):
    endpoint = Endpoint.objects.create(url="https://x.example/", secret=b"", created_at=clock.now())
    walk(reported(town), town, picture)
    drain()
    real = orjson.loads(bytes(endpoint.deliveries.get(kind="case.closed").body))
    example = orjson.loads(block("json"))
    assert list(real) == list(example)
    assert list(real["data"]) == list(example["data"])
    assert list(real["data"]["case"]) == list(example["data"]["case"])
    assert (real["type"], real["data"]["case"]["item"]["key"]) == ("case.closed", LAMP)


def test_the_waits_are_those_of_the_page():
    assert [wait.total_seconds() for wait in WAITS][:4] == [5, 300, 1800, 7200]
    assert [wait.total_seconds() / 3600 for wait in WAITS][4:] == [5, 10, 14, 20, 24]
    assert CASE_KINDS[0] == "case.reported" and CASE_KINDS[-1] == "case.noted"
