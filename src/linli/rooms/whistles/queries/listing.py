"""Lists of whistles, scoped to what the viewer sees: mine to answer, blown by us, to decide, all."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from linli.kernel import clock
from linli.kernel.flow import say
from linli.rooms.cases.models import Case
from linli.rooms.people.rights import Viewer
from linli.rooms.whistles.flow import CALL, WHISTLE
from linli.rooms.whistles.judgement import OVER
from linli.rooms.whistles.models import Call, Whistle
from linli.rooms.whistles.rules import call_light

VIEWS = ("answer", "blown", "decide", "all")
STATES = ("running", "scoring", "over")
PAGE = 20
COUNT_AT_MOST = 999
_STATES = {
    "running": ("blown", "working"),
    "scoring": ("scoring",),
    "over": ("ended", "cancelled"),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list shows. unit: only whistles that call this unit; late: only with somebody late."""

    view: str = "all"
    state: str = ""
    words: str = ""
    unit: int | None = None
    late: bool = False
    page: int = 1


@dataclass(slots=True)
class Light:
    """A called department on a card."""

    call: Call
    light: str
    state_label: str
    mine: bool


@dataclass(slots=True)
class Row:
    whistle: Whistle
    case: Case
    state_label: str
    lights: list[Light] = field(default_factory=list)

    @property
    def own(self) -> list[Light]:
        return [one for one in self.lights if one.mine]


@dataclass(slots=True)
class Listed:
    rows: list[Row]
    total: int
    pages: int


def visible(viewer: Viewer) -> QuerySet[Whistle]:
    """The whistles this viewer may see: whoever sees the case's places, and the units called."""
    return Whistle.objects.filter(viewer.reach("case.view").q())


def listed(viewer: Viewer, filters: Filters) -> Listed:
    """One page of a list, what is due first where something is owed, else the newest first."""
    now = clock.now()
    rows = _of_view(viewer, filters.view)
    if filters.state in _STATES:
        rows = rows.filter(state__in=_STATES[filters.state])
    if filters.unit is not None:
        rows = rows.filter(Exists(_calls().filter(unit_id=filters.unit)))
    if filters.late:
        rows = rows.filter(Exists(_calls().filter(is_open=True, next_due_at__lt=now)))
    if filters.words:
        words = filters.words
        rows = rows.filter(
            Q(case__number__startswith=words)
            | Q(why__contains=words)
            | Q(place_words__contains=words)
            | Q(case__item__name_zh__contains=words)
            | Q(case__address__contains=words)
        )
    total = rows.count()
    start = (max(filters.page, 1) - 1) * PAGE
    order = (F("is_open").desc(), "at", "pk") if filters.view in ("answer", "decide") else ("-blown_at", "-pk")
    found = (
        rows.order_by(*order)
        .select_related("case", "case__item")
        .prefetch_related(Prefetch("calls", Call.objects.select_related("unit").order_by("-lead", "pk")))
    )
    return Listed(
        [row_of(whistle, viewer, now) for whistle in found[start : start + PAGE]],
        total,
        max(1, -(-total // PAGE)),
    )


def row_of(whistle: Whistle, viewer: Viewer, now: dt.datetime) -> Row:
    """A whistle as a card shows it; its case and calls are loaded."""
    return Row(
        whistle,
        whistle.case,
        say(WHISTLE.state(whistle.state).label),
        [
            Light(
                call,
                call_light(call.state, call.state_since, call.next_due_at, now),
                say(CALL.state(call.state).label),
                call.unit_id in viewer.own_units,
            )
            for call in whistle.calls.all()
            if call.state not in OVER
        ],
    )


def counts(viewer: Viewer) -> dict[str, int]:
    """How many wait in each list for this viewer; lists that the viewer has no duty for are left out."""
    found: dict[str, int] = {}
    for view, duty in (("answer", "whistle.answer"), ("decide", "whistle.decide"), ("blown", "whistle.blow")):
        if viewer.has(duty):
            rows = _of_view(viewer, view)
            rows = rows.filter(is_open=True) if view == "blown" else rows
            found[view] = rows.values("pk")[:COUNT_AT_MOST].count()
    return found


def of_case(case_id: int) -> list[Whistle]:
    """The whistles of a case, newest first, with their calls; two queries."""
    calls = Prefetch("calls", Call.objects.select_related("unit").order_by("-lead", "pk"))
    return list(Whistle.objects.filter(case_id=case_id).order_by("-sequence").prefetch_related(calls)[:3])


def _calls() -> QuerySet[Call]:
    return Call.objects.filter(whistle=OuterRef("pk"))


def _of_view(viewer: Viewer, view: str) -> QuerySet[Whistle]:
    rows = visible(viewer)
    if view == "answer":
        return rows.filter(_to_answer(viewer))
    if view == "blown":
        posts = [post.id for post in viewer.posts if "whistle.blow" in post.duties]
        return rows.filter(Q(blown_by_id=viewer.account_id) | Q(blown_post_id__in=posts))
    if view == "decide":
        reach = viewer.reach("whistle.decide")
        return rows.filter(reach.q(), Exists(_calls().filter(state="refused")))
    return rows


def _to_answer(viewer: Viewer) -> Q:
    """Whistles in which a unit of the viewer's owes a word: to confirm, to come, to promise."""
    owing = _calls().filter(state__in=("called", "confirmed", "present"))
    parts = [
        Q(Exists(owing.filter(unit_id=post.unit_id)))
        & (Q(tokens__contains=[post.place_id]) if post.held_for == "place" else Q())
        for post in viewer.posts
        if "whistle.answer" in post.duties and post.unit_id is not None
    ]
    return reduce(or_, parts) if parts else Q(pk__in=[])
