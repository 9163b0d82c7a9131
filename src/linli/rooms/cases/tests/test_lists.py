"""A list of problems from a sheet: everything wrong is named by row and cell, and nothing is half imported."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import Workbook

from linli.kernel.errors import NotAllowed, NotFound, Refused
from linli.rooms.cases.actions.lists import amend_row, drop_list, preview_list, take_in_list
from linli.rooms.cases.models import Case, CaseImport, Report
from linli.rooms.cases.problem_list import positions, read_list
from linli.rooms.cases.tests.fixtures import IN_A, LAMP

pytestmark = pytest.mark.django_db


def sheet(*rows) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def text(*lines) -> bytes:
    return "\n".join(lines).encode("utf-8-sig")


HEAD = ("序号", "问题内容", "所属社区", "具体地点", "类别", "反映人", "联系电话", "反映时间", "是否历史遗留")


def test_titles_are_recognised_loosely_and_in_any_order():
    found = positions(["序号", "联系电话（必填）", "问 题 描 述", "所在社区", "详细地址*", "经度", "纬度", "问题类别"])
    assert found == {"phone": 1, "words": 2, "place": 3, "address": 4, "lng": 5, "lat": 6, "item": 7}


def test_a_title_line_above_the_table_does_no_harm():
    rows, unknown = read_list(text("十月听民声问题清单", "序号,问题,地址", "1,路灯不亮,滨江路"), "a.csv")
    assert [(r.number, r.cells["words"]) for r in rows] == [(3, "路灯不亮")] and unknown == ["序号"]


def test_it_proposes_item_and_place_for_each_row(town):
    data = sheet(HEAD, (1, "路口的路灯不亮了", "甲社区", "正街", "路灯", "演示李四", 13800000001, "2026-10-03", "是"))
    row = preview_list(data, "清单.xlsx", "十月清单", viewer=town.viewer("clerk")).rows[0]
    assert row["item"] == LAMP and row["guessed"] and row["place"] == town.one.pk and row["legacy"]
    assert row["problems"] == [] and "13800000001" not in str(row) and "李四" not in str(row)


def test_coordinates_win_and_say_in_which_system_they_are(town):
    data = sheet(("问题", "经度", "纬度"), ("路灯不亮", *IN_A), ("路灯不亮", IN_A[1], IN_A[0]), ("路灯不亮", 1, 1))
    rows = preview_list(data, "a.xlsx", "", viewer=town.viewer("clerk")).rows
    assert "甲一网格" in rows[0]["place_name"]
    assert "填反" in rows[1]["problems"][0]["text"] and rows[2]["problems"]


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        (("", "甲社区", "", ""), "问题", "没有写问题"),
        (("路灯不亮", "丙社区", "", ""), "社区或网格", "没有找到"),
        (("路灯不亮", "", "", ""), "社区或网格", "没有写在哪里"),
        (("=1+1", "甲社区", "", ""), "问题", "公式"),
        (("#REF!", "甲社区", "", ""), "问题", "出错的公式"),
        (("路灯不亮", "甲社区", "123456789012345678", ""), "电话", ""),
        (("路灯不亮", "甲社区", "1380000", ""), "电话", ""),
        (("路灯不亮", "甲社区", "", "也许"), "是否历史遗留", "看不懂"),
        (("长" * 4001, "甲社区", "", ""), "问题", "4000"),
    ],
)
def test_what_is_wrong_is_named_by_row_and_cell(town, row, column, says):
    data = text("问题,社区,电话,历史遗留", "路灯不亮,甲社区,,", ",".join(row))
    found = preview_list(data, "a.csv", "", viewer=town.viewer("clerk")).rows
    good, bad = (found[0], found[1]) if len(found) > 1 else (found[0], None)
    assert good["problems"] == [] and bad["n"] == 3
    assert any(p["column"] == column and says in p["text"] for p in bad["problems"])


def test_formulas_and_numbers_that_lost_their_end_are_refused(town):
    data = sheet(("问题", "社区", "电话"), ("=CONCAT(1,2)", "甲社区", None), ("路灯不亮", "甲社区", 430212199001011234))
    rows = preview_list(data, "a.xlsx", "", viewer=town.viewer("clerk")).rows
    problems = [p["text"] for row in rows for p in row["problems"]]
    assert any("公式" in p for p in problems) and any("15 位" in p for p in problems)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.xlsx"), (b"PK\x03\x04 broken", "a.xlsx"), (b"\x89PNG\r\n\x1a\n\x00\x00", "a.csv"),
        ("地址,电话\nx,y".encode(), "a.csv"), ("问题,地址\n".encode(), "a.csv"),
        (("问题,地址\n" + "路灯不亮,x\n" * 5001).encode(), "a.csv"),
        (b"x" * (10 * 1024 * 1024 + 1), "a.csv"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused_with_a_reason(town, data, name):
    with pytest.raises(Refused) as refused:
        preview_list(data, name, "", viewer=town.viewer("clerk"))
    assert str(refused.value.message)
    assert not CaseImport.objects.exists()


def test_nothing_is_taken_in_while_one_row_is_wrong(town):
    viewer = town.viewer("clerk")
    draft = preview_list(text("问题,社区", "路灯不亮,甲社区", "路灯不亮,丙社区"), "a.csv", "", viewer=viewer)
    with pytest.raises(Refused, match="第 3 行"):
        take_in_list(draft.pk, viewer=viewer)
    assert not Case.objects.exists()


def test_when_a_row_fails_in_the_middle_nothing_stays(town, monkeypatch):
    viewer = town.viewer("clerk")
    draft = preview_list(text("问题,社区", *["路灯不亮,甲社区"] * 3), "a.csv", "", viewer=viewer)
    from linli.rooms.cases.actions import lists

    real, seen = lists.report_problem, []

    def fails_third(intake, *, viewer):
        seen.append(1)
        if len(seen) == 3:
            raise Refused("不行")
        return real(intake, viewer=viewer)

    monkeypatch.setattr(lists, "report_problem", fails_third)
    with pytest.raises(Refused, match="第 4 行"):
        take_in_list(draft.pk, viewer=viewer)
    assert not Case.objects.exists()


def test_mended_and_left_out_rows_let_the_rest_in_and_twice_is_once(town):
    viewer = town.viewer("clerk")
    lines = ["路灯不亮,甲社区,13800000001", "路灯不亮,丙社区,", "垃圾没人收,丁社区,"]
    draft = preview_list(text("问题,社区,电话", *lines), "a.csv", "十月清单", viewer=viewer)
    assert amend_row(draft.pk, 3, {"place": str(town.grid_b.pk)}, viewer=viewer)["problems"] == []
    amend_row(draft.pk, 4, {"left_out": "1"}, viewer=viewer)
    for _again in range(2):
        done = take_in_list(draft.pk, viewer=viewer)
    assert done.case_count == 2 and Case.objects.count() == 2
    assert {c.place_id for c in Case.objects.all()} == {town.one.pk, town.grid_b.pk}
    report = Report.objects.order_by("id").first()
    assert report.occasion == "十月清单 · 第 2 行" and report.phone_sealed and report.channel == "sheet"
    assert "contact" not in str(done.rows)


def test_a_wrong_number_is_mended_or_taken_away_and_the_name_stays(town):
    viewer = town.viewer("clerk")
    lines = ["路灯不亮,甲社区,演示李四,1380000", "井盖破了,甲社区,演示王五,1380000"]
    draft = preview_list(text("问题,社区,上报人,电话", *lines), "a.csv", "", viewer=viewer)
    assert amend_row(draft.pk, 2, {"phone": "13800000001"}, viewer=viewer)["problems"] == []
    assert amend_row(draft.pk, 3, {"phone": ""}, viewer=viewer)["problems"] == []
    take_in_list(draft.pk, viewer=viewer)
    first, second = Report.objects.order_by("id")
    assert first.phone_sealed and first.name_sealed and second.name_sealed and not second.phone_sealed


def test_a_list_belongs_to_who_read_it(town):
    draft = preview_list(text("问题,社区", "路灯不亮,甲社区"), "a.csv", "", viewer=town.viewer("clerk"))
    for act in (take_in_list, drop_list):
        with pytest.raises(NotFound):
            act(draft.pk, viewer=town.viewer("dispatcher"))


def test_who_has_not_the_duty_imports_nothing(town):
    with pytest.raises(NotAllowed):
        preview_list(text("问题,社区", "路灯不亮,甲社区"), "a.csv", "", viewer=town.viewer("verifier"))


def test_a_place_outside_ones_own_is_named(town):
    draft = preview_list(text("问题,社区", "路灯不亮,乙社区"), "a.csv", "", viewer=town.viewer("cadre_a"))
    assert "岗位" in draft.rows[0]["problems"][0]["text"]


def test_the_same_row_twice_is_pointed_out(town):
    draft = preview_list(text("问题,社区", *["路灯不亮,甲社区"] * 2), "a.csv", "", viewer=town.viewer("clerk"))
    assert draft.rows[1]["repeats"] == 2


def test_an_operator_imports_from_the_command_line(town, tmp_path):
    from django.core.management import call_command

    path = tmp_path / "list.csv"
    path.write_bytes(text("问题,社区", "路灯不亮,甲社区", "路灯不亮,丙社区"))
    out = __import__("io").StringIO()
    call_command("import_cases", str(path), by="clerk", stdout=out)
    assert not Case.objects.exists() and "第 3 行" in out.getvalue()
    call_command("import_cases", str(path), by="clerk", yes=True, without_refused=True, stdout=out)
    assert Case.objects.count() == 1
