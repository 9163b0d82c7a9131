"""Every address for machines with every kind of key: exactly what the table says, and nothing of another place."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from linli.kernel.authority import SystemAuthority
from linli.rooms.people import actions
from tests import canary
from tests.addresses import ADDRESSES

KEYS = ("none", "unknown", "report", "read", "steps", "manage", "elsewhere", "revoked")
"""Without a key, with an invented one, one of each scope, one of all scopes for another place, one taken back."""
MACHINES = [name for name in ADDRESSES if name.partition(":")[0] in ("api", "open311", "ogc")]
# In the order of KEYS.
OPEN = "200 200 200 200 200 200 200 200"
NO = "405 405 405 405 405 405 405 405"
NOTHING = "404 404 404 404 404 404 404 404"
BAD = "400 400 400 400 400 400 400 400"
ANY_KEY = "401 401 200 200 200 200 200 401"
CASE = "401 401 403 200 200 200 404 401"
NO_KEY = "401 401 403 403 403 403 403 401"  # scopes configure and appoint have a walk of their own, in the door
EXPORT = "401 401 403 403 403 200 200 401"
NEEDS_FIELDS = "401 401 422 422 422 422 422 401"
TABLE: dict[str, tuple[str, str]] = {  # GET, POST without anything in it
    "ogc:landing": (OPEN, NO),
    "ogc:conformance": (OPEN, NO),
    "ogc:api": (OPEN, NO),
    "ogc:collections": (OPEN, NO),
    "ogc:collection": (OPEN, NO),
    "ogc:items": ("200 401 403 200 200 200 200 401", NO),
    "ogc:item": ("200 401 403 200 200 200 404 401", NO),
    "ogc:nothing": (NOTHING, NO),
    "open311:discovery": (OPEN, BAD),
    "open311:discovery_v2": (OPEN, BAD),
    "open311:services": (OPEN, BAD),
    "open311:service": (OPEN, BAD),
    "open311:requests": ("200 403 200 200 200 200 200 403", "403 403 400 403 403 403 400 403"),
    "open311:request": ("200 403 200 200 200 200 404 403", BAD),
    "open311:token": (OPEN, BAD),
    "open311:updates": ("200 403 200 200 200 200 200 403", "403 403 403 403 400 400 400 403"),
    "open311:unknown": (NOTHING, NOTHING),
    "api:openapi": (OPEN, NO),
    "api:problems": (OPEN, NO),
    "api:problem": (OPEN, NO),
    "api:unknown": (NOTHING, NOTHING),
    "api:me": (ANY_KEY, NO),
    "api:photos": (NO, "415 415 415 415 415 415 415 415"),
    "api:cases": ("401 401 403 200 200 200 200 401", "401 401 422 403 403 403 422 401"),
    "api:facets": ("401 401 403 200 200 200 200 401", NO),
    "api:cases_csv": (EXPORT, NO),
    "api:cases_xlsx": (EXPORT, NO),
    "api:cases_geojson": (EXPORT, NO),
    "api:near": (ANY_KEY, NO),
    "api:case": (CASE, NO),
    "api:join": (NO, "401 401 422 403 403 403 403 401"),
    "api:timeline": (CASE, NO),
    "api:case_photos": (CASE, NO),
    "api:case_reports": (CASE, NO),
    "api:steps": (CASE, NO),
    "api:step": (NO, "401 401 403 403 422 403 404 401"),
    "api:places": (ANY_KEY, NO),
    "api:locate": (ANY_KEY, NO),
    "api:places_geojson": (ANY_KEY, NO),
    "api:place": (ANY_KEY, NO),
    "api:place_geojson": (ANY_KEY, NO),
    "api:my_reports": (ANY_KEY, NO),
    "api:report": ("200 401 200 200 200 200 200 401", NO),
    "api:report_step": (NO, "422 401 422 422 422 422 422 401"),
    "api:post_kinds": (ANY_KEY, NO),
    "api:posts": (ANY_KEY, "422 422 422 422 422 422 422 422"),  # its address has a query, which no POST takes
    "api:posts_held": (NO_KEY, NO),
    "api:post": ("401 401 404 404 404 404 404 401", NO),
    "api:post_end": (NO, NO_KEY),
    "api:post_replace": (NO, NEEDS_FIELDS),
    "api:post_deputy": (NO, NEEDS_FIELDS),
    "api:post_back": (NO, NO_KEY),
    "api:units": (ANY_KEY, NEEDS_FIELDS),
    "api:unit": (ANY_KEY, NO),
    "api:unit_end": (NO, NO_KEY),
    "api:answerable": ("401 401 403 200 403 403 200 401", NO),
    "api:classes": (ANY_KEY, NO),
    "api:items": (ANY_KEY, NEEDS_FIELDS),
    "api:suggest": (ANY_KEY, NO),
    "api:item": (ANY_KEY, NO),
    "api:item_rules": (ANY_KEY, NEEDS_FIELDS),
    "api:item_retire": (NO, NO_KEY),
    "api:item_restore": (NO, NO_KEY),
    "api:rule_correct": (NO, NEEDS_FIELDS),
    "api:rule_end": (NO, NO_KEY),
    "api:grid_versions": (NO_KEY, NO),
    "api:grid_drafts": (NO, "415 415 415 415 415 415 415 415"),
    "api:grid_draft": (NO_KEY, NO),
    "api:grid_publish": (NO, NO_KEY),
    "api:grid_withdraw": (NO, NO_KEY),
    "api:buildings": (NO, NEEDS_FIELDS),
    "api:building_end": (NO, NO_KEY),
}


@pytest.fixture(scope="module")
def secrets(world: SimpleNamespace) -> dict[str, str]:
    def made(name: str, scopes: list[str], **more: Any) -> tuple[Any, str]:
        return actions.create_key(SystemAuthority(), name=name, scopes=scopes, per_minute=100_000, **more)

    found = {"none": "", "unknown": "linli_abcdefgh_" + "x" * 43}
    found |= {scope: made(scope, [scope])[1] for scope in ("report", "read", "steps", "manage")}
    found["elsewhere"] = made("elsewhere", ["report", "read", "steps", "manage"], place_id=world.town.two.pk)[1]
    key, found["revoked"] = made("revoked", ["read"])
    actions.revoke_key(SystemAuthority(), key.pk)
    return found


def ask(world: SimpleNamespace, name: str, method: str, secret: str) -> str:
    headers = {"Authorization": f"Bearer {secret}", "X-API-Key": secret} if secret else {}
    client = Client(raise_request_exception=False, headers=headers)
    url = ADDRESSES[name].url(world)
    mark = transaction.savepoint()
    try:
        if method == "GET":
            answer = client.get(url)
        elif name.startswith("api:"):
            answer = client.post(url, "{}", content_type="application/json")
        else:
            answer = client.post(url, {"api_key": secret})
        assert canary.seen_by("machine", url, answer) == []
        return str(answer.status_code)
    finally:
        transaction.savepoint_rollback(mark)


def test_every_address_for_machines_stands_in_the_table():
    assert sorted(MACHINES) == sorted(TABLE)


@pytest.mark.parametrize("name", MACHINES)
def test_each_key_gets_what_the_table_says(world: SimpleNamespace, secrets: dict[str, str], name: str):
    got = tuple(" ".join(ask(world, name, method, secrets[key]) for key in KEYS) for method in ("GET", "POST"))
    assert got == TABLE[name]
