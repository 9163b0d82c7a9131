"""A city's sheet is read whole: blank cells inherit, and nothing is dropped without a word."""

import io
import zipfile

import pytest

from linli.kernel.errors import Refused
from linli.rooms.catalogue import sheet


def test_blank_cells_inherit_from_above(city):
    reading = sheet.read(city)
    assert [(e.sheet, e.class_code, e.item_code, e.name) for e in reading.entries] == [
        ("部件", "01", "01", "上水井盖"),
        ("部件", "01", "03", "雨水井盖"),
        ("部件", "01", "99", "爱心驿站"),
        ("部件", "02", "86", "路沿石"),
        ("事件", "01", "01", "私搭乱建"),
        ("事件", "01", "22", "非法伐树"),
        ("事件", "04", "96", "占用消防通道"),
    ]
    third = reading.rules[2]
    assert (third.row, third.entry, third.unit_hint, third.authority_hint) == (5, 0, "供水公司", "城管局")


def test_every_row_with_words_becomes_a_rule(city):
    reading = sheet.read(city)
    assert reading.sheets == {"部件": 6, "事件": 4}
    assert reading.refusals == []


def test_bare_hours_and_days_are_working_time_unless_said_otherwise(city):
    limits = [(rule.amount, rule.unit) for rule in sheet.read(city).rules[:3]]
    assert limits == [(2, "urgent_hours"), (4, "working_hours"), (2, "working_days")]
    limits = [(rule.amount, rule.unit) for rule in sheet.read(city, convention="calendar").rules[:3]]
    assert limits == [(2, "urgent_hours"), (4, "urgent_hours"), (2, "calendar_days")]


def test_a_unit_that_no_standard_knows_is_decided_and_told(city):
    reading = sheet.read(city)
    notes = [(note.sheet, note.cell, note.value) for note in reading.remarks]
    assert notes == [("事件", "I3", "2紧急工作日"), ("事件", "I6", "1紧急工作时制止")]
    rule = next(rule for rule in reading.rules if rule.limit_text == "2紧急工作日")
    assert (rule.amount, rule.unit) == (48, "urgent_hours")
    assert "48" in rule.note


def test_a_bad_cell_is_named_with_reason_and_proposal(workbook):
    reading = sheet.read(
        workbook(
            事件=[
                ["01", "市容环境", "10", "暴露垃圾", "", "", "有垃圾", "清走", "尽快"],
                ["", "", "", "", "", "", "", "清走", "1天"],
                ["", "", "", "", "", "", "还有垃圾", "", "1天"],
            ]
        )
    )
    assert [(r.kind, r.sheet, r.row, r.cell) for r in reading.remarks] == [
        ("refusal", "事件", 3, "I3"),
        ("refusal", "事件", 4, "G4"),
        ("note", "事件", 5, "H5"),
    ]
    assert all(remark.reason and remark.proposal for remark in reading.remarks)
    assert reading.remarks[0].value == "尽快"
    assert [rule.row for rule in reading.rules] == [5]


def test_a_new_class_inherits_no_item(workbook):
    reading = sheet.read(workbook(事件=[
        ["01", "市容环境", "10", "暴露垃圾", "", "", "有垃圾", "清走", "1天"],
        ["02", "宣传广告", "", "", "", "", "贴广告", "清除", "1天"],
    ]))  # fmt: skip
    assert [(r.cell, r.kind) for r in reading.remarks] == [("D4", "refusal")]


def test_a_repeated_header_is_no_rule(workbook):
    from .conftest import HEADER, MATTERS

    reading = sheet.read(workbook(事项=[*MATTERS[:1], HEADER, *MATTERS[3:]]))
    assert len(reading.rules) == 3 and reading.refusals == []


def test_a_sheet_without_rules_beside_it_is_passed_over(workbook):
    from .conftest import MATTERS

    data = workbook(事件=MATTERS, 说明=[])
    assert set(sheet.read(data).sheets) >= {"事件"}


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04 broken", b"%PDF-1.7\n", b"\x00" * 2000])
def test_what_is_no_workbook_is_refused_with_a_reason(data):
    with pytest.raises(Refused) as refused:
        sheet.read(data)
    assert str(refused.value)


def test_a_zip_bomb_is_refused():
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"xl/{number}.xml", b"0" * 100_000_000)
    with pytest.raises(Refused):
        sheet.read(kept.getvalue())


def test_a_workbook_of_something_else_is_refused(workbook):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["姓名", "电话"])
    kept = io.BytesIO()
    book.save(kept)
    with pytest.raises(Refused) as refused:
        sheet.read(kept.getvalue())
    assert refused.value.code == "catalogue.sheet_header"


@pytest.mark.parametrize(
    ("cell", "text"),
    [(3.0, "3"), ("03", "03"), (None, ""), ("街面秩序\n", "街面秩序"), (" a　 b ", "a b"), (2.5, "2.5")],
)
def test_cells_become_plain_text(cell, text):
    assert sheet.clean(cell) == text
