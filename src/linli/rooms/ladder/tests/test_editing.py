"""Making a ladder: drafts, tiers, checks, taking force now or on a day, and what stands against it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from linli.kernel import clock
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.tests.examples import civil
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.kernel.journal import queries as stories
from linli.kernel.outbox.models import OutboxEvent
from linli.rooms.ladder import editing, starting
from linli.rooms.ladder.coverage import coverage
from linli.rooms.ladder.models import Ladder, Tier
from linli.rooms.ladder.presets import PRESETS
from linli.rooms.ladder.tests.rungs import SYSTEM, person, run_to, with_ladder
from linli.rooms.ladder.words import LadderWords, TierWords

pytestmark = pytest.mark.django_db
NOON = civil("2026-03-02 12:00")


def draft(town, source="empty", **more) -> Ladder:
    return editing.draft_ladder(SYSTEM, town.district.pk, source=source, **more)


def tier(name: str, **more) -> TierWords:
    given = {"bearer": "unit", "unit_by": "community", "limit": TimeLimit(2, "working_days"), **more}
    return TierWords(name, **given)


def order(ladder: Ladder) -> list[tuple[int, str]]:
    return list(ladder.tiers.order_by("level").values_list("level", "name_zh"))


@pytest.mark.parametrize("source", sorted(PRESETS))
def test_every_preset_takes_force_as_it_is(town, source):
    ladder = draft(town, source)
    assert not [p for p in starting.findings(ladder) if p.stops]
    ladder = starting.activate_ladder(SYSTEM, ladder.pk)
    assert (ladder.state, ladder.preset) == ("active", source) and ladder.activated_at is not None


def test_a_draft_grows_tier_by_tier_and_the_next_edition_out_of_it(town):
    ladder = draft(town, name_zh="三级联动")
    low = editing.add_tier(SYSTEM, ladder.pk, tier("社区"))
    top = editing.add_tier(SYSTEM, ladder.pk, tier("领导", bearer="post", unit_by="", post_kind="leader"))
    editing.add_tier(SYSTEM, ladder.pk, tier("单位", unit_by="fixed", unit_id=town.lamps.pk))
    assert order(ladder) == [(1, "社区"), (2, "领导"), (3, "单位")] and (low.code, top.code) == ("t1", "t2")
    editing.move_tier(SYSTEM, top.pk, up=True)
    editing.move_tier(SYSTEM, top.pk, up=True)  # it is the top already
    port = editing.add_tier(SYSTEM, ladder.pk, tier("楼栋长", bearer="post", unit_by="", post_kind="building_head"))
    for _ in range(3):
        editing.move_tier(SYSTEM, port.pk, up=False)
    editing.edit_tier(SYSTEM, port.pk, tier("楼栋长", bearer="post", post_kind="building_head", everyday="only"))
    assert order(ladder) == [(0, "楼栋长"), (1, "社区"), (2, "单位"), (3, "领导")]
    editing.edit_tier(SYSTEM, low.pk, tier("社区自办", limit=None, warn_percent=40))
    assert order(ladder)[:2] == [(0, "楼栋长"), (1, "社区自办")]
    editing.edit_tier(SYSTEM, port.pk, tier("楼栋长", bearer="post", post_kind="building_head", everyday="starts"))
    assert order(ladder)[0] == (1, "楼栋长")
    editing.edit_tier(SYSTEM, port.pk, tier("楼栋长", bearer="post", post_kind="building_head", everyday="only"))
    editing.remove_tier(SYSTEM, top.pk)
    assert order(ladder) == [(0, "楼栋长"), (1, "社区自办"), (2, "单位")]
    starting.activate_ladder(SYSTEM, ladder.pk)
    second = draft(town, "active")
    assert second.edition == ladder.edition + 1 and order(second) == order(ladder)
    assert list(second.tiers.order_by("level").values_list("code", flat=True)) == ["t4", "t1", "t3"]
    assert editing.add_tier(SYSTEM, second.pk, tier("新的")).code == "t5"  # t2 was somebody else's name
    assert draft(town, f"edition:{ladder.edition}").tiers.count() == 3


WRONG = [
    (tier(""), "name_zh"),
    (tier("长" * 41), "name_zh"),
    (tier("层", bearer="nobody"), "bearer"),
    (tier("层", bearer="post", post_kind="king"), "post_kind"),
    (tier("层", bearer="post", post_kind="dispatcher"), "post_kind"),  # bears no duty
    (tier("层", unit_by="moon"), "unit_by"),
    (tier("层", unit_by="fixed"), "unit"),
    (tier("层", unit_by="fixed", unit_id=10**9), "unit"),
    (tier("层", may_jump=("king",)), "may_jump"),
    (tier("层", warn_percent=95), "warn_percent"),
    (tier("层", ends_at="never"), "ends_at"),
]


def test_what_a_tier_cannot_be_is_said_at_its_field(town):
    ladder = draft(town)
    for words, field in WRONG:
        with pytest.raises(Refused) as refused:
            editing.add_tier(SYSTEM, ladder.pk, words)
        assert refused.value.field == field and str(refused.value.message)
    assert not ladder.tiers.exists()


def test_what_stops_a_ladder_is_named_and_what_is_odd_is_shown(town):
    ladder = draft(town)
    with pytest.raises(Refused, match="至少要有一层"):
        starting.activate_ladder(SYSTEM, ladder.pk)
    editing.add_tier(SYSTEM, ladder.pk, tier("社区", receipt=TimeLimit(5, "working_days"), everyday="only"))
    editing.add_tier(SYSTEM, ladder.pk, tier("社区", limit=None))
    words = [(p.tier, str(p.words), p.stops) for p in starting.findings(Ladder.objects.get(pk=ladder.pk))]
    assert ("t1", "接收时限比办理时限还长", True) in words and ("t2", "和下面一层同名，办的人分不清", True) in words
    assert any("还没有选哪些事项" in text for _code, text, _stops in words)
    with pytest.raises(Refused, match="接收时限比办理时限还长"):
        starting.activate_ladder(SYSTEM, ladder.pk)
    editing.edit_ladder(SYSTEM, ladder.pk, LadderWords("联动", everyday=("M01037",), major_level=9))
    words = [str(p.words) for p in starting.findings(Ladder.objects.get(pk=ladder.pk))]
    assert any("永远不会标" in text for text in words) and not any("还没有选" in text for text in words)
    with pytest.raises(Refused) as refused:
        editing.edit_ladder(SYSTEM, ladder.pk, LadderWords("联动", everyday=("X1",)))
    assert refused.value.field == "everyday"


def test_who_saw_an_older_version_hears_what_changed(town):
    ladder = draft(town, "lukou")
    first = ladder.tiers.get(code="unit")
    seen = ladder.version
    editing.edit_tier(SYSTEM, first.pk, tier("责任单位", unit_by="responsible"), version=seen)
    for act in (
        lambda: editing.edit_tier(SYSTEM, first.pk, tier("别的"), version=seen),
        lambda: editing.edit_ladder(SYSTEM, ladder.pk, LadderWords("别的"), version=seen),
        lambda: editing.add_tier(SYSTEM, ladder.pk, tier("别的"), version=seen),
        lambda: starting.activate_ladder(SYSTEM, ladder.pk, version=seen),
    ):
        with pytest.raises(Conflict) as conflict:
            act()
        assert [row["what"] for row in conflict.value.changes] == ["ladder.tier_edited"]
    entry = list(stories.of("ladder", ladder.pk))[-1]
    assert entry.after["name_zh"] == "责任单位" and entry.before["name_zh"] == "责任单位承办"


def test_an_edition_that_was_in_force_stays_as_it_was(town):
    first = starting.activate_ladder(SYSTEM, draft(town, "lukou").pk)
    step = first.tiers.get(code="unit")
    for act in (
        lambda: editing.edit_tier(SYSTEM, step.pk, tier("别的")),
        lambda: editing.remove_tier(SYSTEM, step.pk),
        lambda: editing.add_tier(SYSTEM, first.pk, tier("别的")),
        lambda: editing.discard_ladder(SYSTEM, first.pk),
    ):
        with pytest.raises(Refused):
            act()
    with pytest.raises(IntegrityError), transaction.atomic():
        Tier.objects.filter(pk=step.pk).update(limit_amount=99)
    second = starting.activate_ladder(SYSTEM, draft(town, "erqi").pk)
    first.refresh_from_db()
    assert (first.state, second.state) == ("retired", "active") and first.retired_at == second.activated_at
    event = OutboxEvent.objects.filter(kind="duty.ladder_activated").latest("id")
    assert event.data["replaces"] == first.edition and event.data["path"].endswith(f"/{second.pk}/")
    starting.retire_ladder(SYSTEM, second.pk)
    assert not Ladder.objects.filter(state="active").exists()
    with pytest.raises(Refused):
        starting.retire_ladder(SYSTEM, second.pk)
    with pytest.raises(Conflict):
        starting.activate_ladder(SYSTEM, second.pk)


def test_a_ladder_takes_force_at_the_moment_agreed_on_and_cannot_be_changed_until_then(town):
    with_ladder(town, at=NOON)
    start = civil("2026-03-16 08:00")
    with clock.at(NOON):
        waiting, other = draft(town, "erqi"), draft(town, "huolongjing")
        starting.activate_ladder(SYSTEM, waiting.pk, at=start)
        assert starting.next_start() == start and Ladder.objects.get(pk=waiting.pk).state == "draft"
        with pytest.raises(Refused, match="约定"):
            editing.edit_ladder(SYSTEM, waiting.pk, LadderWords("改"))
        with pytest.raises(Refused, match="另一版"):
            starting.activate_ladder(SYSTEM, other.pk, at=start)
        with pytest.raises(Refused) as refused:
            starting.activate_ladder(SYSTEM, other.pk, at=start + dt.timedelta(days=800))
        assert refused.value.field == "at"
        starting.call_off_ladder(SYSTEM, waiting.pk)
        with pytest.raises(Refused):
            starting.call_off_ladder(SYSTEM, waiting.pk)
        starting.activate_ladder(SYSTEM, waiting.pk, at=start)
    done = run_to(NOON, civil("2026-03-20 08:00"))
    assert [at for at, work in done if work == "ladder.start_planned"] == [start]
    waiting.refresh_from_db()
    assert waiting.state == "active" and waiting.activated_at == start and starting.next_start() is None


def test_a_ladder_that_became_impossible_does_not_start_and_says_so(town):
    start = civil("2026-03-16 08:00")
    with clock.at(NOON):
        waiting = draft(town)
        editing.add_tier(SYSTEM, waiting.pk, tier("单位", unit_by="fixed", unit_id=town.lamps.pk))
        starting.activate_ladder(SYSTEM, waiting.pk, at=start)
        town.lamps.valid_to = dt.date(2026, 3, 10)
        town.lamps.save()
    with clock.at(start):
        assert starting.start_planned() == 0
    waiting.refresh_from_db()
    assert waiting.state == "draft" and waiting.starts_at is None
    assert OutboxEvent.objects.filter(kind="duty.ladder_not_started").exists()


def test_nothing_is_drafted_out_of_nothing(town):
    for source in ("moon", "edition:99", "edition:x"):
        with pytest.raises(Refused) as refused:
            draft(town, source)
        assert refused.value.field == "source"
    with pytest.raises(Refused):
        editing.draft_ladder(SYSTEM, town.one.pk, source="lukou")
    with pytest.raises(NotFound):
        editing.edit_tier(SYSTEM, 10**9, tier("别的"))
    ladder = draft(town, "lukou")
    editing.discard_ladder(SYSTEM, ladder.pk)
    assert not Ladder.objects.filter(pk=ladder.pk).exists()
    last = draft(town)
    for n in range(9):
        editing.add_tier(SYSTEM, last.pk, tier(f"第{n}层"))
    with pytest.raises(Refused, match="最多"):
        editing.add_tier(SYSTEM, last.pk, tier("第十层"))


def test_holes_of_a_ladder_are_named(town):
    ladder = with_ladder(town)
    person(town, "second_chief", "grid_chief", place=town.grid_b, valid_to=dt.date(2026, 1, 1))
    tiers = list(ladder.tiers.select_related("post_kind", "unit").order_by("level"))
    found = coverage(tiers, town.district.pk, NOON)
    assert set(found) == {"community", "unit", "chief", "group"}
    assert (found["chief"].held, [grid.id for grid in found["chief"].empty]) == (1, [town.grid_b.pk])
    assert found["community"].empty == ()
