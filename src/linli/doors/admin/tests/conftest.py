"""A town with administrators, and a client for each of them."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client


@pytest.fixture
def as_(town: SimpleNamespace) -> Callable[[str], Client]:
    """`as_("system")`: a client signed in as somebody of the town; "nobody" is not signed in."""

    def sign_in(name: str) -> Client:
        client = Client()
        if name != "nobody":
            client.force_login(town.accounts[name])
        return client

    return sign_in


@pytest.fixture(autouse=True)
def own_home(settings, tmp_path) -> None:
    """Waiting files lie in a folder of the test's own."""
    settings.LINLI_HOME = tmp_path
