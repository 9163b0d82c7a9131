"""Every address of the house: what it names, who gets what there. Walked by `test_walk`, read by the other walks.

A new address has to be added here; `test_walk` says so. `get` and `post` are rules like `"own:ok foreign:404 *:403"`:
kinds of people (of `tests.world.KINDS`) or groups of them with what they get. A kind counts before a group, a group
before `*`.

    ok      200 or 204          elsewhere  led to another page      login  led to the sign-in
    heard   the form arrived: taken in, shown again, or refused for what is in it (200–204, 302, 400, 409, 422)
    405     this address has no such method                         403, 404, … exactly this
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.addresses_bulletins import ROWS as BULLETINS
from tests.addresses_duty import ROWS as DUTY
from tests.addresses_figures import ROWS as FIGURES
from tests.addresses_oversight import ROWS as OVERSIGHT
from tests.addresses_rest import ROWS as REST
from tests.addresses_rounds import ROWS as ROUNDS
from tests.addresses_whistle import ROWS as WHISTLE
from tests.world import KINDS

GROUPS: dict[str, frozenset[str]] = {
    # who sees the cases of the world: they lie in grid A and belong to the lamp unit
    "own": frozenset({"worker_a", "lamp_contact", "clerk", "dispatcher", "verifier", "supervisor", "leader"}),
    "foreign": frozenset({"worker_b", "power_contact"}),
    "admins": frozenset({"system", "security", "audit"}),
}
GROUPS["posts"] = GROUPS["own"] | GROUPS["foreign"]

NO = "*:405"
EVERYBODY = "*:ok"
HEARD = "*:heard"
SIGNED_IN = "nobody:login *:ok"
SIGNED_IN_HEARD = "nobody:login *:heard"
STAFF = "nobody:login resident:403 admins:403 posts:ok"
STAFF_HEARD = "nobody:login resident:403 admins:403 posts:heard"
STAFF_NO = "nobody:login *:405"
CASE = "nobody:login own:ok *:404"
INTAKE = "nobody:login clerk:ok dispatcher:ok *:403"
INTAKE_HEARD = "nobody:login clerk:heard dispatcher:heard *:403"
OWN_IMPORT = "nobody:login clerk:ok dispatcher:404 *:403"
OWN_IMPORT_HEARD = "nobody:login clerk:heard dispatcher:404 *:403"


Args = Callable[[SimpleNamespace], Mapping[str, Any]]
Query = Callable[[SimpleNamespace], str]


def _nothing(world: SimpleNamespace) -> dict[str, Any]:
    return {}


def _no_query(world: SimpleNamespace) -> str:
    return ""


@dataclass(frozen=True)
class Address:
    """One address. `eye` is somebody who may look at it; `page` says whether it is a page for people."""

    name: str
    get: str
    post: str
    args: Args = _nothing
    query: Query = _no_query
    eye: str = "nobody"
    page: bool = False

    def url(self, world: SimpleNamespace) -> str:
        return reverse(self.name, kwargs=dict(self.args(world))) + self.query(world)

    def expected(self, method: str, kind: str) -> str:
        """What this kind of person gets for "get" or "post"."""
        rules = dict(word.split(":") for word in (self.get if method == "get" else self.post).split())
        assert set(rules) <= {*KINDS, *GROUPS, "*"}, f"{self.name}: unknown kind in {rules}"
        if kind in rules:
            return rules[kind]
        for group, members in GROUPS.items():
            if kind in members and group in rules:
                return rules[group]
        return rules["*"]


def _number(world: SimpleNamespace) -> dict[str, Any]:
    return {"number": world.closed.number}


def _draft(world: SimpleNamespace) -> dict[str, Any]:
    return {"draft_id": world.grid_draft.pk}


def _item(world: SimpleNamespace) -> dict[str, Any]:
    return {"key": world.item_key}


def _matrix(world: SimpleNamespace) -> dict[str, Any]:
    return {"number": world.matrix_draft.number}


def _year(world: SimpleNamespace) -> dict[str, Any]:
    return {"year": 2026}


def _sheet(world: SimpleNamespace) -> dict[str, Any]:
    return {"sheet_id": world.sheet.pk}


def _import(world: SimpleNamespace) -> dict[str, Any]:
    return {"import_id": world.case_import.pk}


def _post(world: SimpleNamespace) -> dict[str, Any]:
    return {"post_id": world.post.pk}


def _point(world: SimpleNamespace) -> str:
    return f"?lng={world.closed.lng}&lat={world.closed.lat}"


def _box(world: SimpleNamespace) -> str:
    return "?bbox=113.0,27.5,113.3,27.8"


def _square(world: SimpleNamespace) -> dict[str, Any]:
    return {"z": 14, "x": 13339, "y": 6894}


def _photo(world: SimpleNamespace) -> str:
    from linli.doors.common.photos import photo_url

    return "?" + photo_url(world.photo).partition("?")[2]


_ALL = [
    Address("set_language", "*:elsewhere", "*:elsewhere"),
    # ── the design system ─────────────────────────────────────────────────────────────────────────
    Address("web:theme", NO, "*:elsewhere"),
    Address("web:elder", NO, "*:elsewhere"),
    Address("web:map_style", EVERYBODY, NO),
    Address("web:base_map", EVERYBODY, NO),
    Address("web:manifest", EVERYBODY, NO),
    Address("web:service_worker", EVERYBODY, NO),
    Address("web:offline", EVERYBODY, NO, page=True),
    Address("web:favicon", "*:elsewhere", NO),
    Address("web:design", "*:404", NO),  # open in demo homes only
    Address("web:design_frame", "*:404", NO, lambda w: {"page": "portal"}),
    Address("web:design_photo", "*:404", NO, lambda w: {"number": 1}),
    Address("web:design_data", "*:404", NO, lambda w: {"name": "cases"}),
    # ── OGC API - Features: everybody's, whoever is signed in; only read ──────────────────────────
    Address("ogc:landing", EVERYBODY, NO),
    Address("ogc:conformance", EVERYBODY, NO),
    Address("ogc:api", EVERYBODY, NO),
    Address("ogc:collections", EVERYBODY, NO),
    Address("ogc:collection", EVERYBODY, NO, lambda w: {"name": "grids"}),
    Address("ogc:items", EVERYBODY, NO, lambda w: {"name": "cases"}, _box),
    Address("ogc:item", EVERYBODY, NO, lambda w: {"name": "cases", "key": w.closed.number}),
    Address("ogc:nothing", "*:404", NO, lambda w: {"rest": "collections/secrets"}),
    # ── what doors share ──────────────────────────────────────────────────────────────────────────
    Address("common:photo_upload", NO, HEARD),
    Address("common:photo", EVERYBODY, NO, lambda w: {"uid": w.photo.uid}, _photo),
    Address("common:photo_thumb", EVERYBODY, NO, lambda w: {"uid": w.photo.uid}, _photo),
    Address("common:suggest_items", EVERYBODY, NO, query=lambda w: "?q=路灯"),
    Address("common:suggest_duplicates", EVERYBODY, NO, query=_point),
    Address("common:suggest_places", EVERYBODY, NO, query=lambda w: "?q=甲"),
    Address("common:suggest_units", EVERYBODY, NO, query=lambda w: "?q=路灯"),
    Address("common:where", EVERYBODY, NO, query=_point),
    Address("common:map_grids", EVERYBODY, NO, query=_box),
    Address("common:map_public_cases", EVERYBODY, NO, query=_box),
    Address("common:map_my_cases", "posts:ok *:403", NO, query=_box),
    Address("common:grids_tilejson", EVERYBODY, NO),
    Address("common:grid_tile", EVERYBODY, NO, _square),
    Address("common:cases_tilejson", EVERYBODY, NO),
    Address("common:case_tile", EVERYBODY, NO, _square),
    Address("common:my_case_tile", "posts:ok *:403", NO, _square),
    Address(
        "common:step",
        "nobody:login lamp_contact:404 own:ok *:404",  # not yet dispatched: no unit has it
        "nobody:login lamp_contact:404 own:heard *:404",
        lambda w: {"number": w.cases["reported"].number, "step": "accept"},
        eye="clerk",
        page=True,
    ),
    # ── the entrance ──────────────────────────────────────────────────────────────────────────────
    Address("account_login", "nobody:ok *:elsewhere", "nobody:ok *:elsewhere", page=True),
    Address("account_logout", "nobody:elsewhere *:ok", "*:elsewhere", eye="resident", page=True),
    Address("entrance_signed_out", "*:elsewhere", NO),
    Address("entrance_oidc", "*:404", NO),  # this house has no identity provider
    Address("socialaccount_login_cancelled", "*:login", NO),
    Address("openid_connect_callback", "*:404", NO, lambda w: {"provider_id": "staff"}),
    Address("account_inactive", EVERYBODY, NO, page=True),
    Address("account_signup", "nobody:ok *:elsewhere", "nobody:heard *:elsewhere", page=True),
    Address("account_reauthenticate", SIGNED_IN, SIGNED_IN_HEARD, eye="dispatcher", page=True),
    Address("account_change_password", SIGNED_IN, SIGNED_IN_HEARD, eye="dispatcher", page=True),
    Address("account_set_password", "nobody:login *:elsewhere", "nobody:login *:elsewhere"),
    Address("account_email", "nobody:login *:elsewhere", "nobody:login *:elsewhere"),
    Address("entrance_demo", NO, "*:404"),  # open in demo homes only
    Address("entrance_me", SIGNED_IN, SIGNED_IN_HEARD, eye="worker_a", page=True),
    Address("entrance_data", "nobody:login resident:ok *:403", NO, eye="resident", page=True),
    Address("entrance_copy", NO, "nobody:login resident:ok *:403", eye="resident"),
    Address("entrance_forget", NO, "nobody:login resident:heard *:403", eye="resident"),
    Address("entrance_language", NO, SIGNED_IN_HEARD),
    Address("entrance_phone", NO, SIGNED_IN_HEARD),
    Address("entrance_deputise", NO, "nobody:login worker_a:heard *:404", _post),
    Address("entrance_undeputise", NO, "nobody:login worker_a:heard *:404", _post),
    Address("mfa_authenticate", "nobody:login *:elsewhere", "nobody:login *:elsewhere"),
    Address("mfa_index", SIGNED_IN, "nobody:login *:405", eye="dispatcher", page=True),
    Address("mfa_reauthenticate", "nobody:login *:elsewhere", "nobody:login *:elsewhere"),
    Address("mfa_activate_totp", SIGNED_IN, SIGNED_IN_HEARD, eye="dispatcher", page=True),
    Address("mfa_deactivate_totp", "nobody:login *:404", "nobody:login *:404"),
    Address("mfa_view_recovery_codes", "nobody:login *:404", "nobody:login *:405"),
    Address("mfa_generate_recovery_codes", SIGNED_IN, SIGNED_IN_HEARD, eye="dispatcher", page=True),
    Address("mfa_download_recovery_codes", "nobody:login *:404", "nobody:login *:404"),
    Address("mfa_list_webauthn", SIGNED_IN, "nobody:login *:405", eye="dispatcher", page=True),
    Address("mfa_add_webauthn", SIGNED_IN, SIGNED_IN_HEARD, eye="dispatcher", page=True),
    Address("mfa_reauthenticate_webauthn", "nobody:login *:elsewhere", "nobody:login *:elsewhere"),
    Address("mfa_remove_webauthn", "nobody:login *:404", "nobody:login *:404", lambda w: {"pk": 1}),
    Address("mfa_edit_webauthn", "nobody:login *:404", "nobody:login *:404", lambda w: {"pk": 1}),
    Address("mfa_login_webauthn", "nobody:login *:elsewhere", "nobody:login *:elsewhere"),
    # ── everybody's messages ──────────────────────────────────────────────────────────────────────
    Address("inbox:index", SIGNED_IN, NO, eye="clerk", page=True),
    Address("inbox:read_all", NO, SIGNED_IN_HEARD),
    Address(
        "inbox:open",
        "nobody:login clerk:elsewhere *:404",
        NO,
        lambda w: {"notice_id": w.notice.pk},
        eye="clerk",
    ),
    Address("inbox:read", NO, "nobody:login clerk:elsewhere *:404", lambda w: {"notice_id": w.notice.pk}, eye="clerk"),
    Address("inbox:choices", SIGNED_IN, SIGNED_IN_HEARD, eye="clerk", page=True),
    Address("inbox:address", NO, SIGNED_IN_HEARD, lambda w: {"channel": "mail"}),
    Address("inbox:stop", EVERYBODY, EVERYBODY, lambda w: {"token": w.stop_token}, page=True),
    Address("inbox:confirm", EVERYBODY, EVERYBODY, lambda w: {"token": w.confirm_token}, page=True),
    Address("inbox:wish", NO, "*:elsewhere", lambda w: {"code": w.report.tracking_code}),
    # ── grid workers ──────────────────────────────────────────────────────────────────────────────
    Address("field:todo", STAFF, STAFF_NO, eye="worker_a", page=True),
    Address("field:grid", STAFF, STAFF_NO, eye="worker_a", page=True),
    Address("field:report", STAFF, STAFF_HEARD, eye="worker_a", page=True),
    Address(
        "field:case",
        "nobody:login own:ok foreign:404 *:403",
        STAFF_NO,
        lambda w: {"number": w.cases["handling"].number},
        eye="worker_a",
        page=True,
    ),
    # ── the desk ──────────────────────────────────────────────────────────────────────────────────
    Address("desk:worklist", STAFF, STAFF_NO, query=lambda w: "?view=all", eye="dispatcher", page=True),
    Address("desk:facets", STAFF, STAFF_NO, eye="dispatcher"),
    Address("desk:news", STAFF, STAFF_NO, eye="dispatcher"),
    Address("desk:save_view", STAFF_NO, STAFF_HEARD, eye="dispatcher"),
    Address(
        "desk:drop_view",
        STAFF_NO,
        "nobody:login dispatcher:heard posts:404 *:403",
        lambda w: {"view_id": w.saved_view.pk},
        eye="dispatcher",
    ),
    Address("desk:board", STAFF, STAFF_NO, eye="dispatcher", page=True),
    Address(
        "desk:bulk",
        "nobody:login posts:ok *:403",
        STAFF_HEARD,
        query=lambda w: f"?step=dispatch&case={w.cases['registered'].pk}",
        eye="dispatcher",
        page=True,
    ),
    Address("desk:case", CASE, STAFF_NO, _number, eye="dispatcher", page=True),
    Address("desk:near", CASE, STAFF_NO, _number, eye="dispatcher"),
    Address("desk:sheet", CASE, STAFF_NO, _number, eye="dispatcher", page=True),
    Address(
        "desk:process",
        "nobody:login dispatcher:ok lamp_contact:404 own:403 *:404",
        "nobody:login lamp_contact:404 own:heard *:404",
        lambda w: {"number": w.cases["reported"].number},
        eye="dispatcher",
        page=True,
    ),
    Address(
        "desk:contact",
        STAFF_NO,
        "nobody:login lamp_contact:403 verifier:403 leader:403 own:heard *:404",
        lambda w: {**_number(w), "report_id": w.report.pk},
        eye="clerk",
    ),
    Address("desk:intake", INTAKE, INTAKE_HEARD, eye="clerk", page=True),
    Address("desk:import", INTAKE, INTAKE_HEARD, eye="clerk", page=True),
    Address("desk:import_template", INTAKE, STAFF_NO, eye="clerk"),
    Address("desk:import_draft", OWN_IMPORT, STAFF_NO, _import, eye="clerk", page=True),
    Address("desk:import_row", OWN_IMPORT, OWN_IMPORT_HEARD, lambda w: {**_import(w), "row": 2}, eye="clerk"),
    Address("desk:import_take_in", STAFF_NO, OWN_IMPORT_HEARD, _import, eye="clerk"),
    Address("desk:import_drop", STAFF_NO, OWN_IMPORT_HEARD, _import, eye="clerk"),
    Address("desk:export", STAFF_NO, STAFF_HEARD, eye="dispatcher"),
    # ── leaders ───────────────────────────────────────────────────────────────────────────────────
    Address(
        "command:today", "nobody:login dispatcher:ok supervisor:ok leader:ok *:403", STAFF_NO, eye="leader", page=True
    ),
    Address(
        "command:wall", "nobody:login dispatcher:ok supervisor:ok leader:ok *:403", STAFF_NO, eye="leader", page=True
    ),
    # ── residents ─────────────────────────────────────────────────────────────────────────────────
    Address("portal:home", EVERYBODY, NO, page=True),
    Address("portal:tour", "*:404", NO),  # open in demo homes only
    Address("portal:report", EVERYBODY, HEARD, page=True),
    Address("portal:track", EVERYBODY, HEARD, page=True),
    Address("portal:follow", EVERYBODY, NO, lambda w: {"code": w.report.tracking_code}, page=True),
    Address("portal:answer", NO, HEARD, lambda w: {"code": w.report.tracking_code, "step": "rate"}),
    Address("portal:mine", EVERYBODY, NO, page=True),
    Address("portal:problems", EVERYBODY, NO, page=True),
    Address("portal:problem", EVERYBODY, NO, _number, page=True),
    Address("portal:map", EVERYBODY, NO, page=True),
    Address("portal:who", EVERYBODY, NO, query=_point, page=True),
]


# ── Open311: errors are 404, 403 (no key) and 400 for everything else, another method too ──────────
_ALL += [
    Address("open311:discovery", EVERYBODY, "*:400"),
    Address("open311:discovery_v2", EVERYBODY, "*:400"),
    Address("open311:services", EVERYBODY, "*:400"),
    Address("open311:service", EVERYBODY, "*:400", lambda w: {"code": w.item_key}),
    Address("open311:requests", EVERYBODY, "*:403"),
    Address("open311:request", EVERYBODY, "*:400", _number),
    Address("open311:token", EVERYBODY, "*:400", lambda w: {"token": w.report.tracking_code}),
    Address("open311:updates", EVERYBODY, "*:403"),
    Address("open311:unknown", "*:404", "*:404"),
]
_ALL += [
    Address(f"gazette:{name}", get, post, args, eye=eye or "nobody", page=bool(eye))
    for name, get, post, args, eye in BULLETINS
]
_ALL += [
    Address(f"duty:{name}", get, post, args, eye=eye, page=":ok" in get) for name, get, post, args, eye in DUTY
]
_ALL += [
    Address(f"figures:{name}", get, post, args, query, eye=eye or "nobody", page=bool(eye))
    for name, get, post, args, query, eye in FIGURES
]
_ALL += [
    Address(f"rounds:{name}", get, post, args, query, eye=eye or "nobody", page=bool(eye))
    for name, get, post, args, query, eye in ROUNDS
]
_ALL += [
    Address(f"whistle:{name}", get, post, args, eye=eye or "nobody", page=bool(eye))
    for name, get, post, args, eye in WHISTLE
]
_ALL += [
    Address(name, get, post, args, eye=eye or "nobody", page=bool(eye)) for name, get, post, args, eye in OVERSIGHT
]
_ALL += [Address(f"api:{name}", get, post, args, query, eye="dispatcher") for name, get, post, args, query in REST]


# ── administrators: who of them, looks and forms, by the thing they are about ──────────────────────


NONE_THERE = "nobody:login system:404 *:403"


def _webhook(world: SimpleNamespace) -> dict[str, Any]:
    return {"endpoint_id": 0}


def _webhook_test(world: SimpleNamespace) -> dict[str, Any]:
    return {"endpoint_id": 0, "what": "test"}


def _no_key(world: SimpleNamespace) -> dict[str, Any]:
    return {"key_id": 0}


def _only(role: str, name: str, how: str, args: Args = _nothing, query: Query = _no_query) -> Address:
    """An address for one administrator. how: "page", "file" (not looked at), "form" (page and POST) or "post"."""
    ok, heard = f"nobody:login {role}:ok *:403", f"nobody:login {role}:heard *:403"
    get = STAFF_NO if how == "post" else ok
    post = heard if how in ("form", "post") else STAFF_NO
    return Address(f"admin_door:{name}", get, post, args, query, eye=role, page=how in ("page", "form"))


_ALL += [
    Address("admin_door:home", "nobody:login admins:ok *:403", STAFF_NO, eye="system", page=True),
    Address(
        "admin_door:suggest", "nobody:login admins:ok *:403", STAFF_NO, lambda w: {"source": "places"}, eye="system"
    ),
    _only("system", "divisions", "page"),
    _only("system", "division_new", "form"),
    _only("system", "divisions_import", "form"),
    _only("system", "divisions_shipped", "post"),
    _only("system", "divisions_confirm", "post"),
    _only("system", "division_borders", "form"),
    _only("system", "division", "page", lambda w: {"place_id": w.town.one.pk}),
    _only("system", "division_change", "post", lambda w: {"place_id": w.town.one.pk, "what": "edit"}),
    _only("system", "grids", "page"),
    _only("system", "borders", "file"),
    _only("system", "grids_import", "form"),
    _only("system", "grids_draw", "post"),
    _only("system", "grids_export", "file"),
    Address(
        "admin_door:grids_withdraw", STAFF_NO, "nobody:login system:404 *:403", lambda w: {"set_id": 0}, eye="system"
    ),
    _only("system", "draft", "page", _draft),
    _only("system", "draft_features", "file", _draft),
    _only("system", "draft_edit", "post", _draft),
    _only("system", "draft_again", "post", _draft),
    _only("system", "draft_publish", "post", _draft),
    _only("system", "draft_discard", "post", _draft),
    _only("system", "buildings", "page"),
    _only("system", "building_new", "form"),
    _only("system", "buildings_import", "form"),
    _only("system", "buildings_confirm", "post"),
    _only("system", "building", "form", lambda w: {"place_id": w.building.pk}),
    _only("system", "building_end", "post", lambda w: {"place_id": w.building.pk}),
    _only("system", "catalogue", "page"),
    _only("system", "item_new", "form"),
    _only("system", "item", "form", _item),
    _only("system", "item_retire", "post", _item),
    _only("system", "item_restore", "post", _item),
    _only("system", "rule_new", "form", _item),
    _only("system", "rules", "page"),
    _only("system", "rules_import", "form"),
    _only("system", "rule_set", "page", lambda w: {"set_id": w.rule.rule_set_id}),
    _only("system", "rules_draft", "page", lambda w: {"draft_id": w.rule_draft.pk}),
    _only("system", "rules_confirm", "post", lambda w: {"draft_id": w.rule_draft.pk}),
    _only("system", "rules_discard", "post", lambda w: {"draft_id": w.rule_draft.pk}),
    _only("system", "rule", "form", lambda w: {"rule_id": w.rule.pk}),
    _only("system", "rule_retire", "post", lambda w: {"rule_id": w.rule.pk}),
    Address("admin_door:calendar", "nobody:login system:elsewhere *:403", STAFF_NO, eye="system"),
    _only("system", "calendar_year", "page", _year),
    *(
        _only("system", f"calendar_{what}", "post", _year)
        for what in ("day", "mark", "seed", "hours", "import", "confirm")
    ),
    _only("system", "limits", "form"),
    _only("system", "units", "page"),
    _only("system", "unit_new", "form"),
    _only("system", "unit", "form", lambda w: {"unit_id": w.unit.pk}),
    _only("system", "unit_end", "post", lambda w: {"unit_id": w.unit.pk}),
    _only("system", "matrix", "page"),
    _only("system", "matrix_draft", "post"),
    _only("system", "matrix_edition", "page", _matrix),
    _only("system", "matrix_report", "page", _matrix),
    _only("system", "matrix_dry_run", "page", _matrix),
    _only("system", "matrix_activate", "post", _matrix),
    _only("system", "matrix_discard", "post", _matrix),
    _only("system", "matrix_rule_new", "form", _matrix),
    _only("system", "matrix_rule", "form", lambda w: {**_matrix(w), "rule_id": w.matrix_rule.pk}),
    _only("system", "matrix_rule_remove", "post", lambda w: {**_matrix(w), "rule_id": w.matrix_rule.pk}),
    _only("system", "notices", "form"),
    _only("system", "notice_channel", "form", lambda w: {"code": "mail"}),
    _only("system", "notice_channel_change", "post", lambda w: {"code": "mail", "what": "close"}),
    _only("system", "notice_deliveries", "page"),
    _only("system", "notice_retry", "post"),
    _only("system", "notice_wordings", "page"),
    _only("system", "notice_wording", "form", lambda w: {"kind": "case.closed", "side": "reporter", "language": "en"}),
    _only("system", "notice_units", "form"),
    _only("system", "notice_unit", "form", lambda w: {"unit_id": w.town.lamps.pk}),
    _only("system", "operations", "page"),
    _only("system", "deliveries", "page"),
    _only("system", "deliveries_retry", "post"),
    _only("system", "webhooks", "page"),
    _only("system", "webhook_new", "form"),
    Address("admin_door:webhook", NONE_THERE, NONE_THERE, _webhook, eye="system"),
    Address("admin_door:webhook_change", STAFF_NO, NONE_THERE, _webhook_test, eye="system"),
    # sheets of units and of the matrix are the system administrator's, those of posts the security administrator's
    Address(
        "admin_door:matrix_sheet",
        "nobody:login system:ok *:403",
        "nobody:login system:heard *:403",
        _matrix,
        eye="system",
        page=True,
    ),
    _only("system", "sheet_upload", "form", lambda w: {"kind": "units"}),
    Address("admin_door:sheet", "nobody:login system:ok security:404 *:403", STAFF_NO, _sheet, eye="system", page=True),
    Address("admin_door:sheet_confirm", STAFF_NO, "nobody:login system:heard security:404 *:403", _sheet, eye="system"),
    Address("admin_door:sheet_discard", STAFF_NO, "nobody:login system:heard security:404 *:403", _sheet, eye="system"),
    _only("security", "posts", "page"),
    _only("security", "post_new", "form"),
    _only("security", "kinds", "page"),
    _only("security", "kind", "form", lambda w: {"code": "grid_worker"}),
    _only("security", "post", "form", _post),
    _only("security", "post_change", "post", lambda w: {**_post(w), "what": "end"}),
    _only("security", "accounts", "page"),
    _only("security", "account_new", "form"),
    _only("security", "account", "form", lambda w: {"account_id": w.account.pk}),
    _only("security", "account_change", "post", lambda w: {"account_id": w.account.pk, "what": "password"}),
    _only("security", "policy", "form"),
    _only("security", "keys", "page"),
    _only("security", "key_new", "form"),
    Address(
        "admin_door:key_rotate",
        "nobody:login security:404 *:403",
        "nobody:login security:404 *:403",
        _no_key,
        eye="security",
    ),
    Address("admin_door:key_revoke", STAFF_NO, "nobody:login security:404 *:403", _no_key, eye="security"),
    _only("security", "persons", "form"),
    _only("security", "retention", "form"),
    _only("audit", "journal", "page"),
    _only("audit", "journal_verify", "form"),
    _only("audit", "journal_export", "file"),
    _only("audit", "access", "page"),
]
# ── the first set-up: closed in a house that has its administrators; its own tests walk an empty house ──
_ALL += [
    Address("setup:home", "*:404", NO),
    *(
        Address(f"setup:{name}", "*:404", "*:404")
        for name in (
            "administrators",
            "district",
            "divisions",
            "units",
            "posts",
            "catalogue",
            "calendar",
            "finish",
        )
    ),
    Address("setup:grids", "*:404", NO),
    Address("setup:skip", NO, "*:404", lambda w: {"key": "units"}),
    Address("setup:away", "*:404", NO, lambda w: {"key": "units"}),
]
ADDRESSES: dict[str, Address] = {address.name: address for address in _ALL}
PAGES = [address for address in _ALL if address.page]


def names_in_the_house() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The name of every address the resolver knows, with the converters of its arguments."""
    yield from _names(get_resolver(), ())


def _names(resolver: URLResolver, spaces: tuple[str, ...]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver):
            yield from _names(part, (*spaces, part.namespace) if part.namespace else spaces)
        elif isinstance(part, URLPattern):
            yield ":".join((*spaces, part.name or f"without a name: {part.pattern}")), part.pattern.converters
