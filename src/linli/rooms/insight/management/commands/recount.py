"""Count all figures again from the journal and compare them with the live ones, to the last case."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from linli.rooms.insight.actions.recount import rebuild, recount
from linli.rooms.insight.recounting import compare
from linli.rooms.places.models import Place


class Command(BaseCommand):
    help = (
        "Count all figures again from the journal and compare them with the live ones. Reads one snapshot and holds"
        " nobody up. Exit code 1 when they differ."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="mend what differs, then compare again")
        parser.add_argument("--place", default="", help="only this place: its id or its code")
        parser.add_argument("--from-nothing", action="store_true", help="drop all figures and make them anew first")

    def handle(self, *args: Any, **options: Any) -> None:
        place_id = _place(options["place"]) if options["place"] else None
        if options["from_nothing"]:
            self.stdout.write(f"{rebuild():,} facts made anew.")
        report = recount(place_id=place_id, repair=options["repair"])
        for difference in report.differences:
            self.stdout.write(
                f"{difference.where}: {difference.what} is {difference.live}, ought to be {difference.counted}"
            )
        wrong = len(report.wrong_cases) + len(report.wrong_totals) + len(report.wrong_tallies)
        told = f"{report.cases:,} cases, {report.rows:,} rows of totals compared"
        if report.moving:
            told += f"; {report.moving:,} cases were on their way to the figures"
        if report.agrees:
            self.stdout.write(f"{told}. All agree.")
            return
        self.stdout.write(
            f"{told}. Wrong: {len(report.wrong_cases):,} cases, {len(report.wrong_totals):,} totals,"
            f" {len(report.wrong_tallies):,} others."
        )
        if report.mended and (again := compare(place_id)).agrees:
            self.stdout.write(f"Mended {wrong:,}; compared again: all agree.")
            return
        if report.mended:
            self.stderr.write(f"Still wrong after mending: {len(again.differences):,} numbers.")
        sys.exit(1)


def _place(said: str) -> int:
    found = Place.objects.filter(pk=int(said)) if said.isdigit() and len(said) < 10 else Place.objects.filter(code=said)
    place = found.order_by("-valid_from").first()
    if place is None:
        raise CommandError(f"There is no place {said}.")
    return place.pk
