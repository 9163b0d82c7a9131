"""Keys of machines, and a client that speaks both forms."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from linli.kernel.authority import SystemAuthority
from linli.rooms.people.actions.keys import create_key

V2 = "/open311/v2"


@pytest.fixture
def key(town: SimpleNamespace) -> Callable[..., str]:
    """Makes a key and returns its secret: `key("report", "read", place_id=…)`."""

    def make(*scopes: str, **more: Any) -> str:
        _key, secret = create_key(SystemAuthority(), name=f"热线{'+'.join(scopes)}", scopes=scopes, **more)
        return secret

    return make


@pytest.fixture
def api() -> Client:
    return Client(raise_request_exception=False)


def read(answer: Any, form: str) -> Any:
    """The body as plain values, whichever form it has: XML lists become lists, elements without text None."""
    if form == "json":
        assert answer["Content-Type"] == "application/json; charset=utf-8"
        return json.loads(answer.content)
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    assert answer.content.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    return _plain(ElementTree.fromstring(answer.content))


_LISTS = {
    "services", "service_requests", "service_request_updates", "attributes", "values", "endpoints", "formats", "errors",
}  # fmt: skip


def _plain(element: ElementTree.Element) -> Any:
    if element.tag in _LISTS:
        return [_plain(child) for child in element]
    if len(element):
        return {child.tag: _plain(child) for child in element}
    return element.text
