"""`keys list`, `keys add`, `keys renew-sessions`: the keys in `<home>/secrets`."""

from __future__ import annotations

import argparse
import secrets

from linli.cli.main import Trouble
from linli.cli.session import django_ready, say
from linli.house.backup import keys
from linli.house.home import Home


def run(home: Home, words: list[str]) -> int:
    parser = argparse.ArgumentParser("./linli keys", description=__doc__)
    parser.add_argument(
        "what",
        choices=("list", "add", "renew-sessions"),
        help="list: marks of the keys, to compare machines; add: a new key for encrypted columns; "
        "renew-sessions: a new key for sessions, everybody signs in again",
    )
    chosen = parser.parse_args(words)
    if not (home.secrets / keys.SEAL_KEYS).is_file():
        raise Trouble(f"there are no keys in {home.secrets} yet: they are made at the first start.")
    if chosen.what == "list":
        for name, mark in keys.fingerprints(home.secrets).items():
            print(f"{mark}  {name}")
        return 0
    if chosen.what == "add":
        version = keys.add_seal_key(home.secrets)
        print(f"version {version} is in {home.secrets / keys.SEAL_KEYS}")
        say("Copy the file to every other machine, then restart all of Linli. Keep a copy of it apart from backups.")
        return 0
    with django_ready(home):
        from linli.house import shared

        shared.forget_key("secret_key")
        path = home.secrets / "secret_key"
        path.rename(path.with_name(".secret_key.old"))
        home.secret("secret_key", lambda: secrets.token_urlsafe(50))
        path.with_name(".secret_key.old").unlink()
    say("Copy secret_key to every other machine, then restart all of Linli. Everybody has to sign in again.")
    return 0
