"""An inspection's checklist in one grid: answered on the phone, closed, signed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock
from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.kernel.identifiers import clean_text
from linli.rooms.cases.actions.given import waiting_photos
from linli.rooms.fieldwork import rules
from linli.rooms.fieldwork.actions.telling import Where, civil_day, tell
from linli.rooms.fieldwork.models import Answer, AnswerPhoto, ChecklistItem, Inspection, Visit, VisitSignature
from linli.rooms.people.rights import HeldPost, Target, Viewer


def inspecting_post(viewer: Viewer, visit: Visit) -> HeldPost | None:
    """The viewer's post that inspects this grid: with the duty there, and among those named, if any are."""
    named = visit.inspection.post_ids
    target = Target(visit.lineage)
    for post in viewer.posts:
        if (not named or post.id in named) and post.covers("inspection.check", target):
            return post
    return None


def answer(
    visit_id: int,
    item_id: int,
    value: str,
    *,
    viewer: Viewer,
    words: str = "",
    photos: Sequence[str] = (),
    where: Where | None = None,
) -> Answer:
    """Answer one question: yes, no or na; until the visit is closed it may be answered anew, pictures add up.

    Begins the visit if need be. Raises Refused, Conflict, NotFound, NotAllowed.
    """
    if value not in Answer.Value.values:
        raise Refused(_("请选符合、不符合或不适用。"), code="inspection.answer", field="value")
    with transaction.atomic():
        visit, post = hold(visit_id, viewer)
        item = ChecklistItem.objects.filter(pk=item_id, inspection_id=visit.inspection_id).first()
        if item is None:
            raise NotFound(_("检查表里没有这一条。"), code="inspection.no_item")
        now = clock.now()
        begin(visit, now, viewer, post)
        found, before = put_answer(visit, item, value, now, viewer, words, where)
        taken = waiting_photos([uid for uid in photos if uid])
        known = set(AnswerPhoto.objects.filter(photo__in=taken).values_list("photo_id", flat=True))
        AnswerPhoto.objects.bulk_create(
            AnswerPhoto(answer=found, photo=photo) for photo in taken if photo.pk not in known
        )
        if before != (value, found.words) or len(known) < len(taken):
            tell(
                "inspection.answered", "visit", visit.pk, viewer.acting(post), visit.lineage,
                before={"value": before[0]}, note=found.words, evidence=[str(photo.uid) for photo in taken],
                after={"item": item.sequence, "value": value, "lng": found.at_lng, "lat": found.at_lat},
                inspection_id=visit.inspection_id,
            )  # fmt: skip
        return found


def put_answer(
    visit: Visit,
    item: ChecklistItem,
    value: str,
    now: dt.datetime,
    viewer: Viewer,
    words: str = "",
    where: Where | None = None,
) -> tuple[Answer, tuple[str, str]]:
    """Write an answer under the visit's lock; returns it and what stood there before. The caller journals."""
    assert viewer.account_id is not None
    found = Answer.objects.filter(visit=visit, item=item).first() or Answer(visit=visit, item=item)
    before = (found.value, found.words)
    if found.pk and value != Answer.Value.NO and item.findings.filter(visit=visit).exists():
        raise Refused(_("这一条已经登记了问题，只能是不符合。"), code="inspection.has_finding", field="value")
    found.value, found.at, found.by_id = value, now, viewer.account_id
    found.words = clean_text(words, 300) or found.words
    if where is not None:
        found.at_lng, found.at_lat, found.at_accuracy = where.lng, where.lat, where.accuracy_m
    found.save()
    return found, before


def close_visit(visit_id: int, words: str = "", *, viewer: Viewer) -> Visit:
    """Say that all is answered, and sign: done, or waiting for the other inspectors. Twice changes nothing.

    Raises Refused with what is still missing (field: the item's id as text).
    """
    with transaction.atomic():
        visit, post = hold(visit_id, viewer, closed=True)
        if visit.state in (Visit.State.SIGNING, Visit.State.DONE):
            return visit
        _check_complete(visit)
        now = clock.now()
        visit.words, visit.answered_at, visit.state = clean_text(words, 300), now, Visit.State.SIGNING
        tell(
            "inspection.visited", "visit", visit.pk, viewer.acting(post), visit.lineage, note=visit.words,
            after={"state": visit.state}, inspection_id=visit.inspection_id, name=visit.inspection.theme,
            place_id=visit.place_id, posts=list(visit.inspection.post_ids), path=f"/rounds/visits/{visit.pk}/",
        )  # fmt: skip
        _sign(visit, now, viewer, post)
        return visit


def sign(visit_id: int, *, viewer: Viewer) -> Visit:
    """Put one's name under a visit whose checklist is closed, each inspector once. Raises Refused, NotFound."""
    with transaction.atomic():
        visit, post = hold(visit_id, viewer, closed=True)
        if visit.state not in (Visit.State.SIGNING, Visit.State.DONE):
            raise Refused(_("检查表还没有填完，不能签字。"), code="inspection.not_answered")
        _sign(visit, clock.now(), viewer, post)
        return visit


def _sign(visit: Visit, now: dt.datetime, viewer: Viewer, post: HeldPost) -> None:
    assert viewer.account_id is not None
    _row, new = VisitSignature.objects.get_or_create(
        visit=visit, account_id=viewer.account_id, defaults={"post_name": post.name_zh, "at": now}
    )
    signed = visit.signatures.count()
    if visit.state == Visit.State.SIGNING and signed >= visit.inspection.signers:
        visit.state, visit.done_at = Visit.State.DONE, now
    visit.version += 1
    visit.save()
    if new:
        tell(
            "inspection.signed", "visit", visit.pk, viewer.acting(post), visit.lineage,
            after={"state": visit.state, "signatures": signed, "needed": visit.inspection.signers},
            inspection_id=visit.inspection_id, name=visit.inspection.theme, place_id=visit.place_id,
        )  # fmt: skip


def begin(visit: Visit, now: dt.datetime, viewer: Viewer, post: HeldPost) -> None:
    """Begin a visit that has not begun; the caller holds its lock."""
    if visit.state != Visit.State.DUE:
        return
    if civil_day(now) < visit.inspection.starts_on:
        raise Refused(_("检查从 %(day)s 开始。") % {"day": visit.inspection.starts_on}, code="inspection.too_early")
    visit.state, visit.started_at, visit.inspector_id = Visit.State.WALKING, now, viewer.account_id
    visit.version += 1
    visit.save()
    tell(
        "inspection.visit_begun", "visit", visit.pk, viewer.acting(post), visit.lineage,
        after={"state": visit.state}, inspection_id=visit.inspection_id, name=visit.inspection.theme,
    )  # fmt: skip


def hold(visit_id: int, viewer: Viewer, *, closed: bool = False) -> tuple[Visit, HeldPost]:
    """The locked visit and the viewer's inspecting post. closed: it may be answered already.

    Raises NotFound for what lies elsewhere, NotAllowed for who is not among the inspectors, Conflict when it is over.
    """
    viewer.require("inspection.check")
    visit = Visit.objects.select_for_update(of=("self",)).select_related("inspection").filter(pk=visit_id).first()
    if visit is None or not viewer.may("inspection.check", Target(visit.lineage)).ok:
        raise NotFound(_("没有这次检查，或不在您的范围。"), code="inspection.no_visit")
    post = inspecting_post(viewer, visit)
    if post is None:
        raise NotAllowed(_("这次检查由指定的岗位进行。"), code="inspection.not_inspector")
    running = visit.inspection.state == Inspection.State.RUNNING
    if not running or (not closed and visit.state not in (Visit.State.DUE, Visit.State.WALKING)):
        raise Conflict(
            _("这个网格的检查表已经交了，不能再改。"),
            code="inspection.closed",
            what_next=_("您填写的内容都在。要报问题，请用“上报”。"),
        )
    return visit, post


def _check_complete(visit: Visit) -> None:
    answers = {a.item_id: a for a in visit.answers.prefetch_related("photos")}
    proven = {
        item_id
        for item_id, count in visit.findings.filter(check_item__isnull=False).values_list(
            "check_item_id", "case__photo_count"
        )
        if count
    }
    items = list(visit.inspection.items.all())
    for item in items:
        if item.pk not in answers:
            raise Refused(
                _("第 %(n)d 条还没有回答。") % {"n": item.sequence}, code="inspection.unanswered", field=str(item.pk)
            )
    for item in items:
        found = answers[item.pk]
        if rules.proof_missing(item.proof, found.value, len(found.photos.all()) + (item.pk in proven)):
            raise Refused(
                _("第 %(n)d 条还要一张照片。") % {"n": item.sequence}, code="inspection.no_photo", field=str(item.pk)
            )
