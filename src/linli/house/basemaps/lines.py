"""Lines of a map put together: pieces of one road into one, a coastline into the sea beside it. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry


def joined(lines: Iterable[BaseGeometry]) -> list[BaseGeometry]:
    """The same lines in fewer pieces: joined where just two of them meet, exact repetitions dropped."""
    parts = list({shapely.normalize(part).wkb: part for line in lines for part in shapely.get_parts(line)}.values())
    parts = [part for part in parts if part.geom_type == "LineString"]
    return list(shapely.get_parts(shapely.line_merge(shapely.MultiLineString(parts)))) if parts else []


def sea(coast: list[BaseGeometry], window: BaseGeometry) -> list[BaseGeometry]:
    """The faces of the window that lie on the water's side of a coastline.

    In OpenStreetMap the land lies to the left of a coastline, the water to its right. coast: lines clipped to
    the window; one that ends inside it encloses nothing and is not drawn.
    """
    if not coast:
        return []
    lines = [part for line in coast for part in shapely.get_parts(line)]
    faces = shapely.get_parts(
        shapely.polygonize([shapely.unary_union([*lines, window.exterior])])  # type: ignore[attr-defined]
    )
    right = _beside(lines)
    tree = shapely.STRtree(right)
    return [face for face in faces if len(tree.query(face, predicate="contains"))]


def _beside(lines: list[BaseGeometry]) -> list[BaseGeometry]:
    """Points a hair's breadth (about 10 cm) to the right of the middle of every line's longest segment."""
    points = []
    for line in lines:
        coords = shapely.get_coordinates(line)
        steps = np.diff(coords, axis=0)
        lengths = np.hypot(steps[:, 0], steps[:, 1])
        k = int(lengths.argmax())
        if lengths[k] > 0:
            middle = (coords[k] + coords[k + 1]) / 2
            points.append(shapely.Point(middle + np.array([steps[k, 1], -steps[k, 0]]) / lengths[k] * 1e-6))
    return points
