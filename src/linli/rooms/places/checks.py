"""The geometry of a set of grids: what overlaps, what is left out, what reaches too far.

Tolerances, in one place:
- below NOISE_M2, or narrower than NOISE_WIDTH_M, a difference is rounding and is not mentioned;
- an overlap or gap narrower than SLIVER_WIDTH_M on average, or smaller than SLIVER_M2, is a sliver: two
  outlines drawn side by side. Slivers are warnings, real overlaps are errors;
- a gap is a warning, not an error: what lies in no grid falls to the community (属地兜底), visibly.
300 grids of 500 vertices take about one second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from linli.kernel.geo.metres import Plane
from linli.kernel.geo.shapes import flaw_of, polygons_of, to_geojson
from linli.rooms.places.problems import Problem

NOISE_M2 = 0.5
SLIVER_WIDTH_M = 1.0
SLIVER_M2 = 20.0
TINY_M2 = 20.0
NOISE_WIDTH_M = 0.02
SLIT_LENGTH_M = 10.0
SLIT_M = 0.5  # half the width of an open slit between grids that is still found
MAX_OF_A_KIND = 200


@dataclass
class Piece:
    """One grid to check. polygon: WGS-84, None when unreadable (`reason`)."""

    number: int
    name: str
    kind: str
    polygon: BaseGeometry | None
    community: int | None = None
    parent: int | None = None  # number of the piece a micro-grid lies in
    reason: str = ""


@dataclass
class Surroundings:
    """What the grids have to fit in: polygons by community id, names, untouched neighbours."""

    communities: dict[int, BaseGeometry] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    neighbours: list[tuple[str, BaseGeometry]] = field(default_factory=list)


class _Sheet:
    """The pieces on a plane in metres, invalid ones replaced by their mended versions."""

    def __init__(self, pieces: Sequence[Piece], around: Surroundings) -> None:
        self.pieces = [piece for piece in pieces if piece.polygon is not None and not piece.polygon.is_empty]
        self.around = around
        self.found: list[Problem] = []
        sound = [self._sound(piece) for piece in self.pieces]
        self.plane = Plane.around(sound)
        self.flat = self.plane.flatten_all(np.array(sound, dtype=object)) if sound else np.array([], dtype=object)

    def _sound(self, piece: Piece) -> BaseGeometry:
        assert piece.polygon is not None
        flaw = flaw_of(piece.polygon)
        if flaw is None:
            return piece.polygon
        code = "self_intersection" if "self_intersection" in flaw.kind else "invalid"
        self.found.append(
            Problem(
                code,
                [piece.number],
                [piece.name],
                {"lng": f"{flaw.lng:.6f}", "lat": f"{flaw.lat:.6f}", "flaw": flaw.kind.replace("_", " ")},
                {"type": "Point", "coordinates": [round(flaw.lng, 7), round(flaw.lat, 7)]},
                to_geojson(flaw.mended) if not flaw.mended.is_empty else None,
            )
        )
        return flaw.mended

    def add(self, code: str, rows: Sequence[int], area: BaseGeometry, extra: Sequence[str] = (), **params: str) -> None:
        """A finding with an area on the map."""
        size, width = float(area.area), mean_width(area)
        self.found.append(
            Problem(
                code,
                [self.pieces[row].number for row in rows],
                [self.pieces[row].name for row in rows] + list(extra),
                {"area": f"{size:,.0f}" if size >= 10 else f"{size:.1f}", "width": f"{width:.2f}", **params},
                to_geojson(self.plane.unfold(area)),
            )
        )


def check(pieces: Sequence[Piece], around: Surroundings | None = None) -> list[Problem]:
    """Everything the geometry shows to be wrong with a set of grids. Codes are checked in `drafting`."""
    sheet = _Sheet(pieces, around or Surroundings())
    for piece in pieces:
        if piece.polygon is None or piece.polygon.is_empty:
            sheet.found.append(Problem("unreadable", [piece.number], [piece.name], {"reason": piece.reason}))
    if sheet.pieces:
        _each(sheet)
        _overlaps(sheet)
        _neighbour_overlaps(sheet)
        _micro_inside(sheet)
        _communities(sheet)
        _gaps(sheet)
    return _not_too_many(sheet.found)


def mean_width(area: BaseGeometry) -> float:
    """Area over half the outline: the width of a long strip."""
    length = float(area.length)
    return 2 * float(area.area) / length if length else 0.0


def is_sliver(area: BaseGeometry) -> bool:
    """Whether an overlap or gap (in metres) is only two outlines not meeting."""
    return float(area.area) < SLIVER_M2 or mean_width(area) < SLIVER_WIDTH_M


def _each(sheet: _Sheet) -> None:
    areas = shapely.area(sheet.flat)
    for row, piece in enumerate(sheet.pieces):
        flat = sheet.flat[row]
        count = shapely.get_num_geometries(flat)
        if count > 1:
            sheet.found.append(
                Problem(
                    "several_parts",
                    [piece.number],
                    [piece.name],
                    {"count": str(count)},
                    to_geojson(sheet.plane.unfold(flat)),
                )
            )
        if areas[row] < TINY_M2:
            sheet.add("tiny", [row], flat)


def _layer(piece: Piece) -> str:
    return "micro" if piece.kind == "micro" else "grid"


def _overlaps(sheet: _Sheet) -> None:
    """Pairs of one layer that share an area."""
    flat = sheet.flat
    left, right = shapely.STRtree(flat).query(flat)
    pairs = left < right
    left, right = left[pairs], right[pairs]
    same_layer = np.array(
        [_layer(sheet.pieces[a]) == _layer(sheet.pieces[b]) for a, b in zip(left, right, strict=True)],
        dtype=bool,
    )
    left, right = left[same_layer], right[same_layer]
    if not len(left):
        return
    shared = shapely.intersection(flat[left], flat[right])
    areas = shapely.area(shared)
    for k in np.nonzero(areas > NOISE_M2)[0].tolist():
        a, b = int(left[k]), int(right[k])
        area = polygons_of(shared[k])
        if mean_width(area) <= NOISE_WIDTH_M:
            continue
        kinds = {sheet.pieces[a].kind, sheet.pieces[b].kind}
        if shapely.equals(flat[a], flat[b]):
            sheet.add("duplicate_shape", [a, b], area)
        elif is_sliver(area):
            sheet.add("sliver_overlap", [a, b], area)
        elif kinds == {"grid", "special"}:
            sheet.add("overlap_special", [a, b], area)
        else:
            sheet.add("overlap", [a, b], area)


def _neighbour_overlaps(sheet: _Sheet) -> None:
    """Overlaps with grids of other communities, which this draft leaves as they are."""
    rows = [row for row, piece in enumerate(sheet.pieces) if _layer(piece) == "grid"]
    if not rows or not sheet.around.neighbours:
        return
    tree = shapely.STRtree(sheet.flat[rows])
    for name, polygon in sheet.around.neighbours:
        other = sheet.plane.flatten(polygon)
        for position in tree.query(other, predicate="intersects").tolist():
            row = rows[position]
            area = polygons_of(shapely.intersection(sheet.flat[row], other))
            if area.area > NOISE_M2 and mean_width(area) > NOISE_WIDTH_M:
                sheet.add("sliver_overlap" if is_sliver(area) else "overlap", [row], area, [name])


def _micro_inside(sheet: _Sheet) -> None:
    by_number = {piece.number: row for row, piece in enumerate(sheet.pieces)}
    for row, piece in enumerate(sheet.pieces):
        if piece.kind == "micro" and piece.parent in by_number:
            parent = sheet.flat[by_number[piece.parent]]
            area = polygons_of(shapely.difference(sheet.flat[row], parent))
            if area.area > NOISE_M2 and not is_sliver(area):
                sheet.add("outside_parent", [row], area)


def _communities(sheet: _Sheet) -> None:
    """Grids that reach out of their community."""
    flats = {key: sheet.plane.flatten(polygon) for key, polygon in sheet.around.communities.items()}
    for polygon in flats.values():
        shapely.prepare(polygon)
    for row, piece in enumerate(sheet.pieces):
        home = flats.get(piece.community or 0)
        if home is None or shapely.covers(home, sheet.flat[row]):
            continue
        area = polygons_of(shapely.difference(sheet.flat[row], home))
        if area.area > NOISE_M2 and mean_width(area) > NOISE_WIDTH_M:
            name = sheet.around.names.get(piece.community or 0, "")
            code = "sliver_outside" if is_sliver(area) else "outside_community"
            sheet.add(code, [row], area, community=name)


def _gaps(sheet: _Sheet) -> None:
    """What no grid covers: inside a community whose border is known, else what the grids enclose."""
    rows = [row for row, piece in enumerate(sheet.pieces) if _layer(piece) == "grid"]
    if not rows:
        return
    near = [sheet.plane.flatten(polygon) for _name, polygon in sheet.around.neighbours]
    covered = shapely.union_all(np.array([*sheet.flat[rows], *near], dtype=object))
    tree = shapely.STRtree(sheet.flat[rows])
    communities = {sheet.pieces[row].community for row in rows}
    left: list[BaseGeometry] = []
    for key in sorted(k for k in communities if k in sheet.around.communities):
        home = sheet.plane.flatten(sheet.around.communities[key])
        for part in _worth_telling(shapely.difference(home, covered)):
            at_edge = bool(shapely.intersects(home.boundary, part))
            _gap(sheet, rows, tree, part, sheet.around.names.get(key, "") if at_edge else "")
            left.append(part)
    if communities - set(sheet.around.communities):
        for part in _enclosed(covered):
            if not any(shapely.intersects(part, known) for known in left):
                _gap(sheet, rows, tree, part, "")


def _gap(sheet: _Sheet, rows: list[int], tree: shapely.STRtree, part: BaseGeometry, community: str) -> None:
    touching = [rows[k] for k in sorted(tree.query(part, predicate="dwithin", distance=0.05).tolist())]
    if is_sliver(part):
        sheet.add("sliver_gap", touching, part, community=community)
    elif community:
        sheet.add("uncovered", touching, part, community=community)
    else:
        sheet.add("gap", touching, part, community=community)


def _worth_telling(area: BaseGeometry) -> list[BaseGeometry]:
    """The parts of an area that are more than rounding."""
    parts = shapely.get_parts(polygons_of(area))
    return [part for part in parts if part.area > NOISE_M2 and mean_width(part) > NOISE_WIDTH_M]


def _enclosed(covered: BaseGeometry) -> list[BaseGeometry]:
    """Holes and slits of a set of grids whose outer border nobody knows.

    Everything is grown by half a metre, so that a hole that leaks out between two corners that miss each
    other by some centimetres is still a hole. Growing and shrinking also fills slits, open or closed, and
    a crumb in each acute corner of the outline: those are shorter than SLIT_LENGTH_M and are dropped.
    """
    grown = shapely.simplify(covered, NOISE_WIDTH_M).buffer(SLIT_M, join_style="mitre")
    rings = [ring for part in shapely.get_parts(grown) for ring in getattr(part, "interiors", [])]
    found: list[BaseGeometry] = []
    for ring in rings:
        hole = shapely.Polygon(ring).buffer(2 * SLIT_M, join_style="mitre")
        found += _worth_telling(shapely.difference(hole, covered))
    slits = shapely.difference(grown.buffer(-SLIT_M, join_style="mitre"), covered)
    for part in _worth_telling(slits):
        if part.length / 2 > SLIT_LENGTH_M and not any(shapely.intersects(part, hole) for hole in found):
            found.append(part)
    return found


def _not_too_many(problems: list[Problem]) -> list[Problem]:
    """At most MAX_OF_A_KIND of each kind: a file in the wrong system would list everything."""
    seen: dict[str, int] = {}
    kept = []
    for problem in problems:
        seen[problem.code] = seen.get(problem.code, 0) + 1
        if seen[problem.code] <= MAX_OF_A_KIND:
            kept.append(problem)
    return kept
