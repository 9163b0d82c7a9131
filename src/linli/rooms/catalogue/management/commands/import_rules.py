"""Import filing rules from a city's sheet: shows what it would do, and does it when asked to."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from linli.kernel.authority import SystemAuthority
from linli.kernel.errors import LinliError
from linli.rooms.catalogue import actions, preview
from linli.rooms.catalogue.sheet import CONVENTIONS


class Command(BaseCommand):
    help = "Import filing rules (立案条件 → 结案条件 → 时限) from a city's sheet (.xlsx). Shows a preview first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--yes", action="store_true", help="put the rules in force after the preview")
        parser.add_argument("--without-refused", action="store_true", help="import the rest although rows were refused")
        parser.add_argument(
            "--convention",
            choices=sorted(CONVENTIONS),
            default="working",
            help="how bare hours and days are meant: working time (default) or round the clock",
        )
        parser.add_argument("--name", default="", help="name of the rule set; default: the title in the sheet")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        by = SystemAuthority()
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CommandError(
                _("打不开文件 %(path)s：%(reason)s") % {"path": path, "reason": error.strerror or error}
            ) from error
        try:
            draft = actions.preview_rules(by, data, path.name, convention=options["convention"], name=options["name"])
            self._show(preview.view(draft))
            if options["yes"]:
                made = actions.confirm_rules(by, draft.pk, accept_refusals=options["without_refused"])
                count = {"count": made.rules.count(), "name": made.name}
                self.stdout.write(_("已启用 %(count)d 条规则：%(name)s") % count)
            else:
                self.stdout.write(_("还没有导入。加上 --yes 再运行一次即启用。"))
        except LinliError as error:
            raise CommandError(" ".join(str(part) for part in (error, error.what_next) if part)) from error

    def _show(self, found: preview.DraftView) -> None:
        for name, count in found.sheets.items():
            self.stdout.write(_("工作表“%(name)s”：%(count)d 条规则") % {"name": name, "count": count})
        for remark in (*found.refusals, *found.notes):
            kind = _("不能导入") if remark.kind == "refusal" else _("请留意")
            self.stdout.write(f"  {kind} {remark.sheet}!{remark.cell}  {remark.reason} {remark.proposal}")
        for entry in found.entries:
            if entry.unsure and entry.item:
                self.stdout.write(
                    _("  请核对 %(sheet)s 第 %(row)d 行：%(name)s → %(key)s %(item)s")
                    % {
                        "sheet": entry.sheet,
                        "row": entry.row,
                        "name": entry.name,
                        "key": entry.item.key,
                        "item": entry.item.name,
                    }
                )
        for entry in found.fresh:
            self.stdout.write(
                _("  新建本地事项 %(name)s（%(class)s）")
                % {"name": entry.name, "class": entry.matter_class.name if entry.matter_class else ""}
            )
        self.stdout.write(
            _("共 %(rules)d 条规则，%(changed)d 个事项的规则有变，%(kept)d 个事项沿用默认规则。")
            % {"rules": found.rules, "changed": len(found.changed), "kept": found.kept}
        )
