"""Numbers of official papers, gap-free: counted in the transaction that uses them."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import journal
from linli.kernel.authority import Authority
from linli.kernel.errors import Refused
from linli.kernel.identifiers import clean_text
from linli.rooms.oversight.models import Register
from linli.rooms.oversight.rules import civil_year, default_prefix, number_text
from linli.rooms.places.models import Place

# The row stays locked until the transaction ends: two who issue at once get two numbers, and whoever gives up gives
# the number back. A new year begins with the prefix of the last one.
_NEXT = """
INSERT INTO oversight_register AS r (district_id, series, year, prefix, last) VALUES (%(district)s, %(series)s,
    %(year)s, coalesce((SELECT o.prefix FROM oversight_register o WHERE o.district_id = %(district)s
        AND o.series = %(series)s ORDER BY o.year DESC LIMIT 1), %(prefix)s), 1)
ON CONFLICT (district_id, series, year) DO UPDATE SET last = r.last + 1
RETURNING prefix, last
"""


def next_number(district: Place, series: str, now: dt.datetime) -> tuple[str, int, int]:
    """The next number of a district in the year of `now`: (text, year, serial). Inside a transaction."""
    year = civil_year(now)
    with connection.cursor() as cursor:
        cursor.execute(
            _NEXT,
            {
                "district": district.pk,
                "series": series,
                "year": year,
                "prefix": default_prefix(district.name_zh, series),
            },
        )
        prefix, serial = cursor.fetchone()
    return number_text(prefix, year, serial), year, serial


def set_prefix(by: Authority, district_id: int, series: str, year: int, prefix: str) -> Register:
    """Say how the numbers of a district begin in a year, while none has been given: those of a year are alike."""
    by.require("oversight.edit")
    prefix = clean_text(prefix or "", 12, "prefix", one_line=True)
    if not prefix:
        raise Refused(_("请填编号的字头，例如“渌督”。"), "register.prefix", "prefix")
    with transaction.atomic():
        row, made = Register.objects.select_for_update().get_or_create(
            district_id=district_id, series=series, year=year, defaults={"prefix": prefix}
        )
        if not made and row.last:
            raise Refused(
                _("今年已经用这个字头编过号，同一年的编号要一致。"),
                "register.used",
                "prefix",
                what_next=_("新字头从明年起用。"),
            )
        before = None if made else {"prefix": row.prefix}
        row.prefix = prefix
        row.save(update_fields=["prefix"])
        journal.record(
            action="oversight.prefix_set",
            actor=by.actor,
            object_type="register",
            object_id=row.pk,
            before=before,
            after={"prefix": prefix, "series": series, "year": year},
            place_ids=[district_id],
        )
    return row
