"""What people do on the ladder: pass a case up with what was tried, assign it down, say that they have it.

What the clock does is in `sweeping`, what follows from the life of a case in `following`, how ladders are made in
`editing` and `starting`; the names that others use stand here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from linli.kernel import clock, journal
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.kernel.identifiers import clean_text
from linli.kernel.journal.actions import once
from linli.kernel.outbox import Event
from linli.rooms.cases.actions import steps
from linli.rooms.cases.actions.duty import RUNNING
from linli.rooms.cases.judgement import target_of
from linli.rooms.cases.models import Case
from linli.rooms.ladder import rules
from linli.rooms.ladder.bearers import Bearer, Spot, bearer_of, units_in_being
from linli.rooms.ladder.judging import bearing_post, jumping_post, rank
from linli.rooms.ladder.models import Stay, Tier
from linli.rooms.ladder.moving import Move, address, hears, move_all
from linli.rooms.ladder.starting import activate_ladder, call_off_ladder, retire_ladder
from linli.rooms.ladder.sweeping import remind, sweep, warn
from linli.rooms.ladder.ways import InForce, Way, find_ways, in_force
from linli.rooms.people.models import Post
from linli.rooms.people.rights import HeldPost, Viewer

__all__ = [
    "activate_ladder",
    "assign_down",
    "call_off_ladder",
    "climb",
    "receive",
    "remind",
    "retire_ladder",
    "sweep",
    "warn",
]

WORDS_LIMIT = 2000


def climb(
    case_id: int,
    viewer: Viewer,
    tried: str,
    why: str,
    to_level: int | None = None,
    version: int | None = None,
    request_key: str | None = None,
) -> Stay:
    """Pass a case up, with what was tried and why it failed; returns the stay on the new tier.

    By who bears the duty now, who may jump from this tier, or who may assign. Without `to_level`, or with the next
    tier's, it goes to the next tier that somebody bears; further up only for those whom the tier lets jump.
    version: of the case as the person saw it. Raises NotFound, NotAllowed, Refused (fields tried, why, to_level),
    Conflict.
    """

    def fresh() -> Stay:
        case, stay, ladder = _standing(case_id, version, {"tried": tried, "why": why, "to_level": to_level})
        tier = ladder.tier(stay.tier_code)
        jumping = jumping_post(viewer, case, tier)
        post = bearing_post(viewer, case, stay) or jumping or _assigning(viewer, case)
        if post is None:
            raise NotAllowed(_("这一件不由您的岗位承担，也不归您下派，不能上交。"), code="ladder.not_bearer")
        did, reason = clean_text(tried, WORDS_LIMIT), clean_text(why, WORDS_LIMIT)
        if not did.strip() and (tier is None or tier.tried_required):
            raise Refused(_("请写明做过什么。"), code="ladder.tried_missing", field="tried")
        if not reason.strip() and (tier is None or tier.why_required):
            raise Refused(_("请写明为什么没有办成。"), code="ladder.why_missing", field="why")
        higher = rules.above(ladder.tiers, stay.tier_code, stay.level)
        if not higher:
            raise Refused(_("已经在最上一层，上面没有了。"), code="ladder.top", field="to_level")
        if to_level is not None and to_level not in {t.level for t in higher}:
            raise Refused(_("上面没有这一层，请重新选择。"), code="ladder.no_such_level", field="to_level")
        wanted = [t for t in higher if to_level is None or t.level >= to_level]
        if to_level is not None and to_level != higher[0].level and jumping is None:
            raise Refused(
                _("您不能越级，请先交到“%(tier)s”。") % {"tier": higher[0].name},
                code="ladder.no_jump",
                field="to_level",
            )
        now = clock.now()
        (found,) = find_ways([Way(Spot.of(case), wanted, not_unit=stay.unit_id)], now)
        if found.move is None:
            raise Refused(
                _("上面各层现在都没有人承担，这一件留在原处。"),
                code="ladder.nobody_above",
                what_next=_("请联系系统管理员补上岗位或单位。"),
            )
        above, bearer = found.move
        move = Move(
            case,
            stay,
            above,
            bearer,
            Stay.How.CLIMBED,
            "duty.climbed",
            now,
            outcome=Stay.Outcome.CLIMBED,
            actor=viewer.acting(post),
            account_id=viewer.account_id,
            tried=did,
            why=reason,
            skipped=found.skipped,
            request_key=request_key,
        )
        return move_all([move])[0]

    return _once(request_key, fresh, case_id)


def assign_down(
    case_id: int,
    viewer: Viewer,
    to_level: int,
    words: str,
    unit_id: int | None = None,
    post_id: int | None = None,
    limit: TimeLimit | None = None,
    request_key: str | None = None,
    version: int | None = None,
) -> Stay:
    """Assign a case to a lower tier, or on the same tier to somebody else; returns the new stay.

    By who may assign from the tier the case is on, or from above it. words: what is to be done. unit_id or post_id:
    to whom, else the bearer of that tier; limit: another one than the tier's. Raises like `climb`.
    """

    def fresh() -> Stay:
        given: dict[str, Any] = {"words": words, "to_level": to_level, "unit_id": unit_id, "post_id": post_id}
        case, stay, ladder = _standing(case_id, version, given)
        level, post = rank(viewer, case, ladder)
        here = rules.level_in_force(ladder.tiers, stay.tier_code, stay.level)
        if post is None:
            raise NotAllowed(_("您的岗位没有交办这一件的职责。"), code="ladder.may_not_assign")
        if level < here:
            raise NotAllowed(_("这一件已经在您上面一层，不能由您交办。"), code="ladder.above_you")
        said = clean_text(words, WORDS_LIMIT)
        if not said.strip():
            raise Refused(_("请写明交办的要求。"), code="ladder.words_missing", field="words")
        tier = next((t for t in ladder.tiers if t.level == to_level), None)
        if tier is None or to_level > here:
            raise Refused(_("只能交办给这一层或下面的层级。"), code="ladder.not_below", field="to_level")
        bearer = _bearer_given(case, tier, unit_id, post_id)
        if (bearer.unit_id, bearer.post_id) == (stay.unit_id, stay.post_id):
            raise Refused(
                _("这一件已经由它承担，请选择别的单位或岗位。"),
                code="ladder.same_bearer",
                field="post_id" if bearer.post_id else "unit_id",
            )
        move = Move(
            case,
            stay,
            tier,
            bearer,
            Stay.How.ASSIGNED,
            "duty.assigned",
            clock.now(),
            outcome=Stay.Outcome.ASSIGNED,
            actor=viewer.acting(post),
            account_id=viewer.account_id,
            words=said,
            limit=limit,
            request_key=request_key,
        )
        return move_all([move])[0]

    return _once(request_key, fresh, case_id)


def receive(case_id: int, viewer: Viewer, request_key: str | None = None) -> Stay:
    """Say that the duty has come in (the receipt). A unit's receipt is its step 接收 too, where that is still open.

    Said twice it is said once. Raises NotFound, NotAllowed, Refused.
    """

    def fresh() -> Stay:
        case, stay, _ladder = _standing(case_id, None, {}, running=False)
        post = bearing_post(viewer, case, stay)
        if post is None:
            raise NotAllowed(_("这一件不由您的岗位承担，不用您接收。"), code="ladder.not_bearer")
        if stay.received_at is not None:
            return stay
        stay.received_at, stay.received_by_id = clock.now(), viewer.account_id
        stay.save(update_fields=["received_at", "received_by"])
        late = stay.receive_due_at is not None and stay.received_at > stay.receive_due_at
        facts = {"case_id": case.pk, "number": case.number, "tier": stay.tier_code, "level": stay.level, "late": late}
        journal.record(
            action="duty.received",
            actor=viewer.acting(post),
            object_type="stay",
            object_id=stay.pk,
            after=facts,
            place_ids=case.lineage,
            request_key=request_key,
            events=[
                Event(
                    "duty.received",
                    "case",
                    case.pk,
                    {**facts, **_who_moved(stay), "path": address(case)},
                )
            ],
        )
        if stay.unit_id is not None and case.state == "dispatched" and viewer.may("case.receive", target_of(case)).ok:
            steps.take(case.pk, "receive", {}, viewer=viewer)
        return stay

    return _once(request_key, fresh, case_id)


# ── Parts ──────────────────────────────────────────────────────────────────────────────────────────


def _once(request_key: str | None, fresh: Callable[[], Stay], case_id: int) -> Stay:
    """Do it in one transaction, once for a key; asked again it is the stay as it is now."""

    def again(_entry: int, _object: str) -> Stay:
        found = Stay.objects.filter(case_id=case_id).order_by("-sequence").first()
        if found is None:
            raise NotFound(_("没有这个事件。"), code="case.not_found")
        return found

    return once(request_key, fresh, again)


def _standing(
    case_id: int, version: int | None, typed: dict[str, Any], *, running: bool = True
) -> tuple[Case, Stay, InForce]:
    """The case and its open stay, locked in this order, and the ladder in force. Raises what stands against a move."""
    case = Case.objects.select_for_update(of=("self",)).select_related("item").filter(pk=case_id).first()
    if case is None:
        raise NotFound(_("没有这个事件。"), code="case.not_found")
    if version is not None and version != case.version:
        raise Conflict(
            _("您填写的时候，这个事件已经变了。"),
            code="case.changed",
            what_next=_("请看看有什么变化。您填写的内容都在，可以改好再交。"),
            changes=steps.changes_since(case, version),
            typed=typed,
        )
    stay = Stay.objects.select_for_update(of=("self",)).filter(case=case, left_at=None).first()
    if stay is None or not case.is_open:
        raise Refused(_("这一件现在不在任何层级上。"), code="ladder.not_standing")
    if running and case.state not in RUNNING:
        raise Refused(
            _("现在是“%(state)s”，不能上交或交办。") % {"state": case.get_state_display()},
            code="ladder.not_running",
        )
    ladder = in_force([case.lineage[0]]).get(case.lineage[0])
    if ladder is None:
        if running:
            raise Refused(_("本区现在没有生效的层级规则。"), code="ladder.none_in_force")
        ladder = InForce(stay.ladder, ())
    return case, stay, ladder


def _assigning(viewer: Viewer, case: Case) -> HeldPost | None:
    return viewer.may("duty.assign", target_of(case)).post


def _bearer_given(case: Case, tier: Tier, unit_id: int | None, post_id: int | None) -> Bearer:
    """To whom a case is assigned: whom the person named, else the bearer of the tier. Raises Refused."""
    now = clock.now()
    day = now.astimezone(CIVIL).date()
    if unit_id is not None and post_id is not None:
        raise Refused(_("请只选一个单位或一个岗位。"), code="ladder.two_bearers", field="unit_id")
    if unit_id is not None:
        if unit_id not in units_in_being([unit_id], day):
            raise Refused(_("没有这个单位，或已经停用。"), code="ladder.unit_unknown", field="unit_id")
        return Bearer(unit_id=unit_id)
    if post_id is not None:
        post = Post.objects.select_related("kind").filter(pk=post_id, valid_from__lte=day).exclude(valid_to__lte=day)
        found = post.first()
        if found is None:
            raise Refused(_("没有这个岗位，或已经卸任。"), code="ladder.post_unknown", field="post_id")
        if "duty.bear" not in found.kind.duties:
            raise Refused(_("这种岗位不承担层级责任。"), code="ladder.post_bears_nothing", field="post_id")
        if found.place_id is not None and found.place_id not in case.lineage:
            raise Refused(_("这个岗位不管这个地方。"), code="ladder.post_elsewhere", field="post_id")
        return Bearer(post_id=found.pk)
    bearer = bearer_of(Spot.of(case), tier, now)
    if bearer is None:
        raise Refused(
            _("“%(tier)s”在这里没有人承担，请指定单位或岗位。") % {"tier": tier.name},
            code="ladder.vacant",
            field="unit_id",
        )
    return bearer


def _who_moved(stay: Stay) -> dict[str, list[int]]:
    """Whoever gave the duty hears that it has come in."""
    return {"accounts": [stay.moved_by_id]} if stay.moved_by_id is not None else hears()
