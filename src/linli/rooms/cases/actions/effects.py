"""What each step brings about beside moving the case: one small function a step, named as the flow names it.

Each gets the locked case (already in its new state), the resolved input and the situation, changes the
case, and says in `Outcome` what the public, the staff and the subscribers are told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from linli.kernel import journal
from linli.kernel.authority import SystemAuthority
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import Refused
from linli.kernel.journal import queries as stories
from linli.rooms.cases.actions.assists import open_assist
from linli.rooms.cases.actions.given import Given
from linli.rooms.cases.judgement import Situation, target_of
from linli.rooms.cases.models import Case, Extension, Photo, Rating, Report, Suspension
from linli.rooms.cases.routing import give_to, propose_owner, settle_place
from linli.rooms.cases.rules import REOPEN_WITHIN
from linli.rooms.catalogue.queries import rules_for

SUSPEND_AT_MOST = dt.timedelta(days=366)


@dataclass(slots=True)
class Outcome:
    """What is told: `words` to the public, `note` to staff only, `facts` in the journal, `event` to subscribers."""

    words: str = ""
    note: str = ""
    phase: str = Photo.Phase.HANDLE
    facts: dict[str, Any] = field(default_factory=dict)
    event: dict[str, Any] = field(default_factory=dict)


Effect = Callable[[Case, Given, Situation, Outcome], None]


def request_check(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    out.note = given.words("note")


def check(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    out.phase = Photo.Phase.CHECK
    out.facts["found"] = given.words("found")
    out.note = given.words("words")


def accept(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    assert given.item is not None
    case.accepted_at = s.now
    case.urgent = given.flags.get("urgent", case.urgent)
    if given.place is not None and given.place.pk != case.place_id:
        settle_place(case, given.place)
    was = case.item_id
    case.item = given.item
    case.matter_class = given.item.matter_class.key
    propose_owner(case, s.now)
    # The classifier learns from what a dispatcher confirms, whether it had guessed right or not.
    out.event.update(item=given.item.key, guessed=was == given.item.pk)


def refuse(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    out.words = f"{given.words('words')}\n{given.words('whose')}".strip()
    out.facts["whose"] = given.words("whose")
    case.public_words = out.words


def register(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    rule = given.rule
    assert rule is not None
    # Rules of a part of the city's catalogue stand with its matter (`rules_for` knows); retired ones register nothing.
    if case.item is None or rule.pk not in {entry.id for entry in rules_for(case.item.key)}:
        raise Refused(_("这条立案条件不属于所选事项，请重新选择。"), code="case.rule_of_other_item", field="rule")
    case.filing_rule = rule
    case.limit_amount, case.limit_unit = rule.limit_amount, rule.limit_unit
    if s.limit is not None:
        case.limit_amount, case.limit_unit = s.limit.amount, s.limit.unit
        out.facts["rule_limit"] = [rule.limit_amount, rule.limit_unit]
    case.registered_at = case.clock_from = s.now
    case.pauses = []
    out.facts["condition"] = rule.condition


def dispatch(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    unit = given.unit("unit")
    assert unit is not None
    assists = [u for u in given.units.get("assists", []) if u.pk != unit.pk]
    give_to(case, unit, s.now)
    case.dispatched_at = s.now
    case.barred_id = None
    case.handler = None
    out.note = given.words("note")
    out.facts["unit"] = unit.name_zh
    out.event.update(unit_id=unit.pk, dispatcher=s.viewer.account_id)
    out.facts["dispatcher"] = s.viewer.account_id
    if assists and case.parent_id is not None:
        raise Refused(_("协办事件不能再派协办单位。"), code="case.assist_of_assist", field="assists")
    standing = set(case.assists.filter(is_open=True).values_list("unit_id", flat=True)) if assists else set()
    for assist in assists:
        if assist.pk not in standing:
            open_assist(case, assist.pk, now=s.now, actor=s.viewer.acting(s.post_for("case.dispatch")))
    if assists:
        out.facts["assists"] = [u.name_zh for u in assists]


def receive(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    case.received_at = s.now
    case.handler_id = s.viewer.account_id


def return_(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    """A return needs a reason, erases nothing, and bars the dispatcher who gets it from the next step (DOMAIN §2)."""
    whose = given.unit("whose")
    out.note = given.words("reason")
    out.facts["returned_by_unit"] = case.unit_id
    if whose is not None:
        out.facts["whose"] = whose.name_zh
        case.proposed_unit = whose
        case.routing = {**case.routing, "returned_hint": whose.pk}
    case.returned += 1
    case.barred_id = last_dispatcher(case)
    case.unit = None
    case.handler = None
    case.owner_post = None


def last_dispatcher(case: Case) -> int | None:
    """Who dispatched the case last, from the journal."""
    for entry in reversed(list(stories.of("case", case.pk))):
        if entry.action == "case.dispatch":
            return entry.actor_id
    return None


def handle(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    case.handled_at = s.now
    case.handler_id = s.viewer.account_id
    if s.viewer.account_id is not None and s.viewer.account_id not in case.handler_ids:
        case.handler_ids = [*case.handler_ids, s.viewer.account_id]
    out.words = given.words("words")


def send_back(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    out.note = given.words("reason")


def confirm(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    case.confirmed_at = s.now
    out.note = given.words("note")
    out.facts["in_time"] = case.due_at is None or s.now <= case.due_at


def finish_assist(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    case.confirmed_at = s.now
    out.event["parent"] = case.parent_id


def verify_pass(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    out.phase = Photo.Phase.VERIFY
    case.verified_at = s.now
    out.words = given.words("words")


def verify_fail(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    out.phase = Photo.Phase.VERIFY
    case.reworked += 1
    out.note = given.words("reason")


def close(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    case.closed_at = s.now
    case.public_words = given.words("words")
    out.words = case.public_words


def rate(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    assert s.report is not None
    level = given.words("level")
    Rating.objects.create(
        report=s.report,
        round=case.reopened,
        solved=given.words("solved"),
        level=int(level) if level else None,
        words=given.words("words"),
        at=s.now,
    )
    # The first reporter's word stands for the case; the others' are kept with their reports.
    if not s.report.joined or not case.solved:
        case.solved = given.words("solved")
        case.level = int(level) if level else case.level
    out.facts.update(solved=given.words("solved"), level=level)
    out.event.update(solved=given.words("solved"), level=level, report=s.report.pk)


def reopen(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    assert s.report is not None
    if case.closed_at and s.now - case.closed_at > REOPEN_WITHIN:
        raise Refused(
            _("结案超过 30 天，不能再重开。请作为新问题上报，我们会把两件事连起来。"),
            code="case.reopen_too_late",
        )
    Report.objects.filter(pk=s.report.pk).update(reopened_at=s.now)
    case.reopened += 1
    case.closed_at = case.confirmed_at = case.verified_at = case.handled_at = None
    case.clock_from = s.now
    case.pauses = []
    case.barred_id = None
    case.proposed_unit_id = case.unit_id
    case.unit = None
    case.solved, case.level = "", None
    out.words = given.words("reason")
    out.event["to_superior"] = True


def withdraw(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    assert s.report is not None
    Report.objects.filter(pk=s.report.pk).update(withdrawn_at=s.now)
    out.words = given.words("reason")


def merge(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    """Its reports move to the other case; they all hear the outcome there (DOMAIN §2)."""
    wanted = given.words("target").strip().lstrip("#")
    target = Case.objects.select_for_update(of=("self",)).filter(number=wanted).first()
    if target is None:
        raise Refused(_("没有编号为这个的事件，请核对编号。"), code="case.merge_unknown", field="target")
    if target.pk == case.pk:
        raise Refused(_("不能合并到自己。"), code="case.merge_self", field="target")
    if not target.is_open or target.parent_id is not None:
        raise Refused(_("那一件已经办结，不能再合并过去。"), code="case.merge_ended", field="target")
    verdict = s.viewer.may("case.merge", target_of(target))
    if not s.system and not verdict.ok:
        raise Refused(_("那一件不在您负责的范围内，请联系负责的受理员。"), code="case.merge_elsewhere", field="target")
    reports = list(Report.objects.filter(case=case).order_by("pk").values_list("pk", flat=True))
    moved = Report.objects.filter(case=case).update(case=target, joined=True)
    target.report_count += moved
    target.version += 1
    target.save(update_fields=["report_count", "version"])
    journal.record(
        action="case.merged_in",
        actor=SystemAuthority("").actor if s.system else s.viewer.acting(s.post_for("case.merge")),
        object_type="case",
        object_id=target.pk,
        before={"version": target.version - 1},
        after={"version": target.version, "report_count": target.report_count, "from": case.number},
        place_ids=target.lineage,
    )
    case.merged_into = target
    case.report_count = 0
    out.facts["into"] = target.number
    out.event.update(into=target.pk, into_number=target.number, reports=reports)


def ask_extension(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    assert case.limit_amount is not None and s.viewer.account_id is not None
    Extension.objects.create(
        case=case,
        sequence=case.extensions.count() + 1,
        amount=case.limit_amount,
        unit=case.limit_unit,
        reason=given.words("reason"),
        asked_by_id=s.viewer.account_id,
        asked_at=s.now,
    )
    out.note = given.words("reason")


def grant_extension(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    asked = s.asked_extension
    assert asked is not None
    if asked.first_approval_id is None:
        asked.first_approval_id = s.viewer.account_id
        out.facts["approval"] = 1
    else:
        asked.second_approval_id = s.viewer.account_id
        asked.state, asked.decided_at = Extension.State.GRANTED, s.now
        case.extended += 1
        out.facts["approval"] = 2
    asked.save()


def refuse_extension(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    asked = s.asked_extension
    assert asked is not None
    asked.state, asked.decided_at = Extension.State.REFUSED, s.now
    asked.save()
    out.note = given.words("reason")


def suspend(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    try:
        day = dt.date.fromisoformat(given.words("until"))
    except ValueError:
        raise Refused(_("请选一个日期，例如 2026-12-31。"), code="case.bad_day", field="until") from None
    until = dt.datetime.combine(day, dt.time(8), CIVIL)
    if until <= s.now:
        raise Refused(_("挂账要到今天以后的某一天。"), code="case.suspend_past", field="until")
    if until - s.now > SUSPEND_AT_MOST:
        raise Refused(_("挂账最长一年，请选近一点的日子。"), code="case.suspend_long", field="until")
    Suspension.objects.create(case=case, from_at=s.now, until_at=until, reason=given.words("words"))
    case.suspended_until = until
    out.words = given.words("words")


def resume(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    Suspension.objects.filter(case=case, ended_at=None).update(ended_at=s.now)
    case.suspended_until = None


def mark(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    """Legacy and major problems have a list of their own (LK-7)."""
    legacy, major = given.flags.get("legacy", case.legacy), given.flags.get("major", case.major)
    if (legacy, major) == (case.legacy, case.major):
        raise Refused(_("标记没有变化。"), code="case.mark_same", field="legacy")
    case.legacy, case.major = legacy, major
    out.note = given.words("reason")
    out.event.update(legacy=legacy, major=major, why=out.note)


def amend(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    if given.place is not None and given.place.pk != case.place_id:
        settle_place(case, given.place)
    if given.item is not None and given.item.pk != case.item_id:
        if case.filing_rule_id is not None:
            raise Refused(_("已经立案，不能再换事项。请先回退到待立案。"), code="case.item_fixed", field="item")
        case.item = given.item
        case.matter_class = given.item.matter_class.key
    if given.words("address"):
        case.address = given.words("address")[:200]
    propose_owner(case, s.now)


def publish(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    case.is_public = given.flags.get("is_public", case.is_public)
    if given.words("words"):
        case.public_words = given.words("words")


def tell(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    out.words = given.words("words")


def note(case: Case, given: Given, s: Situation, out: Outcome) -> None:
    out.note = given.words("note")


EFFECTS: dict[str, Effect] = {
    "request_check": request_check,
    "check": check,
    "accept": accept,
    "refuse": refuse,
    "register": register,
    "dispatch": dispatch,
    "receive": receive,
    "return": return_,
    "handle": handle,
    "send_back": send_back,
    "confirm": confirm,
    "finish_assist": finish_assist,
    "verify_pass": verify_pass,
    "verify_fail": verify_fail,
    "close": close,
    "rate": rate,
    "reopen": reopen,
    "withdraw": withdraw,
    "merge": merge,
    "ask_extension": ask_extension,
    "grant_extension": grant_extension,
    "refuse_extension": refuse_extension,
    "suspend": suspend,
    "resume": resume,
    "mark": mark,
    "amend": amend,
    "publish": publish,
    "tell": tell,
    "note": note,
}
