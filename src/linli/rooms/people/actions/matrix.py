"""The responsibility matrix: a draft grows out of the edition in force, is tried out, and takes its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock, journal
from linli.kernel.authority import Authority
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.kernel.outbox import Event
from linli.rooms.catalogue.models import Item, MatterClass
from linli.rooms.people.actions.parts import action, filled, rewritten
from linli.rooms.people.models import MatrixVersion, PostKind, Responsibility, Unit
from linli.rooms.places.models import Place

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('people.matrix'))"
_COPY = """
INSERT INTO people_responsibility (matrix_id, matter, place_id, unit_id, post_kind_id, valid_from, valid_to,
                                   weekdays, from_time, to_time, note)
SELECT %s, matter, place_id, unit_id, post_kind_id, valid_from, valid_to, weekdays, from_time, to_time, note
FROM people_responsibility WHERE matrix_id = %s ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class RuleWords:
    """What a rule says. matter: item key, class key or "" for all; days [valid_from, valid_to)."""

    matter: str
    place_id: int
    unit_id: int
    post_kind_id: int | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    weekdays: tuple[int, ...] = ()
    from_time: dt.time | None = None
    to_time: dt.time | None = None
    note: str = ""


def draft_matrix(by: Authority, note: str = "") -> MatrixVersion:
    """A new draft with a copy of the rules in force (empty in a new house)."""
    by.require("matrix.edit")
    with action():
        active = _alone()
        number = (MatrixVersion.objects.aggregate(last=Max("number"))["last"] or 0) + 1
        draft = MatrixVersion.objects.create(
            number=number,
            note=filled(note, 200, "note", required=False),
            created_at=clock.now(),
            based_on=active.number if active else None,
        )
        copied = 0
        if active:
            with connection.cursor() as cursor:
                cursor.execute(_COPY, [draft.pk, active.pk])
                copied = cursor.rowcount
        _record("matrix.drafted", by, draft, None, {"number": number, "based_on": draft.based_on, "rules": copied})
    return draft


def add_rule(by: Authority, matrix_id: int, words: RuleWords) -> Responsibility:
    """Add one rule to a draft."""
    return add_rules(by, matrix_id, [words])[0]


def add_rules(by: Authority, matrix_id: int, many: Sequence[RuleWords]) -> list[Responsibility]:
    """Add rules to a draft, all or none; one entry in the journal for all of them."""
    by.require("matrix.edit")
    with action():
        draft = _draft(matrix_id)
        _check(many)
        rules = Responsibility.objects.bulk_create(
            [Responsibility(matrix=draft, **_columns(words)) for words in many], batch_size=1000
        )
        first = {"rule": rules[0].pk, **asdict(many[0])} if len(rules) == 1 else {"rules": len(rules)}
        _record("matrix.rules_added", by, draft, None, first)
    return rules


def edit_rule(by: Authority, rule_id: int, words: RuleWords) -> Responsibility:
    """Change one rule of a draft."""
    by.require("matrix.edit")
    with action():
        rule = _rule(rule_id)
        draft = _draft(rule.matrix_id)
        _check([words])
        columns = _columns(words)
        was, now = rewritten(rule, columns)
        _record("matrix.rule_edited", by, draft, {"rule": rule.pk, **was}, {"rule": rule.pk, **now})
    return rule


def remove_rule(by: Authority, rule_id: int) -> None:
    """Take one rule out of a draft."""
    by.require("matrix.edit")
    with action():
        rule = _rule(rule_id)
        draft = _draft(rule.matrix_id)
        was = {"rule": rule.pk, "matter": rule.matter, "place": rule.place_id, "unit": rule.unit_id}
        rule.delete()
        _record("matrix.rule_removed", by, draft, was, None)


def discard_draft(by: Authority, matrix_id: int) -> None:
    """Throw a draft away with its rules."""
    by.require("matrix.edit")
    with action():
        draft = _draft(matrix_id)
        _record("matrix.discarded", by, draft, {"number": draft.number}, None)
        draft.delete()


def activate_matrix(by: Authority, matrix_id: int, *, replacing: int | None = None) -> MatrixVersion:
    """Put a draft in force; the edition in force retires. One at a time, for all processes at once.

    replacing: number of the edition the operator saw in force; by default the one the draft grew out of.
    Raises Conflict when another edition was activated meanwhile: its changes would be lost unseen.
    """
    by.require("matrix.edit")
    with action():
        active = _alone()
        draft = _draft(matrix_id)
        expected = draft.based_on if replacing is None else replacing
        if (active.number if active else None) != expected:
            raise Conflict(
                _("起草之后，第 %(number)d 版已经生效。请先看两版的差别，再决定是否替换。")
                % {"number": active.number if active else 0},
                "people.matrix_moved_on",
                changes=[
                    {
                        "what": str(_("生效版本")),
                        "before": expected,
                        "after": active.number if active else None,
                        "by": "",
                        "at": active.activated_at.isoformat() if active and active.activated_at else "",
                    }
                ],
            )
        if active:
            active.state = MatrixVersion.State.RETIRED
            active.save(update_fields=["state"])
        draft.state = MatrixVersion.State.ACTIVE
        draft.activated_at = clock.now()
        draft.save(update_fields=["state", "activated_at"])
        _record(
            "matrix.activated",
            by,
            draft,
            {"number": active.number if active else None},
            {"number": draft.number},
        )
    return draft


# ── Parts ──────────────────────────────────────────────────────────────────────────────────────────


def _alone() -> MatrixVersion | None:
    """The edition in force, while nobody else numbers or activates one."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)
    return MatrixVersion.objects.filter(state=MatrixVersion.State.ACTIVE).first()


def _draft(matrix_id: int) -> MatrixVersion:
    """The draft, locked: it cannot take force while its rules change."""
    found = MatrixVersion.objects.select_for_update().filter(pk=matrix_id).first()
    if found is None:
        raise NotFound(_("没有这一版责任清单"), "people.matrix_not_found")
    if found.state != MatrixVersion.State.DRAFT:
        raise Refused(_("生效过的责任清单不能修改，请先起草新版"), "people.matrix_fixed")
    return found


def _rule(rule_id: int) -> Responsibility:
    found = Responsibility.objects.filter(pk=rule_id).first()
    if found is None:
        raise NotFound(_("没有这条规则，可能已被删除"), "people.rule_not_found")
    return found


def _columns(words: RuleWords) -> dict[str, Any]:
    columns = asdict(words)
    columns["weekdays"] = sorted(set(words.weekdays))
    columns["note"] = filled(words.note, 200, "note", required=False)
    return columns


def _check(many: Sequence[RuleWords]) -> None:
    """What a rule names must exist; four queries for any number of rules."""
    matters = {words.matter for words in many} - {""}
    known = set(MatterClass.objects.filter(key__in=matters).values_list("key", flat=True))
    known |= set(Item.objects.filter(key__in=matters).values_list("key", flat=True))
    places = set(Place.objects.filter(pk__in={words.place_id for words in many}).values_list("pk", flat=True))
    units = dict(Unit.objects.filter(pk__in={words.unit_id for words in many}).values_list("pk", "valid_to"))
    kinds = set(PostKind.objects.values_list("pk", flat=True))
    for words in many:
        if words.matter and words.matter not in known:
            raise Refused(_("目录里没有 %(key)s") % {"key": words.matter}, "people.matter", "matter")
        if words.place_id not in places:
            raise Refused(_("请选择地方"), "people.place", "place")
        if words.unit_id not in units:
            raise Refused(_("请选择责任单位"), "people.unit", "unit")
        if words.post_kind_id is not None and words.post_kind_id not in kinds:
            raise Refused(_("没有这种岗位"), "people.kind", "post_kind")
        if (words.from_time is None) != (words.to_time is None) or (
            words.from_time is not None and words.from_time == words.to_time
        ):
            raise Refused(_("请同时填写起止时刻，且两者不同"), "people.hours", "from_time")
        if any(not 1 <= day <= 7 for day in words.weekdays):
            raise Refused(_("星期用 1（周一）到 7（周日）"), "people.weekdays", "weekdays")
        if words.valid_from and words.valid_to and words.valid_to <= words.valid_from:
            raise Refused(_("结束日期须晚于开始日期"), "people.span", "valid_to")


def _record(
    verb: str,
    by: Authority,
    matrix: MatrixVersion,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    journal.record(
        action=verb,
        actor=by.actor,
        object_type="matrix",
        object_id=matrix.pk,
        before=before,
        after=after,
        events=[Event(verb, "matrix", matrix.pk, {"number": matrix.number})],
    )
