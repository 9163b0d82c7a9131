"""Solved problems that can be shown: pairs of public photos before and after, chosen by a rule."""

from __future__ import annotations

from typing import Any

from linli.kernel.clock.calendar import CIVIL
from linli.rooms.bulletins.numbers.scope import Scope, named
from linli.rooms.bulletins.sections import Part, pair
from linli.rooms.cases.models import Photo
from linli.rooms.places import atlas

OFFERED = 12
CHOSEN = 3
_COLUMNS = (
    "id", "number", "place_id", "closed_at", "item__name_zh", "item__name_en", "unit__name_zh", "unit__name_en",
)  # fmt: skip


def pairs(scope: Scope) -> Part:
    """Closed cases of the period with public photos before and after; major, legacy and much reported ones first."""
    closed = (
        scope.cases.filter(
            state="closed",
            is_open=False,
            is_public=True,
            ended_at__gte=scope.period.since,
            closed_at__gte=scope.period.since,
            closed_at__lt=min(scope.period.until, scope.as_of),
        )
        .exclude(photo_count=0)
        .order_by("-major", "-legacy", "-report_count", "-closed_at", "-id")
        .values(
            "id", "number", "place_id", "closed_at", "item__name_zh", "item__name_en", "unit__name_zh", "unit__name_en"
        )
    )[: OFFERED * 4]
    shots: dict[int, dict[str, str]] = {}
    photos = Photo.objects.filter(case_id__in=[row["id"] for row in closed], is_public=True).order_by("id")
    for case_id, phase, uid in photos.values_list("case_id", "phase", "uid"):
        sides = shots.setdefault(case_id, {})
        if phase in (Photo.Phase.REPORT, Photo.Phase.CHECK):
            sides.setdefault("before", str(uid))
        else:
            sides["after"] = str(uid)  # the last one: what the check on site saw
    known = atlas.current().places
    pool: list[dict[str, Any]] = []
    for row in closed:
        sides = shots.get(row["id"], {})
        if len(sides) == 2 and len(pool) < OFFERED and row["closed_at"]:
            place = known.get(row["place_id"])
            pool.append(
                {
                    "case_id": row["id"],
                    "number": row["number"],
                    "title": pair(row["item__name_zh"] or "", row["item__name_en"] or ""),
                    "place": named(place) if place else pair(""),
                    "unit": pair(row["unit__name_zh"] or "", row["unit__name_en"] or ""),
                    "closed": row["closed_at"].astimezone(CIVIL).date().isoformat(),
                    **sides,
                }
            )
    return {"pool": pool, "chosen": chosen_pairs(pool)}


def chosen_pairs(pool: list[dict[str, Any]]) -> list[int]:
    """Which pairs stand in the bulletin unless the editor says otherwise: the first ones, of different places and, as
    far as there are any, of different matters."""
    found: list[int] = []
    places: set[str] = set()
    titles: set[str] = set()
    for other_matters in (True, False):
        for each in pool:
            place, title = each["place"]["zh"], each["title"]["zh"]
            if len(found) < CHOSEN and place not in places and not (other_matters and title in titles):
                places.add(place)
                titles.add(title)
                found.append(each["case_id"])
    return found
