"""Import grids from GeoJSON: shows what is wrong, keeps a draft, publishes when asked to."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from linli.kernel.authority import SystemAuthority
from linli.kernel.errors import LinliError
from linli.kernel.geo import read_system
from linli.rooms.places import actions
from linli.rooms.places.management import files


class Command(BaseCommand):
    help = "Import grids (网格) from a GeoJSON file into a draft; with --publish put it in force."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--system", default="", help="wgs84, cgcs2000, gcj02 or bd09")
        parser.add_argument("--swap", action="store_true", help="exchange longitude and latitude")
        parser.add_argument("--trust-system", action="store_true", help="the system is right, do not doubt it")
        parser.add_argument("--effective", type=files.day, default=None, help="first day, YYYY-MM-DD")
        parser.add_argument("--publish", action="store_true", help="put the draft in force")
        parser.add_argument("--accept-warnings", action="store_true", help="publish although there are warnings")

    def handle(self, *args: Any, **options: Any) -> None:
        by = SystemAuthority()
        data = files.read(options["file"])
        try:
            preview = actions.preview_import(
                by,
                data,
                system=read_system(options["system"]) if options["system"] else None,
                filename=Path(options["file"]).name,
                swap=options["swap"],
                trust_system=options["trust_system"],
            )
            for problem in preview.problems:
                mark = _("错误") if problem.severity == "error" else _("提醒")
                self.stdout.write(f"{mark}  {problem.message} {problem.what_next}")
            self.stdout.write(
                _("草稿第 %(number)d 版：新增 %(new)d，变化 %(changed)d，不变 %(unchanged)d，停用 %(retiring)d。")
                % {"number": preview.draft.number, **preview.counts}
            )
            if not options["publish"]:
                self.stdout.write(_("还没有生效。加上 --publish 再运行一次即发布。"))
                return
            made = actions.publish_import(
                by,
                preview.draft.id,
                effective_from=options["effective"],
                accept_warnings=options["accept_warnings"],
            )
        except LinliError as error:
            raise CommandError(str(error.message)) from error
        self.stdout.write(
            _("第 %(number)d 版已发布，%(day)s 起生效。") % {"number": made.number, "day": made.effective_from}
        )
