"""Posts: who is appointed, replaced, stands in, and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock, journal
from linli.kernel.authority import Authority
from linli.kernel.errors import NotFound, Refused
from linli.kernel.outbox import Event
from linli.rooms.catalogue.models import MatterClass
from linli.rooms.people.actions.parts import action, changes, filled, today
from linli.rooms.people.models import Account, Post, PostKind


def appoint(
    by: Authority,
    *,
    kind: str,
    holder_id: int,
    place_id: int | None = None,
    unit_id: int | None = None,
    matters: Sequence[str] = (),
    valid_from: dt.date | None = None,
    valid_to: dt.date | None = None,
    phone: str = "",
    phone_public: bool = False,
) -> Post:
    """Give somebody a post. `kind` is the code of a kind; what it is held for follows from the kind.

    A post held for a place may name a unit as well: what it handles there, it handles for that unit.
    Raises Refused when the same person has the same post for the same thing in an overlapping time.
    """
    by.require("posts.edit")
    with action():
        found = PostKind.objects.filter(code=kind).first()
        if found is None:
            raise Refused(_("没有这种岗位"), "people.kind", "kind")
        if found.held_for == PostKind.HeldFor.PLACE and place_id is None:
            raise Refused(_("%(kind)s须选择所管的地方") % {"kind": found.name}, "people.post_place", "place")
        if found.held_for == PostKind.HeldFor.UNIT and unit_id is None:
            raise Refused(_("%(kind)s须选择所属单位") % {"kind": found.name}, "people.post_unit", "unit")
        holder = _staff(holder_id, "holder")
        since = valid_from or today()
        if valid_to is not None and valid_to < since:
            raise Refused(_("结束日期不能早于开始日期"), "people.span", "valid_to")
        held: dict[str, Any] = {"place_id": place_id, "unit_id": unit_id}
        same = Post.objects.filter(kind=found, holder=holder, **held).filter(Q(valid_to=None) | Q(valid_to__gt=since))
        if valid_to is not None:
            same = same.filter(valid_from__lt=valid_to)
        if same.exists():
            raise Refused(_("%(name)s在此期间已任此岗位") % {"name": holder.name}, "people.post_twice", "holder")
        post = Post.objects.create(
            kind=found,
            holder=holder,
            place_id=place_id,
            unit_id=unit_id,
            matters=_classes(matters),
            valid_from=since,
            valid_to=valid_to,
            phone=filled(phone, 40, "phone", required=False),
            phone_public=phone_public,
        )
        _record(
            "post.appointed",
            by,
            post,
            None,
            {
                "kind": kind,
                "holder": holder_id,
                "place": place_id,
                "unit": unit_id,
                "matters": post.matters,
                "valid_from": since,
                "valid_to": valid_to,
            },
        )
    return post


def edit_post(by: Authority, post_id: int, *, phone: str, phone_public: bool, matters: Sequence[str]) -> Post:
    """Change phone, whether residents may see it, and the classes of matter."""
    by.require("posts.edit")
    with action():
        post = _locked(post_id)
        before = {"phone": post.phone, "phone_public": post.phone_public, "matters": post.matters}
        post.phone = filled(phone, 40, "phone", required=False)
        post.phone_public = phone_public
        post.matters = _classes(matters)
        post.save(update_fields=["phone", "phone_public", "matters"])
        after = {"phone": post.phone, "phone_public": phone_public, "matters": post.matters}
        _record("post.edited", by, post, *changes(before, after))
    return post


def end_post(by: Authority, post_id: int, *, valid_to: dt.date | None = None) -> Post:
    """From `valid_to` (today: at once) the post is no longer held."""
    by.require("posts.edit")
    with action():
        post = _locked(post_id)
        _end(post, valid_to or today())
        _record("post.ended", by, post, None, {"valid_to": post.valid_to})
    return post


def replace_holder(by: Authority, post_id: int, holder_id: int, *, since: dt.date | None = None) -> Post:
    """Somebody else takes the post over from a day (today). Returns the new post; the old one ends."""
    by.require("posts.edit")
    with action():
        old = _locked(post_id)
        if old.holder_id == holder_id:
            raise Refused(_("已由此人任职"), "people.same_holder", "holder")
        start = since or today()
        if old.valid_to is not None and old.valid_to <= start:
            raise Refused(_("这个岗位届时已经结束，请重新任命"), "people.post_over", "valid_from")
        until = old.valid_to
        _end(old, start)
        new = Post.objects.create(
            kind=old.kind,
            holder=_staff(holder_id, "holder"),
            place=old.place,
            unit=old.unit,
            matters=old.matters,
            valid_from=start,
            valid_to=until,
            phone=old.phone,
            phone_public=old.phone_public,
        )
        _record("post.ended", by, old, None, {"valid_to": old.valid_to, "replaced_by": new.pk})
        _record(
            "post.appointed",
            by,
            new,
            {"post": old.pk, "holder": old.holder_id},
            {
                "holder": holder_id,
                "valid_from": start,
            },
        )
    return new


def deputise(
    by: Authority,
    post_id: int,
    deputy_id: int,
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> Post:
    """Somebody stands in from – to. The holder may ask a colleague himself; else it takes `posts.edit`."""
    with action():
        post = _locked(post_id)
        _holder_or(by, post)
        start = since or clock.now()
        if until is not None and until <= start:
            raise Refused(_("代理结束须晚于开始"), "people.deputy", "deputy_to")
        if deputy_id == post.holder_id:
            raise Refused(_("代理人须是另一个人"), "people.deputy", "deputy")
        post.deputy = _staff(deputy_id, "deputy")
        post.deputy_from, post.deputy_to = start, until
        post.save(update_fields=["deputy", "deputy_from", "deputy_to"])
        _record("post.deputised", by, post, None, {"deputy": deputy_id, "from": start, "to": until})
    return post


def undeputise(by: Authority, post_id: int) -> Post:
    """The holder is back: nobody stands in from now on."""
    with action():
        post = _locked(post_id)
        _holder_or(by, post)
        before = {"deputy": post.deputy_id, "from": post.deputy_from, "to": post.deputy_to}
        post.deputy, post.deputy_from, post.deputy_to = None, None, None
        post.save(update_fields=["deputy", "deputy_from", "deputy_to"])
        _record("post.undeputised", by, post, before, {"deputy": None})
    return post


def _end(post: Post, day: dt.date) -> None:
    if post.valid_to is not None and post.valid_to <= day:
        raise Refused(_("这个岗位已经结束"), "people.post_over", "valid_to")
    post.valid_to = max(day, post.valid_from)
    post.save(update_fields=["valid_to"])


def _holder_or(by: Authority, post: Post) -> None:
    if by.actor.account_id is None or by.actor.account_id != post.holder_id:
        by.require("posts.edit")


def _staff(account_id: int, field: str) -> Account:
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        raise Refused(_("没有这个账号"), "people.account_not_found", field)
    if account.kind != Account.Kind.STAFF or account.admin_role:
        raise Refused(
            _("%(name)s是管理员或居民，不能任职；请另设工作人员账号") % {"name": account.name},
            "people.exclusive",
            field,
        )
    if not account.is_active:
        raise Refused(_("%(name)s的账号已停用") % {"name": account.name}, "people.inactive", field)
    return account


def _classes(matters: Sequence[str]) -> list[str]:
    wanted = sorted(set(matters))
    known = set(MatterClass.objects.filter(key__in=wanted).values_list("key", flat=True)) if wanted else set()
    for key in wanted:
        if key not in known:
            raise Refused(_("没有大类 %(key)s") % {"key": key}, "people.class", "matters")
    return wanted


def _locked(post_id: int) -> Post:
    post = Post.objects.select_for_update(of=("self",)).select_related("kind", "place").filter(pk=post_id).first()
    if post is None:
        raise NotFound(_("没有这个岗位"), "people.post_not_found")
    return post


def _record(verb: str, by: Authority, post: Post, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
    journal.record(
        action=verb,
        actor=by.actor,
        object_type="post",
        object_id=post.pk,
        before=before,
        after=after,
        place_ids=list(post.place.lineage) if post.place else [],
        events=[Event(verb, "post", post.pk, {"holder": post.holder_id})],
    )
