"""Import divisions from a sheet, or those that ship with Linli."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from linli.kernel.authority import SystemAuthority
from linli.kernel.errors import LinliError
from linli.rooms.places import actions, sheets
from linli.rooms.places.management import files


class Command(BaseCommand):
    help = "Import divisions (区划) from a CSV or XLSX sheet with the columns code and name, or shipped ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", default="")
        parser.add_argument("--district", default="", help="take only this county (6 digits) from the sheet")
        parser.add_argument("--shipped", default="", metavar="CODE", help="take the divisions shipped for CODE")
        parser.add_argument("--effective", type=files.day, default=None, help="first day, YYYY-MM-DD")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["file"]) == bool(options["shipped"]):
            raise CommandError(_("请给出一个文件，或用 --shipped 430212 取随附的区划。"))
        try:
            if options["shipped"]:
                rows = sheets.shipped_divisions(options["shipped"])
            else:
                path = Path(options["file"])
                sheet = sheets.read_divisions(files.read(options["file"]), path.name, options["district"])
                if sheet.problems:
                    raise CommandError(_("没有导入。请先改好这些单元格：") + "\n" + files.cell_lines(sheet.problems))
                rows = sheet.rows
            counts = actions.import_divisions(SystemAuthority(), rows, valid_from=options["effective"])
        except LinliError as error:
            raise CommandError(str(error.message)) from error
        self.stdout.write(_("区划已导入：新增 %(created)d，改名 %(renamed)d，不变 %(unchanged)d。") % counts)
