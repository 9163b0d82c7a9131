"""The built town: whole, genuine, and with something to do for everybody who looks around."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction

from linli.demo import mass
from linli.demo.build import CASES, build
from linli.demo.mass import bulk_cases
from linli.demo.scripts import plan
from linli.demo.staffing import SHOWCASE
from linli.demo.town import build_town
from linli.kernel import clock
from linli.kernel.clock import Calendar, TimeLimit
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.journal.verify import verify
from linli.rooms.cases.actions.photos import _stale
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.models import Case, CaseImport, Extension, Photo, Rating, Report, SavedView
from linli.rooms.cases.queries.scope import to_do
from linli.rooms.cases.queries.tour import story_to_show
from linli.rooms.cases.rules import DEFAULT_STEP_LIMITS
from linli.rooms.people.models import Account, DemoAccount, MatrixVersion, Post, Unit
from linli.rooms.people.rights import viewer_of
from linli.rooms.places import atlas
from linli.rooms.places.models import GridSet, Place

TUESDAY = dt.datetime(2026, 11, 24, 10, 20, tzinfo=CIVIL)
SEED = 20261122


@pytest.fixture(scope="module")
def town(django_db_setup, django_db_blocker, tmp_path_factory):
    """The small town, built once for this file and taken back afterwards with one rollback."""
    from django.conf import settings

    folder = tmp_path_factory.mktemp("home")
    saved = settings.MEDIA_ROOT
    settings.MEDIA_ROOT = folder / "files"
    said: list[str] = []
    with django_db_blocker.unblock():
        hold = transaction.atomic()
        hold.__enter__()
        try:
            atlas.forget()
            build("small", SEED, lambda words, done=0, total=0: said.append(words), moment=TUESDAY, home="/h")
            yield SimpleNamespace(said=said, folder=folder)
        finally:
            transaction.set_rollback(True)
            hold.__exit__(None, None, None)
            settings.MEDIA_ROOT = saved
            atlas.forget()


@pytest.fixture
def now(town):
    """The moment at which the town was built, as everybody's present. What a test adds is taken back after it."""
    with clock.at(TUESDAY), transaction.atomic():
        yield TUESDAY
        transaction.set_rollback(True)


def test_the_town_has_its_places_units_and_people(town, now) -> None:
    assert Place.objects.filter(kind="community").count() == 140
    assert Place.objects.filter(kind="grid").count() == 6
    assert Unit.objects.count() == 101
    assert Account.objects.count() > 700 and Post.objects.count() > 700
    assert [shown.role for shown in DemoAccount.objects.all()] == [shown.role for shown in SHOWCASE]
    assert all(shown.account.check_password(shown.password) for shown in DemoAccount.objects.all()[:3])
    assert not Account.objects.get(username="intake02").has_usable_password()
    assert MatrixVersion.objects.filter(state="active").count() == 1


def test_every_state_is_there_and_every_case_has_its_place(town, now) -> None:
    states = Counter(Case.objects.values_list("state", flat=True))
    assert set(states) == set(FLOW.codes())
    assert Case.objects.filter(parent=None).count() >= CASES["small"][0], "and those of the chapters"
    assert not Case.objects.filter(tokens=[]).exists() and not Case.objects.filter(lineage=[]).exists()
    assert Case.objects.filter(located="no_grid").exists()
    assert Case.objects.filter(legacy=True, parent=None).count() >= CASES["small"][1]
    assert not Case.objects.filter(state_since__gt=TUESDAY).exists()
    assert Case.objects.filter(returned__gt=0).exists() and Case.objects.filter(reworked__gt=0).exists()
    assert Case.objects.filter(report_count__gte=2).exists()


def test_people_have_rated_asked_for_more_time_and_sent_photos(town, now) -> None:
    assert {5, 4} <= set(Rating.objects.values_list("level", flat=True))
    assert Extension.objects.filter(state="asked").exists()
    assert {"report", "handle", "verify"} <= set(Photo.objects.values_list("phase", flat=True))
    with clock.at(TUESDAY + dt.timedelta(days=90)):
        assert not list(_stale(clock.now())), "every picture belongs to a case, a patrol or an inspection"
    assert all((town.folder / "files" / path).exists() for path in Photo.objects.values_list("path", flat=True))
    assert story_to_show() is not None


@pytest.mark.parametrize(
    ("role", "least"),
    [("grid_worker", 6), ("unit_handler", 4), ("unit_contact", 6), ("dispatcher", 8), ("verifier", 4),
     ("intake_clerk", 5), ("community_cadre", 4)],
)  # fmt: skip
def test_whoever_looks_around_has_something_to_do(town, now, role: str, least: int) -> None:
    viewer = viewer_of(DemoAccount.objects.get(role=role).account)
    mine = Case.objects.filter(to_do(viewer))
    assert mine.count() >= least


def test_the_grid_worker_has_something_late_and_something_due_today(town, now) -> None:
    mine = Case.objects.filter(to_do(viewer_of(DemoAccount.objects.get(role="grid_worker").account)))
    midnight = TUESDAY.replace(hour=0) + dt.timedelta(days=1)
    assert mine.filter(current_due_at__lt=TUESDAY).exists()
    assert mine.filter(current_due_at__gte=TUESDAY, current_due_at__lt=midnight).exists()


def test_the_resident_has_four_reports_and_one_to_rate(town, now) -> None:
    mine = Report.objects.filter(reporter__username="resident01")
    assert mine.count() == 4
    assert mine.filter(case__state="closed", ratings=None).exists()


def test_work_lies_on_the_desks(town, now) -> None:
    assert SavedView.objects.filter(account__username="dispatcher01").count() >= 3
    assert CaseImport.objects.get(state="draft").created_by.username == "intake01"
    draft = GridSet.objects.get(state="draft")
    assert {problem["code"] for problem in draft.problems} >= {"overlap", "duplicate_code"}
    assert MatrixVersion.objects.filter(state="draft").count() == 1


def test_the_journal_of_the_town_verifies(town, now) -> None:
    assert not verify().faults


def test_very_many_cases_are_added_and_the_journal_still_verifies(town, now) -> None:
    before = Case.objects.count()
    steps = list(bulk_cases(2_000, seed=SEED, moment=TUESDAY, tidy=False))
    assert steps[-1].startswith("Sealing")
    added = Case.objects.order_by("-id")[: Case.objects.count() - before]
    assert len(added) == 2_000
    assert not [case for case in added if not case.tokens or not case.grams or case.number is None]
    assert {"closed", "refused", "withdrawn", "handling"} <= {case.state for case in added}
    assert Report.objects.filter(case__in=added).count() == 2_000
    assert not verify().faults


def test_whole_tables_are_filled_without_their_indexes_and_keys_and_have_them_again(town, now, monkeypatch) -> None:
    monkeypatch.setattr(mass, "_REBUILD_FROM", 100)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # of the town itself, built in this same transaction
        before = _shape(cursor)
        steps = list(bulk_cases(200, seed=SEED, moment=TUESDAY, tidy=False))
        assert any("foreign keys" in step for step in steps)
        assert _shape(cursor) == before


def _shape(cursor: Any) -> list[tuple[str, str]]:
    """Constraints and indexes of the tables that are filled in bulk."""
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = ANY (%s::text[]::regclass[])"
        " UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY (%s) ORDER BY 1, 2",
        [list(mass._TABLES)] * 2,
    )
    return list(cursor.fetchall())


def _limit(item_key: str) -> tuple[TimeLimit, bool]:
    """Limits of all kinds, chosen by the item."""
    limits = (
        TimeLimit(4, "working_hours"),
        TimeLimit(3, "working_days"),
        TimeLimit(15, "working_days"),
        TimeLimit(1, "urgent_hours"),
    )
    number = int(item_key[1:])
    return limits[number % 4], number % 7 == 0


@pytest.mark.parametrize(
    "moment",
    [
        TUESDAY,
        TUESDAY.replace(hour=3),
        TUESDAY.replace(hour=23, minute=50),
        dt.datetime(2026, 11, 22, 10, tzinfo=CIVIL),  # a Sunday
        dt.datetime(2026, 12, 31, 23, 59, tzinfo=CIVIL),
        dt.datetime(2027, 1, 1, 0, 1, tzinfo=CIVIL),
    ],
)
def test_a_plan_runs_forward_and_ends_before_now_whenever_it_is_made(moment: dt.datetime) -> None:
    calendar = Calendar(official_years=frozenset({2026}))
    scripts = plan(build_town("small", SEED), *CASES["small"], calendar, _limit, DEFAULT_STEP_LIMITS, moment)
    assert len(scripts) == CASES["small"][0]
    assert all(script.times == sorted(script.times) and script.times[-1] < moment for script in scripts)


def test_the_same_seed_and_day_tell_the_same() -> None:
    calendar, told = Calendar(official_years=frozenset({2026})), []
    for _ in range(2):
        scripts = plan(build_town("small", SEED), *CASES["small"], calendar, _limit, DEFAULT_STEP_LIMITS, TUESDAY)
        told.append([(s.story.text, [b.step for b in s.beats], s.times, s.channel) for s in scripts])
    assert told[0] == told[1]
