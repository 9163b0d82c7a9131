"""The first administrators of an empty house: made together, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext_lazy as _

from linli.kernel.authority import SystemAuthority
from linli.kernel.errors import Conflict
from linli.rooms.people.actions.accounts import create_account
from linli.rooms.people.actions.parts import action
from linli.rooms.people.models import Account

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('people.first_administrators'))"


@dataclass(frozen=True, slots=True)
class FirstAdministrator:
    """Somebody to begin with. password: chosen now, or None for a one-time one."""

    role: str
    username: str
    name: str
    password: str | None = None


def create_first_administrators(
    people: Sequence[FirstAdministrator], *, language: str = "zh-hans"
) -> list[tuple[Account, str]]:
    """Make the first accounts of a house, all or none; each with its password.

    The door has checked the one-time token. Raises Conflict once the house has any account: of two people
    with the same link only one becomes the first. Refused as by `create_account`.
    """
    by = SystemAuthority()
    with action():
        with connection.cursor() as cursor:
            cursor.execute(_ONE_AT_A_TIME)
        if Account.objects.exists():
            raise Conflict(
                _("这个平台已经有账号了。"), "people.not_the_first", what_next=_("请用系统管理员账号登录，继续设置。")
            )
        return [
            create_account(
                by,
                username=person.username,
                name=person.name,
                admin_role=person.role,
                password=person.password,
                language=language,
            )
            for person in people
        ]
