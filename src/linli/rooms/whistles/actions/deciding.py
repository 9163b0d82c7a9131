"""The dispatcher's decision on "not ours", kept as a precedent; and the whistler's scores."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import Refused
from linli.kernel.journal import queries as stories
from linli.rooms.people.rights import Viewer
from linli.rooms.whistles import rules
from linli.rooms.whistles.actions.blowing import add_call
from linli.rooms.whistles.actions.telling import (
    confirm_limit,
    lock,
    move_call,
    set_moments,
    settle,
    start_clock,
    tell,
    words_of,
)
from linli.rooms.whistles.judgement import OVER
from linli.rooms.whistles.models import Call, Precedent, Score


def decide(
    whistle_id: int,
    call_id: int,
    outcome: str,
    words: str,
    *,
    viewer: Viewer,
    unit_id: int | None = None,
    place_id: int | None = None,
    request_key: str | None = None,
) -> Precedent:
    """Decide a refusal. outcome: "stands" (another unit is called instead) or "must_come".

    unit_id: the unit called instead, that which the refusal named unless said otherwise. place_id: how far the
    precedent reaches, a place of the case's lineage; the district unless said otherwise.
    """
    with transaction.atomic():
        s = lock(whistle_id, viewer, call_id=call_id)
        call, case = s.call, s.whistle.case
        assert call is not None
        if request_key and stories.by_request_key(request_key) is not None:
            return call.precedents.latest("pk")
        if outcome not in Precedent.Outcome.values:
            raise Refused(_("请选怎么裁定。"), "whistle.outcome", "outcome")
        unit_id = unit_id or call.whose_id
        step = move_call(s, outcome, {"words": words, "unit": unit_id})
        assert viewer.account_id is not None
        reach = place_id if place_id in case.lineage else case.lineage[0]
        said = words_of(words)
        instead: Call | None = None
        if outcome == "stands":
            instead = _call_instead(s, call, unit_id)
            call.outcome = said
        else:
            call.decided = True
            start_clock(call, confirm_limit(s.whistle.urgent), s.now)
        set_moments(s.whistle, call, s.now)
        call.save()
        post = s.post_for(step.who)
        item = case.item
        precedent = Precedent.objects.create(
            call=call,
            case=case,
            item_key=item.key if item is not None else "",
            matter_class=case.matter_class,
            place_id=reach,
            outcome=outcome,
            refuser=call.unit,
            unit_id=instead.unit_id if instead is not None else call.unit_id,
            refusal=call.refusal,
            words=said,
            by_id=viewer.account_id,
            by_post_name=post.name_zh if post else "",
            at=s.now,
        )
        tell(
            s,
            "whistle.decide",
            kind=step.event,
            call=call,
            who=step.who,
            after={"outcome": outcome, "precedent": precedent.pk, "instead": instead.unit.name_zh if instead else None},
            note=said,
            event={
                "outcome": outcome,
                "words": said[:200],
                "instead": instead.unit.name_zh if instead else "",
                "due_at": (instead or call).due_at.isoformat(),
            },
            units=(call.unit_id,),
            called=[instead] if instead is not None and instead.instead_of_id == call.pk else [],
            whistler=True,
            request_key=request_key,
        )
        settle(s)
    return precedent


def _call_instead(s, call: Call, unit_id: int | None) -> Call:  # type: ignore[no-untyped-def]
    """Call the unit whose it is; one that is called already takes the place, and the lead with it."""
    if unit_id is None or unit_id == call.unit_id:
        raise Refused(_("请选改叫哪个单位。"), "whistle.instead", "unit")
    lead, call.lead = call.lead, False
    call.save()  # frees the lead's place before another takes it
    standing = next((one for one in s.calls if one.unit_id == unit_id and one.state not in OVER), None)
    if standing is None:
        return add_call(s, unit_id, words=call.words, reasons=[str(_("裁定由它来"))], lead=lead, of=call)
    if lead and standing.is_open and standing.state != "promised":
        standing.lead = True
        standing.save(update_fields=["lead"])
    return standing


def score(
    whistle_id: int,
    call_id: int,
    *,
    came: bool,
    in_time: bool,
    solved: str,
    words: str = "",
    viewer: Viewer,
    request_key: str | None = None,
) -> Score:
    """The whistler's word on one department: 到场, 及时, 解决; once, and it stays. Feeds the scorecards."""
    with transaction.atomic():
        s = lock(whistle_id, viewer, call_id=call_id)
        call = s.call
        assert call is not None
        if request_key and stories.by_request_key(request_key) is not None:
            return call.score
        given = {
            "came": "yes" if came else "no",
            "in_time": "yes" if in_time else "no",
            "solved": solved,
            "words": words,
        }
        step = move_call(s, "score", given)
        if call.state == "absent" and came:
            raise Refused(_("这个单位没有到场记录，到场只能评“否”。"), "whistle.score_absent", "came")
        assert viewer.account_id is not None
        made = Score.objects.create(
            call=call,
            unit_id=call.unit_id,
            case_id=s.whistle.case_id,
            place_id=s.whistle.case.place_id,
            came=came,
            in_time=in_time,
            solved=solved,
            words=words_of(words),
            by_id=viewer.account_id,
            at=s.now,
        )
        call.score = made
        values = {
            "came": came,
            "in_time": in_time,
            "solved": solved,
            "points": rules.points(came, in_time, solved),
        }
        tell(
            s,
            "whistle.score",
            kind=step.event,
            call=call,
            who=step.who,
            after=values,
            note=made.words,
            event=values,
            units=(call.unit_id,),
            request_key=request_key,
        )
        settle(s)
    return made
