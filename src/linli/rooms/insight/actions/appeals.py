"""超时申诉: a unit says why a case was late through no fault of its own; two people from elsewhere decide (DOMAIN §2).

Upheld, the case is left out of the timed indicators; the raw fact and the whole story stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from linli.kernel import clock, journal
from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.kernel.identifiers import clean_text
from linli.kernel.outbox import Event
from linli.rooms.cases.models import Case
from linli.rooms.insight.models import Appeal
from linli.rooms.people.models import Post
from linli.rooms.people.rights import HeldPost, Target, Viewer

WORDS = 2000


def ask_appeal(
    case_id: int, *, viewer: Viewer, reason: str, evidence: Sequence[str] = (), request_key: str | None = None
) -> Appeal:
    """Ask that a closed case that was late be left out; once a case, by the unit that had it.

    Raises NotFound, NotAllowed, Refused (not closed, not late, asked already, no reason).
    """

    def fresh() -> Appeal:
        case = Case.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
        if case is None or case.parent_id is not None:
            raise NotFound(_("没有这个事件。"), code="case.not_found")
        post = _may(viewer, "appeal.ask", target_of_case(case))
        why_not = cannot_ask(case)
        if why_not:
            raise Refused(why_not, code="appeal.cannot")
        words = clean_text(reason, WORDS)
        if not words:
            raise Refused(_("请写明为什么不能按期办完，以及依据。"), code="appeal.no_reason", field="reason")
        assert case.unit_id is not None
        appeal = Appeal.objects.create(
            case=case,
            unit_id=case.unit_id,
            lineage=case.lineage,
            tokens=sorted({*case.lineage, -case.unit_id}),
            matter_class=case.matter_class,
            reason=words,
            evidence=[clean_text(name, 200) for name in evidence][:9],
            asked_by_id=viewer.account_id or 0,
            asked_at=clock.now(),
        )
        _record(appeal, case, viewer, post, "ask", "appeal.asked", words, request_key)
        return appeal

    try:
        return journal.once(request_key, fresh, lambda _entry, found: Appeal.objects.get(case_id=int(found)))
    except IntegrityError as error:
        raise Conflict(_("这个事件已经申诉过。"), code="appeal.twice", typed={"reason": reason}) from error


def cannot_ask(case: Case) -> str:
    """Why no appeal is possible for a case; "" when it is. Late: confirmed after the deadline that counted."""
    if case.state != "closed":
        return _("结案以后才能申诉。")
    if case.unit_id is None or case.due_at is None or case.confirmed_at is None or case.confirmed_at <= case.due_at:
        return _("这个事件没有超期，不用申诉。")
    if Appeal.objects.filter(case_id=case.pk).exists():
        return _("这个事件已经申诉过，每件只能申诉一次。")
    return ""


def target_of_case(case: Case) -> Target:
    """What rights for an appeal about a case are asked for."""
    units = frozenset(-token for token in case.tokens if token < 0)
    return Target(case.lineage, units, case.unit_id, case.matter_class)


def target_of_appeal(appeal: Appeal) -> Target:
    """What rights over an appeal are asked for."""
    return Target(appeal.lineage, {appeal.unit_id}, appeal.unit_id, appeal.matter_class)


def review_appeal(
    appeal_id: int,
    *,
    viewer: Viewer,
    upheld: bool,
    words: str,
    version: int | None = None,
    request_key: str | None = None,
) -> Appeal:
    """Say whether an appeal is right. Two different people, neither of the unit nor who asked; one "no" ends it.

    Raises NotFound, NotAllowed, Refused, Conflict.
    """

    def fresh() -> Appeal:
        appeal = Appeal.objects.select_for_update(of=("self",)).filter(pk=appeal_id).first()
        if appeal is None:
            raise NotFound(_("没有这份申诉。"), code="appeal.not_found")
        post = _may(viewer, "appeal.review", target_of_appeal(appeal))
        said = clean_text(words, WORDS)
        if (version is not None and version != appeal.version) or appeal.state not in _OPEN:
            raise Conflict(_("这份申诉刚被别人审过。"), code="appeal.changed", typed={"words": words, "upheld": upheld})
        why_not = cannot_review(appeal, viewer)
        if why_not:
            raise NotAllowed(why_not, code="appeal.not_you")
        if not said:
            raise Refused(_("请写明理由，申诉单位会看到。"), code="appeal.no_words", field="words")
        now = clock.now()
        if appeal.state == Appeal.State.ASKED:
            appeal.first_by_id, appeal.first_at = viewer.account_id, now
            appeal.first_upheld, appeal.first_words = upheld, said
            appeal.state = Appeal.State.HALF if upheld else Appeal.State.REFUSED
        else:
            appeal.second_by_id, appeal.second_at, appeal.second_words = viewer.account_id, now, said
            appeal.state = Appeal.State.UPHELD if upheld else Appeal.State.REFUSED
        appeal.version += 1
        appeal.save()
        kind = "appeal.reviewed" if appeal.state == Appeal.State.HALF else "appeal.decided"
        _record(appeal, appeal.case, viewer, post, "review", kind, said, request_key)
        return appeal

    return journal.once(request_key, fresh, lambda _entry, _found: Appeal.objects.get(pk=appeal_id))


_OPEN = (Appeal.State.ASKED, Appeal.State.HALF)


def cannot_review(appeal: Appeal, viewer: Viewer) -> str:
    """Why this person may not review; "" otherwise. The right itself is asked for elsewhere."""
    if viewer.account_id == appeal.asked_by_id:
        return _("自己提出的申诉由别人审核。")
    if appeal.unit_id in viewer.own_units:
        return _("申诉单位的人不能审核自己单位的申诉。")
    if viewer.account_id == appeal.first_by_id:
        return _("您已经审过，第二次要由另一个人审。")
    return ""


def _may(viewer: Viewer, capability: str, target: Target) -> HeldPost | None:
    verdict = viewer.may(capability, target)
    if not verdict.ok:
        raise NotAllowed(verdict.why, code="appeal.not_allowed")
    return verdict.post


def _record(
    appeal: Appeal,
    case: Case,
    viewer: Viewer,
    post: HeldPost | None,
    verb: str,
    kind: str,
    note: str,
    request_key: str | None,
) -> None:
    """In the story of the case, so that the statistics are derived from one story."""
    told: dict[str, Any] = {
        "case_id": case.pk,
        "number": case.number,
        "appeal": appeal.pk,
        "state": appeal.state,
        "path": f"/figures/appeals/{appeal.pk}/",
        "units": [appeal.unit_id],
    }
    if appeal.state in _OPEN:
        told["posts"] = _reviewers(appeal)
    else:
        told["accounts"] = [appeal.asked_by_id]
    journal.record(
        action=f"appeal.{verb}",
        actor=viewer.acting(post),
        object_type="case",
        object_id=case.pk,
        before=None,
        after={"appeal": appeal.pk, "state": appeal.state, "unit_id": appeal.unit_id},
        note=note,
        place_ids=case.lineage,
        request_key=request_key,
        events=[Event(kind, "appeal", appeal.pk, told)],
    )


def _reviewers(appeal: Appeal) -> list[int]:
    """Posts of supervisors and leaders of the place, who review."""
    found = Post.objects.filter(
        kind__duties__contains=["appeal.review"], place_id__in=appeal.lineage, valid_to=None, holder__isnull=False
    )
    return list(found.exclude(holder_id=appeal.first_by_id).order_by("pk").values_list("pk", flat=True)[:20])
