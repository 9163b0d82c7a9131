"""The demo's 101 units and its responsibility matrix, as plain rows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from stdnum.cn import uscc

from linli.demo import frame, plan
from linli.demo.town import Town

DISTRICT = "430212"


@dataclass(frozen=True)
class UnitRow:
    """A unit. `place_code`: the division it sits in or answers for; `grid_keys`: the grids it has claimed."""

    key: str
    code: str
    name_zh: str
    name_en: str
    kind: str
    credit_code: str
    place_code: str
    phone: str
    grid_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class MatrixRow:
    """For this matter at this place (and time of day) that unit answers.

    `place_key` is a division code or the key of a grid; `matter` an item key, a class key or "" for all.
    """

    matter: str
    place_key: str
    unit_key: str
    from_time: str = ""
    to_time: str = ""
    note: str = ""


_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def credit_code(number: int, kind: str) -> str:
    """A made-up unified credit code (GB 32100) with right check characters.

    The organisation part begins with five zeros, which no register gives out.
    """
    body = f"00000{number:03d}"
    weighted = sum(int(sign) * weight for sign, weight in zip(body, _WEIGHTS, strict=True))
    check = (11 - weighted % 11) % 11
    organisation = body + ("X" if check == 10 else str(check))
    authority = {"enterprise": "91", "institution": "12", "community": "55"}.get(kind, "11")
    head = f"{authority}{DISTRICT}{organisation}"
    return head + str(uscc.calc_check_digit(head))


def landline(number: int) -> str:
    """A made-up duty number: local numbers never begin with 0, so nobody's telephone rings."""
    return f"0731-0766{number:04d}"


def units(town: Town) -> list[UnitRow]:
    """All 101 units; departments, enterprises and institutions claim grids in turn, each about one.

    In a town with fewer grids than units several units share a grid, as in the district modelled on.
    """
    grids = [grid.key for grid in town.unit_grids()]
    rows: list[UnitRow] = []
    for number, row in enumerate(frame.read_data("units.json")["units"], start=1):
        claims: tuple[str, ...] = ()
        if row["kind"] not in ("street", "community"):
            claims = (grids[_pick(row["key"], len(grids), number)],)
        rows.append(
            UnitRow(
                row["key"],
                f"U{number:03d}",
                row["zh"],
                row["en"],
                row["kind"],
                credit_code(number, row["kind"]),
                row["place"],
                landline(number),
                claims,
            )
        )
    return rows


def _pick(key: str, count: int, number: int) -> int:
    """Every grid gets a unit before any gets a third; the rest is spread by name."""
    if number <= count * 2:
        return (number - 1) % count
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) % count


_COMMITTEES = {
    "430212100003": "c_xs",
    "430212100009": "c_sxz",
    "430212100010": "c_xy",
    "430212100011": "c_fbl",
    "430212100012": "c_jlq",
}


def committee_of(community_code: str) -> str:
    """Key of the unit that is the community's own committee; its town's government where it has none."""
    if community_code in _COMMITTEES:
        return _COMMITTEES[community_code]
    return next(str(row["key"]) for row in frame.read_data("units.json")["units"] if row["place"] == community_code[:9])


def matrix(town: Town) -> list[MatrixRow]:
    """The responsibility matrix with every group of places written out."""
    special = {
        kind: grid.key
        for kind, name, _english in plan.SPECIAL_CELLS.values()
        for grid in town.grids
        if grid.level == "special" and grid.name_zh == name
    }
    governments = {
        row["place"]: row["key"] for row in frame.read_data("units.json")["units"] if row["kind"] == "street"
    }
    out: list[MatrixRow] = []
    for row in frame.read_data("matrix.json")["rows"]:
        place, facts = row["place"], (row.get("from", ""), row.get("to", ""), row.get("note", ""))
        if place == "communities":
            pairs = list(_COMMITTEES.items())
        elif place == "towns":
            pairs = list(governments.items())
        elif place.startswith("special:"):
            pairs = [(special[kind], row["unit"]) for kind in [place.split(":")[1]] if kind in special]
        else:
            pairs = [(place, row["unit"])]
        out += [MatrixRow(row["matter"], place_key, unit, *facts) for place_key, unit in pairs]
    return out
