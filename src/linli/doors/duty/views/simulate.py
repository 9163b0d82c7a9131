"""Trying other limits out on past cases: a table to change, then numbers, all of it in the address."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.duty.frames import frame_of
from linli.doors.duty.views.board import places_to_choose
from linli.doors.duty.views.ladders import bearer_of
from linli.kernel import clock
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import LinliError
from linli.rooms.ladder.models import Ladder, Tier
from linli.rooms.ladder.simulation import Result, TierLoad
from linli.rooms.ladder.whatif import MAY, Change, WhatIf, what_if
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas
from linli.rooms.places.queries import localized

USUAL = dt.timedelta(days=90)
LONGEST = dt.timedelta(days=3 * 366)


@dataclass
class Row:
    """A tier in the table of limits, as it came."""

    tier: Tier
    bearer: str
    now: str
    typed: str
    climbs: bool
    error: str = ""
    changed: bool = False
    top: bool = False


@dataclass
class Asked:
    """What the address asks for."""

    rows: list[Row]
    since: dt.date
    until: dt.date
    place: int | None
    run: bool
    changes: dict[str, Change] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


@require_GET
@opens(*MAY)
def simulate(request: HttpRequest) -> HttpResponse:
    """Choose period, place and limits; with `run=1` the past is replayed."""
    viewer = viewer_of_request(request)
    ladders = _ladders(viewer)
    ladder = _chosen(request, ladders)
    asked = _read(request, ladder)
    bad = bool(asked.errors or any(row.error for row in asked.rows))
    found = None
    if ladder is not None and asked.run and not bad:
        found = what_if(
            viewer, ladder, asked.changes, _start(asked.since), _start(asked.until + dt.timedelta(days=1)), asked.place
        )
    facts = atlas.current().places.get(asked.place) if asked.place else None
    return render(
        request,
        "duty/simulation.html",
        {
            **frame_of(viewer),
            "ladders": ladders,
            "ladder": ladder,
            "asked": asked,
            "places": _places(viewer, asked.place),
            "place_name": localized(facts) if facts else "",
            "found": found,
            "answer": _answer(found) if found else None,
            "share": f"{request.build_absolute_uri(request.path)}?{request.GET.urlencode()}" if found else "",
            "reset": f"?{urlencode({'ladder': ladder.pk})}" if ladder else "?",
        },
        status=422 if bad and asked.run else 200,
    )


def _ladders(viewer: Viewer) -> list[Ladder]:
    """The ladder in force; for who makes ladders drafts and older editions too."""
    rows = Ladder.objects.order_by("district_id", "-edition")
    if not viewer.has("ladder.edit"):
        rows = rows.filter(state=Ladder.State.ACTIVE)
    found = list(rows[:40])
    return sorted(found, key=lambda ladder: ladder.state != Ladder.State.ACTIVE)


def _chosen(request: HttpRequest, ladders: list[Ladder]) -> Ladder | None:
    wanted = request.GET.get("ladder", "")
    return next((ladder for ladder in ladders if str(ladder.pk) == wanted), ladders[0] if ladders else None)


def _read(request: HttpRequest, ladder: Ladder | None) -> Asked:
    query = request.GET
    today = clock.now().astimezone(CIVIL).date()
    place = query.get("place", "")
    asked = Asked(
        [],
        _day(query.get("since", "")) or today - USUAL,
        _day(query.get("until", "")) or today,
        int(place) if place.isdecimal() and len(place) < 19 else None,
        query.get("run") == "1",
    )
    if asked.since > asked.until:
        asked.errors.append(_("开始的日子要在结束之前。"))
    elif asked.until - asked.since > LONGEST:
        asked.errors.append(_("一次最多推演三年。"))
    tiers = list(ladder.tiers.select_related("post_kind", "unit").order_by("level")) if ladder else []
    for number, tier in enumerate(tiers):
        now = str(tier.limit or "")
        given = asked.run and f"limit-{tier.code}" in query
        typed = query[f"limit-{tier.code}"].strip()[:40] if given else now
        climbs = query.get(f"climbs-{tier.code}") == "1" if given else tier.climbs_alone
        top = number == len(tiers) - 1
        row = Row(tier, bearer_of(tier), now, typed, climbs or (top and tier.climbs_alone), top=top)
        limit = tier.limit
        if typed != now:
            try:
                limit = TimeLimit.parse(typed) if typed else None
            except LinliError as error:
                row.error = f"{error.message} {error.what_next or ''}".strip()
        row.changed = not row.error and (limit != tier.limit or (not top and climbs != tier.climbs_alone))
        if row.changed:
            asked.changes[tier.code] = Change(limit, row.climbs)
        asked.rows.insert(0, row)
    return asked


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if 1990 <= day.year <= 2100 else None


def _start(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), CIVIL)


def _places(viewer: Viewer, chosen: int | None) -> list[dict[str, Any]]:
    """Places to narrow the replay to; who makes ladders holds no post and gets the whole district's."""
    if viewer.posts:
        return places_to_choose(viewer, None)
    known = sorted(atlas.current().places.values(), key=lambda facts: facts.sort_key)
    return [{"id": facts.id, "name": localized(facts)} for facts in known if facts.kind in ("street", "community")][
        :200
    ]


# ── The answer in words and numbers ────────────────────────────────────────────────────────────────


def _answer(found: WhatIf) -> dict[str, Any]:
    """Tables and charts of a replay."""
    after, before, real = found.after, found.before, found.real
    rows = []
    for tier in reversed(after.tiers):
        mine = _load(after.result, tier.code)
        was = _load(before.result, tier.code) if before else None
        rows.append(
            {
                "name": tier.name,
                "cases": mine.cases,
                "was": was.cases if was else None,
                "more": mine.cases - was.cases if was else 0,
                "climbed": mine.climbed,
                "late": mine.late,
                "days": mine.days,
                "each": mine.days_each,
                "each_was": was.days_each if was else None,
                "peak": mine.peak,
                "peak_was": was.peak if was else None,
                "peak_at": mine.peak_at,
                "really": _load(real, tier.code).cases if real else None,
                "bearers": after.bearers.get(tier.code, []),
            }
        )
    names = {tier.code: tier.name for tier in after.tiers}
    series = [{"name": _("改后"), "values": [row["cases"] for row in rows], "tone": "brand"}]
    if before is not None and before is not after:
        series.insert(0, {"name": _("现行"), "values": [row["was"] or 0 for row in rows], "tone": "suspended"})
    weeks = sorted(after.result.weeks)
    tones = ("info", "near", "done", "brand", "suspended")
    return {
        "rows": rows,
        "result": after.result,
        "before": before.result if before else None,
        "same": before is after,
        "real": real,
        "chart": {"kind": "bar", "across": True, "labels": [row["name"] for row in rows], "series": series},
        "weeks": [
            {"week": week, "cells": [after.result.weeks[week].get(n, 0) for n in range(1, len(after.tiers))]}
            for week in weeks
        ],
        "week_names": [names[tier.code] for tier in after.tiers[1:]],
        "week_chart": {
            "kind": "bar",
            "stacked": True,
            "labels": [f"{week:%m-%d}" for week in weeks],
            "series": [
                {
                    "name": names[tier.code],
                    "values": [after.result.weeks[week].get(n, 0) for week in weeks],
                    "tone": tones[(n - 1) % len(tones)],
                }
                for n, tier in enumerate(after.tiers)
                if n
            ],
        },
    }


def _load(result: Result | None, code: str) -> TierLoad:
    loads = result.tiers if result is not None else []
    return next((load for load in loads if load.code == code), TierLoad(code))
