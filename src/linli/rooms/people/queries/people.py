"""Posts, staff, units and accounts as lists. Who may see phones is decided here, not in a template."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import NotFound, Refused
from linli.rooms.people.models import Account, DemoAccount, Post, PostKind, SheetDraft, Unit, in_language
from linli.rooms.people.rights import Viewer

PAGE = 50


@dataclass(frozen=True, slots=True)
class Contact:
    """A post as residents may see it. `phone` is "" unless both the kind and the post allow it."""

    post_id: int
    kind: str
    kind_name: str
    name: str
    place_id: int
    place_name: str
    phone: str
    standing_in: bool


def held(day: dt.date, prefix: str = "") -> Q:
    """The condition of being held (or existing) on a day."""
    return Q(**{f"{prefix}valid_from__lte": day}) & (
        Q(**{f"{prefix}valid_to": None}) | Q(**{f"{prefix}valid_to__gt": day})
    )


def contacts_of(lineage: Sequence[int]) -> list[Contact]:
    """Who answers for my grid: posts along a lineage that residents may see, nearest first; one query.

    The deputy is named while one stands in. Names and phones of posts that are not shown never leave here.
    """
    now = clock.now()
    depth = {place_id: position for position, place_id in enumerate(lineage)}
    rows = (
        Post.objects.filter(
            held(now.astimezone(CIVIL).date()), place_id__in=list(lineage), kind__shown_to_residents=True
        )
        .order_by("kind__sort", "id")
        .values_list(
            "id",
            "kind__code",
            "kind__name_zh",
            "kind__name_en",
            "holder__name",
            "deputy__name",
            "deputy_from",
            "deputy_to",
            "place_id",
            "place__name_zh",
            "place__name_en",
            "phone",
            "phone_public",
            "kind__phone_public",
        )
    )
    found = []
    for row in rows:
        absent = row[6] is not None and row[6] <= now and (row[7] is None or now < row[7])
        found.append(
            Contact(
                post_id=row[0],
                kind=row[1],
                kind_name=in_language(row[2], row[3]),
                name=row[5] if absent else row[4],
                place_id=row[8],
                place_name=in_language(row[9], row[10]),
                phone=row[11] if row[12] and row[13] else "",
                standing_in=absent,
            )
        )
    return sorted(found, key=lambda contact: -depth[contact.place_id])


def own_posts(viewer: Viewer) -> QuerySet[Post]:
    """Every post the viewer holds or stands in for, past ones too, newest first."""
    if viewer.account_id is None:
        return Post.objects.none()
    return (
        Post.objects.filter(Q(holder_id=viewer.account_id) | Q(deputy_id=viewer.account_id))
        .select_related("kind", "place", "unit", "holder", "deputy")
        .order_by(F("valid_to").desc(nulls_first=True), "kind__sort", "-id")
    )


def posts(
    viewer: Viewer,
    *,
    place_id: int | None = None,
    unit_id: int | None = None,
    kind: str = "",
    words: str = "",
    past: bool = False,
) -> QuerySet[Post]:
    """Posts for those who appoint: by subtree, unit, kind, words of a name; only those held unless `past`."""
    viewer.require("posts.edit")
    rows = Post.objects.select_related("kind", "place", "unit", "holder", "deputy")
    if not past:
        rows = rows.filter(Q(valid_to=None) | Q(valid_to__gt=clock.now().astimezone(CIVIL).date()))
    if place_id is not None:
        rows = rows.filter(place__lineage__contains=[place_id])
    if unit_id is not None:
        rows = rows.filter(unit_id=unit_id)
    if kind:
        rows = rows.filter(kind__code=kind)
    for word in words.split():
        rows = rows.filter(
            Q(holder__name__icontains=word)
            | Q(holder__username__icontains=word)
            | Q(place__name_zh__icontains=word)
            | Q(unit__name_zh__icontains=word)
        )
    return rows.order_by("place__sort_key", "kind__sort", "holder__name", "id")


def staff_of(unit_id: int) -> list[dict[str, Any]]:
    """Who works for a unit today: account, name, kind of post; for handing work over. One query."""
    rows = (
        Post.objects.filter(held(clock.now().astimezone(CIVIL).date()), unit_id=unit_id, holder__is_active=True)
        .order_by("kind__sort", "holder__name")
        .values("id", "holder_id", "holder__name", "kind__code", "kind__name_zh", "kind__name_en")
    )
    return [
        {
            "post_id": row["id"],
            "account_id": row["holder_id"],
            "name": row["holder__name"],
            "kind": row["kind__code"],
            "kind_name": in_language(row["kind__name_zh"], row["kind__name_en"]),
        }
        for row in rows
    ]


def units(words: str = "", *, kind: str = "", past: bool = False, within: int | None = None) -> QuerySet[Unit]:
    """Units by words of name or code (two Chinese characters are enough); public facts of the house.

    within: only units whose place lies in this subtree.
    """
    rows = Unit.objects.select_related("place", "parent")
    if not past:
        rows = rows.filter(held(clock.now().astimezone(CIVIL).date()))
    if kind:
        rows = rows.filter(kind=kind)
    if within is not None:
        rows = rows.filter(place__lineage__contains=[within])
    for word in words.split():
        rows = rows.filter(Q(name_zh__icontains=word) | Q(name_en__icontains=word) | Q(code__istartswith=word))
    return rows.order_by("name_zh", "id")


def unit(unit_id: int) -> Unit:
    """One unit. Raises NotFound."""
    found = Unit.objects.select_related("place", "parent", "successor").filter(pk=unit_id).first()
    if found is None:
        raise NotFound(code="people.unit_not_found")
    return found


def kinds() -> list[PostKind]:
    """All kinds of post in their order."""
    return list(PostKind.objects.all())


def accounts(
    viewer: Viewer,
    *,
    words: str = "",
    kind: str = "",
    admin_role: str | None = None,
    active: bool | None = None,
) -> QuerySet[Account]:
    """Accounts for the security administrator, each with `posts_now`: how many posts it holds today."""
    viewer.require("accounts.edit")
    rows = Account.objects.annotate(
        posts_now=Count("posts", filter=held(clock.now().astimezone(CIVIL).date(), "posts__"))
    )
    if kind:
        rows = rows.filter(kind=kind)
    if admin_role is not None:
        rows = rows.filter(admin_role=admin_role) if admin_role else rows.exclude(admin_role="")
    if active is not None:
        rows = rows.filter(is_active=active)
    for word in words.split():
        rows = rows.filter(Q(name__icontains=word) | Q(username__icontains=word))
    return rows.order_by("name", "id")


def account(viewer: Viewer, account_id: int) -> Account:
    """One account, for the security administrator. Raises NotFound."""
    found = accounts(viewer).filter(pk=account_id).first()
    if found is None:
        raise NotFound(code="people.account_not_found")
    return found


def colleague(username: str) -> Account:
    """A member of staff by user name, to stand in for somebody. Raises Refused for the field `deputy`."""
    found = Account.objects.filter(username__iexact=username.strip(), kind=Account.Kind.STAFF).first()
    if found is None:
        raise Refused(_("没有这个用户名的同事，请核对。"), "people.account_not_found", "deputy")
    return found


def demo_accounts() -> list[DemoAccount]:
    """The ways in of a demo home; empty anywhere else, whatever the table holds."""
    return list(DemoAccount.objects.select_related("account")) if settings.DEMO else []


def sheet(viewer: Viewer, sheet_id: int) -> SheetDraft:
    """A sheet that was read, for the page of its preview. Raises NotFound."""
    needed = {"units": "units.edit", "posts": "posts.edit", "matrix": "matrix.edit"}
    found = SheetDraft.objects.filter(pk=sheet_id).first()
    if found is None or not viewer.has(needed[found.kind]):
        raise NotFound(code="people.sheet_not_found")
    return found
