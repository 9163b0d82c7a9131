"""Turning a checked draft into places and boundaries. Used by `grids.publish_import` only."""

from __future__ import annotations

import datetime as dt
from typing import Any

import shapely

from linli.kernel.geo.metres import area_m2
from linli.kernel.geo.shapes import from_wkb, to_wkb
from linli.rooms.places import drafts, rules
from linli.rooms.places.actions.base import link_successors, prepared
from linli.rooms.places.models import GRID_KINDS, Boundary, DraftFeature, GridSet, Kind, Place

FOLLOWS_SHARE = 0.1  # an ended grid is followed by whatever took over a tenth of its area


class Publisher:
    """Writes one draft, in order: number what is new, end what ends, then grids before micro-grids."""

    def __init__(self, draft: GridSet, preview: drafts.Preview, day: dt.date) -> None:
        self.draft = draft
        self.features = preview.features
        self.retiring = preview.retiring
        self.day = day
        self.parents = drafts.parents_of(preview.features)
        self.existing = drafts.open_grids(draft.communities)
        self.place_of: dict[int, Place] = {}  # by feature number

    def publish(self) -> dict[str, Any]:
        """Do it; returns the codes and ids that were created, reshaped, renamed and retired."""
        self._assign_codes()
        created: list[Place] = []
        reshaped: list[int] = []
        boundaries: list[Boundary] = []
        ended = [place.id for place in self.retiring]
        Place.objects.filter(id__in=ended).update(valid_to=self.day)
        Boundary.objects.filter(place_id__in=ended, valid_to__isnull=True).update(valid_to=self.day)
        for level in (False, True):
            fresh: list[Place] = []
            for feature in self.features:
                if (feature.kind == Kind.MICRO) is not level:
                    continue
                if feature.place is None:
                    place = self._new_place(feature)
                    fresh.append(place)
                    boundaries.append(self._boundary(place, feature))
                else:
                    place = feature.place
                    if self._update(feature, place):
                        reshaped.append(place.id)
                        boundaries.append(self._boundary(place, feature))
                self.place_of[feature.number] = place
            created += Place.objects.bulk_create(fresh, batch_size=500)
        Boundary.objects.bulk_create(boundaries, batch_size=500)
        self._successors()
        return {
            "created": [{"id": place.id, "code": place.code, "name": place.name_zh} for place in created],
            "reshaped": reshaped,
            "retired": ended,
        }

    def _assign_codes(self) -> None:
        """15-digit codes for grids without one; local codes for micro-grids without one."""
        used = list(
            Place.objects.filter(kind__in=GRID_KINDS, code__gt="").values_list("code", flat=True).distinct()
        ) + [feature.code for feature in self.features if feature.code]
        waiting: dict[int, list[DraftFeature]] = {}
        for feature in self.features:
            if not feature.code and feature.kind != Kind.MICRO and feature.community_id:
                waiting.setdefault(feature.community_id, []).append(feature)
        for features in waiting.values():
            community = features[0].community
            assert community is not None  # grouped by it
            codes = rules.assign_codes(community.code, [from_wkb(f.polygon) for f in features], used)
            for feature, code in zip(features, codes, strict=True):
                feature.code = code
                if not feature.name_zh:
                    feature.name_zh = f"{int(code[12:])}号网格"
                    feature.name_en = feature.name_en or f"Grid {int(code[12:])}"
        self._number_micro()
        for feature in self.features:
            feature.name_zh = feature.name_zh or feature.local_code or feature.code

    def _number_micro(self) -> None:
        by_number = {feature.number: feature for feature in self.features}
        waiting: dict[int, list[DraftFeature]] = {}
        taken: dict[int, int] = {}
        for feature in self.features:
            parent = self.parents.get(feature.number)
            if feature.kind != Kind.MICRO or parent is None:
                continue
            if feature.local_code:
                tail = feature.local_code.rsplit("-", 1)[-1]
                taken[parent] = max(taken.get(parent, 0), int(tail) if tail.isdigit() else 0)
            else:
                waiting.setdefault(parent, []).append(feature)
        for parent, features in waiting.items():
            shapes = [from_wkb(feature.polygon) for feature in features]
            for feature, number in zip(features, rules.numbered(shapes, taken.get(parent, 0) + 1), strict=True):
                feature.local_code = f"{by_number[parent].code}-{number:02d}"
                if not feature.name_zh:
                    feature.name_zh = f"{number}号微网格"
                    feature.name_en = feature.name_en or f"Micro-grid {number}"

    def _parent(self, feature: DraftFeature) -> Place | None:
        if feature.kind == Kind.MICRO:
            return self.place_of[self.parents[feature.number] or 0]
        return feature.community

    def _new_place(self, feature: DraftFeature) -> Place:
        middle = shapely.point_on_surface(from_wkb(feature.polygon))
        return prepared(
            Place(
                kind=feature.kind,
                code=feature.code,
                local_code=feature.local_code,
                name_zh=feature.name_zh,
                name_en=feature.name_en,
                parent=self._parent(feature),
                valid_from=self.day,
                lng=round(float(middle.x), 7),
                lat=round(float(middle.y), 7),
            )
        )

    def _update(self, feature: DraftFeature, place: Place) -> bool:
        """Take over names and parent; close the old boundary if the shape changed, and say so."""
        boundary = self.existing.get(place.id, (place, None))[1]
        parent = self._parent(feature)
        wanted = (feature.kind, feature.name_zh, feature.name_en or place.name_en, feature.local_code)
        if wanted != (place.kind, place.name_zh, place.name_en, place.local_code) or (
            parent is not None and place.parent_id != parent.id
        ):
            place.kind, place.name_zh, place.name_en, place.local_code = wanted
            place.parent = parent
            prepared(place).save()
        if boundary is not None:
            now, then = from_wkb(feature.polygon).normalize(), from_wkb(boundary.polygon).normalize()
            if now.equals_exact(then, 1e-8):
                return False
            boundary.valid_to = self.day
            boundary.save(update_fields=["valid_to"])
        middle = shapely.point_on_surface(from_wkb(feature.polygon))
        place.lng, place.lat = round(float(middle.x), 7), round(float(middle.y), 7)
        place.save(update_fields=["lng", "lat"])
        return True

    def _boundary(self, place: Place, feature: DraftFeature) -> Boundary:
        shape = from_wkb(feature.polygon)
        return Boundary(
            place=place,
            grid_set=self.draft,
            polygon=to_wkb(shape),
            area_m2=area_m2(shape),
            valid_from=self.day,
        )

    def _successors(self) -> None:
        """Who follows the ended grids: as drawn (split, merge), else who took over their ground."""
        told: dict[int, list[int]] = {}
        for feature in self.features:
            for source in feature.sources:
                told.setdefault(source, []).append(self.place_of[feature.number].id)
        layers = {True: self._layer(True), False: self._layer(False)}
        for place in self.retiring:
            after = told.get(place.id, [])
            boundary = self.existing.get(place.id, (place, None))[1]
            if not after and boundary is not None:
                numbers, tree, shapes = layers[place.kind == Kind.MICRO]
                old = from_wkb(boundary.polygon)
                for k in tree.query(old, predicate="intersects").tolist():
                    if shapely.intersection(shapes[k], old).area >= FOLLOWS_SHARE * old.area:
                        after.append(self.place_of[numbers[k]].id)
            if after:
                link_successors([place.id], after, "split" if len(after) > 1 else "merge", self.day)

    def _layer(self, micro: bool) -> tuple[list[int], shapely.STRtree, list[Any]]:
        rows = [feature for feature in self.features if (feature.kind == Kind.MICRO) is micro]
        shapes = [from_wkb(feature.polygon) for feature in rows]
        return [feature.number for feature in rows], shapely.STRtree(shapes), shapes
