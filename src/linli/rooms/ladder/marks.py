"""Marks by rule (LK-7): what has been open for too long is a legacy problem, what many report or what climbed high a
major one. Each rule marks a case once; a person who takes the mark away has the last word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from linli.kernel import clock
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.ladder.models import Ladder, Mark, Stay
from linli.rooms.ladder.ways import in_force
from linli.rooms.people.rights import NOBODY

AT_ONCE = 200

# The oldest open case of a district that no mark has been set on: `case_grows_old` has them in this order.
_OLD = """
SELECT c.id, c.reported_at FROM cases_case c
WHERE c.is_open AND NOT c.legacy AND c.parent_id IS NULL AND c.tokens @> ARRAY[%(district)s]::bigint[]
  AND c.reported_at <= %(until)s
  AND NOT EXISTS (SELECT FROM ladder_mark m WHERE m.case_id = c.id AND m.kind = 'legacy')
ORDER BY c.reported_at LIMIT %(most)s
"""


def mark_old() -> int:
    """Mark as legacy what has been open for longer than its district's ladder says; returns how many were marked."""
    now, done = clock.now(), 0
    for ladder in _with_age():
        done += sum(_mark(pk, Mark.Kind.LEGACY, "age", ladder) for pk, _at in _old(ladder, now, AT_ONCE))
    return done


def next_to_grow_old() -> dt.datetime | None:
    """When the next case becomes a legacy problem."""
    moments = []
    for ladder in _with_age():
        oldest = _old(ladder, dt.datetime.max.replace(tzinfo=dt.UTC), 1)
        moments += [at + _age(ladder) for _pk, at in oldest]
    return min(moments, default=None)


def _with_age() -> list[Ladder]:
    return list(Ladder.objects.filter(state=Ladder.State.ACTIVE, legacy_after_days__isnull=False))


def _age(ladder: Ladder) -> dt.timedelta:
    return dt.timedelta(days=ladder.legacy_after_days or 0)


def _old(ladder: Ladder, now: dt.datetime, most: int) -> list[tuple[int, dt.datetime]]:
    until = now if now.year > 9000 else now - _age(ladder)
    with connection.cursor() as cursor:
        cursor.execute(_OLD, {"district": ladder.district_id, "until": until, "most": most})
        return list(cursor.fetchall())


def mark_by_reports(case_id: int) -> bool:
    """Mark as major what enough people have reported."""
    case = Case.objects.filter(pk=case_id, is_open=True, parent=None, major=False).first()
    ladder = _ladder_of(case)
    if case is None or ladder is None or not ladder.major_reports or case.report_count < ladder.major_reports:
        return False
    return _mark(case.pk, Mark.Kind.MAJOR, "reports", ladder)


def mark_by_level(case_id: int) -> bool:
    """Mark as major what has climbed to the level that the ladder says."""
    case = Case.objects.filter(pk=case_id, is_open=True, parent=None, major=False).first()
    ladder = _ladder_of(case)
    if case is None or ladder is None or not ladder.major_level:
        return False
    if not Stay.objects.filter(case=case, level__gte=ladder.major_level).exists():
        return False
    return _mark(case.pk, Mark.Kind.MAJOR, "level", ladder)


def _ladder_of(case: Case | None) -> Ladder | None:
    found = in_force([case.lineage[0]]).get(case.lineage[0]) if case is not None else None
    return found.ladder if found is not None else None


def _mark(case_id: int, kind: Mark.Kind, rule: str, ladder: Ladder) -> bool:
    """Set the mark by the flow's own step, unless a rule has set it before; True when it was set now."""
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).filter(pk=case_id, is_open=True).first()
        if case is None:
            return False
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ladder_mark (case_id, kind, rule, at) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (case_id, kind) DO NOTHING",
                [case_id, str(kind), rule, clock.now()],
            )
            if not cursor.rowcount:
                return False
        if getattr(case, str(kind)):
            return False  # a person has marked it before
        take(case_id, "mark", {str(kind): "1", "reason": _reason(rule, ladder)}, viewer=NOBODY, system=True)
    return True


def _reason(rule: str, ladder: Ladder) -> str:
    """Why, as the journal keeps it: in Chinese, whoever worked just then."""
    facts: Mapping[str, int | None] = {
        "days": ladder.legacy_after_days,
        "reports": ladder.major_reports,
        "level": ladder.major_level,
    }
    with override("zh-hans"):
        return {
            "age": _("超过 %(days)s 天没有办结"),
            "reports": _("上报的人达到 %(reports)s 位"),
            "level": _("已上升到第 %(level)s 层"),
        }[rule] % facts
