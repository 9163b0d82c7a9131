"""Taking in what people tell: `report_problem` makes a case, `join_case` adds a voice to one.

Every door and machine goes through here. An intake carries a key made by the client: the same key twice is
the same report, however often and from however many threads it arrives.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock, journal, seal
from linli.kernel.clock.queries import calendar
from linli.kernel.errors import NotAllowed, NotFound, Refused
from linli.kernel.flow import START, require
from linli.kernel.geo import read_point, read_system
from linli.kernel.identifiers import clean_text, phone, tracking_code
from linli.kernel.outbox import Event
from linli.kernel.text.grams import grams
from linli.rooms.cases.actions.first_row import insert
from linli.rooms.cases.actions.given import PHOTOS_LIMIT, WORDS_LIMIT, waiting_photos
from linli.rooms.cases.actions.steps import step_limits
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.judgement import Situation, context
from linli.rooms.cases.models import Case, Photo, PhotoLink, Report
from linli.rooms.cases.routing import locate_into, propose_owner
from linli.rooms.cases.rules import case_number, run_clocks
from linli.rooms.catalogue.queries import catalogue
from linli.rooms.catalogue.snapshot import ItemEntry
from linli.rooms.people.rights import Target, Viewer
from linli.rooms.places.models import Kind, Place
from linli.rooms.places.queries import Location, locate


@dataclass(slots=True)
class Intake:
    """What somebody tells. Either a point (with its reference system) or a place of the tree is needed.

    key: made by the client at the start, 8–80 characters. item_key: what the person (or the desk) chose,
    may be empty. photos: uids of `Photo` rows taken in before. accuracy_m: as the phone reported it.
    photo_links: addresses of pictures that the worker fetches later. key_is_new: the house made the key just now for
    a client that sent none, so nobody can have used it.
    """

    key: str
    channel: str
    words: str
    lng: float | str | None = None
    lat: float | str | None = None
    system: str = "wgs84"
    accuracy_m: float | None = None
    place_id: int | None = None
    address: str = ""
    item_key: str = ""
    photos: Sequence[str] = ()
    photo_links: Sequence[str] = ()
    phone: str = ""
    name: str = ""
    mail: str = ""
    wants_callback: bool = False
    urgent: bool = False
    legacy: bool = False
    is_public: bool = True
    occasion: str = ""
    key_is_new: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the reporter gets: number and tracking code; `repeated` when the key had been here before."""

    case_id: int
    number: str
    tracking_code: str
    report_id: int
    joined: bool = False
    repeated: bool = False
    located: str = ""
    place_id: int | None = None
    step_due_at: dt.datetime | None = field(default=None)


def report_problem(intake: Intake, *, viewer: Viewer) -> Receipt:
    """Make a case of what somebody tells: located, matched to its owner, with its first deadline, in one
    commit.

    Raises Refused with the field that needs mending; nothing is kept then, and the key stays unused.
    """
    _check_key(intake.key)
    words = clean_text(intake.words, WORDS_LIMIT)
    if not words and not intake.photos:
        raise Refused(_("请写一句发生了什么，或拍一张照片。"), code="case.nothing_told", field="words")
    _check_channel(intake, viewer)
    number = phone(intake.phone) if intake.phone.strip() else ""
    location, lng, lat = _locate(intake)
    _check_within_reach(intake, viewer, location)
    item = _item(intake.item_key) if intake.item_key else None
    try:
        with transaction.atomic():
            return _report(intake, viewer, words, number, location, lng, lat, item)
    except IntegrityError:
        # Sixteen identical posts: one made the case, the others find it here.
        found = repeated(intake.key)
        if found is None:
            raise
        return found


def _report(
    intake: Intake,
    viewer: Viewer,
    words: str,
    number: str,
    location: Location,
    lng: float | None,
    lat: float | None,
    item: ItemEntry | None,
) -> Receipt:
    found = None if intake.key_is_new else repeated(intake.key)
    if found is not None:
        return found
    now = clock.now()
    step = require(FLOW, START, "report", context(Situation(case=Case(state="reported"), viewer=viewer, now=now)), {})
    case = Case(
        state=step.to_state,
        channel=intake.channel,
        item_id=item.id if item else None,
        matter_class=item.class_key if item else "",
        description=words,
        address=clean_text(intake.address, 200),
        is_public=intake.is_public,
        legacy=intake.legacy,
        urgent=intake.urgent or bool(item and item.danger),
        lng=lng,
        lat=lat,
        accuracy_m=intake.accuracy_m,
        reported_at=now,
        state_since=now,
        tokens=[],
    )
    case.grams = grams(words, case.address, item.name_zh if item else "")
    locate_into(case, location)
    if lng is None:
        case.located = Case.Located.UNKNOWN
    propose_owner(case, now, item.key if item else "")
    run_clocks(case, step, now, calendar(), step_limits())
    photos = waiting_photos(intake.photos)
    case.photo_count = len(photos)
    insert(case)
    case.number = case_number(case.pk, now)
    report = _voice(case, intake, viewer, words, number, now)
    if photos:
        Photo.objects.filter(pk__in=[p.pk for p in photos]).update(case=case, report=report)
    if intake.photo_links:
        PhotoLink.objects.bulk_create(
            PhotoLink(case=case, report=report, url=url, again_at=now) for url in intake.photo_links
        )
    post = viewer.may("case.report").post if viewer.signed_in else None
    journal.record(
        action="case.report",
        actor=viewer.acting(post),
        object_type="case",
        object_id=case.pk,
        before=None,
        after={
            "version": 1,
            "state": case.state,
            "channel": case.channel,
            "place_id": case.place_id,
            "item_id": case.item_id,
            "proposed_unit_id": case.proposed_unit_id,
            "report": report.pk,
        },
        words=str(step.words),
        evidence=[str(p.uid) for p in photos],
        place_ids=case.lineage,
        request_key=f"intake:{intake.key}",
        events=[Event(step.event, "case", case.pk, {"number": case.number, "state": case.state, "report": report.pk})],
    )
    return _receipt(case, report)


def join_case(case_id: int, intake: Intake, *, viewer: Viewer) -> Receipt:
    """Add a voice to an open case instead of repeating it; the reporter hears the outcome and rates like
    the first.

    Raises Refused when the case has ended meanwhile or is not one that the public can see.
    """
    _check_key(intake.key)
    _check_channel(intake, viewer)
    words = clean_text(intake.words, WORDS_LIMIT)
    number = phone(intake.phone) if intake.phone.strip() else ""
    try:
        with transaction.atomic():
            found = repeated(intake.key)
            if found is not None:
                return found
            case = Case.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
            if case is None or (not case.is_public and not viewer.has("case.intake")):
                raise NotFound(_("没有这个事件。"), code="case.not_found")
            if viewer.key_id is not None:
                _check_within_reach(intake, viewer, Location(case.place_id, tuple(case.lineage), "inside"))
            if case.state == "merged" and case.merged_into_id:
                case = Case.objects.select_for_update(of=("self",)).get(pk=case.merged_into_id)
            now = clock.now()
            if not case.is_open:
                raise Refused(
                    _("那一件刚刚已经办结。请作为新问题上报，填写的内容都在。"),
                    code="case.join_ended",
                    field="join",
                )
            step = require(FLOW, case.state, "join", context(Situation(case=case, viewer=viewer, now=now)), {})
            report = _voice(case, intake, viewer, words, number, now, joined=True)
            photos = waiting_photos(intake.photos)
            if photos:
                Photo.objects.filter(pk__in=[p.pk for p in photos]).update(case=case, report=report)
            case.report_count += 1
            case.photo_count += len(photos)
            case.version += 1
            case.save(update_fields=["report_count", "photo_count", "version"])
            journal.record(
                action="case.join",
                actor=viewer.acting(None),
                object_type="case",
                object_id=case.pk,
                before={"version": case.version - 1},
                after={"version": case.version, "report": report.pk, "report_count": case.report_count},
                words=str(step.words),
                evidence=[str(p.uid) for p in photos],
                place_ids=case.lineage,
                request_key=f"intake:{intake.key}",
                events=[Event(step.event, "case", case.pk, {"number": case.number, "report": report.pk})],
            )
            return _receipt(case, report)
    except IntegrityError:
        again = repeated(intake.key)
        if again is None:
            raise
        return again


def repeated(key: str) -> Receipt | None:
    """The receipt of an intake key that has been here before."""
    if not Report.objects.filter(intake_key=key).exists():
        return None
    report = Report.objects.select_related("case").get(intake_key=key)
    return _receipt(report.case, report, repeated=True)


def _item(key: str) -> ItemEntry:
    """The item from the catalogue in memory: the hot path asks the database nothing it knows already."""
    entry = catalogue().resolve(key.strip()[:12])
    if entry is None or not entry.active:
        raise Refused(_("目录里没有这个事项，请从建议中选择或输入关键词查找。"), code="case.item_unknown", field="item")
    return entry


def _receipt(case: Case, report: Report, *, repeated: bool = False) -> Receipt:
    return Receipt(
        case_id=case.pk,
        number=case.number or "",
        tracking_code=report.tracking_code,
        report_id=report.pk,
        joined=report.joined,
        repeated=repeated,
        located=case.located,
        place_id=case.place_id,
        step_due_at=case.step_due_at,
    )


def _voice(
    case: Case,
    intake: Intake,
    viewer: Viewer,
    words: str,
    number: str,
    now: dt.datetime,
    *,
    joined: bool = False,
) -> Report:
    uid = uuid.uuid4()
    name, mail = clean_text(intake.name, 64), clean_text(intake.mail, 254)
    by_resident = viewer.kind == "resident"
    return Report.objects.create(
        uid=uid,
        intake_key=intake.key,
        case=case,
        joined=joined,
        tracking_code=tracking_code(),
        channel=intake.channel,
        words=words,
        reporter_id=viewer.account_id if by_resident else None,
        taken_by_id=viewer.account_id if viewer.kind in ("staff", "service") else None,
        name_sealed=seal.encrypt(name, f"cases_report:name:{uid}") if name else None,
        phone_sealed=seal.encrypt(number, f"cases_report:phone:{uid}") if number else None,
        mail_sealed=seal.encrypt(mail, f"cases_report:mail:{uid}") if mail else None,
        phone_index=seal.blind_index(number, "phone") if number else None,
        wants_callback=intake.wants_callback,
        language=(get_language() or "zh-hans")[:10],
        occasion=clean_text(intake.occasion, 100),
        reported_at=now,
    )


def _check_key(key: str) -> None:
    if not 8 <= len(key) <= 80 or not key.isprintable():
        raise Refused(_("这张表单已失效，请刷新页面再交，填写的内容都在。"), code="case.bad_key")


_NEEDS_DUTY = {
    "field": "case.report",
    "hotline": "case.intake",
    "walk_in": "case.intake",
    "meeting": "case.intake",
    "sheet": "case.import",
}


def _check_channel(intake: Intake, viewer: Viewer) -> None:
    capability = _NEEDS_DUTY.get(intake.channel)
    if capability:
        viewer.require(capability)
    if len(intake.photos) + len(intake.photo_links) > PHOTOS_LIMIT:
        raise Refused(_("一次最多 9 张照片，请去掉几张。"), code="case.too_many_photos", field="photos")


def _check_within_reach(intake: Intake, viewer: Viewer, location: Location) -> None:
    """Somebody who records for residents does so for the places of the post; reporting for oneself is free."""
    if _NEEDS_DUTY.get(intake.channel) in ("case.intake", "case.import"):
        viewer.require(_NEEDS_DUTY[intake.channel], location.lineage)
    elif viewer.key_id is not None:
        # A machine reports for the place of its key and for nowhere else; one of a unit, wherever its unit works.
        verdict = viewer.may("case.report", Target(location.lineage, unit_ids=viewer.own_units))
        if not verdict.ok:
            raise NotAllowed(verdict.why, code="key.elsewhere", field="place")


def _locate(intake: Intake) -> tuple[Location, float | None, float | None]:
    if intake.lng in (None, "") and intake.lat in (None, ""):
        return _by_place(intake.place_id)
    lng, lat = read_point(intake.lng, intake.lat, read_system(intake.system))
    location = locate(lng, lat, accuracy_m=intake.accuracy_m)
    if location.kind != "outside":
        return location, lng, lat
    if location.swapped:
        raise Refused(
            _("经度和纬度好像填反了，对调以后就在本区。请核对后再交。"),
            code="case.swapped",
            field="place",
            what_next=_("填写的内容都在。"),
        )
    raise Refused(
        _("这个位置不在本区范围内。"),
        code="case.outside",
        field="place",
        what_next=_("请把图钉移到本区范围内，或选择所在的社区。填写的内容都在。"),
    )


def _by_place(place_id: int | None) -> tuple[Location, float | None, float | None]:
    """Where a case lies that came without coordinates: the place somebody chose. A building has a point of its own."""
    if place_id is None:
        raise Refused(_("请在地图上点一下位置，或选择所在的小区、网格。"), code="case.no_place", field="place")
    place = Place.objects.filter(pk=place_id, valid_to=None).first()
    if place is None:
        raise Refused(_("没有这个地方，请重新选择。"), code="case.place_unknown", field="place")
    location = Location(place.pk, tuple(place.lineage), "inside")
    return (location, place.lng, place.lat) if place.kind == Kind.BUILDING else (location, None, None)
