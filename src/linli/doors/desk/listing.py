"""What the pages of the list show: rows in words, tabs, facets and chips with their addresses. Asks the database
nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from linli.kernel.flow import say
from linli.kernel.web.lights import LIGHTS
from linli.kernel.web.templatetags.linli import icon, light
from linli.kernel.web.when import near_words
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.models.case import Channel
from linli.rooms.cases.queries.worklist import COUNT_AT_MOST, Facet, Filters, view_query
from linli.rooms.catalogue.queries import catalogue
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas
from linli.rooms.places.queries import localized

FLAGS = {
    "urgent": gettext_lazy("紧急"),
    "legacy": gettext_lazy("历史遗留"),
    "major": gettext_lazy("重大问题"),
    "returned": gettext_lazy("被回退过"),
    "reopened": gettext_lazy("要求重开过"),
    "main": gettext_lazy("不含协办"),
    "in_time": gettext_lazy("按期处置"),
    "solved": gettext_lazy("说解决了"),
    "satisfied": gettext_lazy("基本满意以上"),
}
VIEWS = {
    "todo": gettext_lazy("待我办"),
    "open": gettext_lazy("在办"),
    "ended": gettext_lazy("已办结"),
    "all": gettext_lazy("全部"),
}
_PASSING = ("after", "case", "facets", "since_page")


@dataclass(frozen=True, slots=True)
class Link:
    """Somewhere to go in this list: label, address, whether it is where one is, how many are there."""

    label: str
    url: str
    chosen: bool = False
    count: str = ""
    kind: str = ""


def rows_in_words(rows: list[dict[str, Any]], now: dt.datetime) -> None:
    """Add to each row what pages say of it: title, words, unit, due time, light."""
    english = (get_language() or "zh").startswith("en")
    lights = {code: light(code) for code in LIGHTS}

    def name(row: Mapping[str, Any], prefix: str) -> str:
        zh, en = row[f"{prefix}__name_zh"] or "", row[f"{prefix}__name_en"] or ""
        return en if english and en else zh

    for row in rows:
        row["title"] = name(row, "item")
        row["words"] = row["description"][:90]
        row["unit"] = name(row, "unit")
        row["proposed"] = "" if row["unit"] else name(row, "proposed_unit")
        row["due_words"] = near_words(row["current_due_at"], now) if row["current_due_at"] else ""
        row["light_html"] = lights[row["light"]]


def rows_for_table(rows: list[dict[str, Any]], now: dt.datetime, query: str) -> None:
    """Add the ready parts of the table's cells: the list is drawn all day, its template only puts them in place."""
    rows_in_words(rows, now)
    undecided = format_html('<span class="ll-soft">{}</span>', _("待定事项"))
    provisional = format_html(' <abbr title="{}">≈</abbr>', _("该年日历未公布，暂按推算"))
    badges = [
        (column, format_html(' <span class="ll-badge{}">{}</span>', f" is-{tone}" if tone else "", words))
        for column, tone, words in (
            ("urgent", "overdue", _("紧急")),
            ("legacy", "", _("遗留")),
            ("major", "near", _("重大")),
            ("returned", "near", _("被回退")),
            ("reopened", "overdue", _("重开")),
            ("parent_id", "info", _("协办")),
        )
    ]
    proposed = _("建议：%(unit)s")
    reports = _("%(n)s 人上报")
    picture = icon("photo", "sm")
    for row in rows:
        title = format_html("<strong>{}</strong>", row["title"]) if row["title"] else undecided
        row["head"] = mark_safe(title + "".join(html for column, html in badges if row[column]))
        row["pictures"] = mark_safe(f" {picture}{row['photo_count']}") if row["photo_count"] else ""
        row["due_html"] = row["due_words"] + provisional if row["due_provisional"] else row["due_words"]
        row["proposal"] = proposed % {"unit": row["proposed"]} if row["proposed"] else ""
        row["since_words"] = near_words(row["reported_at"], now)
        row["voices"] = reports % {"n": row["report_count"]} if row["report_count"] > 1 else ""
        row["open"] = f"?{query}&case={row['number']}"


def tabs(filters: Filters, viewer: Viewer, saved: list[Any], query: QueryDict) -> list[Link]:
    """The fixed views and the viewer's own, as tabs."""
    here = view_query(query.urlencode())
    mine = next((view for view in saved if view.query == here), None)
    plain = [
        Link(str(label), f"?view={code}", mine is None and filters.view == code, kind=code)
        for code, label in VIEWS.items()
    ]
    return plain + [Link(view.name, f"?{view.query}", view is mine, kind=f"saved-{view.pk}") for view in saved]


def toggled(query: QueryDict, name: str, value: str) -> str:
    """The address with one value of a filter put in or taken out; paging starts anew."""
    changed = query.copy()
    for passing in _PASSING:
        changed.pop(passing, None)
    values = changed.getlist(name)
    changed.setlist(name, [v for v in values if v != value] if value in values else [*values, value])
    return f"{reverse('desk:worklist')}?{changed.urlencode()}"


def without(query: QueryDict, *names: str) -> str:
    """The address without these filters."""
    changed = query.copy()
    for name in (*names, *_PASSING):
        changed.pop(name, None)
    return f"{reverse('desk:worklist')}?{changed.urlencode()}"


def chips(filters: Filters, query: QueryDict, unit_name: str = "") -> list[Link]:
    """The filters in force, each with the address that takes it away."""
    found = [Link(say(FLOW.state(s).label), toggled(query, "state", s)) for s in filters.states]
    found += [Link(str(LIGHTS[v].word), toggled(query, "light", v), kind=v) for v in filters.lights]
    found += [Link(class_name(v), toggled(query, "class", v)) for v in filters.classes]
    found += [Link(str(Channel(v).label), toggled(query, "channel", v)) for v in filters.channels]
    found += [Link(str(FLAGS[f]), without(query, f)) for f in FLAGS if getattr(filters, f)]
    if filters.item:
        known = catalogue().items.get(filters.item)
        found.append(Link(known.name if known else filters.item, without(query, "item")))
    if filters.place:
        facts = atlas.current().places.get(filters.place)
        found.append(Link(localized(facts) if facts else f"#{filters.place}", without(query, "place")))
    if filters.unit:
        found.append(Link(unit_name or f"#{filters.unit}", without(query, "unit")))
    if filters.since or filters.until:
        span = f"{filters.since or '…'} – {filters.until or '…'}"
        found.append(Link(_("上报于 %(span)s") % {"span": span}, without(query, "since", "until")))
    if filters.closed:
        found.append(Link(_("%(day)s 起办结") % {"day": filters.closed}, without(query, "closed")))
    if filters.confirmed:
        found.append(Link(_("%(day)s 起处置") % {"day": filters.confirmed}, without(query, "confirmed")))
    if filters.q:
        found.append(Link(f"“{filters.q}”", without(query, "q")))
    return found


def class_name(key: str) -> str:
    known = catalogue().classes.get(key)
    return known.name if known else key


def facet_links(found: dict[str, list[Facet]], query: QueryDict) -> list[tuple[str, str, list[Link]]]:
    """The facets as (heading, name, links)."""
    headings = {"light": _("期限"), "state": _("环节"), "class": _("类别"), "channel": _("来源")}
    groups = []
    for name, heading in headings.items():
        links = [
            Link(
                class_name(f.value) if name == "class" else f.label,
                toggled(query, name, f.value),
                f.chosen,
                str(f.count),
                f.value if name == "light" else "",
            )
            for f in found[name]
        ]
        if name == "class":
            links.sort(key=lambda link: -int(link.count))
        if links:
            groups.append((heading, name, links))
    flags = [Link(str(label), toggled(query, flag, "1"), query.get(flag) == "1") for flag, label in FLAGS.items()]
    return [*groups, (_("标记"), "flag", flags)]


def counted(number: int) -> str:
    """A count that was cut off says so."""
    return f"{COUNT_AT_MOST}+" if number > COUNT_AT_MOST else str(number)
