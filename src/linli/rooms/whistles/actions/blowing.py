"""The whistler's actions: blow, call one more, move the meeting, let another unit lead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.kernel.flow import require
from linli.kernel.identifiers import clean_text
from linli.kernel.journal import queries as stories
from linli.rooms.cases.actions.assists import let_see
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.judgement import target_of as case_target
from linli.rooms.cases.models import Case
from linli.rooms.people.models import Unit
from linli.rooms.people.rights import Viewer
from linli.rooms.whistles import rules
from linli.rooms.whistles.actions.telling import (
    Situation,
    case_tokens,
    confirm_limit,
    lock,
    move_whistle,
    set_moments,
    settle,
    start_clock,
    tell,
    words_of,
)
from linli.rooms.whistles.flow import WHISTLE
from linli.rooms.whistles.judgement import OVER, context
from linli.rooms.whistles.models import Call, Whistle
from linli.rooms.whistles.queries.suggesting import answering, suggestions

MOST_UNITS = 12


@dataclass(slots=True)
class Blow:
    """What a whistle is blown with. at: aware; units: ids of those called, the lead among them; words: what each is
    asked to do, by unit id."""

    mode: str
    at: dt.datetime
    why: str
    units: Sequence[int]
    lead: int
    place_words: str = ""
    lng: float | None = None
    lat: float | None = None
    urgent: bool = False
    words: Mapping[int, str] = field(default_factory=dict)


def may_blow(case: Case, viewer: Viewer) -> bool:
    """Whether this viewer may blow the whistle for this case, as far as the duty and the case's state go."""
    return case.parent_id is None and case.is_open and viewer.may("whistle.blow", case_target(case)).ok


def blow(case_id: int, given: Blow, *, viewer: Viewer, request_key: str | None = None) -> Whistle:
    """Call departments to a case. Raises NotFound, NotAllowed, Refused (with the field), Conflict.

    One whistle runs for a case at a time: who needs one department more calls it to the running one.
    """
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).select_related("item").filter(pk=case_id).first()
        if case is None or not viewer.may("case.view", case_target(case)).ok:
            raise NotFound(_("没有这个事件。"), code="case.not_found")
        if request_key and (told := stories.by_request_key(request_key)) is not None:
            return Whistle.objects.get(pk=told.object_id)
        target = case_target(case)
        viewer.require("whistle.blow", target.lineage, class_code=target.matter_class)
        assert viewer.account_id is not None  # who holds the duty is signed in
        now = clock.now()
        _check(case, given, now)
        units = _units(given.units, case.lineage, now)
        if given.lead not in units:
            raise Refused(_("请在叫到的单位里选一个牵头。"), "whistle.lead", "lead")
        post = viewer.may("whistle.blow", target).post
        whistle = Whistle(
            case=case,
            sequence=case.whistles.count() + 1,
            state="blown",
            mode=given.mode,
            at=given.at,
            place_words=clean_text(given.place_words, 200, "place_words", one_line=True),
            lng=given.lng if given.mode == "on_site" else None,
            lat=given.lat if given.mode == "on_site" else None,
            why=words_of(given.why, "why"),
            urgent=given.urgent,
            matter_class=case.matter_class,
            lineage=case.lineage,
            tokens=sorted({*case.tokens, *(-unit for unit in units)}),
            blown_by_id=viewer.account_id,
            blown_post_id=post.id if post else None,
            blown_post_name=post.name_zh if post else "",
            blown_at=now,
        )
        whistle.remind_at = _meeting_reminder(whistle, now)
        whistle.save()
        because = {one.unit_id: one.reasons for one in suggestions(case, now)}
        limit = confirm_limit(given.urgent)
        calls = []
        for unit_id, unit in units.items():
            call = Call(
                whistle=whistle,
                unit=unit,
                lead=unit_id == given.lead,
                state="called",
                reasons=because.get(unit_id, []),
                words=clean_text(given.words.get(unit_id, ""), 300, "words", one_line=True),
            )
            start_clock(call, limit, now)
            set_moments(whistle, call, now)
            call.save()
            calls.append(call)
        let_see(case.pk, list(units))
        s = Situation(whistle, calls, viewer, now)
        tell(
            s,
            "whistle.blow",
            kind="whistle.blown",
            who="whistle.blow",
            after={
                "mode": whistle.mode,
                "at": whistle.at.isoformat(),
                "units": [call.unit.name_zh for call in calls],
                "lead": units[given.lead].name_zh,
                "limit": str(limit),
            },
            note=whistle.why,
            called=calls,
            event={
                "mode": whistle.mode,
                "at": whistle.at.isoformat(),
                "due_at": max(call.due_at for call in calls).isoformat(),
                "place": whistle.place_words,
                "why": whistle.why[:200],
                "urgent": whistle.urgent,
            },
            request_key=request_key,
        )
    return whistle


def _check(case: Case, given: Blow, now: dt.datetime) -> None:
    if case.parent_id is not None:
        raise Refused(_("这是协办事件，请在主办事件上吹哨。"), "whistle.assist_case")
    if FLOW.state(case.state).kind == "ended":
        raise Refused(_("这个事件已经办结，不用再吹哨。"), "whistle.case_ended")
    running = case.whistles.filter(state__in=("blown", "working")).first()
    if running is not None:
        raise Conflict(
            _("这个事件已经有一次吹哨在进行。"),
            code="whistle.runs",
            what_next=_("需要更多单位，请在那次吹哨里再叫。"),
        )
    if given.mode not in Whistle.Mode.values:
        raise Refused(_("请选现场会商或远程答复。"), "whistle.mode", "mode")
    rules.check_times(given.mode, given.at, now)
    if not given.why.strip():
        raise Refused(_("请写为什么吹哨，各单位才知道带什么人来。"), "whistle.why", "why")
    if given.mode == "on_site" and not given.place_words.strip() and given.lng is None:
        raise Refused(_("请写在哪里集合。"), "whistle.place", "place_words")


def _units(unit_ids: Sequence[int], lineage: Sequence[int], now: dt.datetime) -> dict[int, Unit]:
    """The units to call, each existing and with somebody who can report."""
    wanted = list(dict.fromkeys(unit_ids))
    if not wanted:
        raise Refused(_("请至少选一个单位。"), "whistle.no_units", "units")
    if len(wanted) > MOST_UNITS:
        raise Refused(_("一次最多叫 %(n)d 个单位。") % {"n": MOST_UNITS}, "whistle.many_units", "units")
    found = {unit.pk: unit for unit in Unit.objects.filter(pk__in=wanted, valid_to=None)}
    missing = [unit_id for unit_id in wanted if unit_id not in found]
    if missing:
        raise Refused(_("有单位已经撤销或不存在，请重新选。"), "whistle.unit_gone", "units")
    able = answering(wanted, lineage, now)
    for unit_id in wanted:
        if unit_id not in able:
            raise Refused(
                _("%(unit)s没有在任的联络员，没有人能报到。") % {"unit": found[unit_id].name},
                "whistle.nobody_answers",
                "units",
                what_next=_("请先联系管理员任命联络员，或叫它的上级单位。"),
            )
    return {unit_id: found[unit_id] for unit_id in wanted}


def _meeting_reminder(whistle: Whistle, now: dt.datetime) -> dt.datetime | None:
    if not whistle.on_site:
        return None
    remind = whistle.at - rules.MEETING_REMINDER
    return remind if remind > now else None


def call_more(
    whistle_id: int, unit_id: int, words: str = "", *, viewer: Viewer, request_key: str | None = None
) -> Call:
    """Call one department more to a running whistle."""
    with transaction.atomic():
        s = lock(whistle_id, viewer)
        if request_key and (told := stories.by_request_key(request_key)) is not None:
            return Call.objects.get(pk=(told.after or {})["call"])
        step = move_whistle(s, "call", {"unit": unit_id})
        standing = next((one for one in s.calls if one.unit_id == unit_id and one.state not in OVER), None)
        if standing is not None:
            raise Refused(_("%(unit)s已经叫过了。") % {"unit": standing.unit.name}, "whistle.called_already", "unit")
        call = add_call(s, unit_id, words=words)
        tell(
            s,
            "whistle.call",
            call=call,
            who=step.who,
            note=call.words,
            called=[call],
            request_key=request_key,
        )
        settle(s)
    return call


def add_call(
    s: Situation,
    unit_id: int,
    *,
    words: str = "",
    reasons: Sequence[str] = (),
    lead: bool = False,
    of: Call | None = None,
) -> Call:
    """A new call within a locked whistle, its clock started; the caller tells and settles."""
    unit = _units([unit_id], s.whistle.lineage, s.now)[unit_id]
    call = Call(
        whistle=s.whistle,
        unit=unit,
        lead=lead,
        state="called",
        reasons=[str(reason) for reason in reasons],
        words=clean_text(words, 300, "words", one_line=True),
        instead_of=of,
    )
    start_clock(call, confirm_limit(s.whistle.urgent), s.now)
    set_moments(s.whistle, call, s.now)
    call.save()
    s.calls = [*s.calls, call]
    case_tokens(s.whistle, [unit_id])
    let_see(s.whistle.case_id, [unit_id])
    return call


def move_meeting(
    whistle_id: int,
    at: dt.datetime,
    words: str,
    *,
    viewer: Viewer,
    place_words: str | None = None,
    point: tuple[float, float] | None = None,
    version: int | None = None,
    request_key: str | None = None,
) -> Whistle:
    """Another time (and place) for the meeting or the answer; every unit hears of it."""
    with transaction.atomic():
        s = lock(whistle_id, viewer)
        whistle = s.whistle
        if request_key and stories.by_request_key(request_key) is not None:
            return whistle
        if version is not None and version != whistle.version:
            raise Conflict(
                _("您填写的时候，这次吹哨已经变了。"),
                code="whistle.changed",
                what_next=_("请看看有什么变化，再交一次。"),
            )
        step = move_whistle(s, "move", {"at": at, "words": words})
        rules.check_times(whistle.mode, at, s.now)
        before = {"at": whistle.at.isoformat(), "place": whistle.place_words}
        whistle.at = at
        if place_words is not None:
            whistle.place_words = clean_text(place_words, 200, "place_words", one_line=True)
        if point is not None and whistle.on_site:
            whistle.lng, whistle.lat = point
        whistle.remind_at = _meeting_reminder(whistle, s.now)
        for call in s.calls:
            if call.state == "confirmed":
                set_moments(whistle, call, s.now)
                call.save()
        tell(
            s,
            "whistle.move",
            kind=step.event,
            who=step.who,
            before=before,
            after={"at": at.isoformat(), "place": whistle.place_words},
            note=words_of(words),
            units=tuple(call.unit_id for call in s.calls if call.is_open),
            event={"at": at.isoformat(), "place": whistle.place_words},
            request_key=request_key,
        )
        settle(s)
    return whistle


def make_lead(whistle_id: int, call_id: int, *, viewer: Viewer, request_key: str | None = None) -> Call:
    """Another of the called departments leads, as long as the leading one has promised nothing."""
    with transaction.atomic():
        s = lock(whistle_id, viewer, call_id=call_id)
        call = s.call
        assert call is not None
        if request_key and stories.by_request_key(request_key) is not None:
            return call
        require(WHISTLE, s.whistle.state, "call", context(s), {"unit": call.unit_id})
        was = next((one for one in s.calls if one.lead and one.state not in OVER), None)
        if was is not None and was.state in ("promised", "done"):
            raise Refused(_("牵头单位已经承诺，不能再换。"), "whistle.lead_promised")
        if call.state not in ("called", "confirmed", "present"):
            raise Refused(_("这个单位现在不能牵头。"), "whistle.cannot_lead")
        if was is not None and was.pk != call.pk:
            was.lead = False
            was.save(update_fields=["lead"])
        call.lead = True
        call.save(update_fields=["lead"])
        tell(
            s,
            "whistle.lead",
            kind="whistle.lead_changed",
            call=call,
            who="whistler",
            units=(call.unit_id,),
            request_key=request_key,
        )
        settle(s)
    return call
