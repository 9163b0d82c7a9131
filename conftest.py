"""Fixtures for every test of the house."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from linli.house.testing.databases import Server

    RunDatabase = tuple[Server, str, str]

pytest_plugins = ["linli.rooms.cases.tests.fixtures", "linli.kernel.web.tests.serving"]


# What takes longest begins first, or the whole suite waits for it in the end. Browsers are spread over it by chance:
# three at once need more than two cores have.
LONG = (
    "tests/test_bad_input.py",
    "tests/browser/test_pages_first.py",
    "tests/test_faults.py",
    "tests/test_walk.py",
    "src/linli/demo/tests/test_build.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole modules change places; inside of them the order stays what it was."""
    rank = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: next((rank[name] for name in LONG if item.nodeid.startswith(name)), len(LONG)))


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: object
) -> Iterator[RunDatabase]:
    """A database of this run's own, copied from the migrated template: (server, template's name, its name).

    After a test that commits (`transaction=True`) the database is copied anew instead of emptied table
    by table: what migrations brought is there again, and append-only tables need no exception.
    """
    from django.db import connections
    from django.test import TransactionTestCase

    from linli.house.testing.databases import run_database

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        worker = os.environ.get("PYTEST_XDIST_WORKER", "")
        anew = bool(request.config.getoption("create_db", False))
        with run_database(worker, anew=anew) as (server, template, name):

            def copy_anew(self: TransactionTestCase) -> None:
                connections.close_all()
                server.copy(template, name)

            patch = pytest.MonkeyPatch()
            patch.setattr(TransactionTestCase, "_fixture_teardown", copy_anew)
            yield server, template, name
            patch.undo()


@pytest.fixture(autouse=True)
def forget_the_map() -> None:
    """Every test starts without the map that another one held in memory."""
    from linli.rooms.places import atlas

    atlas.forget()


@pytest.fixture(autouse=True, scope="module")
def no_journal_of_others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A module's journal is held against no checkpoint of another module's, whose database is gone by then."""
    from django.conf import settings

    from linli.kernel.journal import checkpoint

    shared, real = settings.LINLI_HOME, checkpoint.path
    own: list[Path] = []

    def path() -> Path | None:
        if shared != settings.LINLI_HOME:
            return real()
        if not own:
            own.append(tmp_path_factory.mktemp("checkpoint") / "journal.checkpoint")
        return own[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint, "path", path)
        yield


@pytest.fixture(autouse=True)
def speak_chinese() -> None:
    """Every test begins in the house's first language, whatever a page before it was asked in."""
    from django.utils import translation

    translation.activate("zh-hans")


# What a process asks once a second for all its pages: whether the things it keeps in memory are still the same.
ONCE_A_SECOND = ("catalogue_cataloguerevision", "clock_calendar_revision", "places_revision", "people_signinpolicy")


@pytest.fixture
def django_assert_max_num_queries() -> Callable[[int], AbstractContextManager[object]]:
    """Fails when a page asks the database more often than said; a slow machine's passing second costs nothing."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    @contextmanager
    def at_most(number: int) -> Iterator[CaptureQueriesContext]:
        with CaptureQueriesContext(connection) as captured:
            yield captured
        asked = [query["sql"] for query in captured.captured_queries]
        asked = [sql for sql in asked if not any(table in sql for table in ONCE_A_SECOND)]
        if len(asked) > number:
            pytest.fail(f"{len(asked)} questions instead of at most {number}:\n" + "\n".join(asked))

    return at_most


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove this process's photos; workers of pytest-xdist leave without running `atexit`."""
    import shutil

    from django.conf import settings

    if settings.configured:
        shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
