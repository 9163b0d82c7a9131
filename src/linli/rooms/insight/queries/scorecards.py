"""Reading scorecards: which is in force, whom it scores, what a trial comes to, results as they were kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from linli.rooms.insight.measures import Counts
from linli.rooms.insight.models import Result, Scorecard
from linli.rooms.insight.queries.counts import counts
from linli.rooms.insight.scoring import Formula, Scored, Sway, moves, score, sensitivity


def in_force(subject: str, day: dt.date) -> Scorecard | None:
    """The approved edition in force on a day; with `date.max` the newest approved one, in force already or to come."""
    found = Scorecard.objects.filter(subject=subject, state=Scorecard.State.APPROVED, in_force_from__lte=day)
    return found.filter(Q(in_force_to=None) | Q(in_force_to__gt=day)).order_by("-in_force_from").first()


def subjects_counts(subject: str, since: dt.date, until: dt.date) -> dict[int, Counts]:
    """The counts of everybody whom a scorecard of this kind scores."""
    return counts(subject, since, until)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a formula would have come to in a past period, against the edition in force."""

    rows: list[Scored]
    moved: dict[int, int]
    against: Scorecard | None
    sways: list[Sway]


def trial(card: Scorecard, since: dt.date, until: dt.date) -> Trial:
    """Rank everybody by a draft, compare with the edition in force, and shake each weight."""
    numbers = {id: each for id, each in subjects_counts(card.subject, since, until).items() if each}
    formula = Formula.of(card.lines, card.min_base)
    rows = score(formula, numbers)
    current = in_force(card.subject, dt.date.max)
    if current is not None and current.pk == card.pk:
        current = None
    before = score(Formula.of(current.lines, current.min_base), numbers) if current else []
    return Trial(rows, moves(before, rows), current, sensitivity(formula, numbers))


def results(subject: str | None = None) -> QuerySet[Result]:
    """Kept results, the newest first."""
    found = Result.objects.select_related("scorecard").order_by("-until", "-id")
    return found.filter(scorecard__subject=subject) if subject else found


def next_result() -> tuple[int, dt.date, dt.date] | None:
    """The earliest whole month in force that has no result yet: (scorecard, first day, day after)."""
    found = []
    for card in Scorecard.objects.filter(state=Scorecard.State.APPROVED, in_force_from__isnull=False):
        assert card.in_force_from is not None
        newest = card.results.order_by("-until").values_list("until", flat=True).first()
        since = max(_month_after(card.in_force_from - dt.timedelta(days=1)), newest or card.in_force_from)
        since = since if since.day == 1 else _month_after(since)
        until = _month_after(since)
        if card.in_force_to is None or until <= card.in_force_to:
            found.append((until, card.pk, since))
    if not found:
        return None
    until, pk, since = min(found)
    return pk, since, until


def _month_after(day: dt.date) -> dt.date:
    """The first day of the month after this day's."""
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
