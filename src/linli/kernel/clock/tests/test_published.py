import io
import json
from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from linli.kernel.clock.published import FEWEST_HOLIDAYS, published, published_years, read_days
from linli.kernel.errors import Refused

from .examples import SHIPPED


@pytest.mark.parametrize("year", published_years())
def test_every_day_of_a_shipped_year_agrees_with_an_independent_source(year):
    day = date(year, 1, 1)
    while day.year == year:
        assert SHIPPED.is_workday(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


def test_every_year_the_independent_source_knows_is_shipped():
    assert max(published_years()) == max(day.year for day in chinese_calendar.constants.holidays)


def test_shipped_days_have_names_in_both_languages():
    for year in published_years():
        source, days = published(year)
        assert str(year) in source
        assert sum(day.kind == "off" for day in days) >= FEWEST_HOLIDAYS
        assert all(day.name_zh and day.name_en for day in days)


def xlsx(rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


WANTED = [(date(2027, 1, 1), "off", "元旦"), (date(2027, 1, 2), "work", "元旦调休")]
FORMS = {
    "plain": "2027-01-01,off,元旦\n2027-01-02,work,元旦调休\n".encode(),
    "header and words": "日期,类型,名称\n2027年1月1日,放假,元旦\n2027/1/2,调休上班,元旦调休\n".encode("utf-8-sig"),
    "other order": "name,date,kind\n元旦,20270101,休\n元旦调休,20270102,班\n".encode(),
    "gb18030": "日期,类型,名称\n2027-01-01,放假,元旦\n\n2027-01-02,上班,元旦调休\n".encode("gb18030"),
    "objects": json.dumps(
        [
            {"date": "2027-01-01", "kind": "off", "name": "元旦"},
            {"date": "2027-01-02", "kind": "work", "name": "元旦调休"},
        ]
    ).encode(),
    "widespread json": json.dumps(
        {
            "year": 2027,
            "days": [
                {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
                {"name": "元旦调休", "date": "2027-01-02", "isOffDay": False},
            ],
        }
    ).encode(),
    "xlsx": xlsx([["日期", "类型", "名称"], [date(2027, 1, 1), "放假", "元旦"], ["2027-01-02", "上班", "元旦调休"]]),
}


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS.keys())
def test_lists_are_read_in_every_usual_form(data):
    listed = read_days(data, "calendar")
    assert listed.problems == []
    assert [(day.day, day.kind, day.name_zh) for day in listed.days] == WANTED
    assert listed.years == [2027]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("2027-02-30,off,x", "date"),
        ("soon,off,x", "date"),
        ("1492-01-01,off,x", "date"),
        ("2027-01-03,maybe,x", "kind"),
        ("2027-01-01,work,x", "date"),
    ],
)
def test_a_bad_row_is_named_by_row_and_field(line, field):
    listed = read_days(f"2027-01-01,off,元旦\n{line}\n".encode(), "calendar.csv")
    assert [(problem.row, problem.field) for problem in listed.problems] == [(2, field)]


@pytest.mark.parametrize(
    "data", [b"", b"  ", b"PK\x03\x04broken", b"{", b'{"a": 1}', b"\xff\xfe\xff", b"x" * 2_000_001]
)
def test_a_file_that_is_no_list_is_refused(data):
    with pytest.raises(Refused) as refusal:
        read_days(data, "calendar.csv")
    assert refusal.value.what_next


@given(st.binary(max_size=300))
def test_no_bytes_do_anything_but_be_read_or_refused(data):
    try:
        listed = read_days(data, "calendar.csv")
        assert listed.days or listed.problems
    except Refused:
        pass
