"""`./linli manage timetravel --to 2026-12-01T09:00`: the demo home's clock runs, and what falls due happens."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from linli.house.travel import ClockFile, NoWayBack, Stop, travel
from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL


def moment_of(text: str) -> dt.datetime:
    """The moment a person means: ISO 8601; without a zone it is civil time, without a time the day's beginning."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} is no moment: write for example 2026-12-01T09:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=CIVIL)


class Command(BaseCommand):
    help = "Run a demo home's clock to a later moment: every sweep, bulletin and reminder on the way happens, in order."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--to", required=True, metavar="ISO-TIME", help="2026-12-01T09:00 (civil time) or with zone"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Only a demo home can travel through time; this home is a real one.")
        to = moment_of(options["to"])
        try:
            journey = travel(to, ClockFile(settings.LINLI_HOME / "clock"), self.tell)
        except NoWayBack:
            now = clock.now().astimezone(CIVIL)
            raise CommandError(f"It is {now:%Y-%m-%d %H:%M} in this home: choose a later moment.") from None
        for name in journey.stuck:
            self.stderr.write(f"{name} had something to do and did not get on; see ./linli check.")
        arrived = journey.until.astimezone(CIVIL)
        self.stdout.write(f"It is {arrived:%Y-%m-%d %H:%M} now; {len(journey.stops)} stops on the way.")

    def tell(self, stop: Stop) -> None:
        """One line for each stop."""
        work = ", ".join(name if times == 1 else f"{name} ×{times}" for name, times in stop.work)
        heard = f"{stop.deliveries} deliveries" if stop.deliveries else ""
        parts = "; ".join(part for part in (work, heard) if part)
        self.stdout.write(f"{stop.at.astimezone(CIVIL):%Y-%m-%d %H:%M:%S}  {parts}")
