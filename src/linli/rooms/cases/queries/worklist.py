"""The staff's list of cases: filters from the URL, one page by key, facets with counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.flow import say
from linli.kernel.text import query_grams
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.models import Case, SavedView
from linli.rooms.cases.models.case import Channel
from linli.rooms.cases.queries.scope import to_do, visible
from linli.rooms.cases.queries.search import is_number, really, said_or_lying_in
from linli.rooms.cases.rules import light_of
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas
from linli.rooms.places.queries import localized, names

PAGE = 50
COUNT_AT_MOST = 1000
LIGHTS = ("overdue", "near", "on_track", "suspended")
NEAR = dt.timedelta(hours=4)

COLUMNS = (
    "id",
    "number",
    "state",
    "version",
    "channel",
    "description",
    "address",
    "urgent",
    "legacy",
    "major",
    "located",
    "is_open",
    "place_id",
    "matter_class",
    "current_due_at",
    "due_at",
    "due_provisional",
    "reported_at",
    "state_since",
    "report_count",
    "photo_count",
    "returned",
    "reworked",
    "reopened",
    "lng",
    "lat",
    "solved",
    "level",
    "parent_id",
    "item__key",
    "item__name_zh",
    "item__name_en",
    "unit__name_zh",
    "unit__name_en",
    "unit_id",
    "proposed_unit__name_zh",
    "proposed_unit__name_en",
)


@dataclass(slots=True)
class Filters:
    """What the URL asks for. Unknown values are dropped, never an error: a shared link must not break."""

    view: str = "todo"  # todo | open | all | ended
    states: list[str] = field(default_factory=list)
    lights: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    item: str = ""
    unit: int | None = None
    place: int | None = None
    q: str = ""
    legacy: bool = False
    major: bool = False
    urgent: bool = False
    returned: bool = False
    reopened: bool = False
    main: bool = False  # without the sub-cases of assisting units
    in_time: bool = False  # confirmed by its unit before the limit was over
    solved: bool = False  # the reporter said so
    satisfied: bool = False  # the reporter chose the third of five levels or a better one
    since: dt.date | None = None
    until: dt.date | None = None
    closed: dt.date | None = None  # closed on that day or later
    confirmed: dt.date | None = None  # confirmed by its unit on that day or later
    sort: str = ""  # due | new | old
    after: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> Filters:
        """Read them from a query string."""
        return cls(
            view=query.get("view", "todo") if query.get("view") in ("todo", "open", "all", "ended") else "todo",
            states=[s for s in query.getlist("state") if s in FLOW.by_state],
            lights=[s for s in query.getlist("light") if s in LIGHTS],
            classes=[s for s in query.getlist("class") if len(s) == 3 and s.isalnum()],
            channels=[s for s in query.getlist("channel") if s in Channel.values],
            item=query.get("item", "")[:12],
            unit=_number(query.get("unit")),
            place=_number(query.get("place")),
            q=query.get("q", "").strip()[:100].replace("\x00", ""),
            legacy=query.get("legacy") == "1",
            major=query.get("major") == "1",
            urgent=query.get("urgent") == "1",
            returned=query.get("returned") == "1",
            reopened=query.get("reopened") == "1",
            main=query.get("main") == "1",
            in_time=query.get("in_time") == "1",
            solved=query.get("solved") == "1",
            satisfied=query.get("satisfied") == "1",
            since=_day(query.get("since")),
            until=_day(query.get("until")),
            closed=_day(query.get("closed")),
            confirmed=_day(query.get("confirmed")),
            sort=query.get("sort", "") if query.get("sort") in ("due", "new", "old") else "",
            after=query.get("after", "")[:60],
        )

    @property
    def by_due(self) -> bool:
        return self.sort == "due" or (not self.sort and self.view in ("todo", "open") and not self.q)


@dataclass(slots=True)
class Page:
    rows: list[dict[str, Any]]
    after: str  # cursor of the next page, "" when this was the last
    filters: Filters


def page(viewer: Viewer, filters: Filters, size: int = PAGE) -> Page:
    """One page of the viewer's cases: one query (two when searching by telephone)."""
    now = clock.now()
    found = _ordered(matching(viewer, filters, now), filters)
    rows = list(found.values(*COLUMNS)[: size + 1])
    after = _cursor(rows[size - 1], filters) if len(rows) > size else ""
    rows = rows[:size]
    if filters.q and not is_number(filters.q):
        # Two-character pieces may lie; what does not really say the word is left out after the page was cut.
        rows = [row for row in rows if really(row, filters.q)] if query_grams(filters.q) else rows
    for row in rows:
        dress(row, now)
    unnamed = names([row["place_id"] for row in rows if not row["place_name"]])
    for row in rows:
        # A building, or a place that has ended: not in memory, so asked for together.
        row["place_name"] = row["place_name"] or unnamed.get(row["place_id"], "")
    return Page(rows, after, filters)


@cache
def state_words(language: str) -> dict[str, str]:
    """The states in the language of the moment, so that a page of fifty rows does not translate fifty times."""
    return {state.code: say(state.label) for state in FLOW.states}


def dress(row: dict[str, Any], now: dt.datetime) -> None:
    """Add what a page shows beside the columns: the light, the state's words, the place's name."""
    row["light"] = light_of(row["state"], row["current_due_at"], row["state_since"], now)
    row["state_label"] = state_words(get_language() or "")[row["state"]]
    facts = atlas.current().places.get(row["place_id"])
    row["place_name"] = localized(facts) if facts else ""


def matching(viewer: Viewer, filters: Filters, now: dt.datetime) -> QuerySet[Case]:
    """The viewer's cases that the filters ask for, in no order."""
    found = visible(viewer).filter(_view(viewer, filters))
    if filters.states:
        found = found.filter(state__in=filters.states)
    if filters.lights:
        found = found.filter(in_lights(filters.lights, now))
    if filters.classes:
        found = found.filter(matter_class__in=filters.classes)
    if filters.channels:
        found = found.filter(channel__in=filters.channels)
    if filters.item:
        found = found.filter(item__key=filters.item)
    if filters.unit:
        found = found.filter(tokens__contains=[-filters.unit])
    if filters.place:
        found = found.filter(tokens__contains=[filters.place])
    for flag, condition in (
        (filters.legacy, Q(legacy=True)),
        (filters.major, Q(major=True)),
        (filters.urgent, Q(urgent=True)),
        (filters.returned, Q(returned__gt=0)),
        (filters.reopened, Q(reopened__gt=0)),
        (filters.main, Q(parent=None)),
        (filters.in_time, Q(confirmed_at__lte=F("due_at"))),
        (filters.solved, Q(solved="yes")),
        (filters.satisfied, Q(level__gte=3)),
    ):
        if flag:
            found = found.filter(condition)
    if filters.since:
        found = found.filter(reported_at__gte=_midnight(filters.since))
    if filters.until:
        found = found.filter(reported_at__lt=_midnight(filters.until) + dt.timedelta(days=1))
    if filters.closed:
        found = found.filter(closed_at__gte=_midnight(filters.closed))
    if filters.confirmed:
        found = found.filter(confirmed_at__gte=_midnight(filters.confirmed))
    return found.filter(said_or_lying_in(filters.q, viewer)) if filters.q else found


def _view(viewer: Viewer, filters: Filters) -> Q:
    if filters.view == "todo":
        return to_do(viewer)
    if filters.view == "open":
        return Q(is_open=True)
    return Q(is_open=False) if filters.view == "ended" else Q()


def in_lights(wanted: list[str], now: dt.datetime) -> Q:
    """The open cases in one of these lights; the same for lists and figures."""
    condition = Q(pk__in=[])
    open_ = Q(is_open=True) & ~Q(state="suspended")
    if "overdue" in wanted:
        condition |= open_ & Q(current_due_at__lt=now)
    if "near" in wanted:
        condition |= open_ & Q(current_due_at__gte=now, current_due_at__lt=now + NEAR)
    if "on_track" in wanted:
        condition |= open_ & (Q(current_due_at__gte=now + NEAR) | Q(current_due_at=None))
    if "suspended" in wanted:
        condition |= Q(state="suspended")
    return condition


def _ordered(found: QuerySet[Case], filters: Filters) -> QuerySet[Case]:
    if filters.by_due:
        found = _after_due(found, filters.after) if filters.after else found
        return found.order_by(F("current_due_at").asc(nulls_last=True), "id")
    if filters.after:
        moment, key = _split(filters.after)
        if moment is not None:
            later = Q(reported_at__gt=moment) | Q(reported_at=moment, id__gt=key)
            earlier = Q(reported_at__lt=moment) | Q(reported_at=moment, id__lt=key)
            found = found.filter(later if filters.sort == "old" else earlier)
    return found.order_by("reported_at", "id") if filters.sort == "old" else found.order_by("-reported_at", "-id")


def _after_due(found: QuerySet[Case], after: str) -> QuerySet[Case]:
    moment, key = _split(after)
    if moment is None:
        return found.filter(current_due_at=None, id__gt=key)
    return found.filter(Q(current_due_at__gt=moment) | Q(current_due_at=moment, id__gt=key) | Q(current_due_at=None))


def _cursor(row: dict[str, Any], filters: Filters) -> str:
    moment = row["current_due_at"] if filters.by_due else row["reported_at"]
    return f"{moment.isoformat() if moment else ''}~{row['id']}"


def _split(after: str) -> tuple[dt.datetime | None, int]:
    moment, _sep, key = after.partition("~")
    try:
        return (dt.datetime.fromisoformat(moment) if moment else None), int(key or 0)
    except ValueError:
        return None, 0


@dataclass(frozen=True, slots=True)
class Facet:
    """One value of a filter with how many cases it would leave; `more` when the count was cut off."""

    value: str
    label: str
    count: int
    chosen: bool


def facets(viewer: Viewer, filters: Filters) -> dict[str, list[Facet]]:
    """Counts by state, light, class and channel over what the other filters leave: one query."""
    now = clock.now()
    base = replace(filters, states=[], lights=[], classes=[], channels=[], sort="", after="")
    rows = matching(viewer, base, now).values("state", "matter_class", "channel", "current_due_at")[:20_000]
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:  # the filters leave nothing, and Django knows it without asking
        sql, params = "SELECT '' AS state, '' AS matter_class, '' AS channel, now() AS current_due_at LIMIT 0", ()
    light = (
        "CASE WHEN state = 'suspended' THEN 'suspended' WHEN current_due_at < %s THEN 'overdue'"
        " WHEN current_due_at < %s THEN 'near' ELSE 'on_track' END"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT grouping(state, light, matter_class, channel), coalesce(state, light, matter_class, channel),"
            f" count(*) FROM (SELECT state, {light} AS light, matter_class, channel FROM ({sql}) found) lit"
            " GROUP BY GROUPING SETS ((state), (light), (matter_class), (channel))",
            [now, now + NEAR, *params],
        )
        counted: dict[int, dict[str, int]] = {}
        for group, value, count in cursor.fetchall():
            counted.setdefault(group, {})[value] = count
    return {
        "state": _facet(counted.get(0b0111, {}), [(s.code, s.label) for s in FLOW.states], filters.states),
        "light": _facet(counted.get(0b1011, {}), list(zip(LIGHTS, _LIGHT_WORDS, strict=True)), filters.lights),
        "class": _facet(
            counted.get(0b1101, {}), [(c, c) for c in sorted(counted.get(0b1101, {})) if c], filters.classes
        ),
        "channel": _facet(counted.get(0b1110, {}), list(Channel.choices), filters.channels),
    }


_LIGHT_WORDS = (_("超期"), _("临期"), _("期限内"), _("挂账"))


def _facet(counts: Mapping[str, int], labels: list[tuple[Any, Any]], chosen: list[str]) -> list[Facet]:
    return [
        Facet(value, str(label), counts.get(value, 0), value in chosen)
        for value, label in labels
        if counts.get(value) or value in chosen
    ]


def count(viewer: Viewer, filters: Filters) -> int:
    """How many cases match, counted to `COUNT_AT_MOST` + 1."""
    found = matching(viewer, filters, clock.now()).order_by()
    return len(found.values_list("pk", flat=True)[: COUNT_AT_MOST + 1])


def waiting_for(viewer: Viewer, case_ids: Sequence[int]) -> set[int]:
    """Which of these cases wait for this viewer's next step. One query."""
    return set(visible(viewer).filter(to_do(viewer), pk__in=case_ids).values_list("pk", flat=True))


def view_query(query: str) -> str:
    """What a saved view keeps of a list's address: the filters, in one order, without page and open case."""
    passing = ("after", "case", "facets", "since_page")
    kept = {(k, v.strip()) for k, v in parse_qsl(query) if k not in passing and v.strip()}
    return urlencode(sorted(kept))[:1000]


def moved_since(viewer: Viewer, filters: Filters, since: dt.datetime) -> int:
    """How many of the cases that match came to where they are after a moment: the hint that a list has grown old."""
    found = matching(viewer, filters, clock.now()).filter(state_since__gt=since).order_by()
    return len(found.values_list("pk", flat=True)[:100])


def saved_views(viewer: Viewer) -> list[SavedView]:
    """The viewer's own views, in their order."""
    return list(SavedView.objects.filter(account_id=viewer.account_id)) if viewer.account_id else []


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() and len(text) < 18 else None


def _day(text: str | None) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text) if text else None
    except ValueError:
        return None
    return day if day and 1900 < day.year < 3000 else None  # a day after the last one is no day


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), CIVIL)
