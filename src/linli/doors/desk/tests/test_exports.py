"""What leaves the house as a file: the filter's cases, watermarked, on record, harmless, without contacts."""

from __future__ import annotations

import csv
import datetime as dt
import json
from io import BytesIO, StringIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from linli.doors.common.files import harmless
from linli.kernel.journal.models import Entry
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import IN_B, reported

pytestmark = pytest.mark.django_db


def taken(client, form, query="view=all"):
    answer = client.post(reverse("desk:export"), {"format": form, "query": query})
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_csv_holds_the_filter_and_says_who_when_what(desk, town):
    case, other = reported(town), reported(town, urgent=True)
    rows = list(csv.reader(StringIO(taken(desk(), "csv", "view=all&urgent=1").decode("utf-8-sig"))))
    assert "演示dispatcher" in rows[0][0] and "紧急" in rows[0][0] and "1 件" in rows[0][0]
    assert rows[1][0] == "编号" and [row[0] for row in rows[2:]] == [other.number] and case.number != other.number


def test_xlsx_is_marked_in_sheet_and_properties(desk, town):
    case = reported(town)
    book = load_workbook(BytesIO(taken(desk(), "xlsx")))
    sheet = book.active
    assert case.number in [cell.value for cell in sheet["A"]]
    assert "演示dispatcher" in sheet["A1"].value and "演示dispatcher" in book.properties.description
    assert "演示dispatcher" in sheet.oddFooter.left.text


@pytest.mark.parametrize(
    "words", ['=HYPERLINK("http://x","y")', "+1+1", "@SUM(A1)", "-2+3", "＝1+1", "＠SUM(A1)", "－1", "＋1"]
)
def test_nothing_in_it_is_run_as_a_formula(desk, town, words):
    reported(town, words=words)
    row = list(csv.reader(StringIO(taken(desk(), "csv").decode("utf-8-sig"))))[2]
    assert row[5] == f"'{words}"
    sheet = load_workbook(BytesIO(taken(desk(), "xlsx"))).active
    assert sheet["F3"].data_type == "s" and sheet["F3"].value == words


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("\t=1+1", "'\t=1+1"),
        ("\r=1+1", "'\r=1+1"),
        ("\n=1+1", "'\n=1+1"),
        (" =1+1", "' =1+1"),
        ("\u3000@x", "'\u3000@x"),
        ("\xa0-1", "'\xa0-1"),
        ("\ttext", "'\ttext"),
        ("1=1", "1=1"),
        ("灯-坏了", "灯-坏了"),
        ("", ""),
        (None, ""),
        (-3, -3),
        (-27.5, -27.5),
        (0, 0),
        (dt.datetime(2026, 11, 2, 8, 5), "2026-11-02 08:05"),  # noqa: DTZ001  civil time, as the columns have it
    ],
)
def test_text_that_looks_like_a_formula_is_text_and_numbers_stay_numbers(value, cell):
    assert harmless(value) == cell and type(harmless(value)) is type(cell)


def test_geojson_holds_the_points_of_the_filter_and_the_watermark(desk, town):
    case = reported(town, words="=打13800000001找我，灯不亮", phone="13900000002", urgent=True)
    reported(town)
    text = taken(desk(), "geojson", "view=all&urgent=1").decode()
    said = json.loads(text)
    assert said["type"] == "FeatureCollection" and "演示dispatcher" in said["watermark"]
    (feature,) = said["features"]
    assert feature["id"] == feature["properties"]["number"] == case.number
    assert feature["geometry"] == {"type": "Point", "coordinates": [case.lng, case.lat]}
    assert feature["properties"]["words"].startswith("=打13800000001")  # a text is only a text here
    assert dt.datetime.fromisoformat(feature["properties"]["reported_at"]) == case.reported_at.replace(microsecond=0)
    assert "13900000002" not in text and "13800000001" not in taken(desk("leader"), "geojson").decode()


def test_geojson_of_nothing_and_of_a_case_without_a_point_can_be_read(desk, town):
    assert json.loads(taken(desk(), "geojson"))["features"] == []
    reported(town, place_id=town.grid_a.pk)
    Case.objects.update(lng=None, lat=None)
    reported(town)
    shapes = [feature["geometry"] for feature in json.loads(taken(desk(), "geojson"))["features"]]
    assert None in shapes and len(shapes) == 2


def test_geojson_leaves_a_record_and_only_with_ones_own_cases(desk, town):
    near, far = reported(town), reported(town, lng=IN_B[0], lat=IN_B[1])
    text = taken(desk("cadre_a"), "geojson").decode()
    assert near.number in text and far.number not in text
    assert Entry.objects.get(action="case.export").after["format"] == "geojson"
    assert desk("verifier").post(reverse("desk:export"), {"format": "geojson"}).status_code == 403


def test_no_contact_leaves_and_numbers_in_words_are_masked_for_who_may_not_reveal(desk, town):
    reported(town, words="打13800000001找我，路灯不亮", phone="13900000002", name="演示张三")
    assert "13900000002" not in taken(desk(), "csv").decode() and "13800000001" in taken(desk(), "csv").decode()
    assert "13800000001" not in taken(desk("leader"), "csv").decode()


def test_each_export_is_on_record(desk, town):
    reported(town)
    taken(desk(), "csv", "view=all&state=reported")
    entry = Entry.objects.get(action="case.export")
    assert entry.after["count"] == 1 and "state=reported" in entry.after["query"]


def test_only_ones_own_cases_leave(desk, town):
    near, far = reported(town), reported(town, lng=IN_B[0], lat=IN_B[1])
    text = taken(desk("cadre_a"), "csv").decode()
    assert near.number in text and far.number not in text


def test_who_may_not_export_gets_nothing_and_no_odd_format_is_made(desk, town):
    assert desk("verifier").post(reverse("desk:export"), {"format": "csv"}).status_code == 403
    assert desk().post(reverse("desk:export"), {"format": "exe"}).status_code == 422
    assert desk().get(reverse("desk:export")).status_code == 405
