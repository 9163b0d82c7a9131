"""What whistles, stays on the ladder and rounds count for. Their own tables are the truth; here they become marks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from linli.rooms.fieldwork.models import Patrol
from linli.rooms.insight.dimensions import PLACE, POST, STREET_UNIT, UNIT, Key
from linli.rooms.insight.marks import civil, day_number, micros
from linli.rooms.insight.sources import SOURCES, Told
from linli.rooms.ladder.models import Stay
from linli.rooms.whistles.models import Call

_SOLVED = {"yes": 2, "partly": 1}
_CALLED_AWAY = ("replaced", "withdrawn")


def _keys(lineage: Sequence[int], unit_id: int | None, post_id: int | None) -> tuple[Key, ...]:
    found: list[Key] = [(PLACE, place_id, 0) for place_id in lineage]
    if unit_id is not None:
        found.append((UNIT, unit_id, 0))
        if len(lineage) > 1:
            found.append((STREET_UNIT, unit_id, lineage[1]))
    if post_id is not None:
        found.append((POST, post_id, 0))
    return tuple(found)


def _on(moment: dt.datetime) -> int:
    return int(civil(micros(moment)))


def calls(ids: Sequence[int] | None) -> Iterator[Told]:
    """Calls of whistles: whether the department answered in time and came, and the whistler's marks on their day."""
    found = Call.objects.exclude(state__in=_CALLED_AWAY).select_related("whistle", "score")
    for call in found if ids is None else found.filter(pk__in=list(ids)):
        day = _on(call.called_at)
        marks = [("whistled", day, 1)]
        answered = min((at for at in (call.confirmed_at, call.refused_at) if at is not None), default=None)
        if answered is not None and answered <= call.due_at:
            marks.append(("whistle_answered", day, 1))
        if call.arrived_at is not None or (not call.whistle.on_site and call.promised_at is not None):
            marks.append(("whistle_came", day, 1))
        marks += _scores(getattr(call, "score", None))
        yield Told(call.pk, _keys(call.whistle.lineage, call.unit_id, None), tuple(marks))


def _scores(score: Any) -> list[tuple[str, int, int]]:
    if score is None:
        return []
    day = _on(score.at)
    worth = (
        ("score_came", int(score.came)),
        ("score_prompt", int(score.in_time)),
        ("score_solved", _SOLVED.get(score.solved, 0)),
    )
    return [("whistle_scored", day, 1), *((name, day, number) for name, number in worth if number)]


def stays(ids: Sequence[int] | None) -> Iterator[Told]:
    """Stays on the ladder: receipts by the day their limit ends, and moves upwards on theirs."""
    found = Stay.objects.select_related("case")
    for stay in found if ids is None else found.filter(pk__in=list(ids)):
        marks = []
        if stay.receive_due_at is not None:
            day = _on(stay.receive_due_at)
            marks.append(("receipt_due", day, 1))
            received = _received(stay)
            if received is not None and received <= stay.receive_due_at:
                marks.append(("receipt_in_time", day, 1))
        if stay.how in (Stay.How.CLIMBED, Stay.How.SWEPT):
            marks.append(("climbed", _on(stay.entered_at), 1))
        if marks:
            yield Told(stay.pk, _keys(stay.case.lineage, stay.unit_id, stay.post_id), tuple(marks))


def _received(stay: Stay) -> dt.datetime | None:
    """When the duty came in. The ladder notes a unit's receipt after its step; before and after is the same."""
    if stay.received_at is not None or stay.unit_id is None:
        return stay.received_at
    received = stay.case.received_at
    if received is None or (stay.left_at is not None and received > stay.left_at):
        return None
    return max(received, stay.entered_at)


def patrols(ids: Sequence[int] | None) -> Iterator[Told]:
    """Rounds planned for a day, and whether they were walked to the end."""
    found = Patrol.objects.all()
    for patrol in found if ids is None else found.filter(pk__in=list(ids)):
        day = day_number(patrol.day)
        marks = [("walk_planned", day, 1)]
        if patrol.state == Patrol.State.DONE:
            marks.append(("walk_done", day, 1))
        yield Told(patrol.pk, _keys(patrol.lineage, None, patrol.post_id), tuple(marks))


SOURCES.update(whistle=calls, stay=stays, patrol=patrols)


def all_tallies() -> Iterator[tuple[str, Told]]:
    """Everything that all sources tell now."""
    for name, source in sorted(SOURCES.items()):
        for each in source(None):
            yield name, each
