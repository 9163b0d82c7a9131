"""What signing in leaves behind: entries in the journal, and failures that count towards the lockout."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from linli.kernel import journal
from linli.rooms.people.models import Account
from linli.rooms.people.rights import actor_of


def note(action: str, account: Account, after: dict[str, Any] | None = None) -> None:
    """One entry about an account by its holder."""
    with transaction.atomic():
        journal.record(
            action=action,
            actor=actor_of(account),
            object_type="account",
            object_id=account.pk,
            after=after,
        )


@receiver(user_logged_in, dispatch_uid="entrance.signed_in")
def signed_in(sender: object, request: HttpRequest, user: Account, **_: object) -> None:
    note("account.signed_in", user)


@receiver(user_logged_out, dispatch_uid="entrance.signed_out")
def signed_out(sender: object, request: HttpRequest, user: Account | None, **_: object) -> None:
    if user is not None:
        note("account.signed_out", user)


@receiver(authenticator_added, dispatch_uid="entrance.factor_added")
def factor_added(sender: object, user: Account, authenticator: Authenticator, **_: object) -> None:
    note("account.second_factor_added", user, {"type": str(authenticator.type)})


@receiver(authenticator_removed, dispatch_uid="entrance.factor_removed")
def factor_removed(sender: object, user: Account, authenticator: Authenticator, **_: object) -> None:
    note("account.second_factor_removed", user, {"type": str(authenticator.type)})


@receiver(authentication_failed, dispatch_uid="entrance.code_failed")
def code_failed(sender: object, request: HttpRequest, user: Account, **_: object) -> None:
    """A wrong code counts like a wrong password: six digits must not be guessed in peace."""
    user_login_failed.send(sender=__name__, credentials={"username": user.get_username()}, request=request)
