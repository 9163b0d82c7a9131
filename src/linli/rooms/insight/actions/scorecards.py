"""Scorecards: drafted by a supervisor, tried on a past period, approved by a leader who did not draft it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from linli.kernel import clock, journal
from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.kernel.identifiers import clean_text
from linli.kernel.outbox import Event
from linli.rooms.insight.models import Result, Scorecard
from linli.rooms.insight.queries.scorecards import in_force, subjects_counts
from linli.rooms.insight.scoring import Formula, check, score
from linli.rooms.people.models import Post
from linli.rooms.people.rights import HeldPost, Viewer
from linli.rooms.places import atlas
from linli.rooms.places.atlas import today

EDIT, APPROVE = "scorecard.edit", "scorecard.approve"
_SYSTEM = journal.Actor(account_id=None, name="", post_id=None, post_name="", kind="system")


def problem_words(code: str) -> str:
    """What `scoring.check` found, in words."""
    return {
        "no_lines": _("至少选一个指标。"),
        "unknown_line": _("同一个指标只能用一次，且要在指标目录里。"),
        "not_a_number": _("权重和满分、零分的比率都要填数字。"),
        "out_of_range": _("权重在 0 到 100 之间，比率在 0 到 100% 之间，满分和零分不能相同。"),
        "wrong_way": _("满分和零分的方向反了：越高越好的指标，满分要高于零分；越低越好的相反。"),
        "not_hundred": _("各指标的权重加起来要等于 100。"),
    }.get(code, "")


def draft_scorecard(
    *, viewer: Viewer, subject: str, name_zh: str, name_en: str = "", request_key: str | None = None
) -> Scorecard:
    """Begin a new edition for one kind of subject, with the lines of the one in force. Raises NotAllowed, Refused."""

    def fresh() -> Scorecard:
        post = _require(viewer, EDIT)
        name = clean_text(name_zh, 80)
        if subject not in Scorecard.Subject.values:
            raise Refused(_("请选择考核对象。"), code="scorecard.subject", field="subject")
        if not name:
            raise Refused(_("请写名称。"), code="scorecard.name", field="name_zh")
        if Scorecard.objects.filter(subject=subject, state=Scorecard.State.DRAFT).exists():
            raise Refused(_("这类对象已经有一份草稿，请接着改那一份。"), code="scorecard.draft_exists", field="subject")
        now = in_force(subject, today())
        newest = Scorecard.objects.filter(subject=subject).aggregate(most=Max("edition"))["most"] or 0
        card = Scorecard.objects.create(
            subject=subject,
            name_zh=name,
            name_en=clean_text(name_en, 120),
            edition=newest + 1,
            lines=now.lines if now else [],
            min_base=now.min_base if now else 5,
            drafted_by_id=viewer.account_id or 0,
            drafted_at=clock.now(),
        )
        _record(card, viewer.acting(post), "draft", "scorecard.drafted", None, request_key=request_key)
        return card

    try:
        return journal.once(request_key, fresh, lambda _entry, found: Scorecard.objects.get(pk=found))
    except IntegrityError as error:
        raise Conflict(_("同时有人起草了同一版，请刷新页面。"), code="scorecard.changed") from error


def edit_scorecard(
    card_id: int,
    *,
    viewer: Viewer,
    version: int | None,
    name_zh: str,
    name_en: str,
    lines: Sequence[Mapping[str, Any]],
    min_base: int,
    published: bool,
) -> Scorecard:
    """Change a draft; it has to be tried anew. Raises NotFound, NotAllowed, Refused, Conflict."""
    with transaction.atomic():
        card = _locked(card_id)
        post = _require(viewer, EDIT)
        _must_be_draft(card, version, {"lines": list(lines), "name_zh": name_zh, "min_base": min_base})
        wrong = check(lines)
        if wrong:
            raise Refused(problem_words(wrong), code=f"scorecard.{wrong}", field="lines")
        if not 1 <= min_base <= 1000:
            raise Refused(_("最小基数在 1 到 1000 之间。"), code="scorecard.min_base", field="min_base")
        if not clean_text(name_zh, 80):
            raise Refused(_("请写名称。"), code="scorecard.name", field="name_zh")
        before = {"version": card.version, "lines": card.lines, "min_base": card.min_base}
        card.name_zh, card.name_en = clean_text(name_zh, 80), clean_text(name_en, 120)
        card.lines = [
            {"code": line["code"], **{name: float(line[name]) for name in ("weight", "full", "zero")}} for line in lines
        ]
        card.min_base, card.published, card.tried_at = min_base, published, None
        _save(card)
        _record(card, viewer.acting(post), "edit", "scorecard.edited", before)
        return card


def try_scorecard(
    card_id: int, *, viewer: Viewer, since: dt.date, until: dt.date, version: int | None = None
) -> Scorecard:
    """Record that a draft was tried on a past period; the page shows what it came to. Raises as `edit_scorecard`."""
    with transaction.atomic():
        card = _locked(card_id)
        post = _require(viewer, EDIT)
        _must_be_draft(card, version, {})
        _check_period(since, until)
        if not card.lines:
            raise Refused(problem_words("no_lines"), code="scorecard.no_lines", field="lines")
        card.tried_since, card.tried_until, card.tried_at = since, until, clock.now()
        _save(card)
        _record(card, viewer.acting(post), "try", "scorecard.tried", None)
        return card


def approve_scorecard(
    card_id: int, *, viewer: Viewer, from_day: dt.date, version: int | None = None, request_key: str | None = None
) -> Scorecard:
    """Put an edition in force from a day on; the one before ends there. By a leader who did not draft it.

    Raises NotFound, NotAllowed, Refused, Conflict.
    """

    def fresh() -> Scorecard:
        card = _locked(card_id)
        post = _require(viewer, APPROVE)
        _must_be_draft(card, version, {"from_day": from_day.isoformat()})
        if card.drafted_by_id == viewer.account_id:
            raise NotAllowed(_("自己起草的考核办法由别的领导批准。"), code="scorecard.own")
        if card.tried_at is None:
            raise Refused(_("先在过去的一段时间上试算，再批准。"), code="scorecard.not_tried")
        if from_day < today():
            raise Refused(_("生效日不能早于今天。"), code="scorecard.past", field="from_day")
        previous = in_force(card.subject, dt.date.max)
        if previous is not None and previous.in_force_from is not None and previous.in_force_from >= from_day:
            raise Refused(
                _("上一版 %(day)s 才生效，新版要更晚。") % {"day": previous.in_force_from},
                code="scorecard.too_early",
                field="from_day",
            )
        if previous is not None:
            previous.in_force_to = from_day
            previous.version += 1
            previous.save(update_fields=["in_force_to", "version"])
        card.state, card.in_force_from = Scorecard.State.APPROVED, from_day
        card.approved_by_id, card.approved_at = viewer.account_id, clock.now()
        _save(card)
        _record(card, viewer.acting(post), "approve", "scorecard.approved", None, request_key=request_key, tell=True)
        return card

    return journal.once(request_key, fresh, lambda _entry, found: Scorecard.objects.get(pk=found))


def keep_result(card_id: int, since: dt.date, until: dt.date, *, viewer: Viewer | None = None) -> Result:
    """Compute a scorecard in force for a period and keep it as it is now; the same period twice gives the first result.

    viewer: None when the worker does it at the month's end. Raises NotFound, NotAllowed, Refused.
    """
    with transaction.atomic():
        card = _locked(card_id)
        post = _require(viewer, EDIT) if viewer is not None else None
        if card.state != Scorecard.State.APPROVED or card.in_force_from is None:
            raise Refused(_("批准以后才能出结果。"), code="scorecard.not_in_force")
        _check_period(since, until)
        kept = Result.objects.filter(scorecard=card, since=since, until=until).first()
        if kept is not None:
            return kept
        ranked = score(Formula.of(card.lines, card.min_base), subjects_counts(card.subject, since, until))
        result = Result.objects.create(
            scorecard=card,
            since=since,
            until=until,
            rows=[row.as_row() for row in ranked if row.score is not None or any(line["base"] for line in row.lines)],
            formula={"lines": card.lines, "min_base": card.min_base, "edition": card.edition, "name": card.name_zh},
            computed_by_id=viewer.account_id if viewer else None,
            computed_at=clock.now(),
        )
        actor = viewer.acting(post) if viewer is not None else _SYSTEM
        _record(card, actor, "compute", "scorecard.computed", None, tell=card.published, result=result)
        return result


def _check_period(since: dt.date, until: dt.date) -> None:
    if not since < until:
        raise Refused(_("结束要晚于开始。"), code="scorecard.backwards", field="until")
    if until > today():
        raise Refused(_("只能用已经过完的日子。"), code="scorecard.not_over", field="until")
    if (until - since).days > 366:
        raise Refused(_("一次最多一年。"), code="scorecard.too_long", field="until")


def _locked(card_id: int) -> Scorecard:
    card = Scorecard.objects.select_for_update(of=("self",)).filter(pk=card_id).first()
    if card is None:
        raise NotFound(_("没有这份考核办法。"), code="scorecard.not_found")
    return card


def _must_be_draft(card: Scorecard, version: int | None, typed: dict[str, Any]) -> None:
    if card.state != Scorecard.State.DRAFT:
        raise Refused(_("已批准的考核办法不能再改，请起草新一版。"), code="scorecard.approved")
    if version is not None and version != card.version:
        raise Conflict(_("这份草稿刚被别人改过。"), code="scorecard.changed", typed=typed)


def _require(viewer: Viewer, capability: str) -> HeldPost | None:
    """Scorecards are the district's: the post must reach its root."""
    root = next((place for place in atlas.current().places.values() if place.parent_id is None), None)
    viewer.require(capability, root.lineage if root else ())
    return viewer.may(capability).post


def _save(card: Scorecard) -> None:
    card.version += 1
    card.save()


def _record(
    card: Scorecard,
    actor: journal.Actor,
    verb: str,
    kind: str,
    before: dict[str, Any] | None,
    *,
    request_key: str | None = None,
    tell: bool = False,
    result: Result | None = None,
) -> None:
    path = f"/figures/scorecards/{card.pk}/" if result is None else f"/figures/results/{result.pk}/"
    data: dict[str, Any] = {"name": card.name_zh, "edition": card.edition, "path": path}
    if tell:
        data["posts"] = _scored_posts(card)
    journal.record(
        action=f"scorecard.{verb}",
        actor=actor,
        object_type="scorecard",
        object_id=card.pk,
        before=before,
        after={
            "version": card.version,
            "state": card.state,
            "lines": [{name: str(value) for name, value in line.items()} for line in card.lines],
            "min_base": card.min_base,
            "in_force_from": card.in_force_from.isoformat() if card.in_force_from else None,
            **({"result": result.pk, "since": str(result.since), "until": str(result.until)} if result else {}),
        },
        request_key=request_key,
        events=[Event(kind, "scorecard", card.pk, data)],
    )


def _scored_posts(card: Scorecard) -> list[int]:
    """Who hears of it: contacts of units for a scorecard of units, those who view figures of their place otherwise."""
    held = Post.objects.filter(kind__duties__contains=["insight.view"], valid_to=None, holder__isnull=False)
    by_unit = card.subject == Scorecard.Subject.UNIT
    return list(held.filter(unit__isnull=not by_unit).order_by("pk").values_list("pk", flat=True)[:2000])
