"""What the watching came to: tiers of duty, supervision orders by light, what inspections found."""

from __future__ import annotations

from django.db.models import Count, F, Q

from linli.rooms.bulletins.numbers.scope import Scope, named
from linli.rooms.bulletins.sections import Pair, Part, column, light, number, pair
from linli.rooms.fieldwork.models import Finding, Level
from linli.rooms.ladder.models import Stay, Tier
from linli.rooms.oversight.models import Light, Order

_SHAPES = {"circle": "●", "triangle": "▲", "square": "■", "diamond": "◆", "bars": "‖", "tick": "✓"}


def tiers(scope: Scope) -> Part:
    """How many cases stand on each tier, how many of them too long, how many were passed up from it."""
    here = Stay.objects.filter(
        Q(left_at=None) | Q(left_at__gt=scope.as_of),
        entered_at__lte=scope.as_of,
        case__tokens__contains=[scope.place.pk],
        case__parent=None,
    )
    rows = (
        here.values("ladder_id", "tier_code", "level")
        .annotate(n=Count("id"), late=Count("id", filter=Q(due_at__lt=scope.as_of)))
        .order_by("level", "ladder_id")
    )
    names = {
        (tier.ladder_id, tier.code): tier for tier in Tier.objects.filter(ladder__in={r["ladder_id"] for r in rows})
    }
    passed_up = dict(
        Stay.objects.filter(
            left_at__gte=scope.period.since,
            left_at__lt=min(scope.period.until, scope.as_of),
            outcome__in=(Stay.Outcome.CLIMBED, Stay.Outcome.SWEPT),
            case__tokens__contains=[scope.place.pk],
        )
        .values_list("level")
        .annotate(Count("id"))
    )
    return {
        "columns": [
            column("层级", "Tier", width=2),
            column("正在办", "Open", "right"),
            column("本层超期", "Overdue here", "right"),
            column("本期上交", "Passed up", "right"),
        ],
        "rows": [
            [
                named(tier) if (tier := names.get((row["ladder_id"], row["tier_code"]))) else row["tier_code"],
                row["n"],
                light("overdue", str(row["late"]), str(row["late"])) if row["late"] else 0,
                passed_up.get(row["level"], 0),
            ]
            for row in rows
        ],
    }


def orders(scope: Scope) -> Part:
    """Supervision orders that were open at the moment of the count, by light, and those of the period."""
    ours = Order.objects.filter(tokens__contains=[scope.place.pk], issued_at__lte=scope.as_of)
    rows = (
        ours.filter(Q(ended_at=None) | Q(ended_at__gt=scope.as_of))
        .values("light")
        .annotate(n=Count("id"), late=Count("id", filter=Q(due_at__lt=scope.as_of)))
        .order_by("-n")
    )
    lights = {each.code: each for each in Light.objects.all()}
    since, until = scope.period.since, min(scope.period.until, scope.as_of)
    issued = ours.filter(issued_at__gte=since, issued_at__lt=until).count()
    closed = ours.filter(closed_at__gte=since, closed_at__lt=until).count()
    return {
        "figures": [
            number("orders_issued", "本期发出", "Issued", issued),
            number("orders_closed", "本期销号", "Closed", closed),
            number("orders_open", "正在督办", "Under supervision", sum(row["n"] for row in rows)),
        ],
        "columns": [
            column("督办灯", "Light", width=2),
            column("督办单", "Orders", "right"),
            column("已超期", "Overdue", "right"),
        ],
        "rows": [[_light(lights.get(row["light"])), row["n"], row["late"]] for row in rows],
    }


def _light(found: Light | None) -> Pair:
    if found is None:
        return light("on_track", "正常", "on track")
    return light(found.colour, found.name_zh, found.name_en) | {"shape": _SHAPES[found.shape]}


def inspections(scope: Scope) -> Part:
    """What rounds and inspections found in the period, and what became of it."""
    rows = {
        row["level"]: row
        for row in Finding.objects.filter(
            tokens__contains=[scope.place.pk],
            found_at__gte=scope.period.since,
            found_at__lt=min(scope.period.until, scope.as_of),
        )
        .values("level")
        .annotate(
            n=Count("id"),
            righted=Count("id", filter=Q(righted=True)),
            done=Count("id", filter=Q(case__confirmed_at__lte=scope.as_of)),
            late=Count(
                "id",
                filter=Q(case__due_at__lt=scope.as_of)
                & (Q(case__confirmed_at=None) | Q(case__confirmed_at__gt=F("case__due_at"))),
            ),
        )
    }
    words = {
        Level.PATROL: pair("日常巡查", "Daily rounds"),
        Level.SPECIAL: pair("专项检查", "Special inspection"),
        Level.JOINT: pair("联合检查", "Joint inspection"),
    }
    return {
        "columns": [
            column("督查", "Inspection", width=2),
            column("发现问题", "Found", "right"),
            column("当场处置", "Put right at once", "right"),
            column("已整改", "Handled", "right"),
            column("超期", "Overdue", "right"),
        ],
        "rows": [
            [words[level], row["n"], row["righted"], row["done"], row["late"]]
            for level in words
            if (row := rows.get(level.value))
        ],
    }
