"""Signing in, and a town with a ladder and cases on every tier."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from linli.kernel import clock
from linli.rooms.ladder.tests.rungs import MONDAY, dispatched, person, with_ladder

NOW = MONDAY + dt.timedelta(hours=3)


@pytest.fixture
def enter(client, town):
    """`enter("dispatcher", "en")`: the browser of that person, in that language."""

    def sign_in(name="dispatcher", language="zh-hans"):
        client.force_login(town.accounts[name], backend="allauth.account.auth_backends.AuthenticationBackend")
        client.cookies["linli_language"] = language
        return client

    return sign_in


@pytest.fixture
def laddered(town) -> SimpleNamespace:
    """The town with Lukou's ladder in force, a building head and one case given to the community on Monday morning."""
    town.ladder = with_ladder(town)
    town.head = person(town, "head", "building_head", place=town.grid_a)
    town.case = dispatched(town)
    return town


@pytest.fixture
def monday():
    """Three hours after the case was given out."""
    with clock.at(NOW):
        yield NOW
