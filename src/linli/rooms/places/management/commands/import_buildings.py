"""Import buildings from a sheet."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from linli.kernel.authority import SystemAuthority
from linli.kernel.errors import LinliError
from linli.kernel.geo import read_system
from linli.rooms.places import actions, sheets
from linli.rooms.places.management import files


class Command(BaseCommand):
    help = "Import buildings (楼栋) from a CSV or XLSX sheet: all rows, or none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--system", default="wgs84", help="of the coordinates: wgs84, cgcs2000, gcj02, bd09")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sheet = sheets.read_buildings(
                files.read(options["file"]), Path(options["file"]).name, read_system(options["system"])
            )
            if sheet.problems:
                raise CommandError(_("没有导入。请先改好这些单元格：") + "\n" + files.cell_lines(sheet.problems))
            count = actions.import_buildings(SystemAuthority(), sheet.rows)
        except LinliError as error:
            raise CommandError(str(error.message)) from error
        self.stdout.write(_("楼栋已导入：%(count)d 栋。") % {"count": count})
