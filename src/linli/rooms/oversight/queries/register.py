"""The register of supervision orders: filters, rows, counts, export."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.flow import say
from linli.rooms.oversight.flow import ORDER
from linli.rooms.oversight.models import Light, Order, Source
from linli.rooms.oversight.queries.scope import own_units, reached, visible_orders
from linli.rooms.oversight.rules import light_at, read
from linli.rooms.people.models import in_language
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas
from linli.rooms.places.queries import localized

VIEWS = {
    "todo": gettext_lazy("等我办"),
    "open": gettext_lazy("在办"),
    "drafts": gettext_lazy("草稿"),
    "ended": gettext_lazy("已了结"),
    "all": gettext_lazy("全部"),
}
PAGE = 30
COLUMNS = (
    "id", "number", "state", "level", "source", "title", "unit__name_zh", "unit__name_en", "place_id", "due_at",
    "current_due_at", "state_since", "issued_at", "light", "turns", "returned", "raised", "contested", "is_open",
    "late", "closed_at", "issued_name", "year", "serial",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """What the register's address asks for."""

    view: str = "todo"
    lights: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    unit: int | None = None
    place: int | None = None
    level: int | None = None
    year: int | None = None
    late: bool = False
    q: str = ""

    @classmethod
    def read(cls, query: QueryDict, default: str = "todo") -> Filters:
        view = query.get("view", default)
        return cls(
            view=view if view in VIEWS else default,
            lights=[code for code in query.getlist("light") if code.isidentifier()][:8],
            states=[code for code in query.getlist("state") if code in ORDER.by_state],
            sources=[code for code in query.getlist("source") if code in Source.values],
            unit=_number(query.get("unit")),
            place=_number(query.get("place")),
            level=_number(query.get("level"), 99),
            year=_number(query.get("year"), 9999),
            late=query.get("late") == "1",
            q=query.get("q", "").strip()[:60].replace("\x00", ""),
        )


def _number(text: str | None, most: int = 10**17) -> int | None:
    found = int(text) if text and text.isdecimal() and len(text) < 18 else None
    return found if found is not None and found <= most else None


def matching(viewer: Viewer, filters: Filters) -> QuerySet[Order]:
    """The viewer's orders that the filters ask for, in no order."""
    found = visible_orders(viewer).filter(_view(viewer, filters.view))
    if filters.lights:
        found = found.filter(light__in=filters.lights)
    if filters.states:
        found = found.filter(state__in=filters.states)
    if filters.sources:
        found = found.filter(source__in=filters.sources)
    if filters.unit:
        found = found.filter(unit_id=filters.unit)
    if filters.place:
        found = found.filter(tokens__contains=[filters.place])
    if filters.level:
        found = found.filter(level=filters.level)
    if filters.year:
        found = found.filter(year=filters.year)
    if filters.late:
        found = found.filter(late=True)
    if filters.q:
        found = found.filter(
            Q(number__icontains=filters.q) | Q(title__icontains=filters.q) | Q(unit__name_zh__icontains=filters.q)
            | Q(links__case__number=filters.q)
        ).distinct()  # fmt: skip
    return found


def _view(viewer: Viewer, view: str) -> Q:
    if view == "todo":
        return to_do(viewer)
    if view == "open":
        return Q(is_open=True, number__isnull=False)
    if view == "drafts":
        return Q(state="drafted")
    if view == "ended":
        return Q(is_open=False)
    return Q()


def to_do(viewer: Viewer) -> Q:
    """The orders whose next step is this viewer's: to sign and answer for the unit, to check, to decide."""
    found = Q(pk__in=[])
    units = own_units(viewer, "order.sign")
    if units:
        found |= Q(unit_id__in=units, state__in=("issued", "signed"), contested=False)
    if viewer.has("order.check"):
        found |= (
            Q(state="answered")
            & ~Q(unit_id__in=viewer.own_units)
            & ~Q(answerer_ids__contains=[viewer.account_id])
            & reached(viewer, "order.check")
        )
    if viewer.has("case.supervise"):
        found |= (Q(contested=True) | Q(state="drafted")) & reached(viewer, "case.supervise")
    return found & Q(is_open=True)


def page(viewer: Viewer, filters: Filters, after: int = 0, size: int = PAGE) -> tuple[list[dict[str, Any]], int]:
    """One page of rows and the offset of the next page (0: that was all). Two queries with the lights."""
    found = matching(viewer, filters)
    if filters.view in ("todo", "open"):
        found = found.order_by(F("current_due_at").asc(nulls_last=True), "id")
    else:
        found = found.order_by(F("issued_at").desc(nulls_first=True), "-id")
    rows = list(found.values(*COLUMNS)[after : after + size + 1])
    for row in rows[:size]:
        dress(row)
    return rows[:size], after + size if len(rows) > size else 0


def dress(row: dict[str, Any]) -> None:
    """What a row shows beside its columns: the light of this very moment, words, names."""
    turns = read(row["turns"])
    row["light"] = light_at(turns, clock.now()) if turns else row["light"]
    row["state_label"] = say(ORDER.state(row["state"]).label)
    row["source_label"] = Source(row["source"]).label
    row["unit"] = in_language(row["unit__name_zh"], row["unit__name_en"])
    facts = atlas.current().places.get(row["place_id"])
    row["place"] = localized(facts) if facts else ""


def counts(viewer: Viewer, filters: Filters) -> dict[str, Any]:
    """How many orders each light, state and source would leave: one query each of three, over the other filters."""
    base = matching(viewer, replace(filters, lights=[], states=[], sources=[]))
    return {
        "light": dict(base.exclude(light="").values_list("light").annotate(n=Count("id", distinct=True)).order_by()),
        "state": dict(base.values_list("state").annotate(n=Count("id", distinct=True)).order_by()),
        "source": dict(base.values_list("source").annotate(n=Count("id", distinct=True)).order_by()),
    }


def total(viewer: Viewer, filters: Filters) -> int:
    """How many orders match."""
    return matching(viewer, filters).order_by().count()


def lights() -> dict[str, Light]:
    """The lights by code."""
    return {light.code: light for light in Light.objects.all()}


def titles() -> list[str]:
    """The heads of the exported register."""
    return [
        _("编号"), _("级别"), _("状态"), _("督办灯"), _("来源"), _("事由"), _("督办要求"), _("承办单位"), _("地方"),
        _("事件编号"), _("发出"), _("签收"), _("回复期限"), _("回复"), _("了结"), _("退回次数"), _("升级次数"),
        _("曾超期"),
    ]  # fmt: skip


def sheet_rows(found: QuerySet[Order], levels: list[str]) -> Iterator[tuple[Any, ...]]:
    """The register as rows of a sheet, in the order of the numbers."""
    names = {code: light.name for code, light in lights().items()}
    now = clock.now()
    for order in (
        found.select_related("unit").prefetch_related("links__case").order_by("district", "year", "serial", "id")
    ):
        facts = atlas.current().places.get(order.place_id)
        light = light_at(read(order.turns), now) if order.turns else order.light
        yield (
            order.number or _("（草稿）"),
            levels[order.level - 1] if order.level <= len(levels) else str(order.level),
            say(ORDER.state(order.state).label),
            names.get(light, light),
            order.get_source_display(),
            order.title,
            order.demand,
            order.unit.name,
            localized(facts) if facts else "",
            " ".join(link.case.number or "" for link in order.links.all()),
            _civil(order.issued_at),
            _civil(order.signed_at),
            _civil(order.due_at),
            _civil(order.answered_at),
            _civil(order.closed_at),
            order.returned,
            order.raised,
            _("是") if order.late else "",
        )


def _civil(moment: dt.datetime | None) -> dt.datetime | None:
    return moment.astimezone(CIVIL).replace(tzinfo=None) if moment else None
