"""Import the borders of divisions from GeoJSON."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from linli.kernel.authority import SystemAuthority
from linli.kernel.errors import LinliError
from linli.kernel.geo import read_system
from linli.rooms.places import actions
from linli.rooms.places.management import files


class Command(BaseCommand):
    help = "Import borders of divisions (区划边界) from GeoJSON whose features carry `code`: all, or none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--system", required=True, help="wgs84, cgcs2000, gcj02 or bd09")
        parser.add_argument("--effective", type=files.day, default=None, help="first day, YYYY-MM-DD")

    def handle(self, *args: Any, **options: Any) -> None:
        data = files.read(options["file"])
        try:
            count = actions.import_division_boundaries(
                SystemAuthority(),
                data,
                system=read_system(options["system"]),
                valid_from=options["effective"],
            )
        except LinliError as error:
            raise CommandError(str(error.message)) from error
        self.stdout.write(_("区划边界已导入：%(count)d 个。") % {"count": count})
