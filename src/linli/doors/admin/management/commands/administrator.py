"""`./linli manage administrator ROLE USERNAME NAME`: when nobody is left who could do it in the browser."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from linli.kernel.authority import SystemAuthority
from linli.kernel.errors import LinliError
from linli.rooms.people import actions
from linli.rooms.people.models import Account, AdminRole


class Command(BaseCommand):
    """Makes an administrator, or gives a known account a new one-time password and the role."""

    help = "Make an administrator (system, security or audit) or reset one's password; prints a one-time password."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("role", choices=[role for role in AdminRole.values if role])
        parser.add_argument("username")
        parser.add_argument("name", nargs="?", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        by = SystemAuthority()
        role, username = options["role"], options["username"]
        known = Account.objects.filter(username__iexact=username).first()
        try:
            if known is None:
                name = options["name"] or username
                _account, password = actions.create_account(by, username=username, name=name, admin_role=role)
            else:
                actions.set_admin_role(by, known.pk, role)
                actions.set_active(by, known.pk, True)
                password = actions.reset_password(by, known.pk)
        except LinliError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{username}  {password}")
        self.stdout.write("This password is good once: it must be changed at the first sign-in.")
