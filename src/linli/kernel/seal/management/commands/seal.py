"""`./linli manage seal rotate`: sealed columns under the newest key."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from linli.kernel.seal.rotation import renew_all, sealed_columns, waiting
from linli.kernel.seal.rules import CannotOpen


class Command(BaseCommand):
    help = "rotate: seal everything under the newest key, while the house runs; --dry-run only counts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["rotate"])
        parser.add_argument("--dry-run", action="store_true", help="count what another key sealed")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            for column in sealed_columns():
                self.stdout.write(f"{column.name:<36} {waiting(column):>8} to do")
            return
        try:
            counts = renew_all()
        except CannotOpen as error:
            raise CommandError(f"{error}. What was done stays done; bring the key back and go on.") from None
        for name, count in counts.items():
            self.stdout.write(f"{name:<36} {count:>8} sealed anew")
