"""How the place and the units did in the period: indicators with their bases, by place, best and worst."""

from __future__ import annotations

from django.db.models import Count, Q

from linli.rooms.bulletins.numbers.scope import Scope, named
from linli.rooms.bulletins.sections import Part, column, number, pair, rate
from linli.rooms.insight.measures import Counts
from linli.rooms.insight.queries.counts import counts, counts_of
from linli.rooms.insight.rules import INDICATORS
from linli.rooms.people.models import Unit
from linli.rooms.places import atlas

RANKED = 5
MIN_BASE = 5
_RATES = ("in_time", "closed_in_time", "reworked", "accurate", "responded", "solved", "satisfied")
_BELOW = {"district": "street", "street": "community", "community": "grid"}


def totals(scope: Scope) -> Part:
    """Counts and rates of the whole place, with their definitions."""
    dimension = scope.place.kind if scope.place.kind in ("district", "street", "community") else "grid"
    found = counts_of(dimension, scope.place.pk, scope.period.start, scope.period.end)
    opened = scope.open.aggregate(
        all=Count("id"),
        late=Count("id", filter=Q(due_at__lt=scope.as_of) & ~Q(state="suspended")),
        legacy=Count("id", filter=Q(legacy=True)),
        major=Count("id", filter=Q(major=True)),
    )
    figures = [
        number("reported", "本期上报", "Reported", found["reported"]),
        number("registered", "本期立案", "Registered", found["registered"]),
        number("handled", "本期处置", "Handled", found["handled"]),
        number("closed", "本期结案", "Closed", found["closed"]),
        *(_rate(code, found) for code in _RATES),
        number("open", "正在办", "Open now", opened["all"]),
        rate("late", "超期未办", "Overdue now", opened["late"], opened["all"], "down"),
        number("legacy", "历史遗留未结", "Legacy, open", opened["legacy"]),
        number("major", "重大问题未结", "Major, open", opened["major"]),
    ]
    definitions = [INDICATORS[code] for code in _RATES]
    return {
        "figures": figures,
        "note": pair(
            "\n".join(f"{each.label_zh}：{each.definition_zh}" for each in definitions),
            "\n".join(f"{each.label_en}: {each.definition_en}" for each in definitions),
        ),
    }


def _rate(code: str, found: Counts) -> Part:
    each = INDICATORS[code]
    return rate(code, each.label_zh, each.label_en, found[each.numerator], found[each.base], each.better)


def _share(code: str, found: Counts) -> str:
    figure = _rate(code, found)
    return f"{figure['value']} ({figure['base']})"


def places(scope: Scope) -> Part:
    """The same by the places just below."""
    below = _BELOW.get(scope.place.kind)
    if below is None:
        return {"rows": []}
    found = counts(below, scope.period.start, scope.period.end, under=scope.place.pk)
    known = atlas.current().places
    rows = []
    for place_id, each in found.items():
        place = known.get(place_id)
        if place is not None and (each["reported"] or each["due"] or each["closed"]):
            rows.append((place.sort_key, place.id, place, each))
    rows.sort(key=lambda row: row[:2])
    return {
        "columns": [
            column("地方", "Place", width=2),
            column("上报", "Reported", "right"),
            column("结案", "Closed", "right"),
            column("按期处置率", "In time", "right", 1.6),
            column("返工率", "Reworked", "right", 1.4),
            column("满意率", "Satisfied", "right", 1.4),
        ],
        "rows": [
            [
                named(place), each["reported"], each["closed"], _share("in_time", each), _share("reworked", each),
                _share("satisfied", each),
            ]
            for _sort, _id, place, each in rows
        ],
    }  # fmt: skip


def ranking(scope: Scope) -> Part:
    """The best and the worst units by the rate of handling in time; the formula stands beside."""
    found = counts("unit", scope.period.start, scope.period.end, under=scope.place.pk)
    fit = {unit_id: each for unit_id, each in found.items() if each["due"] >= MIN_BASE}
    names = Unit.objects.in_bulk(list(fit))
    ranked = sorted(
        ((each["in_time"] / each["due"], each["due"], unit_id) for unit_id, each in fit.items() if unit_id in names),
        key=lambda row: (-row[0], -row[1], row[2]),
    )
    best, worst = ranked[:RANKED], ranked[RANKED:][-RANKED:]
    rows = [
        [
            mark if place == 0 else "",
            place_of[unit_id],
            named(names[unit_id]),
            _share("in_time", found[unit_id]),
            found[unit_id]["overdue"],
        ]
        for place_of in [{unit_id: place for place, (_rate, _due, unit_id) in enumerate(ranked, 1)}]
        for mark, some in ((pair("靠前", "Best"), best), (pair("靠后", "Worst"), worst))
        for place, (_share_of, _due, unit_id) in enumerate(some)
    ]
    return {
        "columns": [
            column("", ""),
            column("名次", "Rank", "right"),
            column("单位", "Unit", width=2),
            column("按期处置率", "In time", "right", 1.4),
            column("超期未办", "Overdue", "right"),
        ],
        "key": 2,
        "rows": rows,
        "note": pair(
            "排名办法：按期处置率 = 按期处置 ÷ 应处置，由高到低；相同的，应处置多的在前。"
            f"应处置不足 {MIN_BASE} 件的单位不排名。参加排名 {len(ranked)} 个单位。",
            "Ranked by: handled in time ÷ due, high to low; at equal rates the larger base first."
            f" Units with fewer than {MIN_BASE} due are not ranked. Ranked units: {len(ranked)}.",
        ),
    }
