"""Catalogue, filing rules, grids and buildings over REST: changed by whom it is allowed to, refused in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
import shapely
from django.test import Client

from linli.doors.api.tests.conftest import PREFIX, Machine
from linli.doors.api.tests.test_administering import refused_without
from linli.kernel.journal.models import Entry
from linli.rooms.cases.tests.fixtures import IN_A, LAMP, SIDE, SOUTH, WEST
from linli.rooms.catalogue import queries as catalogue
from linli.rooms.places.models import GridSet, Place

pytestmark = pytest.mark.django_db
Make = Callable[..., Machine]
RULE = {"condition": "灯不亮", "closing_condition": "修复，恢复照明", "limit": "4工作时"}


@pytest.fixture(autouse=True)
def _forget():
    yield
    catalogue.expire()


def grids_file(*names: str) -> BytesIO:
    """Community one cut into strips of these names."""
    wide = SIDE / len(names)
    features = [
        {
            "type": "Feature",
            "properties": {"name": name, "community": "430212100001"},
            "geometry": json.loads(
                shapely.to_geojson(shapely.box(WEST + n * wide, SOUTH, WEST + (n + 1) * wide, SOUTH + SIDE))
            ),
        }
        for n, name in enumerate(names)
    ]
    file = BytesIO(json.dumps({"type": "FeatureCollection", "features": features}).encode())
    file.name = "grids.geojson"
    return file


def test_a_local_item_comes_changes_goes_and_comes_back(town, machine: Make):
    one = machine("configure")
    made = one.post(
        "/items", {"class": "M06", "name_zh": "共享单车占道", "synonyms": ["单车乱停"]}, Idempotency_Key="i"
    )
    assert made.status_code == 201, made.content
    key = made.json()["key"]
    assert key.startswith("M06") and made["Location"].endswith(key)
    changed = one.patch(f"/items/{key}", {"synonyms": ["单车乱停", "车挡路"]}, If_Match=made["ETag"])
    assert changed.status_code == 200 and changed.json()["synonyms"] == ["单车乱停", "车挡路"]
    late = one.patch(f"/items/{key}", {"danger": True}, If_Match=made["ETag"])
    assert late.status_code == 412 and late.json()["code"] == "LL-4120"
    assert one.patch(f"/items/{LAMP}", {"name_zh": "别的名"}).json()["reason"] == "catalogue.standard_name"
    assert one.post(f"/items/{key}/retire", {"successor": LAMP}).json()["active"] is False
    assert one.post(f"/items/{key}/restore").json()["active"] is True
    assert one.get(f"/items/{key}").json()["version"] == 4
    entries = Entry.objects.filter(object_type="item", object_id=key)
    assert set(entries.values_list("actor_name", flat=True)) == {"configure"}


def test_filing_rules_are_added_corrected_and_ended(town, machine: Make):
    one = machine("configure")
    before = one.get(f"/items/{LAMP}/rules").json()["items"]
    made = one.post(f"/items/{LAMP}/rules", RULE, Idempotency_Key="r")
    assert made.status_code == 201 and made.json()["limit"] == {"amount": 4, "unit": "working_hours"}
    again = one.post(f"/items/{LAMP}/rules", RULE, Idempotency_Key="r")
    assert again.json()["id"] == made.json()["id"]
    path = f"/rules/{made.json()['id']}"
    corrected = one.post(f"{path}/correct", RULE | {"limit": "2工作日"})
    assert corrected.status_code == 201 and corrected.json()["limit"]["unit"] == "working_days"
    assert one.post(f"{path}/correct", RULE).status_code == 409
    refused = one.post(f"/items/{LAMP}/rules", RULE | {"limit": "很快"})
    assert refused.status_code == 422 and refused.json()["field"] == "limit"
    left = one.post(f"/rules/{corrected.json()['id']}/end").json()["items"]
    assert [row["id"] for row in left] == [row["id"] for row in before]


def test_grids_are_previewed_with_their_problems_and_published_at_a_day(town, machine: Make):
    one = machine("configure")
    read = one.upload("/grids/drafts?system=wgs84&note=换届", file=grids_file("东一网格", "西一网格"))
    assert read.status_code == 201, read.content
    draft = read.json()
    assert draft["state"] == "draft" and draft["counts"]["new"] == 2 and draft["counts"]["retiring"] == 1
    assert all(problem["message"] and problem["severity"] == "warning" for problem in draft["problems"])
    path = f"/grids/drafts/{draft['id']}"
    assert one.get(path).json()["problems"] == draft["problems"]
    if draft["warnings"]:
        assert one.post(f"{path}/publish", {}).json()["reason"] == "places.draft_has_warnings"
    body = {"effective_from": "2999-01-01", "accept_warnings": True}
    assert one.post(f"{path}/publish", body, If_Match='"77"').status_code == 412
    done = one.post(f"{path}/publish", body, If_Match=read["ETag"], Idempotency_Key="p")
    assert done.status_code == 200 and done.json()["state"] == "published", done.content
    assert one.post(f"{path}/publish", body).status_code == 409
    assert one.get("/grids/versions").json()["items"][0]["effective_from"] == "2999-01-01"
    assert one.post(f"/grids/versions/{draft['id']}/withdraw").json()["state"] == "withdrawn"
    assert Entry.objects.get(action="grids.published").actor_name == "configure"


def test_a_draft_is_given_up_and_what_is_no_geojson_is_refused(town, machine: Make):
    one = machine("configure")
    draft = one.upload("/grids/drafts", file=grids_file("全一网格")).json()
    assert one.delete(f"/grids/drafts/{draft['id']}").status_code == 204
    assert GridSet.objects.get(pk=draft["id"]).state == "withdrawn"
    assert one.delete(f"/grids/drafts/{draft['id']}").status_code == 409
    assert one.upload("/grids/drafts", file=BytesIO(b"{")).status_code == 422
    assert one.upload("/grids/drafts").status_code in (400, 415, 422)


def test_a_building_stands_in_the_grid_around_its_point_until_it_is_pulled_down(town, machine: Make):
    one = machine("configure")
    made = one.post("/buildings", {"name": "3栋", "lng": IN_A[0], "lat": IN_A[1], "floors": 6}, Idempotency_Key="b")
    assert made.status_code == 201 and made.json()["parent_id"] == town.grid_a.pk, made.content
    assert one.post("/buildings", {"name": "4栋"}).json()["reason"] == "places.no_position"
    assert one.post("/buildings", {"name": "4栋", "parent": 999_999}).json()["code"] == "LL-42211"
    assert one.post(f"/buildings/{made.json()['id']}/end", {"valid_to": "2999-01-01"}).status_code == 200
    assert str(Place.objects.get(pk=made.json()["id"]).valid_to) == "2999-01-01"
    assert one.post(f"/buildings/{town.grid_a.pk}/end").status_code == 404


ASKS: dict[str, Callable[[Machine], Any]] = {
    "item": lambda m: m.post("/items", {"class": "M06", "name_zh": "共享单车占道"}),
    "words": lambda m: m.patch(f"/items/{LAMP}", {"synonyms": ["灯"]}),
    "retire": lambda m: m.post(f"/items/{LAMP}/retire"),
    "restore": lambda m: m.post(f"/items/{LAMP}/restore"),
    "rule": lambda m: m.post(f"/items/{LAMP}/rules", RULE),
    "correct": lambda m: m.post("/rules/1/correct", RULE),
    "end": lambda m: m.post("/rules/1/end"),
    "import": lambda m: m.upload("/grids/drafts", file=grids_file("全一网格")),
    "draft": lambda m: m.get("/grids/drafts/1"),
    "versions": lambda m: m.get("/grids/versions"),
    "publish": lambda m: m.post("/grids/drafts/1/publish"),
    "discard": lambda m: m.delete("/grids/drafts/1"),
    "withdraw": lambda m: m.post("/grids/versions/1/withdraw"),
    "building": lambda m: m.post("/buildings", {"name": "3栋", "lng": IN_A[0], "lat": IN_A[1]}),
    "building_end": lambda m: m.post("/buildings/1/end"),
}


@pytest.mark.parametrize("name", list(ASKS))
def test_only_the_scope_configure_configures(town, machine: Make, name: str):
    refused_without(machine, "configure", ASKS[name])


def test_of_people_only_the_system_administrator_configures(town):
    body = {"class": "M06", "name_zh": "共享单车占道"}
    for name in town.accounts:
        client = Client()
        client.force_login(town.accounts[name])
        answer = client.post(f"{PREFIX}/items", body, content_type="application/json")
        assert answer.status_code == (201 if name == "system" else 403), name
