"""The board: how many cases stand on each tier, what lies with the viewer; and the lists behind its figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.duty.apps import BOARD
from linli.doors.duty.frames import frame_of
from linli.doors.duty.showing import TierNames, dress_stays
from linli.kernel import clock
from linli.kernel.web.lights import LIGHTS as WORDS
from linli.rooms.ladder import lists
from linli.rooms.ladder.lists import LIGHTS, DutyFilters
from linli.rooms.ladder.models import Tier
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas
from linli.rooms.places.queries import localized

VIEWS = {
    "all": gettext_lazy("全部"),
    "mine": gettext_lazy("由我承担"),
    "receive": gettext_lazy("等我接收"),
    "soon": gettext_lazy("快到期"),
    "late": gettext_lazy("已超期"),
}
SHOWN = 8


@dataclass
class Row:
    """One tier of the board. share: of the tallest tier, in percent, for its bar."""

    code: str
    name: str
    level: int
    bearer: str
    limit: str
    url: str
    all: int = 0
    unreceived: int = 0
    receive_url: str = ""
    lights: list[dict[str, Any]] = field(default_factory=list)
    old: bool = False


@require_GET
@opens(*BOARD)
def board(request: HttpRequest) -> HttpResponse:
    """Tiers from the top, each with its base and lights; what waits for me; what climbs next. `place` narrows it."""
    viewer = viewer_of_request(request)
    filters = DutyFilters.read(request.GET)
    now = clock.now()
    tiers = lists.tiers_in_force()
    counts = lists.counts_by_tier(viewer, filters.place)
    mine = lists.my_counts(viewer) if viewer.has("duty.bear") else None
    urgent, more = lists.rows_of(viewer, DutyFilters(place=filters.place, lights=["overdue", "near"]), SHOWN)
    names = TierNames.of([*tiers, *_older(tiers, counts)])
    dress_stays(urgent, names, viewer, now)
    rows = _rows(tiers, counts, names, filters.place)
    return render(
        request,
        "duty/board.html",
        {
            **frame_of(viewer),
            "rows": rows,
            "total": sum(row.all for row in rows),
            "mine": mine,
            "urgent": urgent,
            "more_urgent": more,
            "ladder": tiers[0].ladder if tiers else None,
            "place": _place(filters.place),
            "places": places_to_choose(viewer, filters.place),
            "query": urlencode({"place": filters.place}) if filters.place else "",
            "may_simulate": viewer.has("ladder.edit") or viewer.has("duty.assign"),
            "now": now,
        },
    )


def _older(tiers: list[Tier], counts: list[lists.Counts]) -> list[Tier]:
    """Tiers of editions out of force on which cases still stand."""
    known = {tier.code for tier in tiers}
    wanted = {count.ladder_id for count in counts if count.code not in known}
    return lists.tiers_of(wanted) if wanted else []


def _rows(tiers: list[Tier], counts: list[lists.Counts], names: TierNames, place: int | None) -> list[Row]:
    """The tiers in force, the highest first, then those of older editions that are not yet empty."""
    by_code: dict[str, list[lists.Counts]] = {}
    for count in counts:
        by_code.setdefault(count.code, []).append(count)
    rows = [
        Row(tier.code, tier.name, tier.level, _bearer(tier), str(tier.limit or ""), _list(tier.code, place))
        for tier in sorted(tiers, key=lambda tier: (tier.ladder.district_id, -tier.level))
    ]
    known = {row.code for row in rows}
    for code, of_code in by_code.items():
        if code not in known:
            first = of_code[0]
            name = names.get(first.ladder_id, code)
            rows.append(Row(code, name, first.level, "", "", _list(code, place), old=True))
    for row in rows:
        lights: dict[str, int] = {}
        for count in by_code.pop(row.code, []):
            row.all += count.all
            row.unreceived += count.unreceived
            for light, n in count.lights.items():
                lights[light] = lights.get(light, 0) + n
        row.receive_url = f"{row.url}&unreceived=1"
        row.lights = [
            {"light": light, "words": f"{WORDS[light].word} {lights[light]}", "url": f"{row.url}&light={light}"}
            for light in LIGHTS
            if lights.get(light)
        ]
    return rows


def _bearer(tier: Tier) -> str:
    if tier.post_kind is not None:
        return tier.post_kind.name
    return tier.unit.name if tier.unit is not None else tier.get_unit_by_display()


def _list(code: str, place: int | None) -> str:
    query = {"tier": code, **({"place": str(place)} if place else {})}
    return f"{reverse('duty:stays')}?{urlencode(query)}"


def _place(place_id: int | None) -> str:
    facts = atlas.current().places.get(place_id) if place_id else None
    return localized(facts) if facts else ""


def places_to_choose(viewer: Viewer, chosen: int | None) -> list[dict[str, Any]]:
    """Where one may go from here: the chosen place's parts, or those of the viewer's own places."""
    known = atlas.current().places
    if chosen and chosen in known:
        roots = {chosen}
    else:
        roots = {post.place_id for post in viewer.posts if post.place_id}
    found = [
        facts for facts in known.values() if facts.parent_id in roots and facts.kind in ("street", "community", "grid")
    ]
    found.sort(key=lambda facts: facts.sort_key)
    return [{"id": facts.id, "name": localized(facts)} for facts in found[:80]]


@require_GET
@opens(*BOARD)
def stays(request: HttpRequest) -> HttpResponse:
    """The open stays behind a figure of the board: by view, tier, light and place, all in the address."""
    viewer = viewer_of_request(request)
    filters = DutyFilters.read(request.GET)
    now = clock.now()
    tiers = lists.tiers_in_force()
    rows, more = lists.rows_of(viewer, filters)
    strange = {row["ladder_id"] for row in rows} - {tier.ladder_id for tier in tiers}
    names = TierNames.of([*(lists.tiers_of(strange) if strange else []), *tiers])
    dress_stays(rows, names, viewer, now)
    whole = (
        (filters.page - 1) * lists.PAGE + len(rows)
        if not more and (rows or filters.page == 1)
        else lists.count_of(viewer, filters)
    )
    return render(
        request,
        "duty/stays.html",
        {
            **frame_of(viewer),
            "rows": rows,
            "total": whole,
            "views": _views(request.GET, filters, viewer),
            "tiers": _tiers(request.GET, filters, tiers),
            "lights": _lights(request.GET, filters),
            "place": _place(filters.place),
            "place_id": filters.place,
            "tier_name": names.get(None, filters.tier) if filters.tier else "",
            "pager": _pager(request.GET, filters.page, more, len(rows)),
            "filtered": bool(filters.tier or filters.lights or filters.place or filters.view != "all"),
            "now": now,
        },
    )


def with_query(query: QueryDict, **changes: Any) -> str:
    """This address with some parameters changed; None takes one out. Paging starts anew."""
    changed = query.copy()
    changed.pop("page", None)
    for name, value in changes.items():
        changed.pop(name, None)
        if value is not None:
            changed[name] = str(value)
    return f"?{changed.urlencode()}"


def _views(query: QueryDict, filters: DutyFilters, viewer: Viewer) -> list[dict[str, Any]]:
    offered = VIEWS if viewer.has("duty.bear") else {k: v for k, v in VIEWS.items() if k not in ("mine", "receive")}
    return [
        {"label": label, "url": with_query(query, view=None if code == "all" else code), "on": filters.view == code}
        for code, label in offered.items()
    ]


def _tiers(query: QueryDict, filters: DutyFilters, tiers: list[Tier]) -> list[dict[str, Any]]:
    rows = [{"label": _("所有层级"), "url": with_query(query, tier=None), "on": not filters.tier}]
    return rows + [
        {"label": tier.name, "url": with_query(query, tier=tier.code), "on": filters.tier == tier.code}
        for tier in tiers
    ]


def _lights(query: QueryDict, filters: DutyFilters) -> list[dict[str, Any]]:
    rows = [{"label": _("所有灯"), "url": with_query(query, light=None), "on": not filters.lights, "light": ""}]
    return rows + [
        {
            "label": WORDS[light].word,
            "url": with_query(query, light=light),
            "on": filters.lights == [light],
            "light": light,
        }
        for light in LIGHTS
    ]


def _pager(query: QueryDict, page: int, more: bool, shown: int) -> dict[str, Any]:
    return {
        "previous": with_query(query) + f"&page={page - 1}" if page > 1 else "",
        "next": with_query(query) + f"&page={page + 1}" if more else "",
        "shown": _("本页 %(n)d 件") % {"n": shown},
    }
