"""A plan makes its day's patrols exactly once, they are walked point by point, and what nobody walked is missed."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from linli.kernel import clock
from linli.kernel.clock.queries import calendar
from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.kernel.outbox.models import OutboxEvent as StoredEvent
from linli.rooms.cases.tests.fixtures import IN_B, lay_out_town
from linli.rooms.fieldwork import jobs
from linli.rooms.fieldwork.actions import patrols
from linli.rooms.fieldwork.actions.plans import PointWords, save_plan, switch_plan
from linli.rooms.fieldwork.actions.telling import Where
from linli.rooms.fieldwork.models import Patrol, PatrolPlan
from linli.rooms.fieldwork.queries.patrols import day_board, days_before, today_for
from linli.rooms.fieldwork.tests.making import MONDAY, moment, plan, plan_words
from linli.rooms.people.models import Post
from linli.rooms.places import atlas
from linli.rooms.places.models import Place, Succession

pytestmark = pytest.mark.django_db


def made(town, day=MONDAY, **given) -> Patrol:
    """A patrol of grid A as it is in the morning of a day."""
    with clock.at(moment(day - dt.timedelta(days=1), 20)):
        mine = plan(town, **given)
    with clock.at(moment(day, 6)):
        patrols.make_due()
    return Patrol.objects.get(plan=mine, day=day)


def test_a_plan_makes_its_patrol_in_the_morning_and_looks_ahead(town):
    with clock.at(moment(hour=20)):
        mine = plan(town)
        assert (mine.next_day, mine.next_at) == (
            MONDAY + dt.timedelta(days=1),
            moment(MONDAY + dt.timedelta(days=1), 6),
        )
        assert patrols.make_due() == 0 and jobs.next_plan() == mine.next_at
    with clock.at(mine.next_at):
        assert patrols.make_due() == 1 and patrols.make_due() == 0
        found = Patrol.objects.get()
        assert (found.state, found.points_due, found.expected) == ("due", 2, town.accounts["worker_a"])
        assert [stop.name for stop in found.stops.all()] == ["一号消防通道", "充电棚"]
        assert jobs.next_plan() == moment(MONDAY + dt.timedelta(days=2), 6) and jobs.next_end() == found.closes_at
    assert StoredEvent.objects.get(kind="patrol.due").data["accounts"] == [town.accounts["worker_a"].pk]


def test_a_plan_written_in_the_morning_begins_today_and_one_written_at_night_tomorrow(town):
    with clock.at(moment(hour=9)):
        assert plan(town).next_day == MONDAY
        assert patrols.make_due() == 1
    with clock.at(moment(hour=11)):
        assert plan(town).next_day == MONDAY + dt.timedelta(days=1)


def test_workers_that_race_make_each_patrol_once(transactional_db):
    town = lay_out_town()
    try:
        with clock.at(moment(hour=7)):
            for _n in range(3):
                plan(town)
        barrier_moment = moment(hour=8)

        def race(_n):
            try:
                with clock.at(barrier_moment):
                    return patrols.make_due()
            finally:
                connection.close()

        with ThreadPoolExecutor(6) as pool:
            counts = list(pool.map(race, range(6)))
        assert sum(counts) == Patrol.objects.count() == 3
        assert StoredEvent.objects.filter(kind="patrol.due").count() == 3
    finally:
        atlas.forget()


def test_walking_point_by_point_counts_the_coverage(town):
    patrol = made(town)
    worker = town.viewer("worker_a")
    with clock.at(moment(hour=9)):
        assert [row.pk for row in today_for(worker)] == [patrol.pk]
        patrols.mark(patrol.pk, 1, "ok", viewer=worker, where=Where(113.105, 27.605, 12.0))
        patrol, stop = patrols.mark(patrol.pk, 1, "ok", viewer=worker)
        assert (patrol.state, patrol.points_done, stop.at_accuracy) == ("walking", 1, 12.0)
        with pytest.raises(Refused) as refused:
            patrols.finish(patrol.pk, viewer=worker)
        assert refused.value.field == "words"
        patrol = patrols.finish(patrol.pk, "充电棚在施工，进不去", viewer=worker)
        assert patrols.finish(patrol.pk, viewer=worker).version == patrol.version
        assert (patrol.state, patrol.points_done, patrol.points_due) == ("done", 1, 2)
        with pytest.raises(Conflict):
            patrols.mark(patrol.pk, 2, "ok", viewer=worker)
        board = day_board(town.viewer("cadre_a"), MONDAY)
        assert (board.total.done, board.total.due, board.total.percent) == (1, 2, 50.0)
    kinds = list(StoredEvent.objects.filter(object_type="patrol").order_by("id").values_list("kind", flat=True))
    assert kinds == ["patrol.due", "patrol.started", "patrol.marked", "patrol.finished"]


def test_what_nobody_walked_is_missed_and_what_was_begun_is_partial(town):
    missed = made(town)
    begun = Patrol.objects.create(
        **{f.attname: getattr(missed, f.attname) for f in Patrol._meta.fields if f.name not in ("id", "plan")},
        plan=PatrolPlan.objects.create(
            **{f.attname: getattr(missed.plan, f.attname) for f in PatrolPlan._meta.fields if f.name != "id"}
        ),
    )
    with clock.at(moment(hour=9)):
        patrols.start(begun.pk, viewer=town.viewer("worker_a"))
    with clock.at(missed.closes_at - dt.timedelta(seconds=1)):
        assert patrols.close_due() == 0
    with clock.at(missed.closes_at):
        assert patrols.close_due() == 2 and patrols.close_due() == 0
    missed.refresh_from_db(), begun.refresh_from_db()
    assert (missed.state, begun.state) == ("missed", "partial")
    told = StoredEvent.objects.get(kind="patrol.missed")
    assert told.data["accounts"] == [town.accounts["worker_a"].pk]
    assert told.data["posts"] == [Post.objects.get(holder=town.accounts["cadre_a"]).pk]
    with clock.at(missed.closes_at):
        [(day, found)] = days_before(town.viewer("cadre_a"), MONDAY)
        assert (day, found.patrols, found.missed) == (MONDAY, 2, 1)


def test_a_deputy_is_expected_in_the_absence_and_nobody_is_when_the_post_is_vacant(town):
    post = Post.objects.get(holder=town.accounts["worker_a"])
    Post.objects.filter(pk=post.pk).update(
        deputy=town.accounts["worker_b"], deputy_from=moment(hour=0), deputy_to=moment(hour=12)
    )
    patrol = made(town)
    assert (patrol.expected, patrol.deputised) == (town.accounts["worker_b"], True)
    tuesday = MONDAY + dt.timedelta(days=1)
    Post.objects.filter(pk=post.pk).update(valid_to=tuesday)
    with clock.at(moment(tuesday, 6)):
        patrols.make_due()
        vacant = Patrol.objects.get(day=tuesday)
        assert vacant.unstaffed and day_board(town.viewer("cadre_a"), tuesday).unstaffed == 1
        assert patrols.start(vacant.pk, viewer=town.viewer("cadre_a")).state == "walking"
    heard = StoredEvent.objects.get(kind="patrol.unstaffed").data["posts"]
    assert heard == [Post.objects.get(holder=town.accounts["cadre_a"]).pk]


def test_a_plan_of_a_community_makes_one_for_each_grid_and_points_stay_in_theirs(town):
    points = [PointWords("巷口"), PointWords("二号通道", lng=IN_B[0], lat=IN_B[1])]
    with clock.at(moment(hour=7)):
        plan(town, viewer="cadre_b", place_id=town.two.pk, grid_kinds=["grid"], points=points)
        with pytest.raises(Refused):
            plan(town, place_id=town.one.pk, grid_kinds=["grid"], points=points)
        patrols.make_due()
    [found] = Patrol.objects.all()
    assert (found.place, found.points_due) == (town.grid_b, 2)


def test_a_grid_that_was_replaced_is_walked_as_its_successor_and_planners_hear_of_it(town):
    with clock.at(moment(hour=20)):
        mine = plan(town, points=[PointWords("巷口")])
    tuesday = MONDAY + dt.timedelta(days=1)
    new = Place.objects.create(
        kind="grid", name_zh="甲新网格", parent=town.one, code="430212100001009", valid_from=tuesday
    )
    Succession.objects.create(before=town.grid_a, after=new, reason="merge", since=tuesday)
    Place.objects.filter(pk=town.grid_a.pk).update(valid_to=tuesday)
    atlas.forget()
    for day in (tuesday, tuesday + dt.timedelta(days=1)):
        with clock.at(moment(day, 6)):
            patrols.make_due()
    mine.refresh_from_db()
    assert set(Patrol.objects.values_list("place_id", flat=True)) == {new.pk} and mine.trouble == "moved"
    assert StoredEvent.objects.filter(kind="patrol.grid_changed").count() == 1


def test_days_on_which_no_worker_ran_are_told_not_made(town):
    with clock.at(moment(MONDAY, 7)):
        mine = plan(town)
    with clock.at(moment(MONDAY + dt.timedelta(days=3), 9)):
        assert patrols.make_due() == 1
    mine.refresh_from_db()
    assert mine.trouble == "slept" and Patrol.objects.get().day == MONDAY + dt.timedelta(days=3)
    assert StoredEvent.objects.get(kind="patrol.not_made")


def test_a_plan_of_working_days_rests_on_holidays_and_follows_a_moved_calendar(town):
    with clock.at(moment(dt.date(2026, 2, 13), 20)):
        working, daily = plan(town), plan(town, days="every_day")
        assert calendar().is_workday(dt.date(2026, 2, 14)) == (working.next_day == dt.date(2026, 2, 14))
        assert daily.next_day == dt.date(2026, 2, 14)
        PatrolPlan.objects.update(next_day=dt.date(2027, 1, 1), next_at=moment(dt.date(2027, 1, 1)))
        jobs.calendar_changed(None)
        working.refresh_from_db()
        assert working.next_day < dt.date(2027, 1, 1)


def test_a_stopped_plan_makes_nothing_and_goes_on_when_resumed(town):
    with clock.at(moment(hour=5)):
        mine = switch_plan(plan(town).pk, False, viewer=town.viewer("cadre_a"), version=1)
        assert mine.next_at is None
        with pytest.raises(Conflict):
            switch_plan(mine.pk, True, viewer=town.viewer("cadre_a"), version=1)
    with clock.at(moment(hour=8)):
        assert patrols.make_due() == 0
        switch_plan(mine.pk, True, viewer=town.viewer("cadre_a"))
        assert patrols.make_due() == 1


def test_changing_a_plan_keeps_what_is_made_and_the_same_key_makes_one_plan(town):
    patrol = made(town)
    with clock.at(moment(hour=10)):
        viewer = town.viewer("cadre_a")
        changed = plan_words(town, points=[PointWords("新的点")])
        again = save_plan(changed, viewer=viewer, plan_id=patrol.plan_id, version=1)
        assert again.version == 2 and again.next_day == MONDAY + dt.timedelta(days=1)
        assert patrol.stops.count() == 2
        with pytest.raises(Conflict):
            save_plan(changed, viewer=viewer, plan_id=patrol.plan_id, version=1)
        keyed = plan_words(town, request_key="plan-key-0001")
        assert save_plan(keyed, viewer=viewer).pk == save_plan(keyed, viewer=viewer).pk


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"), ({"window_to": dt.time(8)}, "window_to"), ({"points": []}, "points"),
        ({"weekdays": [8]}, "weekdays"), ({"days": "never"}, "days"), ({"place_id": 0}, "place"),
        ({"valid_from": MONDAY, "valid_to": MONDAY - dt.timedelta(days=1)}, "valid_to"),
        ({"points": [PointWords("x", item_key="M99999")]}, "points"), ({"points": [PointWords("x")] * 41}, "points"),
    ],
)  # fmt: skip
def test_a_plan_says_at_which_field_it_is_wrong(town, given, field):
    with clock.at(moment()), pytest.raises(Refused) as refused:
        plan(town, **given)
    assert refused.value.field == field and PatrolPlan.objects.count() == 0


@pytest.mark.parametrize("who", ["worker_a", "cadre_b", "dispatcher", "lamp_contact", "resident", "nobody", "system"])
def test_only_who_plans_there_writes_plans(town, who):
    with pytest.raises(NotAllowed):
        plan(town, viewer=who)


@pytest.mark.parametrize(
    ("who", "error"),
    [("worker_b", NotFound), ("cadre_b", NotFound), ("lamp_handler", NotAllowed), ("resident", NotAllowed),
     ("leader", NotAllowed), ("worker_a", None), ("cadre_a", None), ("verifier", None)],
)  # fmt: skip
def test_who_walks_in_grid_a(town, who, error):
    patrol = made(town)
    with clock.at(moment()):
        if error:
            with pytest.raises(error):
                patrols.mark(patrol.pk, 1, "ok", viewer=town.viewer(who))
        else:
            assert patrols.mark(patrol.pk, 1, "ok", viewer=town.viewer(who))[1].result == "ok"
