"""The city's own identity provider (OpenID Connect), if there is one: settings from the environment or the home.

`LINLI_OIDC_ISSUER`, `LINLI_OIDC_CLIENT_ID`, `LINLI_OIDC_CLIENT_SECRET`, `LINLI_OIDC_NAME`, `LINLI_OIDC_MATCH`,
`LINLI_OIDC_SECOND_FACTOR`; or the same words in small letters in `<home>/secrets/oidc.json`. The environment wins.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from linli.house.home import Home

PROVIDER_ID = "staff"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Oidc:
    """One identity provider.

    issuer: its address, exactly as in its discovery document. match: the claim that is a staff account's user name;
    `email` is compared with the account's mail address and counts only when the provider has verified it.
    sign_out: where to sign out there, too (its end-session address), offered after signing out here.
    second_factor: `here` (Linli asks as always) or `provider` (whoever comes from there has shown it there).
    """

    issuer: str = ""
    client_id: str = ""
    client_secret: str = ""
    name: str = ""
    match: str = "preferred_username"
    second_factor: str = "here"
    sign_out: str = ""

    def troubles(self) -> list[tuple[str, str]]:
        """What is wrong with these settings, as pairs (what, how to mend it); empty when they can be used."""
        found = []
        if not self.issuer and (self.client_id or self.client_secret):
            found.append(("An identity provider is set up without its address.", "Set LINLI_OIDC_ISSUER."))
        parts = urlsplit(self.issuer)
        if self.issuer and parts.scheme != "https" and parts.hostname not in LOOPBACK:
            found.append(
                (f"The identity provider's address {self.issuer} is not https.", "Use its address with https.")
            )
        if self.issuer and not (self.client_id and self.client_secret):
            found.append(
                (
                    "The identity provider is set up without the client's id or secret.",
                    "Set LINLI_OIDC_CLIENT_ID and LINLI_OIDC_CLIENT_SECRET as the provider gave them.",
                )
            )
        if self.second_factor not in {"here", "provider"}:
            found.append(
                (f"LINLI_OIDC_SECOND_FACTOR={self.second_factor} means nothing.", "Set it to `here` or `provider`.")
            )
        return found

    @property
    def in_use(self) -> bool:
        return bool(self.issuer) and not self.troubles()


def of(home: Home) -> Oidc:
    """The settings of this installation; all empty when there is no provider."""
    path = home.secrets / "oidc.json"
    try:
        kept = json.loads(path.read_text()) if path.is_file() else {}
    except (OSError, ValueError):
        kept = {}
    names = [field.name for field in fields(Oidc)]
    chosen = {name: str(kept[name]) for name in names if isinstance(kept, dict) and kept.get(name)}
    for name in names:
        if value := os.environ.get(f"LINLI_OIDC_{name.upper()}"):
            chosen[name] = value
    return Oidc(**chosen)


def allauth_settings(oidc: Oidc) -> dict[str, Any]:
    """SOCIALACCOUNT_PROVIDERS."""
    words: dict[str, Any] = {
        "OAUTH_PKCE_ENABLED": True,
        "provider_class": "linli.doors.entrance.oidc.Provider",
        "APPS": [],
    }
    if not oidc.in_use:
        return {"openid_connect": words}
    app = {
        "provider_id": PROVIDER_ID,
        "name": oidc.name,
        "client_id": oidc.client_id,
        "secret": oidc.client_secret,
        "settings": {"server_url": oidc.issuer, "uid_field": "sub"},
    }
    return {"openid_connect": words | {"APPS": [app]}}
