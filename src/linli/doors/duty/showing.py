"""Rows of stays and problems in words. Asks the database nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.doors.duty.frames import case_url
from linli.kernel.flow import say
from linli.kernel.web.when import duration_words
from linli.rooms.cases.flow import FLOW
from linli.rooms.ladder.models import Tier
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas
from linli.rooms.places.queries import localized


def named(row: Mapping[str, Any], prefix: str) -> str:
    """`name_zh`/`name_en` behind a prefix, in the reader's language."""
    zh, en = row.get(f"{prefix}name_zh") or "", row.get(f"{prefix}name_en") or ""
    return en if en and (get_language() or "zh").startswith("en") else zh


@dataclass(frozen=True, slots=True)
class TierNames:
    """Names of tiers: those of an edition, else those of the same code in any other."""

    exact: dict[tuple[int, str], str]
    alike: dict[str, str]

    @classmethod
    def of(cls, tiers: Iterable[Tier]) -> TierNames:
        exact, alike = {}, {}
        for tier in tiers:
            exact[(tier.ladder_id, tier.code)] = tier.name
            alike[tier.code] = tier.name
        return cls(exact, alike)

    def get(self, ladder_id: int | None, code: str | None) -> str:
        if not code:
            return ""
        return self.exact.get((ladder_id or 0, code)) or self.alike.get(code) or code


def bearer_words(row: Mapping[str, Any]) -> str:
    """Who bears a stay: the unit, or the post with its holder."""
    if row.get("unit_id"):
        return named(row, "unit__")
    return " ".join(part for part in (named(row, "post__kind__"), row.get("post__holder__name") or "") if part)


def place_words(lineage: Sequence[int]) -> str:
    """The deepest place of a lineage that the map knows (a building lies in its grid), with the one above it."""
    places = atlas.current().places
    found = next((places[place] for place in reversed(lineage) if place in places), None)
    if found is None:
        return ""
    above = places.get(found.parent_id) if found.parent_id else None
    name = localized(found)
    return f"{localized(above)} › {name}" if above is not None and above.kind in ("community", "grid") else name


def due_words(due: dt.datetime | None, now: dt.datetime, *, stands: bool = False) -> str:
    """How much of a limit is left, or by how much it is over."""
    if stands:
        return _("停表")
    if due is None:
        return _("没有时限")
    left = due - now
    words = _("还剩 %(t)s") if left >= dt.timedelta() else _("超期 %(t)s")
    return words % {"t": duration_words(abs(left))}


def dress_stays(rows: list[dict[str, Any]], names: TierNames, viewer: Viewer, now: dt.datetime) -> None:
    """Add to each stay what pages say of it."""
    for row in rows:
        row["number"] = row["case__number"]
        row["url"] = case_url(viewer, row["number"])
        row["title"] = named(row, "case__item__")
        row["words"] = row["case__description"][:90]
        row["where"] = place_words(row["case__lineage"])
        row["state"] = say(FLOW.state(row["case__state"]).label)
        row["tier"] = names.get(row["ladder_id"], row["tier_code"])
        row["bearer"] = bearer_words(row)
        row["left"] = due_words(row["due_at"], now, stands=row["stands"])
        row["since"] = now - row["entered_at"]
        row["receipt_late"] = bool(not row["received_at"] and row["receive_due_at"] and row["receive_due_at"] < now)


def dress_problems(rows: list[dict[str, Any]], names: TierNames, viewer: Viewer, now: dt.datetime) -> None:
    """Add to each legacy or major problem what pages and sheets say of it."""
    for row in rows:
        row["url"] = case_url(viewer, row["number"])
        row["title"] = named(row, "item__")
        row["words"] = row["description"][:120]
        row["where"] = place_words(row["lineage"])
        row["unit"] = named(row, "unit__")
        row["state_words"] = say(FLOW.state(row["state"]).label)
        row["tier"] = names.get(row["ladder_id"], row["tier_code"])
        row["days"] = ((row["ended_at"] or now) - row["reported_at"]).days
        row["next"] = next_words(row, now)
        due = row["tier_due_at"] or row["due_at"]
        row["light"] = "done" if row["ended_at"] else "overdue" if due and due < now else "on_track"


def next_words(row: Mapping[str, Any], now: dt.datetime) -> str:
    """What comes next for a problem."""
    if row["ended_at"]:
        return _("已办结")
    due = row["tier_due_at"]
    if due is None:
        return ""
    return due_words(due, now)
