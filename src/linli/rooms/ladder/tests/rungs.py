"""A ladder in the town of the cases' tests, cases on it, and a clock that the ladder's own work runs by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from linli.kernel import clock
from linli.kernel.authority import SystemAuthority
from linli.kernel.beats.registry import all_beats
from linli.kernel.clock.tests.examples import civil
from linli.kernel.outbox.jobs import drain
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import SINCE, reported
from linli.rooms.cases.tests.walking import given_for
from linli.rooms.ladder.editing import draft_ladder
from linli.rooms.ladder.models import Ladder, Stay
from linli.rooms.ladder.starting import activate_ladder
from linli.rooms.people.models import Account, Post, PostKind

MONDAY = civil("2026-03-02 09:00")
SYSTEM = SystemAuthority()


def person(town: SimpleNamespace, name: str, kind: str, *, place: Any = None, unit: Any = None, **more: Any) -> Post:
    """A new person with a post, known to `town.viewer` by that name."""
    account = Account.objects.create_user(name, name=f"演示{name}")
    town.accounts[name] = account
    return Post.objects.create(
        kind=PostKind.objects.get(code=kind),
        holder=account,
        place=place,
        unit=unit,
        **{"valid_from": SINCE, **more},
    )


def with_ladder(town: SimpleNamespace, source: str = "lukou", at: dt.datetime = MONDAY, **changes: Any) -> Ladder:
    """Put a preset in force in the town's district, with a chief of grid A. changes: columns of tiers, "code__name"."""
    if "chief" not in town.accounts:
        town.chief = person(town, "chief", "grid_chief", place=town.grid_a)
    with clock.at(at - dt.timedelta(days=30)):
        ladder = draft_ladder(SYSTEM, town.district.pk, source=source)
        for name, value in changes.items():
            code, _sep, column = name.partition("__")
            if column:
                ladder.tiers.filter(code=code).update(**{column: value})
            else:
                Ladder.objects.filter(pk=ladder.pk).update(**{name: value})
        ladder = activate_ladder(SYSTEM, ladder.pk)
        drain()
    return ladder


def dispatched(town: SimpleNamespace, unit: Any = None, at: dt.datetime = MONDAY, **given: Any) -> Case:
    """A case given to a unit (the community's own, unless said otherwise) at a moment, and on the ladder."""
    with clock.at(at):
        case = reported(town, **given)
        for step, name in (("accept", "clerk"), ("register", "dispatcher")):
            case = take(case.pk, step, given_for(step, town), viewer=town.viewer(name))
        unit = unit or town.committee
        case = take(case.pk, "dispatch", {"unit": unit.pk}, viewer=town.viewer("dispatcher"))
        drain()
    return case


def step(town: SimpleNamespace, case: Case, code: str, who: str, at: dt.datetime, **given: Any) -> Case:
    """One step at a moment, and what the ladder makes of it."""
    with clock.at(at):
        case = take(case.pk, code, given, viewer=town.viewer(who))
        drain()
    return case


def stays(case: Case) -> list[Stay]:
    return list(Stay.objects.filter(case=case).order_by("sequence"))


def standing(case: Case) -> Stay:
    return Stay.objects.get(case=case, left_at=None)


def codes(case: Case) -> list[str]:
    return [stay.tier_code for stay in stays(case)]


WORK = ("ladder.warn", "ladder.remind", "ladder.sweep", "ladder.start_planned", "ladder.succeed", "ladder.mark_old")


def run(since: dt.datetime, until: dt.datetime, most: int = 200) -> Iterator[tuple[dt.datetime, str]]:
    """Let the ladder's work and the waking of suspended cases happen from moment to moment; what was done when."""
    beats = [beat for beat in all_beats() if beat.name in (*WORK, "cases.wake_suspended")]
    present = since
    for _stop in range(most):
        with clock.at(present):
            due = [(beat.falls_due(), beat) for beat in beats if beat.falls_due]
        upcoming = [(max(at, present), beat) for at, beat in due if at is not None]
        moment = min((at for at, _beat in upcoming), default=None)
        if moment is None or moment > until:
            return
        present = moment
        for at, beat in upcoming:
            if at == present:
                with clock.at(present):
                    beat.work()
                    drain()
                yield present, beat.name
    raise AssertionError(f"the work does not get on: {present} {[beat.name for _at, beat in upcoming]}")


def run_to(since: dt.datetime, until: dt.datetime) -> list[tuple[dt.datetime, str]]:
    return list(run(since, until))
