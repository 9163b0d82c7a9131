"""Which departments a case may need, each with the reasons: the matrix, its alternatives, likely matters, precedents.

Nothing here decides: the whistler ticks. What stands first is most likely to lead.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Count
from django.utils.translation import gettext as _

from linli.kernel.clock.calendar import CIVIL
from linli.rooms.cases.models import Case
from linli.rooms.catalogue.suggest import suggest
from linli.rooms.people.models import Unit
from linli.rooms.people.queries import answerable
from linli.rooms.whistles.models import Call, Precedent
from linli.rooms.whistles.queries.precedents import precedents_for

LIKELY_MATTERS = 3
LIKELY_FROM = 0.12
"""A matter that the description may also mean counts from this share of the suggestions on."""
SHOW = 8

# Who holds a post that may answer a whistle for these units: without one nobody can report.
_ANSWERING = """
SELECT DISTINCT p.unit_id FROM people_post p JOIN people_postkind k ON k.id = p.kind_id
WHERE p.unit_id = ANY(%(units)s) AND 'whistle.answer' = ANY(k.duties)
  AND p.valid_from <= %(day)s AND (p.valid_to IS NULL OR p.valid_to > %(day)s)
  AND (p.place_id IS NULL OR p.place_id = ANY(%(lineage)s))
"""


@dataclass(slots=True)
class Suggestion:
    """A unit that may be needed. ticked: proposed outright; answers: somebody holds a post that can report."""

    unit_id: int
    name: str
    reasons: list[str] = field(default_factory=list)
    weight: float = 0.0
    ticked: bool = False
    lead: bool = False
    answers: bool = True


def suggestions(case: Case, now: dt.datetime) -> list[Suggestion]:
    """The units that may be needed for this case, likeliest first."""
    weights: dict[int, float] = {}
    reasons: dict[int, list[str]] = {}

    def add(unit_id: int | None, weight: float, reason: str) -> None:
        if unit_id is None:
            return
        weights[unit_id] = weights.get(unit_id, 0.0) + weight
        said = reasons.setdefault(unit_id, [])
        if reason not in said:
            said.append(reason)

    add(case.unit_id, 3.0, _("这个事件的主办单位"))
    if case.unit_id is None:
        add(case.proposed_unit_id, 2.5, _("责任清单建议的主办单位"))
    for unit_id in case.assists.values_list("unit_id", flat=True) if case.dispatched_at else ():
        add(unit_id, 1.5, _("正在协办"))
    add(case.routing.get("returned_hint"), 2.0, _("前一个单位回退时说应由它办"))
    _from_matrix(case, now, add)
    _from_history(case, add)
    found = _named(weights, reasons)
    able = answering([one.unit_id for one in found], case.lineage, now)
    for one in found:
        one.answers = one.unit_id in able
        one.ticked = one.answers and one.weight >= 1.0
    found.sort(key=lambda one: (not one.answers, -one.weight, one.unit_id))
    for one in found[:1]:
        one.lead = one.answers
    return found[:SHOW]


def _from_matrix(case: Case, now: dt.datetime, add: Any) -> None:
    item = case.item
    if item is not None:
        answer = answerable(item.key, case.matter_class, case.lineage, now)
        if answer.via != "fallback":
            add(answer.unit_id, 2.0, _("责任清单：“%(item)s”归它") % {"item": item.name})
        else:
            add(answer.unit_id, 0.8, _("属地兜底"))
        for other in answer.alternatives[:4]:
            add(other["unit_id"], 0.6, _("责任清单里范围更宽的规定（%(place)s）") % {"place": other["place_name"]})
    likely = [one for one in suggest(case.description, LIKELY_MATTERS + 1) if one.score >= LIKELY_FROM]
    for one in [one for one in likely if item is None or one.item.key != item.key][:LIKELY_MATTERS]:
        answer = answerable(one.item.key, one.item.matter_class.key, case.lineage, now)
        if answer.via in ("fallback", "none"):
            continue
        words = "、".join(one.because[:2])
        reason = (
            _("描述提到“%(words)s”，也像“%(item)s”，清单归它") % {"words": words, "item": one.item.name}
            if words
            else _("描述也像“%(item)s”，清单归它") % {"item": one.item.name}
        )
        add(answer.unit_id, 0.5 + one.score, reason)


def _from_history(case: Case, add: Any) -> None:
    for precedent in precedents_for(case):
        same = case.item is not None and precedent.item_key == case.item.key
        told = _("先例：") if same else _("同类先例：")
        share = 1.0 if same else 0.4  # a decision on another matter of the class is a hint, no more
        if precedent.outcome == Precedent.Outcome.STANDS:
            day = f"{precedent.at.astimezone(CIVIL):%Y-%m-%d}"
            facts = {"day": day, "unit": precedent.refuser.name}
            add(precedent.unit_id, 1.5 * share, told + _("%(day)s 裁定归它，不归%(unit)s") % facts)
            add(precedent.refuser_id, -1.5 * share, told + _("曾裁定不归它"))
        else:
            add(precedent.unit_id, share, told + _("曾裁定它须到场"))
    if case.item_id is None:
        return
    earlier = (
        Call.objects.filter(whistle__case__item_id=case.item_id, state__in=("promised", "done"))
        .exclude(whistle__case_id=case.pk)
        .values("unit_id")
        .annotate(times=Count("id"))
        .order_by("-times")[:6]
    )
    for row in earlier:
        add(row["unit_id"], min(0.4 + 0.3 * row["times"], 1.5), _("同类事项吹哨来过 %(n)d 次") % {"n": row["times"]})


def _named(weights: dict[int, float], reasons: dict[int, list[str]]) -> list[Suggestion]:
    """The units with their names; those that exist no longer stand aside for their successors."""
    day_over = {unit.pk: unit for unit in Unit.objects.filter(pk__in=weights).select_related("successor")}
    merged: dict[int, Suggestion] = {}
    for unit_id, weight in weights.items():
        unit = day_over.get(unit_id)
        why = list(reasons[unit_id])
        if unit is not None and unit.valid_to is not None and unit.successor is not None:
            why.append(_("接替%(unit)s") % {"unit": unit.name})
            unit = unit.successor
        if unit is None or unit.valid_to is not None:
            continue
        one = merged.setdefault(unit.pk, Suggestion(unit.pk, unit.name))
        one.weight += weight
        one.reasons += [reason for reason in why if reason not in one.reasons]
    return [one for one in merged.values() if one.weight > 0]


def answering(unit_ids: Collection[int], lineage: Sequence[int], now: dt.datetime) -> set[int]:
    """Of these units, those for which somebody holds a post that may report here."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ANSWERING, {"units": list(unit_ids), "day": now.astimezone(CIVIL).date(), "lineage": list(lineage)}
        )
        return {row[0] for row in cursor.fetchall()}
