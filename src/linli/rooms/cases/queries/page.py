"""One case as a member of staff opens it: facts, story, people, and exactly the possible next steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from linli.kernel import clock, seal
from linli.kernel.errors import NotFound
from linli.kernel.flow import Offer, Step, say
from linli.kernel.journal import queries as stories
from linli.rooms.cases.actions.steps import situate
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.judgement import next_steps
from linli.rooms.cases.models import Case, Photo, Rating, Report
from linli.rooms.cases.queries.scope import may_see, visible
from linli.rooms.cases.rules import light_of
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas
from linli.rooms.places.queries import localized


@dataclass(slots=True)
class Voice:
    """One report as staff see it: words and the masked contact."""

    id: int
    words: str
    at: dt.datetime
    channel: str
    name: str
    phone: str
    has_contact: bool
    wants_callback: bool
    joined: bool
    occasion: str
    tracking_code: str
    solved: str = ""
    level: int | None = None
    rating_words: str = ""


@dataclass(slots=True)
class Moment:
    """One line of the story. `took` is the time since the line before; `late`: after the deadline of that time."""

    at: dt.datetime
    code: str
    label: str
    by: str
    post: str
    words: str
    note: str
    photos: list[Photo]
    took: dt.timedelta | None
    late: bool
    facts: dict[str, Any]


@dataclass(slots=True)
class CasePage:
    case: Case
    light: str
    state_label: str
    place_names: list[str]
    moments: list[Moment]
    voices: list[Voice]
    photos: dict[str, list[Photo]]
    offers: list[Offer]
    assists: Sequence[Case] = field(default_factory=list)

    @property
    def possible(self) -> list[Offer]:
        return [offer for offer in self.offers if offer.allowed]

    @property
    def impossible(self) -> list[Offer]:
        return [offer for offer in self.offers if not offer.allowed]


def open_case(number: str, viewer: Viewer) -> Case:
    """The case of that number if this viewer may see it. Raises NotFound otherwise: guessing finds nothing."""
    # What few cases have (a parent, a suspension) is asked for when it is there: each join of a case costs 70 columns.
    case = (
        Case.objects.select_related(
            "item",
            "item__matter_class",
            "unit",
            "proposed_unit",
            "filing_rule",
            "handler",
        )
        .filter(number=number)
        .first()
    )
    if case is None or not may_see(viewer, case):
        raise NotFound(code="case.not_found")
    return case


def case_page(number: str, viewer: Viewer) -> CasePage:
    """Everything the page of a case shows, in a fixed number of queries whatever its age. Raises NotFound."""
    case = open_case(number, viewer)
    now = clock.now()
    photos = list(Photo.objects.filter(case=case).order_by("id")) if case.photo_count else []
    by_phase: dict[str, list[Photo]] = {}
    for photo in photos:
        by_phase.setdefault(photo.phase, []).append(photo)
    return CasePage(
        case=case,
        light=light_of(case.state, case.current_due_at, case.state_since, now),
        state_label=str(FLOW.state(case.state).label),
        place_names=place_names(case.lineage),
        moments=moments(case, photos),
        voices=voices(case),
        photos=by_phase,
        offers=next_steps(situate(case, viewer, now)),
        assists=list(case.assists.select_related("unit").order_by("id"))
        if case.dispatched_at and case.parent_id is None
        else [],
    )


def steps_for(case: Case, viewer: Viewer) -> list[Offer]:
    """What this viewer may do next with a case, and why not what else concerns the viewer."""
    return next_steps(situate(case, viewer, clock.now()))


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of several cases that a step is meant for: whether it may be taken, and if not, why."""

    id: int
    number: str
    version: int
    words: str
    place: str
    state_label: str
    allowed: bool
    why_not: str
    proposed_unit: tuple[int, str] | None


def candidates_for(case_ids: Sequence[int], step_code: str, viewer: Viewer) -> list[Candidate]:
    """The cases of these ids that the viewer sees, each judged for a step, in the order given. One query, and one
    for each case whose state asks for more."""
    rows = visible(viewer).filter(pk__in=list(case_ids)).select_related("item", "proposed_unit")
    order = {pk: position for position, pk in enumerate(case_ids)}
    now = clock.now()
    known = atlas.current().places
    found = []
    for case in sorted(rows, key=lambda row: order[row.pk]):
        offer = next((o for o in next_steps(situate(case, viewer, now)) if o.step.code == step_code), None)
        label = say(FLOW.state(case.state).label)
        why = _("现在是“%(state)s”，不能办这一步。") % {"state": label} if offer is None else str(offer.why_not)
        unit = case.proposed_unit
        found.append(
            Candidate(
                id=case.pk,
                number=case.number or "",
                version=case.version,
                words=" ".join(part for part in (case.item.name if case.item else "", case.description[:60]) if part),
                place=localized(known[case.place_id]) if case.place_id in known else "",
                state_label=label,
                allowed=offer is not None and offer.allowed,
                why_not=why,
                proposed_unit=(unit.pk, unit.name) if unit else None,
            )
        )
    return found


def related(case: Case, viewer: Viewer, limit: int = 6) -> list[dict[str, Any]]:
    """What hangs together with a case: merged into it, its parent, and what was told here of the same item before."""
    same = Q(parent_id=case.pk) | Q(merged_into_id=case.pk)
    if case.item_id is not None:
        half_year = clock.now() - dt.timedelta(days=180)
        same |= Q(item_id=case.item_id, place_id=case.place_id, reported_at__gte=half_year, parent=None)
    found = (
        visible(viewer)
        .filter(same)
        .exclude(pk=case.pk)
        .order_by("-reported_at")
        .values(
            "number",
            "state",
            "description",
            "reported_at",
            "current_due_at",
            "state_since",
            "parent_id",
            "merged_into_id",
        )[:limit]
    )
    now = clock.now()
    return [
        {
            **row,
            "state_label": str(FLOW.state(row["state"]).label),
            "light": light_of(row["state"], row["current_due_at"], row["state_since"], now),
            "kind": "merged" if row["merged_into_id"] == case.pk else "assist" if row["parent_id"] else "before",
        }
        for row in found
    ]


def place_names(lineage: Sequence[int]) -> list[str]:
    """The names from the street down to the grid, from memory; ended places are looked up."""
    known = atlas.current().places
    return [localized(known[place_id]) for place_id in lineage[1:] if place_id in known]


def moments(case: Case, photos: Sequence[Photo]) -> list[Moment]:
    """The story of a case from the journal, oldest first."""
    of_uid = {str(photo.uid): photo for photo in photos}
    found: list[Moment] = []
    before: dt.datetime | None = None
    for entry in stories.of("case", case.pk):
        code = entry.action.removeprefix("case.")
        step = FLOW.by_step.get(code)
        after = entry.after or {}
        found.append(
            Moment(
                at=entry.at,
                code=code,
                label=say(step.label) if step else _OTHER.get(code, code),
                by=entry.actor_name,
                post=entry.post_name,
                words=_said(entry.words, step),
                note=entry.note,
                photos=[of_uid[uid] for uid in entry.evidence if uid in of_uid],
                took=entry.at - before if before else None,
                late=bool(after.get("late")),
                facts=after,
            )
        )
        before = entry.at
    return found


_OTHER = {
    "reveal_contact": "查看联系方式",
    "assist_opened": "派协办单位",
    "merged_in": "并入别的上报",
    "appeal.ask": "提出超时申诉",
    "appeal.review": "审核超时申诉",
}


def _said(words: str, step: Step | None) -> str:
    """Words a person wrote; the flow's own sentence is shown in the reader's language."""
    if step is not None and (not words or words in flow_words(step.code)):
        return say(step.words)
    return words


@cache
def flow_words(code: str) -> frozenset[str]:
    """The flow's sentence for a step as the journal may hold it: in any of the house's languages."""
    found = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            found.add(str(FLOW.step(code).words))
    return frozenset(found)


def voices(case: Case) -> list[Voice]:
    """The reports behind a case with masked contacts; two queries."""
    reports = Report.objects.filter(case=case).order_by("id")
    # Only what was closed can have been rated.
    rated = case.closed_at is not None or case.reopened > 0
    ratings = {r.report_id: r for r in Rating.objects.filter(report__case=case).order_by("round")} if rated else {}
    found = []
    for report in reports:
        rating = ratings.get(report.pk)
        name, number = _open_masked(report, "name"), _open_masked(report, "phone")
        found.append(
            Voice(
                id=report.pk,
                words=report.words,
                at=report.reported_at,
                channel=report.get_channel_display(),
                name=name,
                phone=number,
                has_contact=bool(number or name or report.mail_sealed),
                wants_callback=report.wants_callback,
                joined=report.joined,
                occasion=report.occasion,
                tracking_code=report.tracking_code,
                solved=rating.solved if rating else "",
                level=rating.level if rating else None,
                rating_words=rating.words if rating else "",
            )
        )
    return found


def _open_masked(report: Report, column: str) -> str:
    blob = report.phone_sealed if column == "phone" else report.name_sealed
    if not blob:
        return ""
    plain = seal.decrypt(bytes(blob), f"cases_report:{column}:{report.uid}")
    return seal.mask_phone(plain) if column == "phone" else seal.mask_name(plain)
