"""Signing in at the desk."""

from __future__ import annotations

import pytest


@pytest.fixture
def desk(client, town):
    """`desk("clerk", "en")`: the browser of that person, in that language."""

    def enter(name="dispatcher", language="zh-hans"):
        client.force_login(town.accounts[name], backend="allauth.account.auth_backends.AuthenticationBackend")
        client.cookies["linli_language"] = language
        return client

    return enter
