"""Buildings stand in the grid around their point and come from a sheet whole or not at all."""

import pytest
from django.db import IntegrityError, transaction

from linli.kernel.errors import Refused
from linli.rooms.places import actions, queries, sheets
from linli.rooms.places.models import Building, Place
from linli.rooms.places.tests.land import BY, divisions, four_tiles, grids, middle, published

pytestmark = pytest.mark.django_db


def house(name="3栋", column=0, row=0, **more):
    lng, lat = middle(column, row)
    return actions.create_building(BY, name=name, lng=lng, lat=lat, **more)


def test_a_building_goes_under_the_grid_around_it_and_moves_with_its_point():
    divisions()
    published(*four_tiles())
    place = house(address="学堂路 12 号", stairwell_labels=["1单元", "2单元"], floors=6, dwellings=24)
    assert place.parent.name_zh == "西南"
    assert place.building.stairwells == 2
    lng, lat = middle(3, 3)
    moved = actions.edit_building(BY, place.id, name="3栋", address="学堂路 12 号", lng=lng, lat=lat)
    assert moved.parent.name_zh == "东北"
    assert moved.lineage[-2] == grids()["东北"].id


def test_a_building_outside_the_district_is_refused():
    divisions()
    with pytest.raises(Refused, match="不在本区内"):
        actions.create_building(BY, name="1栋", lng=100.0, lat=20.0)
    with pytest.raises(Refused):
        actions.create_building(BY, name="1栋")


def test_buildings_are_found_by_address_and_nearest_first(django_assert_num_queries):
    divisions()
    published(*four_tiles())
    near = house("1栋", 0, 0, address="学堂路 12 号")
    house("2栋", 1, 0, address="学堂路 14 号")
    house("9栋", 3, 3)
    assert queries.search("学堂路 12")[0] == near
    with django_assert_num_queries(2):
        found = queries.buildings_near(*middle(0, 0), metres=300)
    assert [item[0].place.name_zh for item in found] == ["1栋", "2栋"]
    assert found[0][1] == 0
    assert found[1][1] == pytest.approx(197, abs=2)
    assert [p.name_zh for p in queries.buildings_in(grids()["西南"].id)] == ["1栋", "2栋"]


def test_an_ended_building_is_no_longer_found():
    divisions()
    place = house()
    actions.retire_building(BY, place.id)
    assert queries.search("3栋") == []
    assert queries.buildings_near(*middle(0, 0)) == []


HEAD = "楼栋名称,地址,经度,纬度,单元,户数,层数,所属网格\n"


def test_a_sheet_of_buildings_comes_in_by_point_or_by_grid():
    divisions()
    published(*four_tiles())
    x, y = middle(0, 0)
    text = HEAD + f'1栋,学堂路 12 号,{x},{y},3,36,6,\n2栋,学堂路 14 号,,,"东单元,西单元",24,,东北\n'
    sheet = sheets.read_buildings(text.encode(), "楼栋.csv")
    assert sheet.problems == []
    assert actions.import_buildings(BY, sheet.rows) == 2
    first, second = Building.objects.order_by("place__name_zh").select_related("place__parent")
    assert (first.place.parent.name_zh, first.stairwells, first.dwellings) == ("西南", 3, 36)
    assert (second.place.parent.name_zh, second.stairwell_labels) == ("东北", ["东单元", "西单元"])
    assert first.place.lineage[-1] == first.place_id


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (",学堂路,113.1,27.6,,,,", "name"),
        ("1栋,学堂路,27.6,113.1,,,,", "lng"),
        ("1栋,学堂路,x,27.6,,,,", "lng"),
        ("1栋,学堂路,,,,,,", "lng"),
        ("1栋,学堂路,113.1,27.6,,-3,,", "dwellings"),
        ("1栋,学堂路,113.1,27.6,,,999,", "floors"),
    ],
)
def test_bad_cells_are_named(row, column):
    sheet = sheets.read_buildings((HEAD + row + "\n").encode(), "楼栋.csv")
    assert [(p.row, p.column) for p in sheet.problems] == [(2, column)]
    assert not sheet.rows


@pytest.mark.parametrize("row", ["1栋,学堂路,100,20,,,,", "1栋,学堂路,,,,,,没有的网格"])
def test_a_building_nowhere_imports_nothing(row):
    divisions()
    published(*four_tiles())
    x, y = middle(0, 0)
    text = HEAD + f"好楼,学堂路 12 号,{x},{y},,,,\n{row}\n"
    with pytest.raises(Refused, match="第 3 行"):
        actions.import_buildings(BY, sheets.read_buildings(text.encode(), "楼栋.csv").rows)
    assert not Place.objects.filter(kind="building").exists()


def test_the_same_sheet_twice_is_refused():
    divisions()
    published(*four_tiles())
    x, y = middle(0, 0)
    rows = sheets.read_buildings((HEAD + f"1栋,学堂路,{x},{y},,,,\n").encode(), "楼栋.csv").rows
    actions.import_buildings(BY, rows)
    with pytest.raises(Refused, match="已经有了"):
        actions.import_buildings(BY, rows)


def test_the_database_refuses_impossible_counts():
    divisions()
    place = house()
    with pytest.raises(IntegrityError), transaction.atomic():
        Building.objects.filter(place=place).update(stairwells=100)
