"""Divisions begin, are renamed, renumbered and end; they are never deleted."""

import datetime as dt
import io

import openpyxl
import pytest
from django.db import DatabaseError, IntegrityError, transaction

from linli.kernel.errors import Conflict, NotAllowed, Refused
from linli.rooms.places import actions, atlas, queries, rules, sheets
from linli.rooms.places.models import Boundary, Place
from linli.rooms.places.tests.land import (
    BY,
    LONG_AGO,
    Nobody,
    divisions,
    feature,
    four_tiles,
    geojson,
    grids,
    published,
    tile,
)

pytestmark = pytest.mark.django_db


def test_kind_parent_and_english_name_follow_from_code_and_name():
    land = divisions(borders=False)
    community = land["430212100009"]
    assert community.kind == "community"
    assert community.code == "430212100009"
    assert community.parent == land["430212100"]
    assert community.lineage == [land["430212"].id, land["430212100"].id, community.id]
    assert community.name_en == "Songxizi Community"
    assert land["430212100"].name_en == "Lukou Town"


@pytest.mark.parametrize("code", ["", "43021", "4302121000031", "43021210000x", "43", "4302"])
def test_a_malformed_code_is_refused(code):
    with pytest.raises(Refused) as refusal:
        actions.create_division(BY, code=code, name_zh="某区")
    assert refusal.value.field == "code"


def test_the_same_code_is_not_valid_twice_on_one_day():
    divisions(borders=False)
    with pytest.raises(Refused, match="已在使用"):
        actions.create_division(BY, code="430212100003", name_zh="另一个社区")
    with pytest.raises(IntegrityError), transaction.atomic():
        Place.objects.create(
            kind="community",
            code="430212100003",
            name_zh="又一个",
            parent=Place.objects.get(code="430212100000"),
            level=3,
            valid_from=dt.date(2024, 1, 1),
        )


def test_a_place_is_never_deleted():
    land = divisions(borders=False)
    with pytest.raises(DatabaseError), transaction.atomic():
        Place.objects.filter(id=land["430212100003"].id).delete()


def test_a_place_has_one_boundary_on_a_day():
    land = divisions()
    with pytest.raises(IntegrityError), transaction.atomic():
        Boundary.objects.create(place=land["430212"], polygon=b"", area_m2=1, valid_from=dt.date(2023, 1, 1))


def test_a_place_cannot_stand_below_itself():
    land = divisions(borders=False)
    with pytest.raises(DatabaseError), transaction.atomic():
        Place.objects.filter(id=land["430212100"].id).update(parent=land["430212100003"].id)


def test_a_division_with_something_below_it_cannot_end():
    land = divisions(borders=False)
    with pytest.raises(Refused, match="还有 2 个"):
        actions.retire_division(BY, land["430212100"].id)


def test_an_ended_division_names_its_successor():
    land = divisions(borders=False)
    old, new = land["430212100003"], land["430212100009"]
    actions.retire_division(BY, old.id, successor_ids=[new.id])
    assert queries.by_code("430212100003") is None
    assert queries.by_code("430212100003", at=dt.date(2021, 1, 1)) == old
    assert queries.successors_of(old.id) == [new]
    with pytest.raises(Conflict):
        actions.retire_division(BY, old.id)


def test_a_renumbered_county_keeps_everything_below_it():
    county = actions.create_division(BY, code="430221", name_zh="株洲县", valid_from=dt.date(2000, 1, 1))
    town = actions.create_division(BY, code="430221100", name_zh="渌口镇", valid_from=dt.date(2000, 1, 1))
    new = actions.renumber_division(BY, county.id, code="430212", name_zh="渌口区", on=dt.date(2018, 6, 19))
    county.refresh_from_db()
    town.refresh_from_db()
    assert county.valid_to == dt.date(2018, 6, 19)
    assert (new.code, new.name_en) == ("430212000000", "Lukou District")
    assert town.lineage == [new.id, town.id]
    assert list(county.successors.all()) == [new]
    assert queries.by_code("430221000000", at=dt.date(2018, 6, 18)) == county


def test_the_shipped_divisions_are_complete_and_can_be_imported_twice():
    assert ("430212", "渌口区") in sheets.shipped_codes()
    rows = sheets.shipped_divisions("430212")
    assert len(rows) == 1 + 8 + 140
    assert actions.import_divisions(BY, rows) == {"created": 149, "renamed": 0, "unchanged": 0}
    assert actions.import_divisions(BY, rows) == {"created": 0, "renamed": 0, "unchanged": 149}
    assert len(queries.tree()) == 149
    with pytest.raises(Refused):
        sheets.shipped_divisions("../../etc")


SHEET = "code,name\n430212,渌口区\n430212100,渌口镇\n430212100003,象石社区居委会\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_sheet_is_read_in_the_encodings_people_have(encoding):
    sheet = sheets.read_divisions(SHEET.encode(encoding), "区划.csv")
    assert [row.code for row in sheet.rows] == ["430212000000", "430212100000", "430212100003"]
    assert not sheet.problems


def test_an_excel_sheet_with_codes_typed_as_numbers_is_read():
    book = openpyxl.Workbook()
    for row in [["区划代码", "名称"], [430212, "渌口区"], [430212100, "渌口镇"], [430212100003, "象石社区居委会"]]:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    sheet = sheets.read_divisions(data.getvalue(), "区划.xlsx")
    assert [row.code for row in sheet.rows] == ["430212000000", "430212100000", "430212100003"]


def test_bad_cells_are_named_by_row():
    text = SHEET + "43021,短\n430212100003,重复\n430212100009,\n"
    problems = sheets.read_divisions(text.encode(), "区划.csv").problems
    assert [(p.row, p.column) for p in problems] == [(5, "code"), (6, "code"), (7, "name")]
    assert "第 4 行" in problems[1].message


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "sheet.empty"),
        (b"PK\x03\x04 not a workbook", "sheet.broken"),
        (b"a,b\n1,2\n", "sheet.columns_missing"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "sheet.not_a_sheet"),
        (b"code,name\n", "sheet.nothing"),
    ],
)
def test_a_file_that_is_no_division_sheet_is_refused(data, code):
    with pytest.raises(Refused) as refusal:
        sheets.read_divisions(data, "文件.xlsx")
    assert refusal.value.code == code


def test_one_county_is_taken_from_a_sheet_of_a_whole_province():
    text = SHEET + "430211,天元区\n"
    assert len(sheets.read_divisions(text.encode(), "全省.csv", "430212").rows) == 3


def test_a_row_without_its_parent_imports_nothing():
    rows = sheets.read_divisions("code,name\n430212100003,象石社区居委会\n".encode(), "x.csv").rows
    with pytest.raises(Refused, match="第 2 行"):
        actions.import_divisions(BY, rows)
    assert not Place.objects.exists()


def test_borders_of_divisions_come_from_geojson_whole_or_not_at_all():
    land = divisions(borders=False)
    good = feature(tile(0, 0, 4, 4), code="430212100003")
    assert actions.import_division_boundaries(BY, geojson(good), system="wgs84", valid_from=LONG_AGO) == 1
    with pytest.raises(Refused):
        actions.import_division_boundaries(BY, geojson(good, feature(tile(4, 0), code="430212100777")), system="wgs84")
    assert Boundary.objects.filter(place=land["430212100003"]).count() == 1


def test_who_may_not_cannot():
    land = divisions(borders=False)
    for forbidden in (
        lambda: actions.create_division(Nobody(), code="430213", name_zh="某区"),
        lambda: actions.edit_place(Nobody(), land["430212"].id, name_zh="别名"),
        lambda: actions.retire_division(Nobody(), land["430212100003"].id),
        lambda: actions.renumber_division(Nobody(), land["430212"].id, code="430213"),
        lambda: actions.import_divisions(Nobody(), sheets.shipped_divisions("430212")),
        lambda: actions.set_boundary(Nobody(), land["430212"].id, tile(0, 0)),
        lambda: actions.create_building(Nobody(), name="1栋", parent_id=land["430212100003"].id),
    ):
        with pytest.raises(NotAllowed):
            forbidden()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("松西", "松西子社区居委会"),
        ("象石社区", "象石社区居委会"),
        ("Songxizi", "松西子社区居委会"),
        ("100009", "松西子社区居委会"),
    ],
)
def test_places_are_found_by_two_characters_by_code_and_in_english(words, found):
    divisions(borders=False)
    assert [place.name_zh for place in queries.search(words)][:1] == [found]


@pytest.mark.parametrize("words", ["", " ", "不存在的地方", "%_'; drop table"])
def test_a_search_for_nothing_finds_nothing(words):
    divisions(borders=False)
    assert queries.search(words) == []


def test_the_tree_its_breadcrumbs_and_its_names_take_one_query_each(django_assert_num_queries):
    divisions()
    published(*four_tiles())
    with django_assert_num_queries(1):
        tree = queries.tree()
    assert [place.level for place in tree][:3] == [1, 2, 3]
    with django_assert_num_queries(1):
        crumbs = queries.breadcrumbs([place.id for place in tree])
    grid = grids()["西南"]
    assert [p.name_zh for p in crumbs[grid.id]] == ["渌口区", "渌口镇", "象石社区居委会", "西南"]
    atlas.current()
    with django_assert_num_queries(0):
        assert queries.names([grid.id])[grid.id] == "西南"


def test_the_map_of_grids_in_view_comes_from_memory(django_assert_num_queries):
    import orjson

    divisions()
    published(*four_tiles())
    atlas.current()
    with django_assert_num_queries(0):
        everything = orjson.loads(queries.grids_geojson())
        part = orjson.loads(queries.grids_geojson(tile(0.1, 0.1, 0.5, 0.5).bounds, simplify_m=10))
    assert len(everything["features"]) == 4
    assert [f["properties"]["name"] for f in part["features"]] == ["西南"]


@pytest.mark.parametrize(
    ("name", "kind", "english"),
    [
        ("渌口区", "district", "Lukou District"),
        ("王家洲村", "community", "Wangjiazhou Village"),
        ("汤圆坳居委会", "community", "Tangyuanao Community"),
        ("淮河路街道", "street", "Huaihelu Subdistrict"),
    ],
)
def test_english_names_are_made_from_pinyin(name, kind, english):
    assert rules.english_name(name, kind) == english


def test_buildings_sort_by_the_value_of_their_number():
    names = ["10栋", "2栋", "1栋"]
    assert sorted(names, key=rules.sort_key) == ["1栋", "2栋", "10栋"]
