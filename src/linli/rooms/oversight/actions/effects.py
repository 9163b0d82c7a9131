"""What each step of an order brings about beside moving it: one small function a step, named as the flow names it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from linli.kernel.clock import TimeLimit
from linli.kernel.clock.queries import calendar
from linli.kernel.clock.rules import deadline
from linli.kernel.errors import Refused
from linli.rooms.cases.actions.given import Given
from linli.rooms.oversight.actions.evidence import take_over
from linli.rooms.oversight.actions.issuing import limit_for, restart_signing, set_limit
from linli.rooms.oversight.actions.parts import rules_in_force, signature
from linli.rooms.oversight.judgement import Situation
from linli.rooms.oversight.models import Answer, Order


@dataclass(slots=True)
class Outcome:
    """What is told: `note` in the order's story, `facts` in the journal, `event` to subscribers, who must hear."""

    note: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    event: dict[str, Any] = field(default_factory=dict)
    evidence: list[str] = field(default_factory=list)
    to_unit: bool = False
    to_issuer: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What was given to a step: resolved values, the limit that was read, the documents named."""

    given: Given
    limit: TimeLimit | None
    files: list[str]
    now: dt.datetime


Effect = Callable[[Order, Told, Situation, Outcome], None]


def _by(s: Situation, capability: str) -> str:
    return signature(s.viewer, s.post_for(capability))


def sign(order: Order, told: Told, s: Situation, out: Outcome) -> None:
    order.signed_at, order.signed_name = told.now, _by(s, "order.sign")
    out.facts["late"] = bool(order.sign_due_at and told.now > order.sign_due_at)
    out.to_issuer = True


def answer(order: Order, told: Told, s: Situation, out: Outcome) -> None:
    order.round += 1
    order.answered_at = told.now
    if s.viewer.account_id is not None and s.viewer.account_id not in order.answerer_ids:
        order.answerer_ids = [*order.answerer_ids, s.viewer.account_id]
    late = bool(order.due_at and told.now > order.due_at)
    given = Answer.objects.create(
        order=order,
        round=order.round,
        words=told.given.words("words"),
        at=told.now,
        by_id=s.viewer.account_id,
        by_name=_by(s, "order.sign"),
        late=late,
    )
    out.evidence = take_over(told.given.photos, told.files, viewer=s.viewer, answer=given)
    rules = rules_in_force()
    order.check_due_at = deadline_after(told.now, TimeLimit(rules.check_amount, rules.check_unit))  # type: ignore[arg-type]
    out.note = given.words
    out.facts["late"] = late
    out.to_issuer = True


def deadline_after(start: dt.datetime, limit: TimeLimit) -> dt.datetime:
    """When a limit runs out by the calendar in force."""
    return deadline(start, limit, calendar()).at


def contest(order: Order, told: Told, s: Situation, out: Outcome) -> None:
    whose = told.given.unit("whose")
    order.contested = True
    out.note = told.given.words("reason")
    out.facts["whose"] = whose.name_zh if whose else ""
    out.to_issuer = True


def uphold(order: Order, told: Told, s: Situation, out: Outcome) -> None:
    order.contested = False
    out.note = told.given.words("reason")
    out.to_unit = True


def reassign(order: Order, told: Told, s: Situation, out: Outcome) -> None:
    unit = told.given.unit("unit")
    assert unit is not None
    if unit.pk == order.unit_id:
        raise Refused(_("现在就是这个单位承办。"), "order.same_unit", "unit")
    out.facts["before_unit"] = order.unit.name_zh
    order.unit = unit
    order.tokens = [*order.lineage, -unit.pk]
    order.contested = False
    _afresh(order, told)
    out.note = told.given.words("reason")
    out.facts["unit"] = unit.name_zh
    out.to_unit = True


def _afresh(order: Order, told: Told) -> None:
    """Signing and answering begin anew."""
    order.clock_from = told.now
    order.pauses, order.extensions = [], []
    order.signed_at, order.signed_name, order.answered_at = None, "", None
    if told.limit is not None:
        set_limit(order, told.limit)
    restart_signing(order, told.now)


def pass_(order: Order, told: Told, s: Situation, out: Outcome) -> None:
    _check(order, Answer.Verdict.PASSED, told.given.words("words"), told, s)
    order.closed_at = told.now
    out.note = told.given.words("words")
    out.to_unit = out.to_issuer = True


def back(order: Order, told: Told, s: Situation, out: Outcome) -> None:
    _check(order, Answer.Verdict.FAILED, told.given.words("reason"), told, s)
    order.returned += 1
    order.clock_from, order.pauses = told.now, []
    order.answered_at = None
    set_limit(order, told.limit or limit_for(order, rules_in_force()))
    out.note = told.given.words("reason")
    out.to_unit = True


def _check(order: Order, verdict: str, words: str, told: Told, s: Situation) -> None:
    Answer.objects.filter(order=order, round=order.round).update(
        verdict=verdict, checked_at=told.now, checked_name=_by(s, "order.check"), check_words=words
    )


def raise_(order: Order, told: Told, s: Situation, out: Outcome) -> None:
    order.level += 1
    order.raised += 1
    _afresh(order, told)
    if told.limit is None:
        set_limit(order, limit_for(order, rules_in_force()))
    out.note = told.given.words("reason")
    out.facts["level"] = order.level
    out.to_unit = out.to_issuer = True


def extend(order: Order, told: Told, s: Situation, out: Outcome) -> None:
    if told.limit is None:
        raise Refused(_("请写延长多少，例如“2个工作日”。"), "order.no_limit", "limit")
    order.extensions = [*order.extensions, [told.limit.amount, told.limit.unit]]
    order.extended += 1
    out.note = told.given.words("reason")
    out.facts["more"] = str(told.limit)
    out.to_unit = True


def remind(order: Order, told: Told, s: Situation, out: Outcome) -> None:
    out.note = told.given.words("words")
    out.to_unit = True


def revoke(order: Order, told: Told, s: Situation, out: Outcome) -> None:
    out.note = told.given.words("reason")
    out.to_unit = True


def note(order: Order, told: Told, s: Situation, out: Outcome) -> None:
    out.note = told.given.words("words")


def drop(order: Order, told: Told, s: Situation, out: Outcome) -> None:
    """Nothing more: a draft had no number and nobody heard of it."""


EFFECTS: dict[str, Effect] = {
    "sign": sign,
    "answer": answer,
    "contest": contest,
    "uphold": uphold,
    "reassign": reassign,
    "pass": pass_,
    "back": back,
    "raise": raise_,
    "extend": extend,
    "remind": remind,
    "revoke": revoke,
    "note": note,
    "drop": drop,
}
