"""The steps of a case: what may be done next and what it needs, and doing it."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from linli.doors.api import openapi, schemas, shapes
from linli.doors.api.door import carried_out_once, json, needs, read_json, refuse_unknown
from linli.doors.common.step_forms import CHOICE_WORDS, guessed_item
from linli.kernel.errors import NotFound, Refused
from linli.kernel.flow import Field, Step, say
from linli.kernel.once import Kept
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.flow import FLOW, NOT_BY_HAND
from linli.rooms.cases.models import Case
from linli.rooms.cases.queries.page import open_case, steps_for
from linli.rooms.cases.queries.rows import case_row
from linli.rooms.catalogue import queries as catalogue

router = Router(tags=["steps"])


@router.get("/cases/{number}/steps", response=schemas.Steps, url_name="steps")
def steps(request: HttpRequest, number: str) -> HttpResponse:
    """Exactly what you may do next, with the fields each step needs; and why not what else concerns you."""
    viewer = needs(request, "case.view")
    case = open_case(number, viewer)
    found = []
    for offer in steps_for(case, viewer):
        fields = [_field(need, case) for need in offer.step.needs] if offer.allowed else []
        found.append(shapes.step(offer, fields, number))
    body = {
        "number": case.number,
        "version": case.version,
        "state": {"code": case.state, "label": say(FLOW.state(case.state).label)},
        "steps": found,
    }
    return json(body, headers={"ETag": f'"{case.version}"'})


@router.post(
    "/cases/{number}/steps/{step}",
    response=schemas.CaseOut,
    by_alias=True,
    url_name="step",
    openapi_extra=openapi.STEP_BODY,
)
def take_step(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """Take a step and get the case as it is then. With If-Match only if nobody changed it since."""
    viewer = needs(request, "case.view")
    found = FLOW.by_step.get(step)
    if found is None or step in NOT_BY_HAND or found.who == "reporter":
        raise NotFound(_("没有这一步操作。"), code="flow.no_such_step")
    needs(request, found.who)
    given = given_for(found, read_json(request))
    version = version_of(request)
    case_id = case_row(number, viewer)["id"]

    def act() -> Kept:
        take(case_id, step, given, viewer=viewer, version=version)
        row = case_row(number, viewer)
        body = orjson.dumps(shapes.case(row), default=str)
        return Kept(200, body, {"ETag": shapes.etag(row["version"], body)})

    return carried_out_once(request, request.body + b"\n" + str(version).encode(), act)


def version_of(request: HttpRequest) -> int | None:
    """The version that If-Match names; None without it or for `*`. Raises Refused."""
    header = request.headers.get("If-Match", "").strip()
    if not header or header == "*":
        return None
    number = header.removeprefix("W/").strip('"').partition(".")[0]
    # Nothing that was ever an ETag of this house names no version of the case.
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else -1


def given_for(step: Step, body: dict[str, Any]) -> dict[str, Any]:
    """What was sent, each value of its kind. Raises Refused with the field."""
    refuse_unknown(body, {need.name for need in step.needs})
    for need in step.needs:
        value = body.get(need.name)
        if value is not None and not _fits(need, value):
            raise Refused(
                _("“%(field)s”的类型不对，应为 %(kind)s。") % {"field": need.name, "kind": need.kind},
                "request.fields",
                need.name,
            )
    return {name: value for name, value in body.items() if value is not None}


def _fits(need: Field, value: Any) -> bool:
    if need.kind in ("text", "choice", "item"):
        return isinstance(value, str)
    if need.kind == "bool":
        return isinstance(value, bool)
    if need.kind in ("place", "rule"):
        return _is_id(value)
    if need.kind == "unit":
        many = need.name == "assists"
        return _is_id(value) or (many and isinstance(value, list) and len(value) <= 20 and all(map(_is_id, value)))
    return isinstance(value, list) and len(value) <= 50 and all(isinstance(uid, str) for uid in value)


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def _field(need: Field, case: Case) -> dict[str, Any]:
    choices: list[tuple[Any, str]] = []
    source = ""
    default: Any = None
    if need.kind == "choice":
        words = CHOICE_WORDS.get(need.name, {})
        choices = [(code, words.get(code, code)) for code in need.choices]
    elif need.kind == "item":
        source, default = f"{shapes.PREFIX}/items", guessed_item(case) or None
    elif need.kind == "rule":
        rules = catalogue.rules_for(case.item.key) if case.item else ()
        choices = [(rule.id, f"{rule.condition} ({rule.limit})") for rule in rules]
        default = rules[0].id if rules else None
    elif need.kind == "unit":
        source = f"{shapes.PREFIX}/units"
        default = case.proposed_unit_id if need.name == "unit" else None
    elif need.kind == "place":
        source, default = f"{shapes.PREFIX}/places", case.place_id
    elif need.kind == "photo":
        source = f"{shapes.PREFIX}/photos"
    elif need.kind == "bool":
        default = {"urgent": case.urgent, "is_public": case.is_public}.get(need.name, False)
    return shapes.field(need, choices=choices, source=source, default=default)  # type: ignore[no-any-return]
