"""Figures as pages show them: tiles, the table (written in Python: 288 grids have thousands of cells), files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from linli.doors.figures.asked import Asked
from linli.rooms.insight.measures import NOTHING, Counts
from linli.rooms.insight.queries.slow import CONDITIONS
from linli.rooms.insight.rules import INDICATORS, Figure, Indicator, figure

GOOD, FAIR = 0.9, 0.75
"""From which rate on an indicator is shown as good, as to be watched; mirrored where low is good."""


def light_of(shown: Figure) -> str:
    """on_track | near | overdue, "" without a base or where neither end is better."""
    if shown.rate is None or shown.indicator.better == "none":
        return ""
    good = shown.rate if shown.indicator.better == "up" else 1 - shown.rate
    return "on_track" if good >= GOOD else "near" if good >= FAIR else "overdue"


def light_words(light: str) -> str:
    """What a light says beside a rate."""
    return {"on_track": _("良好"), "near": _("留意"), "overdue": _("偏差")}.get(light, "")


@dataclass(frozen=True, slots=True)
class Tile:
    """One indicator of the place or unit in view."""

    figure: Figure
    light: str
    words: str
    url: str

    @property
    def indicator(self) -> Indicator:
        return self.figure.indicator


def tiles(counts: Counts, group: str, url_of: Any) -> list[Tile]:
    """The indicators of a group ("" for all) as tiles. url_of(population): the list of its cases."""
    found = []
    for code, indicator in INDICATORS.items():
        if group and indicator.group != group:
            continue
        shown = figure(code, counts)
        light = light_of(shown)
        url = url_of(indicator.base) if indicator.base in CONDITIONS else ""
        found.append(Tile(shown, light, light_words(light), url))
    return found


def cases_url(asked: Asked, population: str, dimension: str = "", id: int | None = None) -> str:
    """The list of the cases of a population."""
    extra = {"dimension": dimension, "id": id} if id is not None else {}
    return reverse("figures:cases") + asked.link(population=population, by="", group="", show="", **extra)


def table(
    asked: Asked,
    codes: Sequence[str],
    ids: Sequence[int],
    named: Mapping[int, str],
    found: Mapping[int, Counts],
    whole: Counts,
) -> SafeString:
    """The body of the table: a row for each id and one for all, each cell with its base and the way to its cases."""
    base = reverse("figures:cases") + asked.link(by="", group="", show="")
    indicators = [(INDICATORS[code], INDICATORS[code].base in CONDITIONS) for code in codes]
    lines = []
    for id in ids:
        counts = found.get(id, NOTHING)
        lines.append(f'<tr><th scope="row">{_first(asked, id, named.get(id, f"#{id}"))}</th>')
        scope = f"&amp;dimension={asked.by}&amp;id={id}"
        lines += [
            _cell(figure(each.code, counts), f"{escape(base)}{scope}" if linked else "") for each, linked in indicators
        ]
        lines.append("</tr>")
    lines.append(f'<tr class="fig-whole"><th scope="row">{escape(_("合计"))}</th>')
    lines += [_cell(figure(each.code, whole), escape(base) if linked else "") for each, linked in indicators]
    lines.append("</tr>")
    return mark_safe("".join(lines))


def _first(asked: Asked, id: int, name: str) -> str:
    if asked.by in ("street", "community"):
        return f'<a href="{escape(asked.link(under=id, by=""))}">{escape(name)}</a>'
    if asked.by in ("unit", "post", "grid"):
        where = reverse("figures:one", args=[asked.by, id]) + asked.link(by="", group="", show="")
        return f'<a href="{escape(where)}">{escape(name)}</a>'
    return escape(name)


def _cell(shown: Figure, url: str) -> str:
    if shown.rate is None:
        return '<td class="ll-num fig-none">–</td>'
    words = (
        f'<span class="fig-rate">{shown.percent} %</span> <span class="fig-base">{shown.numerator}/{shown.base}</span>'
    )
    if url:
        words = f'<a href="{url}&amp;population={shown.indicator.base}">{words}</a>'
    light = light_of(shown)
    mark = f' class="ll-num fig-{light}"' if light == "overdue" else ' class="ll-num"'
    return f"<td{mark}>{words}</td>"


def file_titles(first: str) -> list[str]:
    """The titles of a downloaded table: three columns for each indicator, and how many were left out."""
    titles = [first]
    for indicator in INDICATORS.values():
        titles += [indicator.label, f"{indicator.label} {_('分子')}", f"{indicator.label} {_('基数')}"]
    return [*titles, _("不计入")]


def file_row(name: str, counts: Counts) -> list[Any]:
    """One line of a downloaded table."""
    row: list[Any] = [name]
    for code in INDICATORS:
        shown = figure(code, counts)
        row += [None if shown.rate is None else round(shown.rate, 4), shown.numerator, shown.base]
    return [*row, counts["left_out"]]


def chart(code: str, labels: Sequence[str], many: Sequence[Counts]) -> dict[str, Any]:
    """An indicator over time as `chart.js` draws it, in percent; periods without a base are gaps."""
    values = [figure(code, counts) for counts in many]
    points = [None if shown.rate is None else round(shown.rate * 100, 1) for shown in values]
    return {
        "kind": "line",
        "unit": "%",
        "labels": list(labels),
        "series": [{"name": INDICATORS[code].label, "values": points, "tone": "brand"}],
    }
