"""What is found on a patrol or an inspection: a case on the spot, tied to where it came from."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock
from linli.kernel.clock import TimeLimit
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.rooms.cases.actions.intake import Intake
from linli.rooms.cases.actions.on_the_spot import Righted, register_on_the_spot
from linli.rooms.cases.models import Case
from linli.rooms.fieldwork import rules
from linli.rooms.fieldwork.actions import patrols, visits
from linli.rooms.fieldwork.actions.telling import Where, tell
from linli.rooms.fieldwork.models import ChecklistItem, Finding, Level, Patrol, PatrolStop, Visit
from linli.rooms.people.rights import Target, Viewer


@dataclass(slots=True)
class FindingWords:
    """What was found: `intake` as for any report (its key makes it count once), and what becomes of it.

    unit_id: who puts it right; without it the matrix says. limit: 立行立改. righted: put right by the finder.
    look_again: the next patrol looks once more after it is closed.
    """

    intake: Intake
    unit_id: int | None = None
    limit: TimeLimit | None = None
    note: str = ""
    righted: Righted | None = None
    look_again: bool = True


def file_on_patrol(patrol_id: int, words: FindingWords, *, viewer: Viewer, sequence: int | None = None) -> Finding:
    """File what was found on a patrol, at one of its points or beside them. Marks the point; one transaction.

    Raises Refused with the field, Conflict when the patrol is over, NotFound, NotAllowed; nothing is kept then.
    """
    with transaction.atomic():
        patrol = Patrol.objects.select_for_update(of=("self",)).filter(pk=patrol_id).first()
        if patrol is None:
            raise NotFound(_("没有这次巡查，或不在您的网格。"), code="patrol.not_found")
        known = _known(words.intake.key, viewer)
        if known is not None:
            return known
        patrol = patrols.start(patrol_id, viewer=viewer)
        stop = None
        if sequence is not None:
            stop = PatrolStop.objects.select_related("again").filter(patrol=patrol, sequence=sequence).first()
            if stop is None:
                raise NotFound(_("这次巡查没有这个点。"), code="patrol.no_stop")
        case = _file(words, viewer, "patrol.walk", patrol.place_id)
        found = _tie(case, words, viewer, Level.PATROL, patrol=patrol, stop=stop)
        if stop is not None:
            patrols.set_result(patrol, stop, PatrolStop.Result.BAD, found.found_at, viewer, _where(words.intake))
        post = viewer.may("patrol.walk", Target(patrol.lineage)).post
        tell(
            "patrol.found", "finding", found.pk, viewer.acting(post), case.lineage,
            after={"case": case.number, "patrol": patrol.pk, "point": sequence, "unit": found.unit_id},
            case_id=case.pk, number=case.number, level=found.level, units=[found.unit_id],
            due_at=case.due_at.isoformat() if case.due_at else None, path=f"/desk/cases/{case.number}/",
        )  # fmt: skip
        return found


def file_on_visit(visit_id: int, words: FindingWords, *, viewer: Viewer, item_id: int | None = None) -> Finding:
    """File what was found in a grid of an inspection, under one of its questions or beside them; see `file_on_patrol`.

    The question is answered with "no". What it says of matter, unit and limit holds where nothing else is given.
    """
    with transaction.atomic():
        visit = Visit.objects.select_for_update(of=("self",)).filter(pk=visit_id).first()
        if visit is None:
            raise NotFound(_("没有这次检查，或不在您的范围。"), code="inspection.no_visit")
        known = _known(words.intake.key, viewer)
        if known is not None:
            return known
        visit, post = visits.hold(visit_id, viewer)
        now = clock.now()
        visits.begin(visit, now, viewer, post)
        item = None
        if item_id is not None:
            item = ChecklistItem.objects.filter(pk=item_id, inspection_id=visit.inspection_id).first()
            if item is None:
                raise NotFound(_("检查表里没有这一条。"), code="inspection.no_item")
            _by_item(words, item)
        case = _file(words, viewer, "inspection.check", visit.place_id)
        found = _tie(case, words, viewer, visit.inspection.level, visit=visit, item=item)
        if item is not None:
            visits.put_answer(visit, item, "no", now, viewer, words.intake.words[:300], _where(words.intake))
        tell(
            "inspection.found", "finding", found.pk, viewer.acting(post), case.lineage,
            after={"case": case.number, "visit": visit.pk, "item": item.sequence if item else None,
                   "unit": found.unit_id},
            case_id=case.pk, number=case.number, level=found.level, units=[found.unit_id],
            name=visit.inspection.theme, due_at=case.due_at.isoformat() if case.due_at else None,
            path=f"/desk/cases/{case.number}/",
        )  # fmt: skip
        return found


def _by_item(words: FindingWords, item: ChecklistItem) -> None:
    words.intake.item_key = words.intake.item_key or item.item_key
    words.unit_id = words.unit_id or item.unit_id
    if words.limit is None and item.limit_amount:
        words.limit = TimeLimit(item.limit_amount, item.limit_unit)  # type: ignore[arg-type]


def _file(words: FindingWords, viewer: Viewer, duty: str, place_id: int) -> Case:
    """The case: at the point the phone gave, else in the grid that is being walked; never public by itself."""
    intake = words.intake
    if intake.place_id is None and intake.lng in (None, "") and intake.lat in (None, ""):
        intake.place_id = place_id
    if not intake.photos:
        raise Refused(_("请拍一张现场照片。"), code="finding.no_photo", field="photos")
    intake.is_public = False
    case, repeated = register_on_the_spot(
        intake,
        viewer=viewer,
        duty=duty,
        unit_id=words.unit_id,
        limit=words.limit,
        note=words.note,
        righted=words.righted,
    )
    if repeated:
        raise Conflict(_("这张表单已经交过了。"), code="finding.key_used", what_next=_("请回到巡查页查看。"))
    return case


def _tie(
    case: Case,
    words: FindingWords,
    viewer: Viewer,
    level: str,
    *,
    patrol: Patrol | None = None,
    stop: PatrolStop | None = None,
    visit: Visit | None = None,
    item: ChecklistItem | None = None,
) -> Finding:
    assert case.unit_id is not None and case.item is not None and viewer.account_id is not None
    before = Finding.objects.filter(
        place_id=case.place_id, item_key=case.item.key, found_at__gte=case.reported_at - rules.REPEATED_WITHIN
    ).order_by("-found_at", "-pk")
    return Finding.objects.create(
        case=case,
        level=level,
        patrol=patrol,
        stop=stop,
        visit=visit,
        check_item=item,
        unit_id=case.unit_id,
        place_id=case.place_id,
        tokens=sorted({*case.lineage, -case.unit_id}),
        item_key=case.item.key,
        found_at=case.reported_at,
        found_by_id=viewer.account_id,
        righted=words.righted is not None,
        before=before.first(),
        look_again=words.look_again,
    )


def _known(key: str, viewer: Viewer) -> Finding | None:
    """The finding that the finder's own key made before; it was locked out by the source's lock until now."""
    return (
        Finding.objects.filter(case__reports__intake_key=key, found_by_id=viewer.account_id)
        .select_related("case")
        .first()
    )


def _where(intake: Intake) -> Where | None:
    try:
        return Where(float(intake.lng or ""), float(intake.lat or ""), intake.accuracy_m)
    except ValueError:
        return None
