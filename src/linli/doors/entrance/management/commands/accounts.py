"""The demo accounts: who can be tried, with which password. Demo homes only."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from linli.rooms.people import queries


class Command(BaseCommand):
    help = "List the demo accounts of this home (role, username, password). Refuses outside demo homes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not a demo home: passwords are known to their owners only.")
        rows = queries.demo_accounts()
        if options["as_json"]:
            listed = [{"role": row.role, "username": row.account.username, "password": row.password} for row in rows]
            self.stdout.write(json.dumps(listed, ensure_ascii=False, indent=2))
            return
        if not rows:
            self.stdout.write("No demo accounts yet: the demo town has not been built.")
            return
        role, name = max(len(row.role) for row in rows), max(len(row.account.username) for row in rows)
        for row in rows:
            self.stdout.write(
                f"{row.role:<{role}}  {row.account.username:<{name}}  {row.password}  {row.label_zh} / {row.label_en}"
            )
