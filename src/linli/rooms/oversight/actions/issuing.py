"""Drafting and issuing supervision orders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.kernel import clock, journal
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.queries import calendar
from linli.kernel.clock.rules import deadline
from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.kernel.identifiers import clean_text
from linli.kernel.outbox import Event
from linli.rooms.cases.models import Case
from linli.rooms.cases.queries.scope import may_see as may_see_case
from linli.rooms.oversight.actions.clocks import run
from linli.rooms.oversight.actions.numbering import next_number
from linli.rooms.oversight.actions.parts import hearers, order_facts, rules_in_force, signature
from linli.rooms.oversight.models import Order, OrderCase, Proposal, Register, Rules, Source, Task
from linli.rooms.oversight.rules import common_path
from linli.rooms.people.models import Unit
from linli.rooms.people.rights import HeldPost, Target, Viewer
from linli.rooms.places.models import Place

CASES_AT_MOST = 20


@dataclass(slots=True)
class Writ:
    """What an order says. Without cases, task or proposals `place_id` says where it belongs.

    limit: until the answer is due, from the issue on; None: the rule's limit for the source, or, in step with cases
    that are still in time, the cases' own deadline.
    """

    unit_id: int | None
    title: str
    demand: str
    source: str = Source.HAND
    case_ids: Sequence[int] = ()
    proposal_ids: Sequence[int] = ()
    task_id: int | None = None
    place_id: int | None = None
    leader_name: str = ""
    leader_words: str = ""
    limit: TimeLimit | None = None
    in_step: bool = True
    level: int = 1
    meta: dict[str, Any] = field(default_factory=dict)


def issue(writ: Writ, *, viewer: Viewer, draft: bool = False, request_key: str | None = None) -> Order:
    """Issue an order with the next number of its district and year, or keep it as a draft without one.

    The same request key issues once. Proposals named in the writ become decided by it, each only once (Conflict).
    Raises NotAllowed, Refused, Conflict.
    """

    def fresh() -> Order:
        order, cases, post = _compose(writ, viewer)
        if not draft:
            _send(order, viewer, post, writ.limit, rules_in_force())
        order.save()
        OrderCase.objects.bulk_create([OrderCase(order=order, case=case) for case in cases])
        if not draft:
            run(order, clock.now())
        order.save()
        _decide_proposals(writ.proposal_ids, order, viewer, post)
        _tell(order, viewer, post, "order.draft" if draft else "order.issue", request_key, writ.meta)
        return order

    return journal.once(request_key, fresh, lambda _entry, object_id: Order.objects.get(pk=int(object_id)))


def issue_draft(order_id: int, *, viewer: Viewer, version: int | None = None, limit: TimeLimit | None = None) -> Order:
    """Send a draft out: it gets its number now."""
    with transaction.atomic():
        order = Order.objects.select_for_update(of=("self",)).select_related("unit").filter(pk=order_id).first()
        if order is None:
            raise NotFound(gettext_lazy("没有这份督办单。"), code="order.not_found")
        post = _may_issue(order, viewer)
        if order.state != "drafted" or (version is not None and version != order.version):
            raise Conflict(gettext_lazy("这份草稿已经变了，请刷新页面看最新情况。"), code="order.changed")
        own = TimeLimit(order.limit_amount, order.limit_unit) if order.limit_amount else None  # type: ignore[arg-type]
        _send(order, viewer, post, limit or own, rules_in_force())
        run(order, clock.now())
        order.version += 1
        order.save()
        _tell(order, viewer, post, "order.issue", None, {})
        return order


def _compose(writ: Writ, viewer: Viewer) -> tuple[Order, list[Case], HeldPost | None]:
    """The order, its cases in the order they were named, and the post through which the viewer may issue it."""
    title = clean_text(writ.title or "", 120, "title", one_line=True)
    demand = clean_text(writ.demand or "", 4000, "demand")
    if not title:
        raise Refused(gettext_lazy("请写督办事由。"), "order.no_title", "title")
    if not demand:
        raise Refused(gettext_lazy("请写督办要求：要做什么，做到什么样。"), "order.no_demand", "demand")
    if writ.source not in Source.values:
        raise Refused(gettext_lazy("请选督办来源。"), "order.source", "source")
    if writ.source == Source.LEADER and not clean_text(writ.leader_words or "", 2000):
        raise Refused(gettext_lazy("领导批示要照录原文。"), "order.no_leader_words", "leader_words")
    unit = Unit.objects.filter(pk=writ.unit_id or 0).first()
    if unit is None or unit.valid_to is not None:
        raise Refused(gettext_lazy("请选择承办单位。"), "order.no_unit", "unit")
    cases = _cases(writ, viewer)
    place, lineage, matter = _where(writ, cases, viewer)
    now = clock.now()
    order = Order(
        district_id=lineage[0],
        state="drafted",
        level=writ.level,
        source=writ.source,
        title=title,
        demand=demand,
        leader_name=clean_text(writ.leader_name or "", 60, "leader_name", one_line=True),
        leader_words=clean_text(writ.leader_words or "", 2000, "leader_words"),
        unit=unit,
        place=place,
        lineage=lineage,
        tokens=[*lineage, -unit.pk],
        matter_class=matter,
        task_id=writ.task_id,
        in_step=writ.in_step and bool(cases),
        created_at=now,
        state_since=now,
    )
    if writ.limit is not None:
        order.limit_amount, order.limit_unit = writ.limit.amount, writ.limit.unit
    return order, cases, _may_issue(order, viewer)


def _may_issue(order: Order, viewer: Viewer) -> HeldPost | None:
    target = Target(order.lineage, (order.unit_id,), order.unit_id, order.matter_class)
    verdict = viewer.may("case.supervise", target)
    if not verdict.ok:
        raise NotAllowed(verdict.why)
    return verdict.post


def _cases(writ: Writ, viewer: Viewer) -> list[Case]:
    ids = list(dict.fromkeys(writ.case_ids))
    if len(ids) > CASES_AT_MOST:
        raise Refused(gettext_lazy("一份督办单最多 20 件事。"), "order.too_many_cases", "cases")
    found = {case.pk: case for case in Case.objects.filter(pk__in=ids)}
    if any(pk not in found or not may_see_case(viewer, found[pk]) for pk in ids):
        raise NotFound(gettext_lazy("没有这个事件。"), code="case.not_found")
    return [found[pk] for pk in ids]


def _where(writ: Writ, cases: list[Case], viewer: Viewer) -> tuple[Place, list[int], str]:
    """The place an order belongs to: where all its cases lie in common, its task's district, or the named place."""
    if cases:
        lineage = common_path([case.lineage for case in cases])
        classes = {case.matter_class for case in cases}
        if not lineage:
            raise Refused(gettext_lazy("这些事件不在同一个区，请分开督办。"), "order.districts", "cases")
        place = Place.objects.get(pk=lineage[-1])
        return place, lineage, classes.pop() if len(classes) == 1 else ""
    if writ.task_id is not None:
        task = Task.objects.filter(pk=writ.task_id).first()
        if task is None:
            raise NotFound(gettext_lazy("没有这项任务。"), code="task.not_found")
        return Place.objects.get(pk=task.lineage[-1]), task.lineage, ""
    place_id = writ.place_id or next((p.place_id for p in viewer.posts if "case.supervise" in p.duties), None)
    found = Place.objects.filter(pk=place_id or 0).first()
    if found is None:
        raise Refused(gettext_lazy("请选督办的地方。"), "order.no_place", "place")
    return found, list(found.lineage), ""


def _send(order: Order, viewer: Viewer, post: HeldPost | None, limit: TimeLimit | None, rules: Rules) -> None:
    """From a draft to an issued order: number, clock, signing deadline. The number comes last, so that the counter is
    locked as short as may be."""
    now = clock.now()
    if not 1 <= order.level <= max(1, len(rules.levels_zh)):
        raise Refused(gettext_lazy("没有这个督办级别。"), "order.level", "level")
    order.state, order.state_since = "issued", now
    order.issued_at, order.clock_from = now, now
    order.issued_by_id, order.issued_post_id = viewer.account_id, (post.id or None) if post else None
    order.issued_name = signature(viewer, post)
    set_limit(order, limit or limit_for(order, rules))
    order.sign_due_at = deadline(now, _sign_limit(rules), calendar()).at
    order.number, order.year, order.serial = next_number(order.district, Register.Series.ORDER, now)


def set_limit(order: Order, limit: TimeLimit) -> None:
    order.limit_amount, order.limit_unit = limit.amount, limit.unit
    order.extensions = []


def limit_for(order: Order, rules: Rules) -> TimeLimit:
    """The limit of the rules: a bad rating is put right within its own (15 working days, DOMAIN §3)."""
    if order.source == Source.RATING:
        return TimeLimit(rules.rating_amount, rules.rating_unit)  # type: ignore[arg-type]
    return TimeLimit(rules.answer_amount, rules.answer_unit)  # type: ignore[arg-type]


def _sign_limit(rules: Rules) -> TimeLimit:
    return TimeLimit(rules.sign_amount, rules.sign_unit)  # type: ignore[arg-type]


def restart_signing(order: Order, now: dt.datetime) -> None:
    """A new unit or a higher level: the order has to be signed for again."""
    order.sign_due_at = deadline(now, _sign_limit(rules_in_force()), calendar()).at


def _decide_proposals(ids: Sequence[int], order: Order, viewer: Viewer, post: HeldPost | None) -> None:
    for proposal in Proposal.objects.select_for_update(of=("self",)).filter(pk__in=list(ids)).order_by("pk"):
        verdict = viewer.may("case.supervise", Target(proposal.lineage, (), None, proposal.matter_class))
        if not verdict.ok:
            raise NotFound(gettext_lazy("没有这条建议。"), code="proposal.not_found")
        if proposal.state != Proposal.State.WAITING:
            raise Conflict(
                _("这条建议已由%(who)s处理。") % {"who": proposal.decided_name},
                code="proposal.decided",
                what_next=gettext_lazy("请刷新页面看最新情况。"),
            )
        if proposal.source == Source.RATING and proposal.called_at is None:
            raise Refused(gettext_lazy("差评要先回访：请记下回访结果。"), "proposal.not_called", "words")
        proposal.state, proposal.order = Proposal.State.ISSUED, order
        proposal.decided_at, proposal.decided_name = clock.now(), signature(viewer, post)
        proposal.save()


def _tell(
    order: Order, viewer: Viewer, post: HeldPost | None, action: str, request_key: str | None, meta: dict[str, Any]
) -> None:
    kind = "order.drafted" if action == "order.draft" else "order.issued"
    told = hearers(order, unit=kind == "order.issued")
    journal.record(
        action=action,
        actor=viewer.acting(post),
        object_type="order",
        object_id=order.pk,
        before=None,
        after={
            "version": order.version,
            "state": order.state,
            "number": order.number,
            "unit_id": order.unit_id,
            "source": order.source,
            "level": order.level,
            "due_at": order.due_at.isoformat() if order.due_at else None,
            **meta,
        },
        note=order.demand,
        place_ids=order.lineage,
        request_key=request_key,
        events=[Event(kind, "order", order.pk, order_facts(order, **told))],
    )
