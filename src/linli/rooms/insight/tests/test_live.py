"""Live figures, kept up event by event, are what counting anew comes to: facts, totals, any period."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from linli.kernel import clock
from linli.kernel.outbox.jobs import drain
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import picture, reported, town  # noqa: F401
from linli.rooms.cases.tests.walking import given_for, walk
from linli.rooms.insight.actions.facts import recount_cases
from linli.rooms.insight.actions.recount import rebuild, recount
from linli.rooms.insight.models import CaseFact, Rollup
from linli.rooms.insight.queries import counts, counts_of
from linli.rooms.insight.queries.slow import counts_from_facts
from linli.rooms.insight.recounting import compare
from linli.rooms.insight.rules import figure, total
from linli.rooms.insight.tests.wandering import BEGIN, wander

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.mark.parametrize("seed", [3, 11])
def test_after_a_random_walk_live_and_recount_agree(town, picture, seed):  # noqa: F811
    end = wander(town, picture, seed)
    report = compare()
    assert report.agrees, report.differences
    drain()
    report = compare()
    assert report.agrees and not report.moving, report.differences
    assert CaseFact.objects.count() == 5
    _check_periods(town, end)
    before = sorted(Rollup.objects.values_list())
    recount_cases(list(CaseFact.objects.values_list("case_id", flat=True)))  # twice is once
    assert sorted(Rollup.objects.values_list()) == before
    facts = sorted(CaseFact.objects.values_list())
    assert rebuild() == 5
    assert sorted(CaseFact.objects.values_list()) == facts
    assert compare().agrees
    _check_periods(town, end)


def _check_periods(town, end):  # noqa: F811
    """Totals against facts, parts against wholes."""
    for first, length in ((0, 1), (0, 7), (3, 30), (20, 1), (5, 200)):
        since = BEGIN.date() + first * DAY
        until = since + length * DAY
        for dimension in ("unit", "post", "item", "class"):
            slow = counts_from_facts(dimension, since, until)
            assert {id: n for id, n in counts(dimension, since, until).items() if n} == {
                id: n for id, n in slow.items() if n
            }
        whole = counts_of("district", town.district.pk, since, until)
        for dimension in ("street", "community"):
            assert total(counts(dimension, since, until).values()) == whole
        for name in ("street", "one"):
            place = getattr(town, name)
            units = counts("unit", since, until, under=place.pk)
            slow = counts_from_facts("unit", since, until, under=place.pk)
            assert {k: v for k, v in units.items() if v} == {k: v for k, v in slow.items() if v}
    assert set(counts("grid", BEGIN.date(), end.date(), under=town.one.pk)) <= {town.grid_a.pk}


def test_a_case_in_time_and_one_carried_over(town, picture):  # noqa: F811
    with clock.at(BEGIN):
        quick, slow = reported(town), reported(town)
        walk(quick, town, picture)
        walk(slow, town, picture, until="receive")
    drain()
    due = Case.objects.get(pk=slow.pk).due_at
    day = due.astimezone(BEGIN.tzinfo).date()
    month = counts_of("unit", town.lamps.pk, BEGIN.date(), day + DAY)
    assert (month["due"], month["in_time"], month["overdue"]) == (2, 1, 1)
    assert figure("in_time", month).rate == 0.5
    later = counts_of("unit", town.lamps.pk, day + 30 * DAY, day + 31 * DAY)
    assert (later["due"], later["carried"], later["handled"]) == (1, 1, 0)
    with clock.at(due + 30 * DAY):
        for step, name in (("handle", "lamp_handler"), ("confirm", "lamp_contact")):
            viewer = town.viewer(name)
            take(slow.pk, step, given_for(step, town, picture, viewer), viewer=viewer)
    drain()
    later = counts_of("unit", town.lamps.pk, day + 30 * DAY, day + 31 * DAY)
    assert (later["due"], later["handled"], later["in_time"]) == (1, 1, 0)
    assert counts_of("unit", town.lamps.pk, day + 31 * DAY, day + 60 * DAY)["due"] == 0


def test_recount_names_what_is_wrong_and_mends_it(town, picture):  # noqa: F811
    wander(town, picture, 3, cases=3, steps=50)
    drain()
    case_id = CaseFact.objects.order_by("case_id").first().case_id
    CaseFact.objects.filter(case_id=case_id).update(returned=9)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE insight_rollup SET reported = reported + 1 WHERE kind = 1 AND day > '1900-01-01'")
    report = recount()
    assert report.wrong_cases == [case_id] and not report.mended
    assert any(d.what == "returned" and d.live == "9" for d in report.differences)
    assert {kind for kind, _id, _other in report.wrong_totals} == {1}
    here = CaseFact.objects.get(case_id=case_id).lineage
    elsewhere = town.two.pk if town.one.pk in here else town.one.pk
    assert not recount(place_id=elsewhere).wrong_cases and recount(place_id=here[2]).wrong_cases == [case_id]
    assert recount(repair=True).mended
    assert compare().agrees


def test_a_case_on_its_way_is_no_difference(town, picture):  # noqa: F811
    with clock.at(BEGIN):
        case = reported(town)
        drain()
        walk(case, town, picture, until="dispatch")
    report = compare()
    assert report.agrees and report.moving == 1
    recount_cases([case.pk])
    assert compare().agrees
