"""Who a person from the city's identity provider is here: bound once to a staff account, on record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from linli.kernel import journal
from linli.kernel.outbox import Event
from linli.rooms.people.models import Account
from linli.rooms.people.rights import actor_of


def bind_identity(identity: SocialAccount, claims: Mapping[str, Any], match: str) -> Account | None:
    """Bind an identity that nobody has yet to the one staff account that its claim names.

    match: the claim that names the account: "email" (only a verified one) or one that holds the user name. None when
    it names no account, several, or one that another person from there has already: the account is locked until
    that is known, so of two who come at once one is bound. Nothing of the claims is kept.
    """
    name = claims.get(match)
    if not isinstance(name, str) or not name.strip():
        return None
    if match == "email" and claims.get("email_verified") is not True:
        return None
    column = "email__iexact" if match == "email" else "username__iexact"
    with transaction.atomic():
        staff = Account.objects.select_for_update().filter(kind=Account.Kind.STAFF, **{column: name.strip()})
        found = list(staff.order_by("pk")[:2])
        if len(found) != 1:
            return None
        account = found[0]
        if SocialAccount.objects.filter(user=account, provider=identity.provider).exists():
            return None
        identity.user, identity.extra_data = account, {}
        identity.save()
        journal.record(
            action="account.identity_bound",
            actor=actor_of(account),
            object_type="account",
            object_id=account.pk,
            after={"provider": identity.provider},
            events=[Event("account.identity_bound", "account", account.pk, {})],
        )
    return account
