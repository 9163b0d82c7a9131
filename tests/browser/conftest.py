"""What every browser test shares: a town of its own for each module, the house served over it, visitors.

    def test_something(town, visit):
        page = visit("/desk/", who="dispatcher", width=1440, lang="en")

The town is that of `linli.rooms.cases.tests.fixtures`, committed, so that the served house sees what a test writes and
the other way round. Whatever a page logs as an error fails the test that looked at it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from linli.kernel.web import shots
from linli.kernel.web.tests import basemaps
from linli.kernel.web.tests.serving import note_problems, serving
from linli.rooms.cases.tests.fixtures import lay_out_town
from linli.rooms.places import atlas
from tests.world import lay_out_world, signed_in

Visit = Callable[..., Page]
expect.set_options(timeout=20_000)  # a machine with two cores may run other things, too


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def built_town(django_db_setup: Any, django_db_blocker: Any) -> Iterator[tuple[str, SimpleNamespace]]:
    """A database that holds the town, for copying, and what stands in it."""
    from django.db import connections

    from linli.house.testing.databases import point_django_at

    server, template, name = django_db_setup
    built = f"{name}_town"
    with django_db_blocker.unblock():
        server.copy(template, built)
        point_django_at(server.address.with_name(built))
        town = lay_out_town()
        connections.close_all()
        point_django_at(server.address.with_name(name))
    yield built, town
    server.drop(built)


@pytest.fixture(scope="module")
def town(
    built_town: tuple[str, SimpleNamespace], django_db_setup: Any, django_db_blocker: Any
) -> Iterator[SimpleNamespace]:
    """The town in a database of this module's own; Django uses it, in all threads, until the module ends."""
    from django.db import connections

    from linli.house.testing.databases import point_django_at

    server, _template, name = django_db_setup
    built, facts = built_town
    own = f"{name}_browser"
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        server.copy(built, own)
        point_django_at(server.address.with_name(own))
        atlas.forget()
        yield facts
        connections.close_all()
        point_django_at(server.address.with_name(name))
        atlas.forget()
        server.drop(own)


@pytest.fixture(scope="module")
def house(town: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the house, with a small base map and a folder for files."""
    folder = tmp_path_factory.mktemp("house")
    basemaps.write(folder / "maps" / "base.pmtiles")
    with override_settings(MEDIA_ROOT=folder / "files", MAPS_ROOT=folder / "maps"), serving() as address:
        yield address


@pytest.fixture
def forget_the_map() -> None:
    """Here the town lives for a whole module: nothing to forget between its tests."""


@pytest.fixture
def picture(house: str) -> Callable[..., str]:
    """Makes a waiting photo and returns its uid."""
    from io import BytesIO

    from PIL import Image

    from linli.kernel.imaging import take_in
    from linli.rooms.cases.actions.photos import keep_picture
    from linli.rooms.people.rights import Viewer

    out = BytesIO()
    Image.new("RGB", (640, 480), (90, 120, 90)).save(out, "JPEG")
    safe = take_in(out.getvalue(), "a.jpg")

    def make(viewer: Viewer | None = None) -> str:
        return str(keep_picture(safe, viewer=viewer or Viewer()).uid)

    return make


@pytest.fixture
def photo_file(tmp_path: Path) -> Path:
    """A photo as a phone would hand it to a form."""
    from PIL import Image

    path = tmp_path / "photo.jpg"
    Image.linear_gradient("L").resize((1200, 900)).convert("RGB").save(path, "JPEG")
    return path


def session_of(account: Any) -> str:
    """The key of a fresh session of this account, as its cookie carries it.

    Read anew: the town's facts are shared by all modules, a module's password stands in its own database only.
    """
    client = Client()
    client.force_login(
        type(account).objects.get(pk=account.pk), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def sign_in(context: BrowserContext, house: str, account: Any) -> None:
    """From now on this visitor is signed in."""
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session_of(account), "url": house}])


@pytest.fixture
def visit(chromium: Browser, house: str, town: SimpleNamespace) -> Iterator[Visit]:
    """`visit(path, who="nobody", width=390, lang="zh-hans", elder=False, theme="light", expect=200) -> Page`.

    Each call is a visitor of its own, signed in by cookie. `page.problems` lists what its console complained about; a
    test that ends with complaints fails, except for the one that Chromium makes of an expected status.
    """
    opened: list[tuple[BrowserContext, list[str]]] = []

    def go(path: str, *, who: str = "nobody", expect: int = 200, **choices: Any) -> Page:
        made = shots.context(chromium, house, **choices)
        made.set_default_timeout(20_000)
        if who != "nobody":
            sign_in(made, house, town.accounts[who])
        page = made.new_page()
        problems = note_problems(page)
        opened.append((made, problems))
        page.problems = problems  # type: ignore[attr-defined]
        answer = page.goto(house + path)
        assert answer is not None and answer.status == expect, f"{path} for {who}: {answer and answer.status}"
        shots.settle(page)
        if who != "nobody":
            there = page.inner_text("body")[:200]
            assert "login" not in page.url, f"{path}: {who} was sent to {page.url}: {there}"
        if expect >= 400:
            problems[:] = [line for line in problems if f"status of {expect}" not in line]
        return page

    yield go
    found = [line for _context, problems in opened for line in problems]
    for context, _problems in opened:
        context.close()
    assert found == []


@pytest.fixture(scope="module")
def world(town: SimpleNamespace, house: str) -> SimpleNamespace:
    """One of everything, in this module's own database."""
    return lay_out_world(town)


@pytest.fixture(scope="module")
def visitors(chromium: Browser, house: str, world: SimpleNamespace) -> Iterator[dict[tuple[str, str], BrowserContext]]:
    """A visitor for each eye and language, made when first needed."""
    made: dict[tuple[str, str], BrowserContext] = {}

    class Visitors(dict[tuple[str, str], BrowserContext]):
        def __missing__(self, key: tuple[str, str]) -> BrowserContext:
            who, language = key
            context = shots.context(chromium, house, lang=language)
            if who != "nobody":
                cookies = signed_in(world.town.accounts[who]).cookies
                context.add_cookies(
                    [{"name": name, "value": morsel.value, "url": house} for name, morsel in cookies.items()]
                )
                # The account's own language must not win over the one of this visitor.
                context.add_cookies([{"name": "linli_language", "value": language, "url": house}])
            self[key] = made[key] = context
            return context

    yield Visitors()
    for context in made.values():
        context.close()
