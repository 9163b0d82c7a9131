"""Import a list of problems (.xlsx, .csv): shows what it would take in, and does it when asked to."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from linli.kernel.errors import LinliError
from linli.rooms.cases.actions.lists import FORMS, amend_row, preview_list, take_in_list
from linli.rooms.people.models import Account
from linli.rooms.people.rights import viewer_of


class Command(BaseCommand):
    help = "Import a list of problems (问题清单). Shows a preview first; --yes takes it in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", required=True, help="user name of who imports; needs the duty to import lists")
        parser.add_argument("--name", default="", help="name of the list; default: the file's")
        parser.add_argument("--system", default="wgs84", choices=("wgs84", "cgcs2000", "gcj02", "bd09"))
        parser.add_argument(
            "--form", default="sheet", choices=sorted(FORMS), help="sheet (default), or what FixMyStreet exports as CSV"
        )
        parser.add_argument("--with-ended", action="store_true", help="also rows that had ended in the other program")
        parser.add_argument("--yes", action="store_true", help="take the list in after the preview")
        parser.add_argument("--without-refused", action="store_true", help="leave out the rows that were refused")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CommandError(
                _("打不开文件 %(path)s：%(reason)s") % {"path": path, "reason": error.strerror or error}
            ) from error
        account = Account.objects.filter(username=options["by"]).first()
        if account is None:
            raise CommandError(_("没有用户“%(name)s”。") % {"name": options["by"]})
        viewer = viewer_of(account)
        try:
            draft = preview_list(
                data,
                path.name,
                options["name"],
                viewer=viewer,
                system=options["system"],
                form=options["form"],
                with_ended=options["with_ended"],
            )
            wrong = [row for row in draft.rows if row["problems"] and not row["left_out"]]
            for row in wrong:
                for problem in row["problems"]:
                    self.stdout.write(
                        _("第 %(n)d 行 %(column)s：%(text)s") % {"n": row["n"], **problem}
                    )
            self.stdout.write(
                _("共 %(rows)d 行，%(wrong)d 行有问题。") % {"rows": len(draft.rows), "wrong": len(wrong)}
            )
            self._tell_known(draft.rows)
            if not options["yes"]:
                self.stdout.write(_("还没有导入。可以在工作台的“导入清单”里接着改，或加上 --yes 再运行一次。"))
                return
            if options["without_refused"]:
                for row in wrong:
                    amend_row(draft.pk, row["n"], {"left_out": "1"}, viewer=viewer)
            done = take_in_list(draft.pk, viewer=viewer)
        except LinliError as error:
            raise CommandError(" ".join(str(part) for part in (error, error.what_next) if part)) from error
        self.stdout.write(_("已导入 %(n)d 件。") % {"n": done.case_count})

    def _tell_known(self, rows: list[dict[str, Any]]) -> None:
        """What another program's list brings that is here already, or has ended there."""
        already = sum(bool(row.get("already")) for row in rows)
        ended = sum(row["left_out"] for row in rows)
        if already:
            self.stdout.write(_("其中 %(n)d 件以前已经导入，不会重复。") % {"n": already})
        if ended:
            self.stdout.write(_("其中 %(n)d 件在原系统已办结，不导入；要一并导入请加上 --with-ended。") % {"n": ended})
