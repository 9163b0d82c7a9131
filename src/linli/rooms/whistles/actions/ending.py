"""How a whistle ends: a unit is not needed, the whistler ends or cancels it; what that means for each call."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import Refused
from linli.kernel.identifiers import clean_text
from linli.kernel.journal import queries as stories
from linli.rooms.people.rights import Viewer
from linli.rooms.whistles.actions.telling import (
    WORDS,
    Situation,
    lock,
    move_call,
    move_whistle,
    set_moments,
    settle,
    tell,
    words_of,
)
from linli.rooms.whistles.judgement import OVER
from linli.rooms.whistles.models import Call, Whistle


def withdraw(whistle_id: int, call_id: int, words: str, *, viewer: Viewer, request_key: str | None = None) -> Call:
    """A department is not needed after all."""
    with transaction.atomic():
        s = lock(whistle_id, viewer, call_id=call_id)
        call = s.call
        assert call is not None
        if request_key and stories.by_request_key(request_key) is not None:
            return call
        if call.lead and sum(1 for one in s.calls if one.state not in OVER) > 1:
            raise Refused(_("牵头单位不能撤回，请先换牵头单位。"), "whistle.lead_stays")
        step = move_call(s, "withdraw", {"words": words})
        let_go(s, call, words)
        tell(
            s,
            "whistle.withdraw",
            kind=step.event,
            call=call,
            who=step.who,
            note=words_of(words),
            units=(call.unit_id,),
            request_key=request_key,
        )
        settle(s)
    return call


def let_go(s: Situation, call: Call, words: str) -> None:
    """Save a call that has just ended."""
    call.outcome = clean_text(words, WORDS, "words")
    set_moments(s.whistle, call, s.now)
    call.save()


def end(whistle_id: int, words: str, *, viewer: Viewer, request_key: str | None = None) -> Whistle:
    """The whistle is over: who has not come is noted as absent, who came and promised nothing is done."""
    return _over(whistle_id, "end", words, viewer=viewer, request_key=request_key)


def cancel(whistle_id: int, words: str, *, viewer: Viewer, request_key: str | None = None) -> Whistle:
    """Take the whistle back before anybody came."""
    return _over(whistle_id, "cancel", words, viewer=viewer, request_key=request_key)


def _over(whistle_id: int, step_code: str, words: str, *, viewer: Viewer, request_key: str | None = None) -> Whistle:
    with transaction.atomic():
        s = lock(whistle_id, viewer)
        if request_key and stories.by_request_key(request_key) is not None:
            return s.whistle
        step = move_whistle(s, step_code, {"words": words})
        close_calls(s, step_code, words)
        s.whistle.outcome = words_of(words)
        tell(
            s,
            f"whistle.{step_code}",
            kind=step.event,
            who=step.who,
            note=s.whistle.outcome,
            units=tuple(call.unit_id for call in s.calls),
            event={"outcome": s.whistle.outcome[:200], "words": s.whistle.outcome[:200]},
            request_key=request_key,
        )
        settle(s)
    return s.whistle


def close_calls(s: Situation, step_code: str, words: str) -> None:
    """End every call that still runs: absent when the whistle ended without it, withdrawn when it was cancelled."""
    for call in s.calls:
        if not call.is_open or call.state == "promised":
            continue
        inner = Situation(s.whistle, s.calls, s.viewer, s.now, call=call, system=True)
        if step_code == "cancel":
            move_call(inner, "withdraw", {"words": words})
        elif call.state == "present":
            move_call(inner, "release", {"words": words})
            call.done_at = s.now
        else:
            move_call(inner, "miss", {})
            call.late_come_at = call.late_come_at or s.now
        let_go(s, call, words)
