"""Checks of what an operator enters: the calendar above all, deadlines rest on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model

from linli.house.checks.registry import Finding, Level, check
from linli.kernel.clock.models import CalendarYear

# The State Council publishes the next year's holidays in November.
NEXT_YEAR_FROM = (12, 1)


@check("calendar", needs="tables")
def calendar() -> Iterator[Finding]:
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date()
    official = set(CalendarYear.objects.filter(official=True).values_list("year", flat=True))
    if today.year not in official:
        yield Finding(
            f"The official holidays of {today.year} are missing: deadlines are provisional.",
            "Enter or import them in the administration pages (calendar).",
        )
    if (today.month, today.day) >= NEXT_YEAR_FROM and today.year + 1 not in official:
        yield Finding(
            f"The official holidays of {today.year + 1} are missing: deadlines there are provisional.",
            "They are published in November: enter or import them then (administration, calendar).",
            Level.WARNING,
        )


@check("administrator", needs="tables")
def administrator() -> Iterator[Finding]:
    if not get_user_model()._default_manager.filter(is_active=True, admin_role="system").exists():
        yield Finding(
            "This house has no system administrator yet.",
            "Start `./linli serve` and open the set-up link it prints.",
            Level.WARNING,
        )
