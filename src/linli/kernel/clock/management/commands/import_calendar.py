"""Import the holidays and make-up days of a year: shows what it would enter, and does it when asked to."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from linli.kernel.authority import SystemAuthority
from linli.kernel.clock.actions import import_days
from linli.kernel.clock.published import DayList, read_days
from linli.kernel.errors import LinliError


class Command(BaseCommand):
    help = "Import a calendar (.csv, .xlsx, .json: date, kind, name). Shows a preview first; --yes enters it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", default="", help="the notice it comes from; default: the file's name")
        parser.add_argument(
            "--provisional", action="store_true", help="the official notice is not out: deadlines stay provisional"
        )
        parser.add_argument("--yes", action="store_true", help="enter the days after the preview")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CommandError(
                _("打不开文件 %(path)s：%(reason)s") % {"path": path, "reason": error.strerror or error}
            ) from error
        try:
            listed = read_days(data, path.name)
            self._show(listed)
            if listed.problems or not options["yes"]:
                if listed.problems:
                    raise CommandError(_("还没有导入。请改正后重新导入整张表。"))
                self.stdout.write(_("还没有导入。加上 --yes 再运行一次即生效。"))
                return
            years = import_days(
                SystemAuthority(), listed, options["source"] or path.name, official=not options["provisional"]
            )
        except LinliError as error:
            raise CommandError(" ".join(str(part) for part in (error, error.what_next) if part)) from error
        self.stdout.write(_("已导入 %(years)s 年，时限会自动重算。") % {"years": "、".join(map(str, years))})

    def _show(self, listed: DayList) -> None:
        for problem in listed.problems:
            self.stdout.write(_("第 %(row)d 行：%(text)s") % {"row": problem.row, "text": problem.message})
        for year in listed.years:
            days = [day for day in listed.days if day.day.year == year]
            off = sum(day.kind == "off" for day in days)
            self.stdout.write(
                _("%(year)d 年：放假 %(off)d 天，调休上班 %(work)d 天。这一年原有的安排会整年替换。")
                % {"year": year, "off": off, "work": len(days) - off}
            )
