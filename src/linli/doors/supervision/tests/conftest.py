"""Signing in to the pages of supervision."""

from __future__ import annotations

import pytest


@pytest.fixture
def enter(client, town):
    """`enter("supervisor", "en")`: the browser of that person, in that language."""

    def sign_in(name="supervisor", language="zh-hans"):
        client.force_login(town.accounts[name], backend="allauth.account.auth_backends.AuthenticationBackend")
        client.cookies["linli_language"] = language
        return client

    return sign_in
