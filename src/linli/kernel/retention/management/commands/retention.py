"""`./linli manage retention`: what is kept for how long, what is due, and letting it go now."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from linli.kernel.authority import SystemAuthority
from linli.kernel.errors import Refused
from linli.kernel.retention.actions import keep_for, let_go
from linli.kernel.retention.queries import in_force


class Command(BaseCommand):
    help = "Let go of what was kept long enough; --dry-run only says how much; --days NAME=DAYS changes a time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count what is due and change nothing")
        parser.add_argument("--days", action="append", default=[], metavar="NAME=DAYS", help="keep for so many days")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            if options["days"]:
                self._change(options["days"])
            for held in in_force():
                count = held.due() if options["dry_run"] or options["days"] else let_go(held)
                said = "due" if options["dry_run"] or options["days"] else "gone"
                self.stdout.write(f"{held.rule.name:<24} {held.days:>5} days  {count:>8} {said}  {held.rule.label}")

    def _change(self, words: list[str]) -> None:
        days = {}
        for word in words:
            name, _equals, number = word.partition("=")
            if not number.isdecimal():
                raise CommandError(f"{word}: write NAME=DAYS, for instance cases.contacts=365")
            days[name] = int(number)
        try:
            keep_for(SystemAuthority(), days)
        except Refused as refused:
            raise CommandError(f"{refused.field}: {refused.message}") from None
