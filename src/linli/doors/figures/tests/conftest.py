"""A town with a late case, one in time and one that runs, and browsers of its people."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.test import Client

from linli.kernel import clock
from linli.kernel.outbox.jobs import drain
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import reported
from linli.rooms.cases.tests.walking import given_for, walk

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
DAY = dt.timedelta(days=1)


@pytest.fixture
def figures(town, picture) -> SimpleNamespace:
    """`late` was closed 20 days too late, `quick` in time, `open` is being handled; all began 40 days ago."""
    begin = clock.now() - 40 * DAY
    with clock.at(begin):
        late = walk(reported(town), town, picture, until="receive")
        quick = walk(reported(town), town, picture)
        running = walk(reported(town), town, picture, until="receive")
    with clock.at(Case.objects.get(pk=late.pk).due_at + 20 * DAY):
        for step, name in (
            ("handle", "lamp_handler"),
            ("confirm", "lamp_contact"),
            ("verify_pass", "verifier"),
            ("close", "dispatcher"),
        ):
            viewer = town.viewer(name)
            late = take(late.pk, step, given_for(step, town, picture, viewer), viewer=viewer)
    drain()

    def browser(name: str, language: str = "zh-hans") -> Client:
        client = Client(headers={"accept-language": language})
        client.force_login(town.accounts[name], backend=BACKEND)
        client.cookies["linli_language"] = language
        return client

    return SimpleNamespace(town=town, late=late, quick=quick, open=running, begin=begin, browser=browser)
