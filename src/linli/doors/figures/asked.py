"""What a page of figures was asked for: period, place, breakdown, group of indicators; as links say it again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from linli.kernel.errors import NotFound
from linli.rooms.insight.dimensions import PLACE_KINDS
from linli.rooms.insight.periods import Period, period
from linli.rooms.insight.queries.scope import Scope
from linli.rooms.insight.rules import GROUPS, INDICATORS
from linli.rooms.places import atlas
from linli.rooms.places.atlas import today

BY = ("street", "community", "grid", "unit", "post", "item", "class")
_LEVEL = {"district": 0, "street": 1, "community": 2, "grid": 3}


@dataclass(frozen=True, slots=True)
class Asked:
    """The query of a page, cleaned."""

    period: Period
    under: int | None
    by: str
    group: str
    show: str

    def link(self, **changes: object) -> str:
        """The same question with something else in it, as a query string."""
        said: dict[str, object] = {"period": self.period.name}
        if self.period.name == "any":
            said |= {"since": self.period.since.isoformat(), "until": self.period.last.isoformat()}
        if self.under is not None:
            said["under"] = self.under
        said |= {"by": self.by, "group": self.group, "show": self.show, **changes}
        return "?" + urlencode({name: value for name, value in said.items() if value not in (None, "")})


def read(request: HttpRequest, scope: Scope) -> Asked:
    """The question of a request. What is no answer to it counts as not said; other people's places are not found."""
    query = request.GET
    wanted = number(query, "under")
    under = scope.place(wanted)
    group = query.get("group", "")
    group = group if group in GROUPS else "handling"
    show = query.get("show", "")
    if show not in INDICATORS:
        show = next(code for code, indicator in INDICATORS.items() if indicator.group == group)
    return Asked(read_period(query), under, _by(query.get("by", ""), under), group, show)


def read_period(query: QueryDict) -> Period:
    """The period that was asked for; this month otherwise."""
    since, until = _day(query.get("since", "")), _day(query.get("until", ""))
    name = query.get("period", "")
    if not name and since and until:
        name = "any"
    return period(name, today(), since, until)


def choices(under: int | None) -> tuple[str, ...]:
    """By what a place can be broken down: what lies below it, and units, posts, items, classes."""
    known = atlas.current().places
    level = _LEVEL.get(known[under].kind, 3) if under in known else 0
    below = {facts.kind for facts in known.values() if under is None or under in facts.lineage}
    places = tuple(
        name for name in ("street", "community", "grid") if _LEVEL[name] > level and below & set(PLACE_KINDS[name])
    )
    return (*places, "unit", "post", "item", "class")


def _by(said: str, under: int | None) -> str:
    possible = choices(under)
    if said in possible:
        return said
    known = atlas.current().places.values()
    for name in possible:
        rows = sum(1 for facts in known if facts.kind == name and (under is None or under in facts.lineage))
        if rows > 1 or name not in PLACE_KINDS:
            return name
    return possible[0]


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None


def number(query: QueryDict, name: str) -> int | None:
    text = query.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise NotFound(code="insight.elsewhere")
    return int(text)


def page_of(query: QueryDict) -> int:
    """The number of a page of a list."""
    text = query.get("page", "1")
    return max(1, min(int(text), 10_000)) if text.isascii() and text.isdigit() and len(text) < 6 else 1
