"""``{% load whistle %}``: the ways on from a whistle and from each called department; names of matters and places."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from linli.doors.whistle.frames import case_url
from linli.kernel.flow import Offer, say
from linli.rooms.catalogue.queries import catalogue
from linli.rooms.places import atlas
from linli.rooms.places.queries import localized
from linli.rooms.whistles.models import Precedent
from linli.rooms.whistles.queries.page import CallView, WhistlePage

register = template.Library()

ICONS = {
    "confirm": "check",
    "arrive": "map-pin",
    "vouch": "user-check",
    "promise": "clipboard-check",
    "refuse": "arrow-back-up",
    "decide": "gavel",
    "release": "message-report",
    "withdraw": "ban",
    "score": "star",
    "lead": "users",
    "call": "user-plus",
    "move": "calendar-plus",
    "end": "circle-check",
    "cancel": "ban",
    "screen": "qrcode",
}
# What usually comes next in each state stands first and is the primary one.
FIRST = ("arrive", "confirm", "promise", "decide", "score")
AT_ONCE = ("confirm",)
QUIET = ("withdraw", "release", "lead", "cancel")


@dataclass(slots=True)
class Way:
    """A button: an address to go to, or a form to be sent."""

    code: str
    label: str
    url: str
    post: bool = False
    first: bool = False

    @property
    def icon(self) -> str:
        return ICONS.get(self.code, "chevron-right")

    @property
    def quiet(self) -> bool:
        return self.code in QUIET

    @property
    def key(self) -> str:
        return uuid.uuid4().hex


@register.inclusion_tag("whistle/_ways.html", takes_context=True)
def call_ways(context: Mapping[str, Any], page: WhistlePage, one: CallView) -> dict[str, Any]:
    """The buttons of one called department, and why its unit cannot do what it would do next."""
    codes = [offer.step.code for offer in one.possible]
    ways = [_call_way(page, one, code, offer) for code, offer in zip(codes, one.possible, strict=True)]
    if {"must_come", "stands"} & set(codes):
        ways = [way for way in ways if way.code not in ("must_come", "stands")]
        ways.insert(0, Way("decide", _("裁定"), _url(page, one, "decide")))
    may_call = any(offer.step.code == "call" for offer in page.possible)
    if may_call and not one.call.lead and one.call.state in ("called", "confirmed", "present"):
        ways.append(Way("lead", _("改由它牵头"), _url(page, one, "lead")))
    ways.sort(key=lambda way: FIRST.index(way.code) if way.code in FIRST else len(FIRST))
    for way in ways[:1]:
        way.first = way.code in FIRST
    return {
        "ways": ways,
        "why_not": _why_not(one, codes),
        "csrf_token": context.get("csrf_token"),
    }


def _call_way(page: WhistlePage, one: CallView, code: str, offer: Offer) -> Way:
    if code == "arrive":
        url = reverse("whistle:by_place", args=[page.whistle.pk, one.call.pk])
        return Way(code, _("到场签到"), url)
    return Way(code, say(offer.step.label), _url(page, one, code), post=code in AT_ONCE)


def _url(page: WhistlePage, one: CallView, code: str) -> str:
    return reverse("whistle:call_step", args=[page.whistle.pk, one.call.pk, code])


def _why_not(one: CallView, codes: list[str]) -> str:
    """Of what stands against the department's own next step, the first reason that helps."""
    for wanted in ("arrive", "promise"):
        if wanted in codes:
            return ""
        for offer in one.offers:
            if offer.step.code == wanted and not offer.allowed and offer.predicate in ("in_window", "there"):
                return str(offer.why_not)
    return ""


@register.inclusion_tag("whistle/_ways.html", takes_context=True)
def whistle_ways(context: Mapping[str, Any], page: WhistlePage) -> dict[str, Any]:
    """The buttons of the whistle itself."""
    ways = []
    if page.whistler and page.whistle.on_site and page.whistle.state == "blown":
        screen = Way("screen", _("签到二维码"), reverse("whistle:screen", args=[page.whistle.pk]))
        screen.first = True
        ways.append(screen)
    for offer in page.possible:
        code = offer.step.code
        if code == "cancel" and any(way.code == "end" for way in ways) and page.came:
            continue
        ways.append(Way(code, say(offer.step.label), reverse("whistle:step", args=[page.whistle.pk, code])))
    return {"ways": ways, "why_not": "", "csrf_token": context.get("csrf_token")}


@register.simple_tag(takes_context=True)
def case_address(context: Mapping[str, Any], number: str) -> str:
    """Where this viewer opens a case."""
    return case_url(context["request"].viewer, number)


@register.simple_tag
def matter_name(precedent: Precedent) -> str:
    """The item of a precedent by name, else its class."""
    known = catalogue()
    item = known.items.get(precedent.item_key)
    kind = known.classes.get(precedent.matter_class)
    return item.name if item else kind.name if kind else _("待定事项")


@register.simple_tag
def place_name(place_id: int) -> str:
    """A place by name."""
    facts = atlas.current().places.get(place_id)
    return localized(facts) if facts else ""
