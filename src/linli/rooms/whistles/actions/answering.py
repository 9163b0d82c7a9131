"""What a called department does: confirm, check in, promise, or say that it is none of its business.

And what the whistler does beside it: note who came without a phone, and let somebody go after the talk.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import Refused
from linli.kernel.identifiers import clean_text
from linli.kernel.journal import queries as stories
from linli.rooms.people.models import Unit
from linli.rooms.people.rights import Viewer
from linli.rooms.whistles import rules
from linli.rooms.whistles.actions.joint import take_on
from linli.rooms.whistles.actions.telling import (
    Situation,
    lock,
    move_call,
    set_moments,
    settle,
    tell,
    words_of,
)
from linli.rooms.whistles.codes import whistle_of
from linli.rooms.whistles.judgement import OVER
from linli.rooms.whistles.models import Call


def _open(whistle_id: int, call_id: int, viewer: Viewer, request_key: str | None) -> tuple[Situation, Call, bool]:
    """The locked situation, the call, and whether this very request was carried out before."""
    s = lock(whistle_id, viewer, call_id=call_id)
    assert s.call is not None
    return s, s.call, bool(request_key and stories.by_request_key(request_key) is not None)


def confirm(whistle_id: int, call_id: int, *, viewer: Viewer, request_key: str | None = None) -> Call:
    """The department will come (or answer)."""
    with transaction.atomic():
        s, call, repeated = _open(whistle_id, call_id, viewer, request_key)
        if repeated:
            return call
        step = move_call(s, "confirm", {})
        call.confirmed_at = s.now
        set_moments(s.whistle, call, s.now)
        call.save()
        tell(
            s,
            "whistle.confirm",
            kind=step.event,
            call=call,
            who=step.who,
            after={"late": s.now > call.due_at},
            whistler=True,
            request_key=request_key,
        )
        settle(s)
    return call


def check_in_by_code(code: str, call_id: int, *, viewer: Viewer, request_key: str | None = None) -> Call:
    """Check in by the QR code on the whistler's screen. Raises Refused when it is stale."""
    from linli.kernel import clock

    return _arrive(whistle_of(code, clock.now()), call_id, viewer, request_key, how="qr")


def check_in_by_place(
    whistle_id: int,
    call_id: int,
    lng: float,
    lat: float,
    accuracy_m: float | None,
    *,
    viewer: Viewer,
    request_key: str | None = None,
) -> Call:
    """Check in by where the phone is: within `rules.WITHIN_M` of the meeting point, its accuracy considered."""
    return _arrive(whistle_id, call_id, viewer, request_key, how="place", position=(lng, lat, accuracy_m))


def _arrive(
    whistle_id: int,
    call_id: int,
    viewer: Viewer,
    request_key: str | None,
    *,
    how: str,
    position: tuple[float, float, float | None] | None = None,
) -> Call:
    with transaction.atomic():
        s, call, repeated = _open(whistle_id, call_id, viewer, request_key)
        if repeated or (call.arrived_at is not None and call.state == "present"):
            return call  # a second scan, by this person or a colleague: the unit is there
        step = move_call(s, "arrive", {})
        nearness = None
        if position is not None:
            whistle = s.whistle
            point = (whistle.lng, whistle.lat) if whistle.lng is not None and whistle.lat is not None else None
            nearness = rules.judge_position(point, *position)
        _came(s, call, how)
        if nearness is not None:
            call.distance_m, call.accuracy_m = nearness.distance_m, nearness.accuracy_m
        call.arrived_by_id = viewer.account_id
        call.save()
        tell(
            s,
            "whistle.arrive",
            kind=step.event,
            call=call,
            who=step.who,
            after={
                "how": how,
                "late": call.came_late,
                **({"distance_m": nearness.distance_m, "accuracy_m": nearness.accuracy_m} if nearness else {}),
            },
            event={"how": how, "late": call.came_late},
            whistler=True,
            request_key=request_key,
        )
        settle(s)
    return call


def _came(s: Situation, call: Call, how: str) -> None:
    call.confirmed_at = call.confirmed_at or s.now
    call.arrived_at, call.arrived_how = s.now, how
    call.came_late = rules.came_late(s.now, s.whistle.meet_at)
    set_moments(s.whistle, call, s.now)


def vouch(whistle_id: int, call_id: int, words: str, *, viewer: Viewer, request_key: str | None = None) -> Call:
    """The whistler notes that a department is there, and who came."""
    with transaction.atomic():
        s, call, repeated = _open(whistle_id, call_id, viewer, request_key)
        if repeated:
            return call
        step = move_call(s, "vouch", {"words": words})
        _came(s, call, "vouched")
        call.arrived_by_id = viewer.account_id
        call.arrived_words = clean_text(words, 200, "words", one_line=True)
        call.save()
        tell(
            s,
            "whistle.vouch",
            kind=step.event,
            call=call,
            who=step.who,
            after={"how": "vouched", "late": call.came_late},
            note=call.arrived_words,
            event={"how": "vouched", "late": call.came_late},
            units=(call.unit_id,),
            request_key=request_key,
        )
        settle(s)
    return call


def promise(
    whistle_id: int,
    call_id: int,
    task: str,
    due: dt.datetime,
    *,
    viewer: Viewer,
    request_key: str | None = None,
) -> Call:
    """Say what the department does and by when. The leading one takes the case on, the others get a sub-task each."""
    with transaction.atomic():
        s, call, repeated = _open(whistle_id, call_id, viewer, request_key)
        if repeated:
            return call
        step = move_call(s, "promise", {"task": task, "due": due})
        case = s.whistle.case
        rules.check_promise(due, s.now)
        beyond = bool(case.is_open and case.due_at and case.due_at < due)
        call.task, call.promise_due_at = words_of(task, "task", 500), due
        call.promised_at, call.promised_by_id = s.now, viewer.account_id
        call.confirmed_at = call.confirmed_at or s.now
        take_on(s, call)
        set_moments(s.whistle, call, s.now)
        call.save()
        tell(
            s,
            "whistle.promise",
            kind=step.event,
            call=call,
            who=step.who,
            after={"due_at": due.isoformat(), "sub": call.sub_id, "beyond": beyond},
            note=call.task,
            event={"task": call.task[:200], "words": call.task[:200], "due_at": due.isoformat(), "lead": call.lead},
            whistler=True,
            request_key=request_key,
        )
        settle(s)
    return call


def refuse(
    whistle_id: int,
    call_id: int,
    words: str,
    whose_unit_id: int | None,
    *,
    viewer: Viewer,
    request_key: str | None = None,
) -> Call:
    """ "Not ours": says why and whose it is; the district's dispatcher decides."""
    with transaction.atomic():
        s, call, repeated = _open(whistle_id, call_id, viewer, request_key)
        if repeated:
            return call
        step = move_call(s, "refuse", {"words": words, "unit": whose_unit_id})
        whose = Unit.objects.filter(pk=whose_unit_id or 0, valid_to=None).first()
        if whose is None:
            raise Refused(_("请选应当办理的单位。"), "whistle.whose", "unit")
        if whose.pk == call.unit_id:
            raise Refused(_("选的就是本单位。请选应当办理的另一个单位。"), "whistle.whose_self", "unit")
        call.refusal, call.refused_at = words_of(words), s.now
        call.refused_by_id, call.whose = viewer.account_id, whose
        set_moments(s.whistle, call, s.now)
        call.save()
        tell(
            s,
            "whistle.refuse",
            kind=step.event,
            call=call,
            who=step.who,
            after={"whose": whose.name_zh},
            note=call.refusal,
            event={"words": call.refusal[:200], "whose": whose.name_zh, "whose_id": whose.pk},
            whistler=True,
            deciders=True,
            request_key=request_key,
        )
        settle(s)
    return call


def release(whistle_id: int, call_id: int, words: str, *, viewer: Viewer, request_key: str | None = None) -> Call:
    """The whistler: the talk was enough, this department has nothing more to do."""
    with transaction.atomic():
        s, call, repeated = _open(whistle_id, call_id, viewer, request_key)
        if repeated:
            return call
        others = [one for one in s.calls if one.state not in OVER and one.pk != call.pk]
        if call.lead and any(one.is_open for one in others):
            raise Refused(_("牵头单位要说做什么。"), "whistle.lead_stays", what_next=_("或者先让另一个单位牵头。"))
        step = move_call(s, "release", {"words": words})
        call.outcome, call.done_at = words_of(words), s.now
        set_moments(s.whistle, call, s.now)
        call.save()
        tell(
            s,
            "whistle.release",
            kind=step.event,
            call=call,
            who=step.who,
            note=call.outcome,
            units=(call.unit_id,),
            request_key=request_key,
        )
        settle(s)
    return call
