"""Everything the house has of a person, in a form programs can read (PIPL art. 45)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from linli.kernel import clock, seal
from linli.kernel.seal import queries as looks
from linli.rooms.cases.models import Photo, Report
from linli.rooms.people.actions.accounts import phone_of
from linli.rooms.people.models import Account


@dataclass(slots=True)
class Copy:
    """facts: JSON; photos: file name in the copy → path under MEDIA_ROOT."""

    facts: dict[str, Any]
    photos: dict[str, str] = field(default_factory=dict)


def copy_of_reports(reports: QuerySet[Report], account: Account | None) -> Copy:
    """The copy of a person's reports, and of the account if there is one. The caller has checked who asks."""
    copy = Copy({"made_at": _moment(clock.now()), "account": _account(account), "reports": []})
    for report in reports.select_related("case", "case__item").order_by("pk"):
        copy.facts["reports"].append(_report(report, copy))
    return copy


def _account(account: Account | None) -> dict[str, Any] | None:
    if account is None:
        return None
    return {
        "username": account.username,
        "name": account.name,
        "phone": phone_of(account),
        "language": account.language,
        "since": _moment(account.date_joined),
    }


def _report(report: Report, copy: Copy) -> dict[str, Any]:
    files = []
    for number, photo in enumerate(Photo.objects.filter(report=report).order_by("pk"), start=1):
        name = f"photos/{report.tracking_code}-{number}.jpg"
        copy.photos[name] = photo.path
        files.append({"file": name, "taken_at": _moment(photo.taken_at), "lng": photo.lng, "lat": photo.lat})
    case = report.case
    return {
        "tracking_code": report.tracking_code,
        "case": case.number,
        "state": case.state,
        "item": case.item.name if case.item else None,
        "reported_at": _moment(report.reported_at),
        "channel": report.channel,
        "words": report.words,
        "address": case.address if not report.joined else None,
        "lng": case.lng if not report.joined else None,
        "lat": case.lat if not report.joined else None,
        "name": _opened(report, "name"),
        "phone": _opened(report, "phone"),
        "mail": _opened(report, "mail"),
        "photos": files,
        "ratings": [
            {"at": _moment(row.at), "solved": row.solved, "level": row.level, "words": row.words}
            for row in report.ratings.order_by("pk")
        ],
        "looks_at_contact": _looks(report),
    }


def _opened(report: Report, column: str) -> str | None:
    blob = getattr(report, f"{column}_sealed")
    return seal.decrypt(bytes(blob), f"cases_report:{column}:{report.uid}") if blob else None


def _looks(report: Report) -> list[dict[str, Any]]:
    """Who opened the contact data: the post, when, what for. Colleagues' own names are not the person's data."""
    found = [look for column in ("name", "phone", "mail") for look in looks.of(f"cases_report:{column}:{report.uid}")]
    return [
        {"at": _moment(look.at), "post": look.post_name, "purpose": look.purpose, "what": look.context.split(":")[1]}
        for look in sorted(found, key=lambda look: look.at)
    ]


def _moment(at: dt.datetime | None) -> str | None:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
