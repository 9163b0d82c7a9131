"""Very many people at once (the demo's town, a roll taken over from an older system): few round trips, nobody
without a record.

What single actions check, this checks too: capabilities, names, kinds of post, the database's own truths.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock, identifiers, journal, seal
from linli.kernel.authority import Authority
from linli.kernel.errors import Refused
from linli.rooms.people.actions.accounts import PHONE_PURPOSE, light_hash, phone_context, readable_username
from linli.rooms.people.actions.parts import action, filled
from linli.rooms.people.models import Account, AdminRole, DemoAccount, Post, PostKind
from linli.rooms.places.models import Place

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody to get an account. password: one that was drawn at random; "" for somebody who cannot sign in."""

    username: str
    name: str
    kind: str = Account.Kind.STAFF
    admin_role: str = ""
    phone: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post for an account that exists by now, as `posts.appoint` takes it."""

    kind: str
    holder_id: int
    place_id: int | None = None
    unit_id: int | None = None
    phone: str = ""


def bring_in(by: Authority, people: Sequence[NewPerson]) -> dict[str, int]:
    """Accounts for all of these people, or for none; returns the ids by username. Each has its journal entry.

    Passwords are hashed lightly (`light_hash`), as one-time passwords are: Django hashes them anew at the
    first sign-in. They need not be changed.
    """
    by.require("accounts.edit")
    accounts = []
    for person in people:
        if person.kind not in Account.Kind.values or person.admin_role not in AdminRole.values:
            raise Refused(_("没有这种账号"), "people.account_kind", "kind")
        accounts.append(
            Account(
                username=readable_username(person.username),
                name=filled(person.name, 64, "name"),
                kind=person.kind,
                admin_role=person.admin_role,
                password=light_hash(person.password) if person.password else make_password(None),
                date_joined=clock.now(),
            )
        )
    with action():
        Account.objects.bulk_create(accounts, batch_size=_AT_ONCE)
        _seal_phones(accounts, people)
        journal.record_many(
            [
                journal.Draft(
                    action="account.created",
                    actor=by.actor,
                    object_type="account",
                    object_id=account.pk,
                    after={
                        "username": account.username,
                        "name": account.name,
                        "kind": str(account.kind),
                        "admin_role": account.admin_role,
                    },
                )
                for account in accounts
            ]
        )
    return {account.username: account.pk for account in accounts}


def _seal_phones(accounts: Sequence[Account], people: Sequence[NewPerson]) -> None:
    keys, sealed, indexes = [], [], []
    for account, person in zip(accounts, people, strict=True):
        if person.phone:
            number = str(identifiers.phone(person.phone))
            keys.append(account.pk)
            sealed.append(seal.encrypt(number, phone_context(account.pk)))
            indexes.append(seal.blind_index(number, PHONE_PURPOSE))
    if keys:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE people_account a SET phone_sealed = m.sealed, phone_index = m.index"
                " FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[]) AS m (id, sealed, index) WHERE a.id = m.id",
                [keys, sealed, indexes],
            )


def appoint_many(by: Authority, posts: Sequence[NewPost], *, valid_from: dt.date) -> list[Post]:
    """All of these posts from one day on, or none. Each has its journal entry."""
    by.require("posts.edit")
    kinds = {kind.code: kind for kind in PostKind.objects.all()}
    lineages = dict(Place.objects.filter(pk__in={p.place_id for p in posts}).values_list("pk", "lineage"))
    made = []
    for post in posts:
        kind = kinds.get(post.kind)
        if kind is None:
            raise Refused(_("没有这种岗位"), "people.kind", "kind")
        if (post.place_id if kind.held_for == PostKind.HeldFor.PLACE else post.unit_id) is None:
            raise Refused(_("%(kind)s须选择所管的地方") % {"kind": kind.name}, "people.post_place", "place")
        made.append(
            Post(
                kind=kind,
                holder_id=post.holder_id,
                place_id=post.place_id,
                unit_id=post.unit_id,
                valid_from=valid_from,
                phone=filled(post.phone, 40, "phone", required=False),
                phone_public=kind.phone_public,
            )
        )
    with action():
        Post.objects.bulk_create(made, batch_size=_AT_ONCE)
        journal.record_many(
            [
                journal.Draft(
                    action="post.appointed",
                    actor=by.actor,
                    object_type="post",
                    object_id=post.pk,
                    after={
                        "kind": post.kind.code,
                        "holder": post.holder_id,
                        "place": post.place_id,
                        "unit": post.unit_id,
                        "valid_from": valid_from,
                    },
                    place_ids=lineages.get(post.place_id, ()) if post.place_id else (),
                )
                for post in made
            ]
        )
    return made


def offer_to_visitors(by: Authority, rows: Sequence[Mapping[str, object]]) -> None:
    """The accounts that the sign-in page of a demo home offers, passwords in clear (`DemoAccount`)."""
    by.require("accounts.edit")
    with action():
        DemoAccount.objects.all().delete()
        DemoAccount.objects.bulk_create([DemoAccount(**row) for row in rows])
        journal.record(
            action="demo.accounts_offered",
            actor=by.actor,
            object_type="demo",
            object_id="accounts",
            after={"accounts": [row["account_id"] for row in rows]},
        )
