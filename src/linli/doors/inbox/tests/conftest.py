"""Somebody signed in, with notices."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from linli.kernel import clock
from linli.rooms.messages.models import Notice


@pytest.fixture
def come_in(town: SimpleNamespace) -> Callable[[str], Client]:
    """A client signed in as somebody of the town."""

    def enter(name: str) -> Client:
        client = Client()
        client.force_login(town.accounts[name], backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return enter


@pytest.fixture
def told(town: SimpleNamespace) -> Callable[..., list[Notice]]:
    """Notices for somebody of the town."""
    serial = iter(range(10**6))

    def tell(name: str, count: int = 1, **more: Any) -> list[Notice]:
        facts = {
            "number": "20261122-000001",
            "item": ["路灯", "Lamp"],
            "place": ["甲社区", "One"],
            **more.pop("data", {}),
        }
        given = {"kind": "case.reported", "topic": "todo", "at": clock.now(), **more}
        return [
            Notice.objects.create(key=f"t{next(serial)}", account=town.accounts[name], data=facts, **given)
            for _ in range(count)
        ]

    return tell
