"""What the door for geographic systems promises: the standard's answers, only public facts, pages that hold still."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client
from django.utils.http import urlencode

from linli.kernel import clock
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import IN_A, IN_B, SIDE, SOUTH, WEST, reported
from linli.rooms.cases.tests.walking import walk
from linli.rooms.places import atlas
from linli.rooms.places.models import Boundary, Building, Place

pytestmark = pytest.mark.django_db
SECRETS = ("13800001234", "王某某", "reporter", "contact", "handler", "routing", "tokens", "owner_post")


def get(path: str, **query: Any) -> dict[str, Any]:
    answer = Client().get(f"/ogc{path}", query)
    assert answer.status_code == 200, answer.content
    return dict(json.loads(answer.content))


def items(name: str, **query: Any) -> dict[str, Any]:
    return get(f"/collections/{name}/items", **query)


def ids(name: str, **query: Any) -> list[Any]:
    return [feature["id"] for feature in items(name, **query)["features"]]


def href(body: dict[str, Any], rel: str) -> str:
    found = [link["href"] for link in body["links"] if link["rel"] == rel]
    return str(found[0]) if found else ""


@pytest.fixture
def told(town):
    """Three public cases (two in grid A, one in B), one not yet accepted, one that is not public."""
    moments = [dt.datetime(2026, 11, day, 2, 30, tzinfo=dt.UTC) for day in (2, 5, 9, 12, 15)]
    spots = [IN_A, IN_A, IN_B, IN_A, IN_A]
    cases = []
    for moment, spot in zip(moments, spots, strict=True):
        with clock.at(moment):
            cases.append(reported(town, lng=spot[0], lat=spot[1]))
    town.cases = cases
    for case in [*cases[:3], cases[4]]:
        walk(case, town, None, "accept")
    Case.objects.filter(pk=cases[4].pk).update(is_public=False)
    return town


@pytest.fixture
def blocks(town):
    """Two buildings of grid A; the second has no point."""
    found = []
    for number in (1, 2):
        place = Place.objects.create(
            kind="building", name_zh=f"{number}号楼", parent=town.grid_a, valid_from=dt.date(2020, 1, 1)
        )
        lng, lat = IN_A if number == 1 else (None, None)
        Building.objects.create(place=place, address="某路 1 号 王某某", lng=lng, lat=lat, managed_by="王某某")
        found.append(place)
    return found


def test_the_landing_page_leads_everywhere_a_client_has_to_go(town) -> None:
    page = get("")
    for rel in ("self", "service-desc", "conformance", "data"):
        answer = Client().get(href(page, rel))
        assert answer.status_code == 200, rel
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert answer["Content-Type"] == next(link["type"] for link in page["links"] if link["rel"] == rel)
    assert set(get("/conformance")["conformsTo"]) == {
        f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "geojson", "oas30")
    }
    for collection in get("/collections")["collections"]:
        assert Client().get(href(collection, "self")).json() == collection
        assert Client().get(href(collection, "items")).status_code == 200


def test_clients_find_the_page_size_where_they_look_for_it(town) -> None:
    schema = get("/api")["components"]["parameters"]["limit"]["schema"]
    assert (schema["minimum"], schema["maximum"], schema["default"]) == (1, 1_000, 100)


def test_grids_carry_their_border_of_today_and_everything_above_them(town) -> None:
    page = items("grids")
    assert page["numberMatched"] == page["numberReturned"] == 2
    first = page["features"][0]
    assert first["properties"]["code"] == "430212100001001"
    assert first["properties"]["community_name"] == "甲社区"
    assert first["properties"]["street_code"] == "430212100000"
    assert first["geometry"]["type"] == "Polygon"
    one = get(f"/collections/grids/items/{first['id']}")
    assert one["properties"] == first["properties"]
    assert Client().get(href(one, "collection")).status_code == 200


def test_a_grid_is_found_on_the_days_of_its_life_only(town) -> None:
    today = atlas.today()
    old = Place.objects.create(
        kind="grid", name_zh="旧网格", parent=town.one, code="430212100001009",
        valid_from=dt.date(2015, 1, 1), valid_to=dt.date(2018, 1, 1),
    )  # fmt: skip
    border = Boundary.objects.get(place=town.grid_a)
    Boundary.objects.create(
        place=old, polygon=border.polygon, area_m2=5, valid_from=dt.date(2015, 1, 1), valid_to=dt.date(2018, 1, 1)
    )
    atlas.forget()
    now, gone = {town.grid_a.pk, town.grid_b.pk}, {old.pk}
    for asked, expected in {
        "2016-05-01": gone,
        "2016-05-01T00:00:00Z": gone,
        "2017-12-31": gone,
        "2018-01-01": set(),
        "2017-12-31T16:00:00Z": set(),  # already the first of January in China
        "2019-01-01": set(),
        f"{today}": now,
        "2016-01-01/2021-01-01": now | gone,
        "../2019-01-01": gone,
        "2019-01-01/..": now,
        "/2019-01-01": gone,
        "2019-01-01/": now,
        "../..": now | gone,
        "9999-01-01": now,
    }.items():
        assert set(ids("grids", datetime=asked)) == expected, asked
        box = f"{WEST},{SOUTH},{WEST + SIDE / 2},{SOUTH + SIDE}"  # grid A alone
        assert set(ids("grids", datetime=asked, bbox=box)) == expected - {town.grid_b.pk}, asked
    assert get(f"/collections/grids/items/{old.pk}")["geometry"] is not None


def test_a_box_takes_what_touches_it(told, blocks) -> None:
    a, b = (told.cases[n].number for n in (1, 2))
    of_a = {told.cases[0].number, a}
    west, east = WEST + SIDE * 0.9, WEST + SIDE * 1.9
    for box, grids, cases in (
        (f"{WEST},{SOUTH},{WEST + SIDE * 0.9},{SOUTH + SIDE}", {told.grid_a.pk}, of_a),
        (f"{west},{SOUTH},{east},{SOUTH + SIDE}", {told.grid_a.pk, told.grid_b.pk}, {b}),
        (f"{IN_A[0]},{IN_A[1]},{IN_A[0]},{IN_A[1]}", {told.grid_a.pk}, of_a),
        (f"{IN_A[0] - 1e-4},{IN_A[1] - 1e-4},0,{IN_A[0] + 1e-4},{IN_A[1] + 1e-4},99", {told.grid_a.pk}, of_a),
        ("170,-10,-170,10", set(), set()),
        ("112,-90,-170,90", {told.grid_a.pk, told.grid_b.pk}, {*of_a, b}),
        ("-180,-90,180,90", {told.grid_a.pk, told.grid_b.pk}, {*of_a, b}),
    ):
        assert set(ids("grids", bbox=box)) == grids, box
        assert set(ids("cases", bbox=box)) == cases, box
    assert ids("buildings") == [block.pk for block in blocks]
    assert ids("buildings", bbox="113,27,114,28") == [blocks[0].pk]


def test_cases_are_found_by_the_time_they_were_reported(told) -> None:
    first, second, third = (case.number for case in told.cases[:3])
    for asked, expected in {
        "2026-11-05": [second],
        "2026-11-05T02:30:00Z": [second],
        "2026-11-05T10:30:00+08:00": [second],
        "2026-11-05T02:30:00.123456789Z": [second],
        "2026-11-05T02:30:01Z": [],
        "2026-11-02T02:30:00Z/2026-11-05T02:30:00Z": [second, first],
        "2026-11-02T02:30:01Z/..": [third, second],
        "../2026-11-05": [second, first],
        "2026-11-04T16:00:00Z/2026-11-05T15:59:59Z": [second],
        "../..": [third, second, first],
    }.items():
        assert ids("cases", datetime=asked) == expected, asked


def test_the_public_sees_public_cases_and_nobody_behind_them(told, blocks) -> None:
    Case.objects.filter(pk=told.cases[0].pk).update(description="灯不亮，请回电 13800001234")
    page = items("cases")
    assert [f["id"] for f in page["features"]] == [told.cases[n].number for n in (2, 1, 0)]
    told_all = json.dumps(page, ensure_ascii=False) + json.dumps(items("buildings"), ensure_ascii=False)
    assert not [word for word in SECRETS if word in told_all]
    assert "address" not in page["features"][0]["properties"]
    for hidden in told.cases[3:]:
        assert Client().get(f"/ogc/collections/cases/items/{hidden.number}").status_code == 404
    shown = get(f"/collections/cases/items/{told.cases[0].number}")
    assert "13800001234" not in json.dumps(shown) and href(shown, "alternate").endswith(
        f"/problems/{told.cases[0].number}/"
    )


def test_being_signed_in_shows_nothing_more_here(told) -> None:
    client = Client()
    client.force_login(told.accounts["dispatcher"])
    assert client.get("/ogc/collections/cases/items").json()["numberMatched"] == 3


def test_pages_hold_still_while_cases_come_in(told) -> None:
    seen: list[str] = []
    url = "/ogc/collections/cases/items?" + urlencode({"limit": 1, "bbox": "113,27,114,28"})
    while url:
        page = Client().get(url).json()
        seen += [feature["id"] for feature in page["features"]]
        url = href(page, "next")
        walk(reported(told), told, None, "accept")
    assert seen == [told.cases[n].number for n in (2, 1, 0)]
    first = items("grids", limit=1)
    second = Client().get(href(first, "next")).json()
    assert [f["id"] for p in (first, second) for f in p["features"]] == [told.grid_a.pk, told.grid_b.pk]
    assert not href(second, "next") and second["numberMatched"] == 2


def test_very_many_are_counted_once_and_not_for_every_box(told, monkeypatch) -> None:
    from django.core.cache import cache

    from linli.rooms.cases.queries import features

    cache.clear()
    monkeypatch.setattr(features, "COUNT_AT_MOST", 2)
    first = items("cases", limit=1)
    assert first["numberMatched"] == 3 == Client().get(href(first, "next")).json()["numberMatched"]
    boxed = items("cases", bbox="113,27,114,28")
    assert "numberMatched" not in boxed and boxed["numberReturned"] == 3
    assert "numberMatched" not in items("cases", datetime="2026-11-01/..")
    cache.clear()


def test_a_page_over_the_most_is_cut_to_the_most(told) -> None:
    assert items("cases", limit=10_001)["numberReturned"] == 3
    assert items("cases", limit=10**17)["numberReturned"] == 3


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=-1", "limit=x", "limit=1.5", "limit=", "limit=99999999999999999999", "limit=%D9%A1",
        "limit=1&limit=2", "bbox=", "bbox=1,2,3", "bbox=1,2,3,4,5", "bbox=a,b,c,d", "bbox=nan,0,1,1",
        "bbox=0,0,inf,1", "bbox=1e999,0,1,1", "bbox=0,1,1,0", "bbox=-181,0,0,1", "bbox=0,-91,0,1", "bbox=0,0,1,1_0",
        "bbox=0,0,1,1&bbox=0,0,2,2", "bbox=0,0,1,1&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/3857",
        "crs=http://www.opengis.net/def/crs/EPSG/0/4326", "datetime=", "datetime=yesterday", "datetime=2026",
        "datetime=2026-02-30", "datetime=2026-11-22T25:00:00Z", "datetime=2026-11-22T10:00:00",
        "datetime=2026-11-22/2026-11-01", "datetime=a/b", "datetime=1/2/3", "datetime=9999-12-31",
        "datetime=0001-01-01T00:00:00%2B14:00", "datetime=9999-12-31T23:59:59-14:00", "datetime=//",
        "cursor=", "cursor=abc", "cursor=-1", "cursor=1.2.3", "cursor=99999999999999999999", "offset=3", "foo=bar",
        "f=html", "f=%00xml", "%FF%FE=1", "geom=1", "filter=1%3D1", "limit=10%00x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["grids", "buildings", "cases"])
def test_what_cannot_be_read_is_refused_with_words(town, name: str, query: str) -> None:
    answer = Client().get(f"/ogc/collections/{name}/items?{query}")
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["code"] and body["description"]


def test_the_oldest_and_the_latest_days_are_only_days(town) -> None:
    for name in ("grids", "buildings", "cases"):
        for asked in ("0001-01-02", "9999-12-30", "0001-01-02/9999-12-30", "0001-01-02T00:00:00Z"):
            assert "features" in items(name, datetime=asked, bbox="0,0,180,90")


@pytest.mark.parametrize(
    "path",
    [
        "/collections/people", "/collections/people/items", "/collections/cases/items/20200101-999999",
        "/collections/cases/items/1", "/collections/grids/items/0", "/collections/grids/items/abc",
        "/collections/grids/items/99999999999999999999999", "/collections/buildings/items/9223372036854775808",
        "/nowhere", "/collections/", "/collections/grids/items/1/2", "/collections/grids/items/999999999999999999",
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_in_json(town, path: str) -> None:
    answer = Client().get(f"/ogc{path}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "NotFound"
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_a_grid_is_no_building_and_a_street_no_grid(town) -> None:
    for name, place in (("buildings", town.grid_a), ("grids", town.street)):
        assert Client().get(f"/ogc/collections/{name}/items/{place.pk}").status_code == 404


def test_nothing_can_be_written_and_other_pages_may_ask(town) -> None:
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(Client(enforce_csrf_checks=True), method)("/ogc/collections/cases/items")
        assert answer.status_code == 405 and answer["Allow"] == "GET, HEAD, OPTIONS"
    asked = Client().options("/ogc/collections/cases/items")
    assert asked.status_code == 204 and "Authorization" in asked["Access-Control-Allow-Headers"]
    assert Client().head("/ogc/collections").status_code == 200


def test_what_has_not_changed_is_not_sent_again(told) -> None:
    for path in ("", "/api", "/collections", "/collections/grids/items", "/collections/cases/items"):
        with clock.at(dt.datetime(2026, 11, 20, 3, tzinfo=dt.UTC)):
            first = Client().get(f"/ogc{path}")
        with clock.at(dt.datetime(2026, 11, 20, 3, 0, 5, tzinfo=dt.UTC)):
            again = Client().get(f"/ogc{path}", headers={"If-None-Match": first["ETag"]})
        assert again.status_code == 304 and not again.content, path
        assert again["ETag"] == first["ETag"] and "public" in first["Cache-Control"]
    Case.objects.filter(pk=told.cases[0].pk).update(report_count=2)
    assert Client().get("/ogc/collections/cases/items", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_a_page_costs_the_same_few_queries_whatever_its_size(told, blocks, django_assert_max_num_queries) -> None:
    items("cases")
    for name, most in (("cases", 3), ("grids", 4), ("buildings", 4)):
        for limit in (1, 1000):
            with django_assert_max_num_queries(most):
                items(name, limit=limit, bbox="113,27,114,28")
