"""The kinds of bulletins: their rhythm, sections and readers, kept by the operator."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock, journal
from linli.kernel.authority import Authority
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.kernel.identifiers import clean_text
from linli.rooms.bulletins.actions.drafting import place_of, wait_anew
from linli.rooms.bulletins.models import Issue, Kind
from linli.rooms.bulletins.rhythm import Rhythm
from linli.rooms.bulletins.sections import SECTIONS
from linli.rooms.people.models import PostKind
from linli.rooms.places.models import Place

FIELDS = (
    "name_zh", "name_en", "house_zh", "prefix", "first_serial", "first_year", "place_id", "every", "day", "at",
    "off_day", "sections", "reader_kinds", "public", "active",
)  # fmt: skip


@transaction.atomic
def add_kind(by: Authority, code: str, given: Mapping[str, Any]) -> Kind:
    """A new kind. given: the fields of `FIELDS`; without a place it is the district's."""
    by.require("oversight.edit")
    code = code.strip().lower()
    if not re.fullmatch(r"[a-z][a-z0-9_-]{1,28}", code):
        raise Refused(_("代号请用小写字母、数字和短横，2 到 29 个字符。"), "bulletin.code", "code")
    if Kind.objects.filter(code=code).exists():
        raise Refused(_("已经有这个代号了。"), "bulletin.code_used", "code")
    kind = Kind(code=code, every="week", day=1, at=dt.time(8, 30))
    _take_in(kind, given)
    kind.save()
    _plan(kind)
    _record(by, kind, "kind_added", None)
    return kind


@transaction.atomic
def change_kind(by: Authority, code: str, given: Mapping[str, Any], *, version: int | None = None) -> Kind:
    """Change a kind; the next draft follows the new rhythm, what exists stays. Raises Conflict when it is stale."""
    by.require("oversight.edit")
    kind = Kind.objects.select_for_update(of=("self",)).filter(code=code).first()
    if kind is None:
        raise NotFound(_("没有这种通报。"), code="bulletin.kind_unknown")
    if version is not None and version != kind.version:
        raise Conflict(_("您打开以后，别人改过这种通报。"), code="bulletin.kind_changed", typed=dict(given))
    before = _facts(kind)
    _take_in(kind, given)
    if _facts(kind) == before:
        return kind
    kind.version += 1
    kind.save()
    _plan(kind)
    _record(by, kind, "kind_changed", before)
    return kind


def _take_in(kind: Kind, given: Mapping[str, Any]) -> None:
    for name in FIELDS:
        if name in given:
            setattr(kind, name, given[name])
    kind.name_zh = clean_text(kind.name_zh or "", 60, "name_zh", one_line=True)
    kind.name_en = clean_text(kind.name_en or "", 80, "name_en", one_line=True)
    kind.house_zh = clean_text(kind.house_zh or "", 60, "house_zh", one_line=True)
    kind.prefix = clean_text(kind.prefix or "", 12, "prefix", one_line=True)
    if not kind.name_zh:
        raise Refused(_("请填名称。"), "bulletin.kind_name", "name_zh")
    if not kind.prefix:
        raise Refused(_("请填文号字头，例如“渌网通”。"), "bulletin.prefix", "prefix")
    if Kind.objects.filter(prefix=kind.prefix).exclude(pk=kind.pk).exists():
        raise Refused(_("别的通报已经用了这个字头，文号会重复。"), "bulletin.prefix_used", "prefix")
    if kind.pk and "prefix" in given and Issue.objects.filter(kind=kind, year=_this_year()).exists():
        old = Kind.objects.values_list("prefix", flat=True).get(pk=kind.pk)
        if old != kind.prefix:
            raise Refused(_("今年已经用原来的字头编过号，新字头从明年起用。"), "bulletin.prefix_kept", "prefix")
    if not 1 <= (kind.first_serial or 0) <= 9999:
        raise Refused(_("从第几期起请填 1 到 9999。"), "bulletin.first_serial", "first_serial")
    if kind.place_id and not Place.objects.filter(pk=kind.place_id, kind__in=("district", "street")).exists():
        raise Refused(_("请选区县或者街道（乡镇）。"), "bulletin.place", "place_id")
    if not isinstance(kind.at, dt.time):
        raise Refused(_("请填几点，例如 08:30。"), "bulletin.at", "at")
    Rhythm(kind.every, kind.day, kind.at, kind.off_day)  # type: ignore[arg-type]
    kind.sections = [code for code in SECTIONS if code in kind.sections]
    if not any(SECTIONS[code].counted for code in kind.sections):
        raise Refused(_("请至少选一个有数字的部分。"), "bulletin.sections", "sections")
    known = set(PostKind.objects.values_list("code", flat=True))
    kind.reader_kinds = [code for code in dict.fromkeys(kind.reader_kinds) if code in known]


def _this_year() -> int:
    return clock.now().astimezone(CIVIL).year


def _plan(kind: Kind) -> None:
    now = clock.now()
    place = place_of(kind, now)
    if place is not None:
        wait_anew(kind, place, now)


def _facts(kind: Kind) -> dict[str, Any]:
    found = {name: getattr(kind, name) for name in FIELDS}
    found["at"] = f"{kind.at:%H:%M}" if isinstance(kind.at, dt.time) else str(kind.at)
    return found


def _record(by: Authority, kind: Kind, what: str, before: dict[str, Any] | None) -> None:
    after = _facts(kind)
    if before is not None:
        after = {name: value for name, value in after.items() if before[name] != value}
        before = {name: before[name] for name in after}
    journal.record(
        action=f"bulletin.{what}",
        actor=by.actor,
        object_type="bulletin_kind",
        object_id=kind.pk,
        before=before,
        after=after,
        place_ids=list(kind.place.lineage) if kind.place_id and kind.place else [],
    )
