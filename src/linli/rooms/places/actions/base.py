"""What the actions of this room share: cleaning names, telling processes of a change."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import NotFound, Refused
from linli.rooms.places import atlas, rules
from linli.rooms.places.models import LEVELS, Place, Succession

# Capabilities this room asks an authority for.
EDIT_DIVISIONS = "places.edit_divisions"
EDIT_GRIDS = "places.edit_grids"
PUBLISH_GRIDS = "places.publish_grids"
EDIT_BUILDINGS = "places.edit_buildings"


def announce_change() -> None:
    """Give the map a new revision, in this transaction; every process sees it within two seconds."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE places_revision SET number = nextval('places_revision_numbers') WHERE id = 1")
    atlas.forget()
    transaction.on_commit(atlas.forget)


def clean_name(text: str, field: str = "name_zh", longest: int = 100, needed: bool = True) -> str:
    """A name without control characters and stray blanks; Refused when missing or too long."""
    plain = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))
    name = " ".join(plain.split())
    if needed and not name:
        raise Refused(_("请填写名称。"), "places.name_missing", field=field)
    if len(name) > longest:
        raise Refused(
            _("名称太长（%(count)d 个字），最多 %(max)d 个字。") % {"count": len(name), "max": longest},
            "places.name_too_long",
            field=field,
        )
    return name


def locked(place_id: int) -> Place:
    """The place, locked for this transaction; NotFound."""
    place = Place.objects.select_for_update(of=("self",)).filter(id=place_id).first()
    if place is None:
        raise NotFound()
    return place


def facts_of(place: Place) -> dict[str, Any]:
    """The fields of a place for the journal."""
    return {
        "kind": str(place.kind),
        "code": place.code,
        "local_code": place.local_code,
        "name_zh": place.name_zh,
        "name_en": place.name_en,
        "parent_id": place.parent_id,
        "valid_from": place.valid_from.isoformat() if place.valid_from else None,
        "valid_to": place.valid_to.isoformat() if place.valid_to else None,
    }


def prepared(place: Place, address: str = "") -> Place:
    """Fill what follows from name, code and kind: level, sort key, search bigrams."""
    place.level = LEVELS[place.kind]
    place.sort_key = rules.sort_key(place.name_zh, place.code, place.local_code)
    place.grams = rules.search_grams(place.name_zh, place.name_en, place.code, place.local_code, address)
    return place


def saved(place: Place, address: str = "") -> Place:
    """Write a place and read back what the trigger set."""
    prepared(place, address).save()
    place.refresh_from_db(fields=["lineage", "level"])
    return place


def lineage_of(parent: Place | None) -> list[int]:
    """The lineage for a permission check on something new below `parent`."""
    return list(parent.lineage) if parent else []


def link_successors(before: Iterable[int], after: Iterable[int], reason: str, since: dt.date) -> None:
    """Record that every place of `after` follows every place of `before`."""
    following = list(after)
    Succession.objects.bulk_create(
        [
            Succession(before_id=old, after_id=new, reason=reason, since=since)
            for old in before
            for new in following
            if old != new
        ],
        ignore_conflicts=True,
    )
