"""One place that decides who may do what: `Viewer.may` for one thing, `Viewer.reach` for lists.

A post covers a target when the post's kind carries the capability, the post's place is among the target's
lineage (or its unit among the target's units), and the post covers the target's class of matter. Capabilities
of `rules.UNIT_BOUND` also need the post's unit to be the one the target was given to.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import NotAllowed
from linli.kernel.journal import Actor
from linli.rooms.people.models import Account
from linli.rooms.people.rules import ADMIN_CAPABILITIES, CAPABILITIES, UNIT_BOUND


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post as its holder or deputy carries it now."""

    id: int
    kind: str
    name_zh: str
    name_en: str
    door: str
    duties: frozenset[str]
    held_for: str
    place_id: int | None
    unit_id: int | None
    matters: frozenset[str]
    for_name: str
    deputised: bool
    two_factor: bool

    @property
    def name(self) -> str:
        return self.name_en if (get_language() or "zh").startswith("en") else self.name_zh

    def covers(self, capability: str, target: Target) -> bool:
        """Whether this post carries the capability for this target."""
        if capability not in self.duties:
            return False
        if self.matters and target.matter_class and target.matter_class not in self.matters:
            return False
        if capability in UNIT_BOUND and (self.unit_id is None or self.unit_id != target.lead_unit_id):
            return False
        if self.held_for == "place":
            return self.place_id in target.lineage
        return self.unit_id in target.unit_ids


@dataclass(frozen=True, slots=True)
class Target:
    """What a right is asked for: where it lies, whose it is, which class of matter."""

    lineage: Sequence[int] = ()
    unit_ids: Collection[int] = ()
    lead_unit_id: int | None = None
    matter_class: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    ok: bool
    why: str = ""
    post: HeldPost | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """What a list may show: tokens (place id, or minus unit id), each with the classes it is limited to."""

    free: tuple[int, ...] = ()
    limited: tuple[tuple[int, frozenset[str]], ...] = ()

    @property
    def nothing(self) -> bool:
        return not self.free and not self.limited

    def q(self, tokens_field: str = "tokens", class_field: str = "matter_class") -> Q:
        """The condition for a table carrying an array of tokens and a class; matches nothing when empty."""
        condition = Q(pk__in=[])
        if self.free:
            condition = Q(**{f"{tokens_field}__overlap": list(self.free)})
        for token, classes in self.limited:
            condition |= Q(**{f"{tokens_field}__overlap": [token], f"{class_field}__in": sorted(classes)})
        return condition


RESIDENT = "居民"
"""How the journal calls every resident: it keeps what it has for ever, and people may want to be forgotten."""


def actor_of(account: Account) -> Actor:
    """The journal's name for somebody who acts on the own account."""
    name = RESIDENT if account.kind == Account.Kind.RESIDENT else account.name
    return Actor(account_id=account.pk, name=name)


@dataclass(frozen=True)
class Viewer:
    """Who is looking or acting: nobody, a resident, a member of staff with posts, or an administrator."""

    account_id: int | None = None
    name: str = ""
    kind: str = "nobody"
    admin_role: str = ""
    posts: tuple[HeldPost, ...] = ()
    session_key: str = ""
    own_units: frozenset[int] = field(default_factory=frozenset)
    key_id: int | None = None  # a machine with this key, not a person
    scopes: frozenset[str] = frozenset()

    @property
    def signed_in(self) -> bool:
        return self.account_id is not None

    @property
    def actor(self) -> Actor:
        """The journal's name for this viewer when no particular post is meant."""
        return self.acting(None)

    def acting(self, post: HeldPost | None) -> Actor:
        """The journal's name for this viewer acting for a post."""
        if self.account_id is None:
            return Actor(account_id=None, name="", post_id=None, post_name="", kind="anonymous")
        return Actor(
            account_id=self.account_id,
            name=RESIDENT if self.kind == "resident" else self.name,
            post_id=post.id or None if post else None,  # a key's duties hang on no post
            post_name=post.name_zh if post else "",
            kind="person",
        )

    def has(self, capability: str) -> bool:
        """Whether any post or the admin role carries the capability at all (for menus)."""
        return capability in ADMIN_CAPABILITIES.get(self.admin_role, ()) or any(
            capability in post.duties for post in self.posts
        )

    def may(self, capability: str, target: Target | None = None) -> Verdict:
        """Decide one right; `why` says in the viewer's language what is missing."""
        if capability not in CAPABILITIES:
            raise ValueError(f"unknown capability {capability}")
        if capability in ADMIN_CAPABILITIES.get(self.admin_role, ()):
            return Verdict(True)
        carrying = [post for post in self.posts if capability in post.duties]
        if not carrying:
            if not self.signed_in:
                return Verdict(False, _("请先登录"))
            return Verdict(False, _("您的岗位没有“%(what)s”的职责") % {"what": CAPABILITIES[capability]})
        if target is None:
            return Verdict(True, post=carrying[0])
        for post in carrying:
            if post.covers(capability, target):
                return Verdict(True, post=post)
        if capability in UNIT_BOUND:
            return Verdict(False, _("这件事由其他单位负责"))
        return Verdict(False, _("这件事不在您岗位负责的范围内"))

    def require(
        self,
        capability: str,
        place_lineage: Sequence[int] = (),
        unit_id: int | None = None,
        class_code: str = "",
    ) -> None:
        """Raise NotAllowed unless `may`; without a place or a unit the capability alone decides."""
        target = None
        if place_lineage or unit_id is not None:
            target = Target(
                lineage=place_lineage,
                unit_ids=() if unit_id is None else (unit_id,),
                lead_unit_id=unit_id,
                matter_class=class_code,
            )
        verdict = self.may(capability, target)
        if not verdict.ok:
            raise NotAllowed(verdict.why)

    def reach(self, capability: str) -> Reach:
        """Everything the capability reaches, for scoping a list."""
        free: list[int] = []
        limited: list[tuple[int, frozenset[str]]] = []
        for post in self.posts:
            if capability not in post.duties:
                continue
            token = post.place_id if post.held_for == "place" else -(post.unit_id or 0)
            if not token:
                continue
            if post.matters:
                limited.append((token, post.matters))
            else:
                free.append(token)
        return Reach(tuple(dict.fromkeys(free)), tuple(limited))

    def holds(self, kind: str) -> bool:
        return any(post.kind == kind for post in self.posts)

    @property
    def needs_two_factor(self) -> bool:
        """Whether the posts or the admin role demand a second factor once the house's switch is on."""
        return bool(self.admin_role) or any(post.two_factor for post in self.posts)

    @property
    def post_words(self) -> str:
        """The first post in words, for the account menu."""
        if not self.posts:
            return ""
        first = self.posts[0]
        return f"{first.for_name} · {first.name}" if first.for_name else first.name

    @property
    def home_door(self) -> str:
        """Where this viewer works: the door of the first post, "admin" for administrators, else "portal"."""
        if self.admin_role:
            return "admin"
        return self.posts[0].door if self.posts else "portal"


NOBODY = Viewer()


# Asked with every page a member of staff opens: plain SQL, as building it by the ORM costs more than running it.
_HELD = """
SELECT p.id, k.code, k.name_zh, k.name_en, k.door, k.duties, k.held_for, p.place_id, p.unit_id, p.matters,
       coalesce(nullif(l.name_zh, ''), u.name_zh, ''), p.holder_id <> %(account)s, k.two_factor
FROM people_post p JOIN people_postkind k ON k.id = p.kind_id
LEFT JOIN places_place l ON l.id = p.place_id LEFT JOIN people_unit u ON u.id = p.unit_id
WHERE p.valid_from <= %(day)s AND (p.valid_to IS NULL OR p.valid_to > %(day)s)
  AND (p.holder_id = %(account)s
       OR p.deputy_id = %(account)s AND p.deputy_from <= %(at)s AND (p.deputy_to IS NULL OR p.deputy_to > %(at)s))
ORDER BY k.sort, p.id
"""


def held_posts(account_id: int, at: dt.datetime) -> tuple[HeldPost, ...]:
    """The posts an account carries at a moment, its own and those it stands in for; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, {"account": account_id, "day": at.astimezone(CIVIL).date(), "at": at})
        return tuple(
            HeldPost(
                id=post_id,
                kind=code,
                name_zh=name_zh,
                name_en=name_en,
                door=door,
                duties=frozenset(duties),
                held_for=held_for,
                place_id=place_id,
                unit_id=unit_id,
                matters=frozenset(matters),
                for_name=for_name,
                deputised=deputised,
                two_factor=two_factor,
            )
            for (
                post_id, code, name_zh, name_en, door, duties, held_for, place_id, unit_id, matters, for_name,
                deputised, two_factor,
            ) in cursor.fetchall()
        )  # fmt: skip


def viewer_of(account: Account | None, session_key: str = "") -> Viewer:
    """The viewer for a signed-in account (None: nobody). One query for staff, none otherwise."""
    if account is None or not account.is_active:
        return Viewer(session_key=session_key)
    posts = held_posts(account.pk, clock.now()) if account.kind == "staff" and not account.admin_role else ()
    return Viewer(
        account_id=account.pk,
        name=account.name,
        kind=account.kind,
        admin_role=account.admin_role,
        posts=posts,
        session_key=session_key,
        own_units=frozenset(post.unit_id for post in posts if post.unit_id),
    )
