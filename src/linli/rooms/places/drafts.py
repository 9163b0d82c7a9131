"""Reading drafts: their features, what they would change, and everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from linli.kernel.errors import NotFound
from linli.kernel.geo.shapes import from_wkb, to_geojson
from linli.rooms.places import checks, drafting
from linli.rooms.places.models import GRID_KINDS, Boundary, DraftFeature, GridSet, Kind, Place
from linli.rooms.places.problems import Problem, from_stored, ordered


@dataclass
class Preview:
    """A draft as it stands: what it would do, and what is wrong with it."""

    draft: GridSet
    features: list[DraftFeature]
    problems: list[Problem]
    retiring: list[Place] = field(default_factory=list)

    @property
    def errors(self) -> int:
        return sum(problem.severity == "error" for problem in self.problems)

    @property
    def warnings(self) -> int:
        return len(self.problems) - self.errors

    @property
    def counts(self) -> dict[str, int]:
        """How many grids are new, changed, unchanged and ending."""
        new = sum(feature.place_id is None for feature in self.features)
        changed = sum(feature.place_id is not None and feature.changed for feature in self.features)
        return {
            "new": new,
            "changed": changed,
            "unchanged": len(self.features) - new - changed,
            "retiring": len(self.retiring),
        }


def get_draft(draft_id: int) -> GridSet:
    """A grid set by id; NotFound."""
    found = GridSet.objects.filter(id=draft_id).first()
    if found is None:
        raise NotFound()
    return found


def preview(draft_id: int) -> Preview:
    """The draft with its features and the problems of its last check."""
    draft = get_draft(draft_id)
    features = features_of(draft)
    return Preview(draft, features, ordered(from_stored(draft.problems)), retiring(draft, features))


def features_of(draft: GridSet) -> list[DraftFeature]:
    """The features in order, each with its community and the grid it continues."""
    return list(draft.features.select_related("community", "place").order_by("number"))


def shape_of(feature: DraftFeature) -> BaseGeometry | None:
    """The polygon (WGS-84), None when it could not be read."""
    return from_wkb(feature.polygon) if feature.polygon else None


def open_grids(communities: Sequence[int] | None = None) -> dict[int, tuple[Place, Boundary | None]]:
    """Grids without an end, with their boundary without an end; of these communities or of all."""
    rows = Place.objects.filter(kind__in=GRID_KINDS, valid_to__isnull=True)
    if communities is not None:
        rows = rows.filter(lineage__overlap=list(communities))
    places = {place.id: place for place in rows.order_by("level", "sort_key", "id")}
    boundaries = {
        boundary.place_id: boundary for boundary in Boundary.objects.filter(place_id__in=places, valid_to__isnull=True)
    }
    return {key: (place, boundaries.get(key)) for key, place in places.items()}


def retiring(draft: GridSet, features: Sequence[DraftFeature]) -> list[Place]:
    """The grids of the draft's communities that it no longer contains: they end when it is published."""
    if draft.state != GridSet.State.DRAFT:
        return []
    kept = {feature.place_id for feature in features}
    rows = Place.objects.filter(kind__in=GRID_KINDS, valid_to__isnull=True, lineage__overlap=draft.communities).exclude(
        id__in=[key for key in kept if key]
    )
    return list(rows.order_by("sort_key", "id"))


def community_polygons(ids: Sequence[int]) -> dict[int, BaseGeometry]:
    """Polygons of those communities that have one without an end."""
    rows = Boundary.objects.filter(place_id__in=ids, valid_to__isnull=True)
    return {boundary.place_id: from_wkb(boundary.polygon) for boundary in rows}


def reference_area(communities: Sequence[int]) -> BaseGeometry | None:
    """Where the grids of these communities ought to lie: their polygons, else their grids now, else the
    districts; None when nothing is known."""
    known = community_polygons(communities)
    if known and len(known) == len(communities):
        return shapely.union_all(list(known.values()))
    grids = [b for _place, b in open_grids(communities).values() if b is not None]
    if communities and grids:
        return shapely.union_all([from_wkb(b.polygon) for b in grids])
    districts = Boundary.objects.filter(place__kind=Kind.DISTRICT, valid_to__isnull=True)
    shapes = [from_wkb(boundary.polygon) for boundary in districts]
    return shapely.union_all(shapes) if shapes else None


def parents_of(features: Sequence[DraftFeature]) -> dict[int, int | None]:
    """For each micro-grid the number of the feature it lies in: as named, else by where its middle is."""
    grids = [feature for feature in features if feature.kind != Kind.MICRO]
    by_text: dict[tuple[int | None, str], int] = {}
    for grid in reversed(grids):
        for text in (grid.name_zh, grid.local_code, grid.code):
            if text:
                by_text[(grid.community_id, text)] = grid.number
                if text == grid.code:
                    by_text[(None, text)] = grid.number
    shapes = [(grid.number, shape) for grid in grids if (shape := shape_of(grid)) is not None]
    tree = shapely.STRtree([shape for _number, shape in shapes])
    found: dict[int, int | None] = {}
    for feature in features:
        if feature.kind != Kind.MICRO:
            continue
        text = feature.parent_text
        number = by_text.get((feature.community_id, text)) or by_text.get((None, text)) if text else None
        if number is None and not text and (shape := shape_of(feature)) is not None:
            middle = shapely.make_valid(shape).representative_point()
            hits = tree.query(middle, predicate="intersects").tolist()
            number = shapes[hits[0]][0] if hits else None
        found[feature.number] = number
    return found


def examine(draft: GridSet, features: Sequence[DraftFeature]) -> list[Problem]:
    """Every check of a draft: codes, communities, parents, geometry, and what the file itself showed."""
    found = from_stored(draft.options.get("file_problems", []))
    if any(problem.code in ("projected", "swapped", "elsewhere") for problem in found):
        return ordered(found)
    parents = parents_of(features)
    names = {feature.number: drafting.label_of(feature) for feature in features}
    for feature in features:
        if feature.kind == Kind.MICRO and parents.get(feature.number) is None:
            found.append(
                Problem(
                    "unknown_parent",
                    [feature.number],
                    [names[feature.number]],
                    {"parent": feature.parent_text},
                )
            )
    communities = {f.community_id: f.community for f in features if f.community is not None}
    retired = Place.objects.filter(
        kind__in=GRID_KINDS, valid_to__isnull=False, code__in=[f.code for f in features if f.code]
    ).values_list("code", flat=True)
    found += drafting.code_problems(
        [
            drafting.Coded(
                f.number,
                names[f.number],
                f.kind,
                f.code,
                f.local_code,
                f.place_id,
                f.community_id,
                f.community_text,
            )
            for f in features
        ],
        {key: place.code for key, place in communities.items() if key and place},
        list(retired),
    )
    pieces = [
        checks.Piece(
            f.number,
            names[f.number],
            f.kind,
            shape_of(f),
            f.community_id,
            parents.get(f.number),
            f.reason,
        )
        for f in features
    ]
    found += checks.check(pieces, _surroundings(draft, [key for key in communities if key]))
    return ordered(found)


def _surroundings(draft: GridSet, communities: Sequence[int]) -> checks.Surroundings:
    names = {place.id: place.name for place in Place.objects.filter(id__in=communities)}
    inside = set(draft.communities)
    neighbours = [
        (place.name, from_wkb(boundary.polygon))
        for place, boundary in open_grids().values()
        if boundary is not None and place.kind != Kind.MICRO and not inside & set(place.lineage)
    ]
    return checks.Surroundings(community_polygons(communities), names, neighbours)


def draft_geojson(draft_id: int) -> bytes:
    """The features of a draft for the map (WGS-84). Properties: number, kind, code, local_code, name,
    community_id, state ("new", "changed", "unchanged")."""
    parts = []
    for feature in features_of(get_draft(draft_id)):
        shape = shape_of(feature)
        if shape is None:
            continue
        state = "new" if feature.place_id is None else "changed" if feature.changed else "unchanged"
        item: dict[str, Any] = {
            "type": "Feature",
            "id": feature.number,
            "properties": {
                "number": feature.number,
                "kind": feature.kind,
                "code": feature.code,
                "local_code": feature.local_code,
                "name": drafting.label_of(feature),
                "community_id": feature.community_id,
                "state": state,
            },
            "geometry": to_geojson(shape),
        }
        parts.append(orjson.dumps(item))
    return b'{"type":"FeatureCollection","features":[' + b",".join(parts) + b"]}"
