"""How the place and the units did in the period: indicators with their bases, by place, best and worst."""

from __future__ import annotations

from django.db.models import Count, Q

from linli.rooms.bulletins.numbers.scope import Scope, named
from linli.rooms.bulletins.sections import Pair, Part, column, number, pair, rate
from linli.rooms.insight.measures import Counts
from linli.rooms.insight.models import Scorecard
from linli.rooms.insight.queries.counts import counts, counts_of
from linli.rooms.insight.queries.scorecards import in_force
from linli.rooms.insight.rules import INDICATORS
from linli.rooms.insight.scoring import Formula, Line, score
from linli.rooms.people.models import Unit
from linli.rooms.places import atlas
from linli.rooms.places.atlas import Facts

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
    """The same by the places just below, or by those below them where only one of them has anything."""
    found: list[tuple[Facts, Counts]] = []
    below = _BELOW.get(scope.place.kind)
    while below is not None and len(found) < 2:
        found = _told(below, scope) or found
        below = _BELOW.get(below)
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
            for place, each in found
        ],
    }  # fmt: skip


def _told(level: str, scope: Scope) -> list[tuple[Facts, Counts]]:
    """The places of a level that have anything in the period, in the order of the tree."""
    found = counts(level, scope.period.start, scope.period.end, under=scope.place.pk)
    known = atlas.current().places
    told = [
        (known[place_id], each)
        for place_id, each in found.items()
        if place_id in known and (each["reported"] or each["due"] or each["closed"])
    ]
    return sorted(told, key=lambda row: (row[0].sort_key, row[0].id))


def ranking(scope: Scope) -> Part:
    """The best and the worst units by the scorecard in force, without one by the rate of handling in time."""
    found = {
        unit_id: each
        for unit_id, each in counts("unit", scope.period.start, scope.period.end, under=scope.place.pk).items()
        if each["due"] or each["dispatched"]
    }
    card = in_force("unit", scope.period.last)
    if card is not None and not card.published:
        card = None
    formula = Formula.of(card.lines, card.min_base) if card else Formula((Line("in_time", 100, 1, 0),), MIN_BASE)
    names = Unit.objects.in_bulk(list(found))
    ranked = [row for row in score(formula, found) if row.rank is not None and row.id in names]
    best = ranked[: min(RANKED, (len(ranked) + 1) // 2)]
    worst = ranked[max(len(best), len(ranked) - RANKED) :]
    rows = [
        [
            mark if place == 0 else "",
            row.rank,
            named(names[row.id]),
            f"{row.score:.1f}".removesuffix(".0"),
            _share("in_time", found[row.id]),
            found[row.id]["overdue"],
        ]
        for mark, some in ((pair("靠前", "Best"), best), (pair("靠后", "Worst"), worst))
        for place, row in enumerate(some)
    ]
    return {
        "columns": [
            column("", ""),
            column("名次", "Rank", "right"),
            column("单位", "Unit", width=2),
            column("得分", "Points", "right"),
            column("按期处置率", "In time", "right", 1.4),
            column("超期未办", "Overdue", "right"),
        ],
        "key": 2,
        "rows": rows,
        "note": _formula_words(card, formula, len(ranked)),
    }


def _formula_words(card: Scorecard | None, formula: Formula, ranked: int) -> Pair:
    """The published formula, so that everybody can reckon the points."""
    zh, en = [], []
    for line in formula.lines:
        each = INDICATORS[line.code]
        zh.append(f"{each.label_zh} {line.weight:g} 分（{line.full:.0%} 得满分，{line.zero:.0%} 得 0 分）")
        en.append(f"{each.label_en}: {line.weight:g} points (all at {line.full:.0%}, none at {line.zero:.0%})")
    name_zh = f"《{card.name_zh}》第 {card.edition} 版：" if card else "没有生效的考核办法，只按按期处置率："
    name_en = f"{card.name_en or card.name_zh}, edition {card.edition}: " if card else "No scorecard is in force: "
    return pair(
        f"排名办法：{name_zh}{'；'.join(zh)}。基数不足 {formula.min_base} 件的项不计，分数按其余各项折成百分制；"
        f"不足一半的单位不排名。参加排名 {ranked} 个单位。",
        f"Ranked by: {name_en}{'; '.join(en)}. What has a base under {formula.min_base} does not count, the rest is"
        f" scaled to 100; with less than half of the weight a unit is not ranked. Ranked units: {ranked}.",
    )
