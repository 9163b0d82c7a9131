"""What everybody may see: problems and results without any reporter, and one's own report by its code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from linli.kernel import clock
from linli.kernel.errors import NotFound
from linli.kernel.flow import Offer, say
from linli.kernel.identifiers import normalise_tracking_code
from linli.kernel.journal import queries as stories
from linli.rooms.cases.actions.steps import situate
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.judgement import next_steps
from linli.rooms.cases.models import Case, Notice, Photo, Report
from linli.rooms.cases.queries.page import flow_words, place_names
from linli.rooms.cases.rules import light_of, public_text
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas
from linli.rooms.places.queries import localized, names

PAGE = 20
# A case shows its reporter's (masked) words and photos only after somebody accepted it.
MODERATED = Q(accepted_at__isnull=False)
# What the public hears of: the outer steps. Inner returns and remarks stay inside.
PUBLIC_STEPS = frozenset(
    {
        "report",
        "join",
        "request_check",
        "accept",
        "refuse",
        "register",
        "dispatch",
        "receive",
        "return",
        "handle",
        "confirm",
        "verify_pass",
        "verify_fail",
        "close",
        "rate",
        "reopen",
        "withdraw",
        "merge",
        "suspend",
        "resume",
        "tell",
    }
)
STAGES = ("reported", "accepted", "handling", "verifying", "closed")
_STAGE = {
    "reported": 0,
    "checking": 0,
    "accepted": 1,
    "registered": 1,
    "dispatched": 1,
    "handling": 2,
    "suspended": 2,
    "confirming": 2,
    "verifying": 3,
    "closing": 3,
    "closed": 4,
}


@dataclass(slots=True)
class PublicMoment:
    at: dt.datetime
    code: str
    label: str
    words: str
    photos: list[Photo]
    unit: str


@dataclass(slots=True)
class PublicCase:
    """A case without anything personal. `words` and `photos` are empty until it was accepted."""

    case: Case
    light: str
    state_label: str
    stage: int
    title: str
    words: str
    place: str
    moments: list[PublicMoment]
    before: list[Photo]
    after: list[Photo]


@dataclass(slots=True)
class Followed:
    """A report as its reporter follows it."""

    public: PublicCase
    report: Report
    offers: list[Offer]
    rated: dict[str, Any] | None
    notices: Sequence[Notice]

    def may(self, step: str) -> bool:
        return any(offer.allowed and offer.step.code == step for offer in self.offers)


def listed() -> QuerySet[Case]:
    """The cases that the public list and map show."""
    return Case.objects.filter(MODERATED, is_public=True, parent=None).exclude(
        state__in=("withdrawn", "merged")
    )


def public_rows(
    *, state: str = "", place: int | None = None, matter_class: str = "", after: str = "", size: int = PAGE
) -> tuple[list[dict[str, Any]], str]:
    """A page of public cases, newest first, and the cursor of the next one. One query."""
    found = listed()
    if state == "open":
        found = found.filter(is_open=True)
    elif state == "closed":
        found = found.filter(state="closed")
    if place:
        found = found.filter(tokens__contains=[place])
    if matter_class:
        found = found.filter(matter_class=matter_class)
    if after.isdigit():
        found = found.filter(id__lt=int(after))
    columns: Iterable[Any] = (
        found.order_by("-id").values(
            "id",
            "number",
            "state",
            "description",
            "place_id",
            "current_due_at",
            "state_since",
            "reported_at",
            "closed_at",
            "item__name_zh",
            "item__name_en",
            "unit__name_zh",
            "unit__name_en",
            "public_words",
            "solved",
            "level",
            "report_count",
            "lng",
            "lat",
        )[: size + 1]
    )
    rows: list[dict[str, Any]] = list(columns)
    more = len(rows) > size
    now = clock.now()
    places = names([row["place_id"] for row in rows])
    for row in rows:
        row["light"] = light_of(row["state"], row["current_due_at"], row["state_since"], now)
        row["state_label"] = FLOW.state(row["state"]).label
        row["place_name"] = places.get(row["place_id"], "")
        row["words"] = public_text(row.pop("description"))
    return rows[:size], str(rows[size - 1]["id"]) if more else ""


def thumbs(case_ids: Sequence[int]) -> dict[int, Photo]:
    """The first public picture of each case, for lists. One query."""
    found: dict[int, Photo] = {}
    for photo in Photo.objects.filter(case_id__in=case_ids, is_public=True).order_by("case_id", "id"):
        if photo.case_id is not None:
            found.setdefault(photo.case_id, photo)
    return found


def public_case(number: str) -> PublicCase:
    """One public case. Raises NotFound for one that is not public."""
    case = _one(Q(number=number, is_public=True, parent=None) & MODERATED)
    return present(case)


def follow(code: str, viewer: Viewer) -> Followed:
    """The report of a tracking code, as its reporter sees it. Raises NotFound: a wrong code tells nothing."""
    report = _report(Q(tracking_code=normalise_tracking_code(code)))
    return _followed(report, viewer)


def my_reports(viewer: Viewer) -> list[dict[str, Any]]:
    """The reports of a signed-in resident, newest first."""
    if viewer.account_id is None:
        return []
    return _rows(Report.objects.filter(reporter_id=viewer.account_id))


def reports_by_codes(codes: Sequence[str]) -> list[dict[str, Any]]:
    """The reports of the codes a phone remembers; unknown codes are left out."""
    return _rows(Report.objects.filter(tracking_code__in=[normalise_tracking_code(c) for c in codes[:50]]))


def _rows(reports: QuerySet[Report]) -> list[dict[str, Any]]:
    now = clock.now()
    known = atlas.current().places
    found = []
    for report in reports.select_related("case", "case__item").order_by("-id")[:100]:
        case = report.case
        found.append(
            {
                "code": report.tracking_code,
                "number": case.number,
                "words": report.words,
                "at": report.reported_at,
                "state": case.state,
                "state_label": FLOW.state(case.state).label,
                "stage": _STAGE.get(case.state, 4),
                "light": light_of(case.state, case.current_due_at, case.state_since, now),
                "item": case.item.name if case.item else "",
                "rate": case.state == "closed" and not case.solved,
                "place": localized(known[case.place_id]) if case.place_id in known else "",
            }
        )
    return found


def _followed(report: Report, viewer: Viewer) -> Followed:
    case = report.case
    rating = report.ratings.filter(round=case.reopened).first()
    return Followed(
        public=present(case, own=report),
        report=report,
        offers=[
            offer
            for offer in next_steps(situate(case, viewer, clock.now(), report=report))
            if offer.step.who == "reporter"
        ],
        rated={"solved": rating.solved, "level": rating.level, "words": rating.words} if rating else None,
        notices=list(Notice.objects.filter(report=report).order_by("-id")[:20]),
    )


def _one(condition: Q) -> Case:
    case = Case.objects.select_related("item", "unit", "merged_into").filter(condition).first()
    if case is None:
        raise NotFound(code="case.not_found")
    return case


def _report(condition: Q) -> Report:
    report = (
        Report.objects.select_related("case", "case__item", "case__unit", "case__merged_into")
        .filter(condition)
        .first()
    )
    if report is None:
        raise NotFound(code="report.not_found")
    return report


def present(case: Case, own: Report | None = None) -> PublicCase:
    """A case fit for the public; for its own reporter also before it was accepted."""
    shown = own is not None or case.accepted_at is not None
    photos = [
        photo
        for photo in Photo.objects.filter(case=case).order_by("id")
        if shown and (photo.is_public or (own is not None and photo.report_id == own.pk))
    ]
    rounds = case.reworked + case.reopened
    item = case.item
    return PublicCase(
        case=case,
        light=light_of(case.state, case.current_due_at, case.state_since, clock.now()),
        state_label=str(FLOW.state(case.state).label),
        stage=_STAGE.get(case.state, -1),
        title=item.name if item else "",
        words=(own.words if own else public_text(case.description)) if shown else "",
        place=" › ".join(place_names(case.lineage)),
        moments=_moments(case, photos),
        before=[p for p in photos if p.phase in (Photo.Phase.REPORT, Photo.Phase.CHECK)],
        after=[p for p in photos if p.phase == Photo.Phase.HANDLE and p.round == rounds]
        or [p for p in photos if p.phase == Photo.Phase.VERIFY],
    )


def _moments(case: Case, photos: Sequence[Photo]) -> list[PublicMoment]:
    of_uid = {str(photo.uid): photo for photo in photos}
    found = []
    for entry in stories.of("case", case.pk):
        code = entry.action.removeprefix("case.")
        if code not in PUBLIC_STEPS:
            continue
        step = FLOW.step(code)
        written = entry.words if entry.actor_kind == "person" and code != "join" else ""
        found.append(
            PublicMoment(
                at=entry.at,
                code=code,
                label=say(step.words) or say(step.label),
                words=public_text(written) if written not in flow_words(code) else "",
                photos=[
                    of_uid[uid] for uid in entry.evidence if uid in of_uid and of_uid[uid].phase != "report"
                ],
                unit=(entry.after or {}).get("unit", ""),
            )
        )
    return found
