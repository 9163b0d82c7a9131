"""The sign-in policy and the kinds of post: what the security administrator sets for everybody."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import journal
from linli.kernel.authority import Authority
from linli.kernel.errors import NotFound, Refused
from linli.kernel.outbox import Event
from linli.rooms.people.actions.parts import action, filled, rewritten
from linli.rooms.people.models import PostKind, SignInPolicy
from linli.rooms.people.queries.policy import forget_policy
from linli.rooms.people.rules import ADMIN_CAPABILITIES, CAPABILITIES

DOORS = ("portal", "field", "desk", "command")
_FOR_ADMINISTRATORS = frozenset().union(*ADMIN_CAPABILITIES.values()) - {"matrix.view"}


def change_policy(
    by: Authority,
    *,
    two_factor_for_staff: bool,
    idle_minutes_staff: int,
    idle_minutes_admins: int,
    residents_may_register: bool,
) -> SignInPolicy:
    """Set the switches. Idle times: 5–720 minutes for staff, 1–10 for administrators (GB/T 22239)."""
    by.require("policy.edit")
    if not 5 <= idle_minutes_staff <= 720:
        raise Refused(_("请填 5 到 720 分钟"), "people.idle_staff", "idle_minutes_staff")
    if not 1 <= idle_minutes_admins <= 10:
        raise Refused(_("管理员最多闲置 10 分钟，请填 1 到 10"), "people.idle_admins", "idle_minutes_admins")
    fields = {
        "two_factor_for_staff": two_factor_for_staff,
        "idle_minutes_staff": idle_minutes_staff,
        "idle_minutes_admins": idle_minutes_admins,
        "residents_may_register": residents_may_register,
    }
    with action():
        SignInPolicy.objects.get_or_create(pk=1)
        policy = SignInPolicy.objects.select_for_update().get(pk=1)
        was, now = rewritten(policy, fields)
        journal.record(
            action="policy.changed",
            actor=by.actor,
            object_type="sign_in_policy",
            object_id=1,
            before=was,
            after=now,
            events=[Event("policy.changed", "sign_in_policy", 1, {})],
        )
        transaction.on_commit(forget_policy)
        forget_policy()
    return policy


def edit_post_kind(
    by: Authority,
    code: str,
    *,
    name_zh: str,
    name_en: str,
    duties: Sequence[str],
    door: str,
    phone_public: bool,
    shown_to_residents: bool,
    two_factor: bool,
) -> PostKind:
    """Change what a kind of post may do. What administrators do is never a duty of a post."""
    by.require("posts.edit")
    unknown = [duty for duty in duties if duty not in CAPABILITIES]
    if unknown:
        raise Refused(_("没有这种职责：%(duty)s") % {"duty": unknown[0]}, "people.duty", "duties")
    reserved = [duty for duty in duties if duty in _FOR_ADMINISTRATORS]
    if reserved:
        message = _("“%(duty)s”只属于管理员") % {"duty": CAPABILITIES[reserved[0]]}
        raise Refused(message, "people.duty_reserved", "duties")
    if door not in DOORS:
        raise Refused(_("没有这个入口"), "people.door", "door")
    fields = {
        "name_zh": filled(name_zh, 40, "name_zh"),
        "name_en": filled(name_en, 60, "name_en"),
        "duties": sorted(set(duties), key=list(CAPABILITIES).index),
        "door": door,
        "phone_public": phone_public,
        "shown_to_residents": shown_to_residents,
        "two_factor": two_factor,
    }
    with action():
        kind = PostKind.objects.select_for_update().filter(code=code).first()
        if kind is None:
            raise NotFound(_("没有这种岗位"), "people.kind_not_found")
        was, now = rewritten(kind, fields)
        journal.record(
            action="post_kind.edited",
            actor=by.actor,
            object_type="post_kind",
            object_id=kind.pk,
            before=was,
            after=now,
            events=[Event("post_kind.edited", "post_kind", kind.pk, {})],
        )
    return kind
