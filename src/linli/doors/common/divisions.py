"""What a sheet of divisions would change, before anybody confirms it: for the administrators' pages and the set-up."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from linli.rooms.places import queries, rules
from linli.rooms.places.models import DIVISION_KINDS, Kind
from linli.rooms.places.sheets import CellProblem, DivisionRow, read_divisions, shipped_divisions


@dataclass(frozen=True, slots=True)
class DivisionChange:
    """A row with what it would do: "created", "renamed" (from `before`) or "unchanged"."""

    row: DivisionRow
    kind: str
    change: str
    before: str = ""


@dataclass
class DivisionPreview:
    """Everything a sheet says. It can be confirmed when `problems` is empty."""

    name: str
    rows: list[DivisionRow] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    changes: list[DivisionChange] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        kinds = ("created", "renamed", "unchanged")
        return {kind: sum(item.change == kind for item in self.changes) for kind in kinds}


def read(name: str, data: bytes, district: str = "") -> DivisionPreview:
    """A sheet and what it would change. Raises Refused when the file is no such sheet."""
    sheet = read_divisions(data, name, district)
    return _compared(DivisionPreview(name, sheet.rows, list(sheet.problems)))


def read_lines(name: str, data: bytes, district: str) -> DivisionPreview:
    """Lines that somebody typed for one district: what belongs to another one is a mistake, not left out."""
    sheet = read_divisions(data, name)
    found = DivisionPreview(name, list(sheet.rows), list(sheet.problems))
    for row in found.rows:
        if not row.code.startswith(district[:6]):
            words = _("代码 %(code)s 不属于本区县（%(district)s）") % {"code": row.code, "district": district[:6]}
            found.problems.append(CellProblem(row.number, "code", words))
    return _compared(found)


def shipped(code: str) -> DivisionPreview:
    """The shipped divisions of a district. Raises Refused when none ship for it."""
    return _compared(DivisionPreview(code, shipped_divisions(code)))


def _compared(found: DivisionPreview) -> DivisionPreview:
    known = {place.code: place for place in queries.valid().filter(kind__in=[str(kind) for kind in DIVISION_KINDS])}
    present = {row.code for row in found.rows} | set(known)
    for row in sorted(found.rows, key=lambda item: item.code):
        kind = rules.kind_of_code(row.code)
        above = rules.parent_code(row.code)
        if above and above not in present:
            found.problems.append(CellProblem(row.number, "code", _missing(above)))
        place = known.get(row.code)
        change = "created" if place is None else "unchanged" if place.name_zh == row.name else "renamed"
        before = place.name_zh if place is not None else ""
        found.changes.append(DivisionChange(row, str(Kind(kind).label), change, before))
    return found


def _missing(above: str) -> str:
    return _("找不到上级区划 %(code)s：表里要有它，或先建好") % {"code": above}
