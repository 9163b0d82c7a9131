"""The addresses of the REST interface for `tests.addresses`: what a session gets there. Keys have their own walk
(`linli.doors.api.tests.test_rights`). A form is no JSON, so every POST of the walk is refused by its kind of content.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

OPEN = "*:ok"
SIGNED_IN = "nobody:401 *:ok"
STAFF = "nobody:401 resident:403 admins:403 posts:ok"
CASE = "nobody:401 resident:403 admins:403 own:ok foreign:404"
SECURITY, SYSTEM = "nobody:401 security:ok *:403", "nobody:401 system:ok *:403"
EXPORTERS = "nobody:401 clerk:ok dispatcher:ok supervisor:ok leader:ok lamp_contact:ok power_contact:ok *:403"
NO, NOT_A_FORM = "*:405", "*:415"

Args = Callable[[SimpleNamespace], dict[str, Any]]
Query = Callable[[SimpleNamespace], str]


def _nothing(world: SimpleNamespace) -> dict[str, Any]:
    return {}


def _no_query(world: SimpleNamespace) -> str:
    return ""


def _number(world: SimpleNamespace) -> dict[str, Any]:
    return {"number": world.closed.number}


def _point(world: SimpleNamespace) -> str:
    return f"?lng={world.closed.lng}&lat={world.closed.lat}"


def _place(world: SimpleNamespace) -> dict[str, Any]:
    return {"place_id": world.town.grid_a.pk}


def _key(world: SimpleNamespace) -> dict[str, Any]:
    return {"key": world.item_key}


def _code(world: SimpleNamespace) -> dict[str, Any]:
    return {"tracking_code": world.report.tracking_code}


def _post(world: SimpleNamespace) -> dict[str, Any]:
    return {"post_id": world.post.pk}


def _unit(world: SimpleNamespace) -> dict[str, Any]:
    return {"unit_id": world.unit.pk}


def _rule(world: SimpleNamespace) -> dict[str, Any]:
    return {"rule_id": world.rule.pk}


def _draft(world: SimpleNamespace) -> dict[str, Any]:
    return {"draft_id": world.grid_draft.pk}


ROWS: list[tuple[str, str, str, Args, Query]] = [
    ("openapi", OPEN, NO, _nothing, _no_query),
    ("problems", OPEN, NO, _nothing, _no_query),
    ("problem", OPEN, NO, lambda w: {"code": "LL-4041"}, _no_query),
    ("unknown", "*:404", "*:404", _nothing, _no_query),
    ("me", SIGNED_IN, NO, _nothing, _no_query),
    ("my_reports", SIGNED_IN, NO, _nothing, _no_query),
    ("report", OPEN, NO, _code, _no_query),
    ("report_step", NO, NOT_A_FORM, lambda w: {**_code(w), "step": "rate"}, _no_query),
    ("photos", NO, "nobody:401 *:422", _nothing, _no_query),
    ("cases", STAFF, NOT_A_FORM, _nothing, _no_query),
    ("facets", STAFF, NO, _nothing, _no_query),
    *((f"cases_{form}", EXPORTERS, NO, _nothing, _no_query) for form in ("csv", "xlsx", "geojson")),
    ("near", SIGNED_IN, NO, _nothing, _point),
    ("case", CASE, NO, _number, _no_query),
    ("join", NO, NOT_A_FORM, _number, _no_query),
    ("timeline", CASE, NO, _number, _no_query),
    ("case_photos", CASE, NO, _number, _no_query),
    ("case_reports", CASE, NO, _number, _no_query),
    ("steps", CASE, NO, _number, _no_query),
    ("step", NO, NOT_A_FORM, lambda w: {**_number(w), "step": "note"}, _no_query),
    ("places", SIGNED_IN, NO, _nothing, _no_query),
    ("locate", SIGNED_IN, NO, _nothing, _point),
    ("places_geojson", SIGNED_IN, NO, _nothing, _no_query),
    ("place", SIGNED_IN, NO, _place, _no_query),
    ("place_geojson", SIGNED_IN, NO, _place, _no_query),
    ("post_kinds", SIGNED_IN, NO, _nothing, _no_query),
    ("posts", SIGNED_IN, NOT_A_FORM, _nothing, lambda w: f"?place={w.town.grid_a.pk}"),
    ("posts_held", SECURITY, NO, _nothing, _no_query),
    ("post", "nobody:401 security:ok worker_a:ok *:404", NO, _post, _no_query),
    ("post_end", NO, NOT_A_FORM, _post, _no_query),
    ("post_replace", NO, NOT_A_FORM, _post, _no_query),
    ("post_deputy", NO, NOT_A_FORM, _post, _no_query),
    ("post_back", NO, NOT_A_FORM, _post, _no_query),
    ("units", SIGNED_IN, NOT_A_FORM, _nothing, _no_query),
    ("unit", SIGNED_IN, NO, _unit, _no_query),
    ("unit_end", NO, NOT_A_FORM, _unit, _no_query),
    (
        "answerable",
        "nobody:401 clerk:ok dispatcher:ok supervisor:ok leader:ok system:ok *:403",
        NO,
        _nothing,
        lambda w: f"?place={w.town.grid_a.pk}&item={w.item_key}",
    ),
    ("classes", SIGNED_IN, NO, _nothing, _no_query),
    ("items", SIGNED_IN, NOT_A_FORM, _nothing, _no_query),
    ("suggest", SIGNED_IN, NO, _nothing, lambda w: "?words=路灯"),
    ("item", SIGNED_IN, NO, _key, _no_query),
    ("item_rules", SIGNED_IN, NOT_A_FORM, _key, _no_query),
    ("item_retire", NO, NOT_A_FORM, _key, _no_query),
    ("item_restore", NO, NOT_A_FORM, _key, _no_query),
    ("rule_correct", NO, NOT_A_FORM, _rule, _no_query),
    ("rule_end", NO, NOT_A_FORM, _rule, _no_query),
    ("grid_versions", SYSTEM, NO, _nothing, _no_query),
    ("grid_drafts", NO, "nobody:401 system:422 *:403", _nothing, _no_query),
    ("grid_draft", SYSTEM, NO, _draft, _no_query),
    ("grid_publish", NO, NOT_A_FORM, _draft, _no_query),
    ("grid_withdraw", NO, NOT_A_FORM, lambda w: {"version_id": w.grid_draft.pk}, _no_query),
    ("buildings", NO, NOT_A_FORM, _nothing, _no_query),
    ("building_end", NO, NOT_A_FORM, _place, _no_query),
]
