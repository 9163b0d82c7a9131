"""The replay against what really happened, and what other limits would do."""

from __future__ import annotations

import datetime as dt

import pytest

from linli.kernel import clock
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.tests.examples import civil
from linli.kernel.errors import NotAllowed
from linli.rooms.ladder.actions import climb
from linli.rooms.ladder.models import Ladder, Stay
from linli.rooms.ladder.past import on_ladder, past
from linli.rooms.ladder.tests.rungs import MONDAY, dispatched, person, run_to, step, with_ladder
from linli.rooms.ladder.whatif import Change, what_if

pytestmark = pytest.mark.django_db
SINCE, UNTIL = civil("2026-02-01 00:00"), civil("2026-07-01 00:00")


def lived_in(town) -> Ladder:
    """A ladder with cases that climbed to different heights by the clock alone, in two grids of which one has no
    chief, one case suspended for a while, one returned and given to another unit, one settled by a building head."""
    ladder = with_ladder(town)
    town.head = person(town, "head", "building_head", place=town.grid_a)
    cases = [dispatched(town, at=MONDAY + dt.timedelta(hours=3 * n)) for n in range(4)]
    far = [dispatched(town, town.committee_two, at=MONDAY, lng=113.115, lat=27.605) for _ in range(2)]
    lamps = dispatched(town, town.lamps, at=MONDAY)
    back = dispatched(town, town.lamps, at=MONDAY)
    later = MONDAY + dt.timedelta(days=1)
    step(town, back, "receive", "lamp_contact", later)
    step(town, back, "return", "lamp_contact", later + dt.timedelta(hours=1), reason="不是路灯所的")
    step(town, back, "dispatch", "dispatcher2", later + dt.timedelta(hours=2), unit=town.power.pk)
    run_to(MONDAY, civil("2026-03-06 10:00"))
    step(town, lamps, "receive", "lamp_contact", civil("2026-03-06 10:00"))
    step(town, lamps, "suspend", "supervisor", civil("2026-03-06 11:00"), until="2026-03-20", words="等材料")
    run_to(civil("2026-03-06 11:00"), UNTIL)
    assert len(cases) == 4 and len(far) == 2
    return ladder


def test_the_ladder_in_force_replayed_gives_what_the_sweep_did(town, django_assert_max_num_queries):
    ladder = lived_in(town)
    _as_the_sweep_did(town, ladder)
    _longer_limits_leave_more_below(town, ladder)
    with clock.at(UNTIL), django_assert_max_num_queries(18):  # however many cases there are
        what_if(town.viewer("dispatcher"), ladder, {"unit": Change(None, True)}, SINCE, UNTIL)


def _as_the_sweep_did(town, ladder):
    with clock.at(UNTIL):
        found = what_if(town.viewer("system"), ladder, {}, SINCE, UNTIL)
    assert found.cases == 8 and found.before is found.after and found.real is not None and found.by_hand == 0
    swept = Stay.objects.filter(outcome="swept")
    assert found.after.result.moves == swept.count() > 8
    assert found.after.result.climbed == swept.values("case_id").distinct().count()
    for load, real in zip(found.after.result.tiers, found.real.tiers, strict=True):
        assert (load.code, load.cases, load.climbed, load.late) == (real.code, real.cases, real.climbed, real.late)
        assert load.days == pytest.approx(real.days) and load.peak == real.peak
    assert found.after.result.weeks == found.real.weeks
    names = dict(found.after.bearers["chief"])
    assert set(names) == {"网格长 演示chief"} and names["网格长 演示chief"] == found.after.result.tiers[3].spots.total()


def _longer_limits_leave_more_below(town, ladder):
    system = town.viewer("system")
    with clock.at(UNTIL):
        usual = what_if(system, ladder, {}, SINCE, UNTIL)
        longer = what_if(system, ladder, {"community": Change(TimeLimit(30, "working_days"), True)}, SINCE, UNTIL)
        never = what_if(system, ladder, {"community": Change(TimeLimit(2, "working_days"), False)}, SINCE, UNTIL)
        draft = Ladder.objects.create(district=town.district, edition=9, name_zh="空", created_at=clock.now())
        nothing = what_if(system, draft, {}, SINCE, UNTIL)
    assert longer.before is not None and longer.before.result.moves == usual.after.result.moves
    assert longer.after.result.moves <= usual.after.result.moves
    assert longer.after.result.tiers[1].days > usual.after.result.tiers[1].days
    assert never.after.result.tiers[1].climbed == 0 and never.after.result.climbed < usual.after.result.climbed
    assert nothing.after.result.cases == 0 and Stay.objects.filter(ladder=draft).count() == 0


def test_moves_by_hand_are_counted_and_not_repeated(town):
    ladder = with_ladder(town)
    case = dispatched(town)
    with clock.at(MONDAY + dt.timedelta(hours=2)):
        climb(case.pk, town.viewer("cadre_a"), "去看过", "没有工具")
    with clock.at(MONDAY + dt.timedelta(days=1)):
        found = what_if(town.viewer("dispatcher"), ladder, {}, SINCE, UNTIL)
    assert (found.by_hand, found.after.result.moves, found.real.moves) == (1, 0, 0)
    assert found.real.tiers[2].cases == 1 and found.after.result.tiers[2].cases == 0


def test_cases_from_before_the_ladder_are_replayed_from_their_dispatch(town):
    dispatched(town)
    assert not Stay.objects.exists()
    ladder = with_ladder(town, at=MONDAY + dt.timedelta(days=90))
    with clock.at(UNTIL):
        (run,) = past(None, SINCE, UNTIL).runs
        assert run.stays[0].how == "taken_in"
        run.stays, run.began = [], MONDAY  # as if it had ended before the ladder came
        tiers = list(ladder.tiers.select_related("post_kind", "unit").order_by("level"))
        (walked,) = on_ladder([run], ladder, tiers, UNTIL).cases
    assert [tiers[n].code for n in walked.path] == ["community", "unit", "chief", "group"]


def test_only_who_makes_ladders_or_assigns_tries_them_out_and_sees_the_own_cases(town):
    ladder = with_ladder(town)
    dispatched(town)
    with pytest.raises(NotAllowed):
        what_if(town.viewer("worker_a"), ladder, {}, SINCE, UNTIL)
    person(town, "chief_b", "grid_chief", place=town.grid_b)
    with clock.at(MONDAY + dt.timedelta(days=1)):
        assert what_if(town.viewer("chief_b"), ladder, {}, SINCE, UNTIL).cases == 0
        assert what_if(town.viewer("chief"), ladder, {}, SINCE, UNTIL).cases == 1
        assert what_if(town.viewer("system"), ladder, {}, SINCE, UNTIL, place=town.grid_b.pk).cases == 0
