"""A town with cases, keys for it, and a client that shows one."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from linli.kernel.authority import SystemAuthority
from linli.rooms.cases.tests.fixtures import IN_A, LAMP
from linli.rooms.people import actions

PREFIX = "/api/v1"


class Machine:
    """Asks /api/v1 with a key, in JSON."""

    def __init__(self, secret: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def get(self, path: str, query: Any = None, **headers: str) -> Any:
        return self.client.get(PREFIX + path, query, headers=self.headers | _dashed(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        text = body if isinstance(body, bytes | str) else json.dumps({} if body is None else body)
        return self.client.post(
            PREFIX + path, text, content_type="application/json", headers=self.headers | _dashed(headers)
        )

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.patch(
            PREFIX + path, json.dumps(body), content_type="application/json", headers=self.headers | _dashed(headers)
        )

    def delete(self, path: str, **headers: str) -> Any:
        return self.client.delete(PREFIX + path, headers=self.headers | _dashed(headers))

    def upload(self, path: str, **files: Any) -> Any:
        return self.client.post(PREFIX + path, files, headers=self.headers)


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture
def machine(town: SimpleNamespace) -> Callable[..., Machine]:
    """`machine("report", "read", place=…)`: a client with a key of these scopes; without any, one without a key."""

    def make(*scopes: str, place: Any = None, unit: Any = None, per_minute: int = 10_000) -> Machine:
        if not scopes:
            return Machine()
        _key, secret = actions.create_key(
            SystemAuthority(),
            name="+".join(scopes),
            scopes=scopes,
            place_id=place.pk if place else None,
            unit_id=unit.pk if unit else None,
            per_minute=per_minute,
        )
        return Machine(secret)

    return make


@pytest.fixture
def told() -> dict[str, Any]:
    """A report in JSON."""
    return {"words": "路灯不亮，晚上看不见", "lng": IN_A[0], "lat": IN_A[1], "item": LAMP}
