"""Vector tiles: what is drawn lies where it is, belongs to who may see it, and is not drawn twice for nothing."""

from __future__ import annotations

import math
from typing import Any

import mapbox_vector_tile
import pytest
from django.core.cache import cache
from django.test import Client

from linli.kernel.geo.vector_tiles import EXTENT, Tile
from linli.rooms.cases.models import Case
from linli.rooms.cases.queries import tiles
from linli.rooms.cases.tests.fixtures import IN_A, IN_B, SIDE, SOUTH, WEST, reported
from linli.rooms.cases.tests.walking import walk
from linli.rooms.places import atlas
from linli.rooms.places.models import Revision

pytestmark = pytest.mark.django_db


def around(lng: float, lat: float, z: int) -> Tile:
    side = 1 << z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * side
    return Tile(z, int((lng + 180) / 360 * side), int(y))


def url(kind: str, tile: Tile) -> str:
    return f"/tiles/{kind}/{tile.z}/{tile.x}/{tile.y}.mvt"


def drawn(kind: str, tile: Tile, client: Client | None = None) -> dict[str, Any]:
    answer = (client or Client()).get(url(kind, tile))
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/vnd.mapbox-vector-tile"
    return dict(mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True}))


def degrees(tile: Tile, x: float, y: float) -> tuple[float, float]:
    side = 1 << tile.z
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (tile.y + y / EXTENT) / side))))
    return (tile.x + x / EXTENT) / side * 360 - 180, lat


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    cache.clear()


@pytest.fixture
def told(town):
    """Accepted public cases in both grids, and one that nobody has accepted yet."""
    town.a = walk(reported(town, lng=IN_A[0], lat=IN_A[1]), town, None, "accept")
    town.b = walk(reported(town, lng=IN_B[0], lat=IN_B[1]), town, None, "accept")
    town.new = reported(town, lng=IN_A[0], lat=IN_A[1])
    return town


def numbers(tile: dict[str, Any]) -> set[str]:
    return {f["properties"]["number"] for f in tile.get("cases", {"features": []})["features"]}


def test_grids_lie_in_the_tile_where_they_lie_on_the_ground(town) -> None:
    tile = around(*IN_A, 13)
    layers = drawn("grids", tile)
    found = {f["properties"]["code"]: f for f in layers["grids"]["features"]}
    ring = found["430212100001001"]["geometry"]["coordinates"][0]
    corners = [degrees(tile, x, y) for x, y in ring]
    step = 360 / (1 << tile.z) / EXTENT
    west, south, east, north = (pick(c[i] for c in corners) for pick, i in ((min, 0), (min, 1), (max, 0), (max, 1)))
    bounds = tile.bounds(80)
    assert west == pytest.approx(max(WEST, bounds[0]), abs=3 * step)
    assert east == pytest.approx(min(WEST + SIDE, bounds[2]), abs=3 * step)
    assert south == pytest.approx(max(SOUTH, bounds[1]), abs=3 * step)
    assert north == pytest.approx(min(SOUTH + SIDE, bounds[3]), abs=3 * step)
    assert found["430212100001001"]["properties"]["name"] == "甲一网格"


def test_a_grid_is_named_in_one_tile_only(town) -> None:
    first = around(WEST, SOUTH + SIDE, 15)
    named: list[str] = []
    for x in range(first.x - 1, first.x + 4):
        for y in range(first.y - 1, first.y + 4):
            features = drawn("grids", Tile(15, x, y)).get("names", {"features": []})["features"]
            named += [f["properties"]["code"] for f in features]
    assert sorted(named) == ["430212100001001", "430212100002001"]


def test_grids_are_sent_again_only_after_they_changed(town) -> None:
    address = url("grids", around(*IN_A, 13))
    first = Client().get(address)
    again = Client().get(address, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304 and not again.content and "public" in again["Cache-Control"]
    Revision.objects.update(number=first_revision() + 1)
    atlas.forget()
    changed = Client().get(address, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200 and changed["ETag"] != first["ETag"]


def first_revision() -> int:
    return Revision.objects.get().number


def test_the_public_tile_shows_what_the_public_map_shows(told) -> None:
    tile = drawn("cases", around(*IN_A, 13))
    assert numbers(tile) == {told.a.number, told.b.number}
    point = next(f for f in tile["cases"]["features"] if f["properties"]["number"] == told.a.number)
    lng, lat = degrees(around(*IN_A, 13), *point["geometry"]["coordinates"])
    assert (lng, lat) == pytest.approx(IN_A, abs=1e-4)
    assert set(point["properties"]) == {"number", "state", "light", "title", "title_en", "reports"}
    Case.objects.filter(pk=told.a.pk).update(is_public=False)
    assert numbers(drawn("cases", around(*IN_A, 13))) == {told.b.number}


def test_staff_see_the_cases_of_their_posts_and_nobody_elses(told) -> None:
    tile = around(*IN_A, 13)
    for name, expected in {
        "dispatcher": {told.a.number, told.b.number, told.new.number},
        "worker_a": {told.a.number, told.new.number},
        "worker_b": {told.b.number},
    }.items():
        client = Client()
        client.force_login(told.accounts[name])
        assert numbers(drawn("my-cases", tile, client)) == expected, name
        answer = client.get(url("my-cases", tile))
        assert answer["Cache-Control"] == "private, no-cache" and "Access-Control-Allow-Origin" not in answer
    assert Client().get(url("my-cases", tile)).status_code == 403


def test_many_cases_become_counted_clusters_each_with_its_own_scope(told, monkeypatch) -> None:
    monkeypatch.setattr(tiles, "POINTS_AT_MOST", 1)
    tile = around(*IN_A, 12)
    features = drawn("cases", tile)["cases"]["features"]
    assert sum(f["properties"]["count"] for f in features) == 2
    client = Client()
    client.force_login(told.accounts["dispatcher"])
    assert sum(f["properties"]["count"] for f in drawn("my-cases", tile, client)["cases"]["features"]) == 3


def test_the_clusters_of_all_tiles_together_count_every_case_once(told, monkeypatch) -> None:
    monkeypatch.setattr(tiles, "POINTS_AT_MOST", 0)
    first = around(WEST, SOUTH + SIDE, 15)
    total = 0
    for x in range(first.x - 1, first.x + 4):
        for y in range(first.y - 1, first.y + 4):
            features = drawn("cases", Tile(15, x, y)).get("cases", {"features": []})["features"]
            total += sum(f["properties"]["count"] for f in features)
    assert total == 2


def test_a_tile_costs_one_query_or_two(told, django_assert_max_num_queries) -> None:
    Client().get(url("grids", around(*IN_A, 13)))
    with django_assert_max_num_queries(2):
        Client().get(url("cases", around(*IN_A, 13)))
    atlas.current()
    with django_assert_max_num_queries(1):
        Client().get(url("grids", around(*IN_B, 14)))


@pytest.mark.parametrize(
    "square", ["30/1/1", "13/9999999/1", "13/1/8192", "0/0/0", "99999999999999999999/1/1", "-1/0/0"]
)
@pytest.mark.parametrize("kind", ["grids", "cases"])
def test_squares_that_do_not_exist_are_not_found(town, kind: str, square: str) -> None:
    assert Client().get(f"/tiles/{kind}/{square}.mvt").status_code == 404


def test_an_empty_square_is_an_empty_tile(town) -> None:
    assert Client().get(url("grids", Tile(13, 0, 0))).content == b""
    assert Client().get(url("cases", Tile(13, 0, 0))).content == b""


@pytest.mark.parametrize("kind", ["grids", "cases"])
def test_tilejson_says_where_the_tiles_are(town, kind: str) -> None:
    said = Client().get(f"/tiles/{kind}.json").json()
    assert said["tilejson"] == "3.0.0" and said["minzoom"] < said["maxzoom"]
    tile = around(*IN_A, 13)
    address = said["tiles"][0].format(z=tile.z, x=tile.x, y=tile.y)
    assert Client().get(address.removeprefix("http://testserver")).status_code == 200
    west, south, east, north = said["bounds"]
    assert west < IN_A[0] < east and south < IN_A[1] < north
