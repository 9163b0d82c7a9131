from __future__ import annotations

import pytest

from linli.kernel import clock
from linli.rooms.bulletins.tests import parts


@pytest.fixture
def quick_numbers(monkeypatch):
    """Numbers that need no counting; `counted.open` changes them."""
    monkeypatch.setattr("linli.rooms.bulletins.numbers.gather", parts.gathered)
    monkeypatch.setattr(parts.counted, "open", 7)
    return parts.counted


@pytest.fixture
def draft(town, quick_numbers):
    """A weekly schedule that the worker has drafted on Monday."""
    with clock.at(parts.MONDAY):
        return parts.drafted()


@pytest.fixture
def enter(client, town):
    """`enter("leader", "en")`: the browser of that person, in that language."""

    def enter(name="supervisor", language="zh-hans"):
        client.force_login(town.accounts[name], backend="allauth.account.auth_backends.AuthenticationBackend")
        client.cookies["linli_language"] = language
        return client

    return enter
