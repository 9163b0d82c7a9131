"""A person from the identity provider is bound to one staff account, and an account to one person."""

from __future__ import annotations

import threading

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import connection

from linli.kernel.journal.models import Entry
from linli.rooms.people.actions.identities import bind_identity
from linli.rooms.people.tests.conftest import make_account


def identity(uid: str) -> SocialAccount:
    return SocialAccount(provider="city", uid=uid, extra_data={"name": "某人"})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("claims", "match", "bound"),
    [
        ({"preferred_username": " Grid.Worker "}, "preferred_username", True),
        ({"preferred_username": "nobody"}, "preferred_username", False),
        ({"preferred_username": ["grid.worker"]}, "preferred_username", False),
        ({}, "preferred_username", False),
        ({"email": "w@example.test", "email_verified": True}, "email", True),
        ({"email": "w@example.test", "email_verified": "true"}, "email", False),
        ({"email": "w@example.test"}, "email", False),
    ],
)
def test_the_claim_names_the_account_or_nobody(claims: dict[str, object], match: str, bound: bool) -> None:
    account = make_account("grid.worker", email="w@example.test")
    make_account("resident", kind="resident", email="r@example.test")
    found = bind_identity(identity("p-1"), claims, match)
    assert found == (account if bound else None)
    assert SocialAccount.objects.filter(user=account, uid="p-1", extra_data={}).exists() is bound
    assert Entry.objects.filter(action="account.identity_bound", actor_id=account.pk).exists() is bound


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_come_at_once_for_one_account_one_is_bound() -> None:
    make_account("grid.worker")
    together, found = threading.Barrier(2), []

    def come(uid: str) -> None:
        try:
            together.wait(30)
            found.append(bind_identity(identity(uid), {"sub": "grid.worker"}, "sub"))
        finally:
            connection.close()

    people = [threading.Thread(target=come, args=(uid,)) for uid in ("p-1", "p-2")]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(one is None for one in found) == [False, True]
    assert SocialAccount.objects.count() == 1
