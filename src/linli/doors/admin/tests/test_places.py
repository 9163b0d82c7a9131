"""Divisions, grids and buildings come in through a preview, and nothing bad comes in at all."""

from __future__ import annotations

import json

import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from linli.rooms.cases.tests.fixtures import SIDE, SOUTH, WEST
from linli.rooms.places import atlas
from linli.rooms.places.models import Boundary, GridSet, Place

pytestmark = pytest.mark.django_db


def file(data: bytes | str, name: str = "grids.geojson") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data)


def box(west: float, south: float, east: float, north: float) -> dict:
    shape = shapely.box(WEST + west * SIDE, SOUTH + south * SIDE, WEST + east * SIDE, SOUTH + north * SIDE)
    return json.loads(shapely.to_geojson(shape))


def feature(geometry: dict | None, **properties) -> dict:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: dict) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


TWO_HALVES = (
    feature(box(1, 0, 1.5, 1), name="西半", community="430212100002"),
    feature(box(1.5, 0, 3, 1), name="东半", community="430212100002"),
)


def upload(client, data: bytes | str, **given):
    given.setdefault("system", "wgs84")
    return client.post(reverse("admin_door:grids_import"), {"file": file(data), **given}, follow=True)


def draft() -> GridSet:
    return GridSet.objects.order_by("-number").first()


def test_an_import_becomes_a_draft_and_takes_force_on_a_day(town, as_):
    system = as_("system")
    answer = upload(system, collection(*TWO_HALVES))
    assert answer.status_code == 200 and "没有发现问题" in answer.content.decode()
    assert not Place.objects.filter(name_zh="西半").exists()
    made = draft()
    answer = system.post(
        reverse("admin_door:draft_publish", args=[made.id]),
        {"effective_from": atlas.today().isoformat(), "version": made.version},
    )
    assert answer.status_code == 302
    assert {"西半", "东半"} <= set(Place.objects.filter(kind="grid", valid_to=None).values_list("name_zh", flat=True))


def test_no_system_is_preselected_and_none_is_guessed(town, as_):
    system = as_("system")
    page = system.get(reverse("admin_door:grids_import")).content.decode()
    assert 'name="system"' in page and "checked" not in page.split('name="system"')[1].split("swap")[0]
    answer = upload(system, collection(*TWO_HALVES), system="")
    assert answer.status_code == 422 and "请选择坐标系" in answer.content.decode()
    answer = upload(system, collection(*TWO_HALVES), system="unknown")
    assert "没有写坐标系" in answer.content.decode()


def test_every_problem_is_listed_with_what_to_do_and_stops_publishing(town, as_):
    system = as_("system")
    bad = collection(
        feature(box(1, 0, 2, 1), name="甲", community="430212100002"),
        feature(box(1.8, 0, 3.5, 1), name="乙", community="430212100002"),
        feature(
            {"type": "Polygon", "coordinates": [[[WEST, SOUTH], [WEST + 0.005, SOUTH + 0.005],
             [WEST + 0.005, SOUTH], [WEST, SOUTH + 0.005], [WEST, SOUTH]]]},
            name="蝴蝶", community="430212100001",
        ),
        feature(box(0, 0, 0.4, 0.4), name="重一", code="430212100001077", community="430212100001"),
        feature(box(0.5, 0.6, 0.9, 0.9), name="重二", code="430212100001077", community="430212100001"),
        feature(None, name="没有形状", community="430212100001"),
    )  # fmt: skip
    answer = upload(system, bad)
    page = answer.content.decode()
    for words in ("重叠", "之外", "边界自己交叉", "用了 2 次", "读不出来", "采用修正", "data-problem-fly"):
        assert words in page, words
    made = draft()
    answer = system.post(
        reverse("admin_door:draft_publish", args=[made.id]),
        {"effective_from": atlas.today().isoformat(), "version": made.version, "accept_warnings": "on"},
    )
    assert answer.status_code == 422 and "不能发布" in answer.content.decode()
    assert GridSet.objects.get(pk=made.pk).state == "draft"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "文件是空的"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", ""),
        ('{"type":"FeatureCollection","features":[', "读不下去"),
        ('{"type":"FeatureCollection","features":[]}', "没有要素"),
        ("[1,2,3]", "不是 GeoJSON"),
        ('{"type":"Point","coordinates":[113,27]}', "没有面"),
        ("[" * 100_000, ""),
    ],
)
def test_a_file_that_is_none_is_refused_in_words(town, as_, data, words):
    answer = upload(as_("system"), data)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not GridSet.objects.filter(state="draft").exists()


def test_numbers_that_are_none_are_problems_of_their_feature(town, as_):
    nan = collection(*TWO_HALVES).replace(f"[{WEST + SIDE}, ", "[NaN, ", 1)
    answer = upload(as_("system"), nan)
    assert answer.status_code == 200 and "错误" in answer.content.decode()


def test_swapped_coordinates_are_said_and_can_be_put_right_with_the_same_file(town, as_):
    system = as_("system")
    turned = [
        feature({"type": "Polygon", "coordinates": [[[y, x] for x, y in one["geometry"]["coordinates"][0]]]},
                **one["properties"])
        for one in TWO_HALVES
    ]  # fmt: skip
    answer = upload(system, collection(*turned))
    assert "填反了" in answer.content.decode()
    key = answer.context["again"].initial["key"]
    first = draft()
    answer = system.post(
        reverse("admin_door:draft_again", args=[first.id]), {"key": key, "system": "wgs84", "swap": "on"}, follow=True
    )
    assert answer.status_code == 200 and "填反了" not in answer.content.decode()
    assert GridSet.objects.get(pk=first.pk).state == "withdrawn"


def test_the_file_waits_for_its_owner_only(town, as_):
    answer = upload(as_("system"), collection(*TWO_HALVES))
    key = answer.context["again"].initial["key"]
    town.accounts["system2"] = type(town.accounts["system"]).objects.create_user(
        "system2", name="二", admin_role="system"
    )
    again = reverse("admin_door:draft_again", args=[draft().id])
    assert as_("system2").post(again, {"key": key, "system": "wgs84"}).status_code == 409
    assert as_("system").post(again, {"key": "../../etc/passwd", "system": "wgs84"}).status_code == 409


def edit(client, made: GridSet, operation: dict, version: int | None = None):
    return client.post(
        reverse("admin_door:draft_edit", args=[made.id]),
        json.dumps({"operation": operation, "version": made.version if version is None else version}),
        content_type="application/json",
    )


def test_grids_are_drawn_split_merged_renamed_and_ended_on_the_map(town, as_):
    system = as_("system")
    answer = system.post(reverse("admin_door:grids_draw"), {"community": "乙社区"}, follow=True)
    assert answer.status_code == 200 and "乙一网格" in answer.content.decode()
    made = draft()
    answer = edit(system, made, {"do": "add", "geometry": box(2, 0, 3, 1)})
    assert answer.status_code == 200 and 'id="draft-panel"' in answer.content.decode()
    made.refresh_from_db()
    middle = SOUTH + SIDE / 2
    line = {"type": "LineString", "coordinates": [[WEST + SIDE * 0.9, middle], [WEST + SIDE * 2.1, middle]]}
    assert edit(system, made, {"do": "split", "number": 1, "line": line}).status_code == 200
    made.refresh_from_db()
    numbers = list(made.features.order_by("number").values_list("number", flat=True))
    assert len(numbers) == 3
    answer = system.post(
        reverse("admin_door:draft_edit", args=[made.id]),
        {"do": "merge", "numbers": numbers[-2:], "version": made.version},
    )
    assert answer.status_code == 302
    made.refresh_from_db()
    last = made.features.order_by("-number").first().number
    assert edit(system, made, {"do": "rename", "number": last, "name": "合好的"}).status_code == 200
    made.refresh_from_db()
    assert edit(system, made, {"do": "remove", "number": last}).status_code == 200
    assert Boundary.objects.filter(place=town.grid_b, valid_to=None).exists()


def test_two_who_draw_at_once_do_not_undo_one_another(town, as_):
    system = as_("system")
    system.post(reverse("admin_door:grids_draw"), {"community": "乙社区"})
    made = draft()
    assert edit(system, made, {"do": "rename", "number": 1, "name": "一"}).status_code == 200
    answer = edit(system, made, {"do": "rename", "number": 1, "name": "二"}, version=made.version)
    assert answer.status_code == 409 and "别人改过" in answer.json()["message"]


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '{"operation": 3, "version": 1}', '{"operation": {"do": "add"}, "version": "x"}',
             '{"operation": {"do": "split", "number": 1, "line": {"coordinates": "x"}}, "version": 1}',
             '{"operation": {"do": "merge", "numbers": 3}, "version": 1}',
             '{"operation": {"do": "add", "geometry": {"type": "Polygon", "coordinates": [[[0]]]}}, "version": 1}'],
)  # fmt: skip
def test_a_step_that_makes_no_sense_is_refused_never_a_crash(town, as_, body):
    system = as_("system")
    system.post(reverse("admin_door:grids_draw"), {"community": "乙社区"})
    answer = system.post(reverse("admin_door:draft_edit", args=[draft().id]), body, content_type="application/json")
    assert answer.status_code in (404, 422)


def test_a_draft_can_be_discarded_and_is_then_no_draft(town, as_):
    system = as_("system")
    system.post(reverse("admin_door:grids_draw"), {"community": "乙社区"})
    made = draft()
    assert system.post(reverse("admin_door:draft_discard", args=[made.id])).status_code == 302
    assert edit(system, made, {"do": "rename", "number": 1, "name": "一"}).status_code == 409
    assert system.get(reverse("admin_door:draft", args=[made.id])).status_code == 200


@pytest.mark.parametrize("reference", ["wgs84", "cgcs2000", "gcj02", "bd09"])
def test_what_is_exported_in_any_system_comes_back_the_same(town, as_, reference):
    system = as_("system")
    answer = system.get(reverse("admin_door:grids_export"), {"system": reference})
    assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    again = upload(system, answer.content, system=reference)
    assert again.context["preview"].counts["new"] == 0
    assert again.context["preview"].errors == 0


def test_a_division_is_made_renamed_renumbered_and_ended(town, as_):
    system = as_("system")
    given = {"code": "430212100009", "name_zh": "新社区"}
    assert system.post(reverse("admin_door:division_new"), given).status_code == 302
    place = Place.objects.get(code="430212100009")
    change = reverse("admin_door:division_change", args=[place.id, "names"])
    assert system.post(change, {"name_zh": "改过的社区", "name_en": "", "local_code": ""}).status_code == 302
    answer = system.post(reverse("admin_door:division_new"), given)
    assert answer.status_code == 422 and "已在使用" in answer.content.decode() and "新社区" in answer.content.decode()
    end = reverse("admin_door:division_change", args=[town.one.id, "end"])
    answer = system.post(end, {"on": "2030-01-01", "reason": "merge"})
    assert answer.status_code == 422 and "下面还有" in answer.content.decode()
    end = reverse("admin_door:division_change", args=[place.id, "end"])
    given = {"on": "2030-01-01", "successor": "甲社区", "reason": "merge"}
    assert system.post(end, given).status_code == 302
    assert list(place.successors.all()) == [town.one]


def test_a_sheet_of_divisions_is_looked_at_then_taken_in_whole(town, as_):
    system = as_("system")
    sheet = "代码,名称\n430212100001,甲社区新名\n430212100003,丙社区\n430212101000,丁镇\n"
    answer = system.post(reverse("admin_door:divisions_import"), {"file": file(sheet, "a.csv")})
    page = answer.content.decode()
    assert answer.status_code == 200 and "甲社区新名" in page and not Place.objects.filter(name_zh="丙社区").exists()
    confirm = {"key": answer.context["key"], "district": ""}
    assert system.post(reverse("admin_door:divisions_confirm"), confirm).status_code == 302
    assert Place.objects.filter(name_zh__in=["丙社区", "丁镇", "甲社区新名"]).count() == 3
    assert system.post(reverse("admin_door:divisions_confirm"), confirm).status_code == 409


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.csv", b"", "文件是空的"),
        ("a.csv", "城市,人口\n株洲,3\n".encode(), "表头缺少列"),
        ("a.xlsx", b"PK\x03\x04 broken", "打不开"),
        ("a.csv", b"\x00\x01\x02", "不是表格"),
        ("a.csv", "代码,名称\nabc,甲\n".encode(), "只能是数字"),
        ("a.csv", "代码,名称\n430212999001,孤社区\n".encode(), "找不到上级区划"),
        ("a.csv", "代码,名称\n430212100001,甲\n430212100001,乙\n".encode(), "重复"),
    ],
)
def test_a_bad_sheet_of_divisions_is_refused_by_row_and_column(town, as_, name, data, words):
    answer = as_("system").post(reverse("admin_door:divisions_import"), {"file": file(data, name)})
    assert answer.status_code == 422 and words in answer.content.decode()


def test_shipped_codes_are_shown_before_they_are_taken_in(town, as_):
    system = as_("system")
    answer = system.post(reverse("admin_door:divisions_shipped"), {"code": "430212"})
    assert answer.status_code == 200 and answer.context["found"].counts["created"] > 50
    assert system.post(reverse("admin_door:divisions_shipped"), {"code": "999999"}).status_code == 422


def test_buildings_go_into_the_grid_around_their_point(town, as_):
    system = as_("system")
    given = {"name": "3栋", "lng": WEST + SIDE / 2, "lat": SOUTH + SIDE / 2, "stairwells": "东单元、西单元"}
    assert system.post(reverse("admin_door:building_new"), given).status_code == 302
    place = Place.objects.get(name_zh="3栋")
    assert place.parent_id == town.grid_a.id and place.building.stairwell_labels == ["东单元", "西单元"]
    answer = system.post(reverse("admin_door:building_new"), given | {"lng": 10, "lat": 10})
    assert answer.status_code == 422 and "3栋" in answer.content.decode()
    assert system.post(reverse("admin_door:building_end", args=[place.id])).status_code == 302


def test_a_sheet_of_buildings_is_all_or_nothing(town, as_):
    system = as_("system")
    bad = f"名称,经度,纬度\n1栋,{WEST + SIDE / 2},{SOUTH + SIDE / 2}\n2栋,北纬,x\n"
    answer = system.post(reverse("admin_door:buildings_import"), {"file": file(bad, "b.csv"), "system": "wgs84"})
    assert answer.status_code == 422 and "3" in answer.content.decode()
    outside = f"名称,经度,纬度\n1栋,{WEST + SIDE / 2},{SOUTH + SIDE / 2}\n2栋,116.4,39.9\n"
    answer = system.post(reverse("admin_door:buildings_import"), {"file": file(outside, "b.csv"), "system": "wgs84"})
    assert answer.status_code == 200
    answer = system.post(reverse("admin_door:buildings_confirm"), {"key": answer.context["key"], "system": "wgs84"})
    assert answer.status_code == 422 and "第 3 行" in answer.content.decode()
    assert not Place.objects.filter(kind="building").exists()
