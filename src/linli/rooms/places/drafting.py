"""Pure: from the features of a file to the features of a draft, and what their codes and system tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from linli.kernel.geo.metres import Plane, distance_m
from linli.kernel.geo.points import looks_swapped
from linli.kernel.geo.shapes import RawFeature
from linli.kernel.geo.systems import SYSTEMS, System, geometry_to_wgs84
from linli.rooms.places.models import Kind
from linli.rooms.places.problems import Problem

_TITLES: dict[str, tuple[str, ...]] = {
    "kind": ("kind", "type", "类型", "网格类型"),
    "code": ("code", "编码", "网格编码", "网格代码", "代码"),
    "local_code": ("local_code", "localcode", "自编号", "编号", "网格编号"),
    "name_zh": ("name", "name_zh", "名称", "网格名称"),
    "name_en": ("name_en", "英文名称"),
    "community": ("community", "community_code", "社区", "社区代码", "社区编码", "所属社区", "所在社区"),
    "parent": ("parent", "上级", "上级网格", "所属网格"),
}
_KIND_WORDS: dict[str, str] = {
    "": Kind.GRID,
    "grid": Kind.GRID,
    "general": Kind.GRID,
    "网格": Kind.GRID,
    "普通网格": Kind.GRID,
    "综合网格": Kind.GRID,
    "单元网格": Kind.GRID,
    "special": Kind.SPECIAL,
    "专属": Kind.SPECIAL,
    "专属网格": Kind.SPECIAL,
    "专属网格单元": Kind.SPECIAL,
    "micro": Kind.MICRO,
    "微网格": Kind.MICRO,
}
# Longitude/latitude of projected coordinates: nothing on earth has |longitude| over 180.
_DEGREES = 360.0


@dataclass
class Read:
    """A feature as a draft wants it. shape: still in the file's system."""

    number: int
    kind: str
    code: str
    local_code: str
    name_zh: str
    name_en: str
    community: str
    parent: str
    shape: BaseGeometry | None
    reason: str


def _text(value: Any, longest: int) -> str:
    if value is None or isinstance(value, (dict, list, bool)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).split())[:longest]


def read_feature(raw: RawFeature) -> tuple[Read, Problem | None]:
    """The known properties of a feature under whatever title they stand, and an unknown kind as a problem."""
    by_title = {str(title).strip().lower().replace(" ", ""): value for title, value in raw.properties.items()}
    found: dict[str, Any] = {}
    for name, titles in _TITLES.items():
        found[name] = next((by_title[t] for t in titles if by_title.get(t) not in (None, "")), None)
    word = _text(found["kind"], 40).lower()
    name = _text(found["name_zh"], 100)
    read = Read(
        number=raw.number,
        kind=_KIND_WORDS.get(word, Kind.GRID),
        code=_text(found["code"], 40),
        local_code=_text(found["local_code"], 40),
        name_zh=name,
        name_en=_text(found["name_en"], 150),
        community=_text(found["community"], 100),
        parent=_text(found["parent"], 100),
        shape=raw.shape,
        reason=str(raw.reason)[:200],
    )
    if word in _KIND_WORDS:
        return read, None
    return read, Problem("unknown_kind", [raw.number], [label_of(read)], {"kind": word})


def label_of(read: Any) -> str:
    """How a feature is called in findings: its name, else a code, else its number in the file."""
    return read.name_zh or read.local_code or read.code or f"#{read.number}"


def swapped(shape: BaseGeometry) -> BaseGeometry:
    """Longitude and latitude exchanged."""
    return shapely.transform(shape, lambda coords: coords[:, ::-1])


def file_problems(reads: Sequence[Read]) -> list[Problem]:
    """Coordinates that cannot be (lng, lat): projected metres or swapped numbers."""
    projected: list[Read] = []
    turned: list[Read] = []
    for read in reads:
        if read.shape is None:
            continue
        west, south, east, north = (float(v) for v in read.shape.bounds)
        if max(abs(west), abs(east)) > _DEGREES or max(abs(south), abs(north)) > _DEGREES:
            projected.append(read)
        elif looks_swapped(west, south) or max(abs(south), abs(north)) > 90:
            turned.append(read)
    found = []
    if projected:
        found.append(Problem("projected", [r.number for r in projected], [label_of(r) for r in projected]))
    if turned:
        found.append(Problem("swapped", [r.number for r in turned], [label_of(r) for r in turned]))
    return found


def crs_system(crs_name: str) -> str:
    """The system a file names itself: one of ours, "other" for one we do not read, "" for none."""
    if not crs_name:
        return ""
    plain = crs_name.upper().replace(" ", "")
    if "CRS84" in plain or re.search(r"EPSG:{1,2}(\d*:)?4326$", plain):
        return "wgs84"
    if re.search(r"EPSG:{1,2}(\d*:)?(4490|4480)$", plain) or "CGCS2000" in plain:
        return "cgcs2000"
    for system in ("gcj02", "bd09"):
        if system.upper() in plain.replace("-", ""):
            return system
    return "other"


def system_problems(
    shapes: Sequence[BaseGeometry], stated: str, crs_name: str, reference: BaseGeometry | None
) -> list[Problem]:
    """Whether the stated system fits: against the file's own word, and against the area it should fill.

    shapes: in the file's system. reference: where the grids ought to lie, WGS-84, or None when unknown.
    """
    found: list[Problem] = []
    own = crs_system(crs_name)
    same = {"wgs84": "wgs84", "cgcs2000": "wgs84"}
    if own and stated and own != "other" and same.get(own, own) != same.get(stated, stated):
        found.append(Problem("system_conflict", params={"crs": crs_name, "stated": _name(stated)}))
    outside = _outside_by_system(shapes, reference) if reference is not None and shapes else {}
    order = list(SYSTEMS)
    ranked = sorted(outside, key=lambda system: (round(outside[system], 3), order.index(system)))
    best = ranked[0] if ranked else None
    if not stated:
        if best and outside[best] < 0.05:
            found.append(Problem("system_missing", params={"better": _name(best)}))
        else:
            found.append(Problem("system_unknown"))
        return found
    if best is None or stated not in outside:
        return found
    share = outside[_system(stated)]
    if share > 0.98 and outside[best] > 0.98 and reference is not None:
        middle, other = shapely.total_bounds(list(shapes)), reference.bounds
        away = distance_m(
            float(middle[0] + middle[2]) / 2,
            float(middle[1] + middle[3]) / 2,
            (other[0] + other[2]) / 2,
            (other[1] + other[3]) / 2,
        )
        found.append(Problem("elsewhere", params={"distance": f"{away / 1000:,.0f}"}, names=["#1…"]))
    elif share > 0.02 and outside[best] < share / 2:
        found.append(
            Problem(
                "system_suspect",
                params={
                    "stated": _name(stated),
                    "better": _name(best),
                    "outside": f"{share * 100:.1f}",
                    "remaining": f"{outside[best] * 100:.1f}",
                },
            )
        )
    return found


def _system(text: str) -> System:
    return text  # type: ignore[return-value]


def _name(system: str) -> str:
    return {"wgs84": "WGS-84", "cgcs2000": "CGCS2000", "gcj02": "GCJ-02", "bd09": "BD-09"}.get(system, system)


def _outside_by_system(shapes: Sequence[BaseGeometry], reference: BaseGeometry) -> dict[System, float]:
    """For each system the share of the area that would lie outside the reference."""
    plane = Plane.around([reference])
    home = plane.flatten(reference)
    shapely.prepare(home)
    result: dict[System, float] = {}
    for system in SYSTEMS:
        moved = [shapely.make_valid(geometry_to_wgs84(shape, system)) for shape in shapes]
        flat = plane.flatten_all(np.array(moved, dtype=object))
        total = float(shapely.area(flat).sum())
        inside = float(shapely.area(shapely.intersection(flat, home)).sum())
        result[system] = 1 - inside / total if total else 0.0
    return result


@dataclass
class Coded:
    """What the check of codes needs of a feature. place: id of the grid it continues."""

    number: int
    name: str
    kind: str
    code: str
    local_code: str
    place: int | None
    community: int | None
    community_text: str


def code_problems(
    features: Sequence[Coded], community_codes: Mapping[int, str], retired: Iterable[str]
) -> list[Problem]:
    """Unknown communities, malformed, double, retired and misplaced codes.

    community_codes: 12-digit code by community id. retired: codes of grids that have ended.
    """
    found: list[Problem] = []
    ended = set(retired)
    by_code: dict[str, list[Coded]] = {}
    by_local: dict[tuple[int | None, str, str], list[Coded]] = {}
    for item in features:
        who = ([item.number], [item.name])
        if item.community is None:
            code = "unknown_community" if item.community_text else "missing_community"
            found.append(Problem(code, *who, {"community": item.community_text}))
        if item.code:
            by_code.setdefault(item.code, []).append(item)
            home = community_codes.get(item.community or 0, "")
            if not re.fullmatch(r"[0-9]{15}", item.code):
                found.append(Problem("bad_code", *who, {"code": item.code}))
            elif item.place is None and item.code in ended:
                found.append(Problem("code_retired", *who, {"code": item.code}))
            elif item.place is None and home and not item.code.startswith(home):
                found.append(Problem("code_elsewhere", *who, {"code": item.code}))
        if item.local_code:
            by_local.setdefault((item.community, item.kind, item.local_code), []).append(item)
    for code, items in by_code.items():
        if len(items) > 1:
            found.append(_double("duplicate_code", code, items))
    for (_community, _kind, code), items in by_local.items():
        if len(items) > 1:
            found.append(_double("duplicate_local_code", code, items))
    return found


def _double(problem: str, code: str, items: Sequence[Coded]) -> Problem:
    return Problem(
        problem,
        [item.number for item in items],
        [item.name for item in items],
        {"code": code, "count": str(len(items))},
    )
