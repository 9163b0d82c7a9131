"""A world for the walks through all addresses: laid out once for a module, every request undone."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client, override_settings

from linli.kernel.web.tests import basemaps
from linli.rooms.places import atlas
from tests import canary
from tests.world import KINDS, lay_out_world, signed_in


@pytest.fixture(scope="module")
def world(
    django_db_setup: Any, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SimpleNamespace]:
    """`tests.world.lay_out_world` inside a transaction that is rolled back when the module ends."""
    folder: Path = tmp_path_factory.mktemp("world")
    basemaps.write(folder / "maps" / "base.pmtiles")
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=folder / "files", MAPS_ROOT=folder / "maps"),
        transaction.atomic(),
    ):
        yield lay_out_world()
        transaction.set_rollback(True)
    atlas.forget()


class Walker:
    """Sends one kind of person after the other; whatever a request changes is undone after it.

    No answer and no line of the log may hold what is personal (`tests.canary`).
    """

    def __init__(self, world: SimpleNamespace) -> None:
        self.client = Client(raise_request_exception=False)
        self.cookies: dict[str, SimpleCookie] = {"nobody": SimpleCookie()}
        self.log = canary.Listener()
        for kind in KINDS[1:]:
            self.cookies[kind] = signed_in(world.town.accounts[kind]).cookies

    def __call__(self, kind: str, method: str, url: str, data: Any = None, **more: Any) -> HttpResponseBase:
        self.client.cookies = SimpleCookie(self.cookies[kind].output(header="", sep=";"))
        cache.clear()  # the entrance counts tries
        mark = transaction.savepoint()
        logging.getLogger().addHandler(self.log)
        try:
            answer = getattr(self.client, method)(url, data, **more)
            leaks = [*canary.seen_by(kind, url, answer), *self.log.marks()]
            assert leaks == [], f"{kind} gets what is personal at {method.upper()} {url}"
            return answer
        finally:
            logging.getLogger().removeHandler(self.log)
            transaction.savepoint_rollback(mark)
            self.client.exc_info = None


@pytest.fixture(scope="module")
def walker(world: SimpleNamespace) -> Walker:
    return Walker(world)
