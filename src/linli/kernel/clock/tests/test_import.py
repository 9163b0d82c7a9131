"""`import calendar`: a year's days are shown first, entered whole or not at all, and named by row when wrong."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from linli.kernel.clock.models import CalendarDay, CalendarYear

pytestmark = pytest.mark.django_db

OFF = [f"2031-01-{day:02d},放假,元旦" for day in range(1, 9)]


def run(path, lines, **more) -> str:
    path.write_text("\n".join(["日期,类型,名称", *lines]), "utf-8")
    out = io.StringIO()
    call_command("import_calendar", str(path), stdout=out, **more)
    return out.getvalue()


def test_a_calendar_is_shown_before_it_is_entered(tmp_path):
    said = run(tmp_path / "2031.csv", [*OFF, "2031-01-18,上班,补班"])
    assert "2031 年：放假 8 天，调休上班 1 天" in said and not CalendarDay.objects.filter(day__year=2031).exists()
    run(tmp_path / "2031.csv", [*OFF, "2031-01-18,上班,补班"], yes=True, source="国务院办公厅通知")
    assert CalendarDay.objects.filter(day__year=2031).count() == 9
    year = CalendarYear.objects.get(year=2031)
    assert year.official and year.source == "国务院办公厅通知"


def test_a_calendar_may_come_as_json_and_be_provisional(tmp_path):
    path = tmp_path / "2031.json"
    path.write_text('{"days": [{"name": "元旦", "date": "2031-01-01", "isOffDay": true}]}', "utf-8")
    call_command("import_calendar", str(path), yes=True, provisional=True, stdout=io.StringIO())
    assert not CalendarYear.objects.get(year=2031).official


def test_wrong_rows_are_named_and_nothing_is_entered(tmp_path, capsys):
    with pytest.raises(CommandError):
        run(tmp_path / "a.csv", [*OFF, "2031-02-30,放假,没有这一天"], yes=True)
    with pytest.raises(CommandError):
        run(tmp_path / "a.csv", OFF[:2], yes=True)  # two days are no whole year
    with pytest.raises(CommandError):
        call_command("import_calendar", str(tmp_path / "missing.csv"))
    assert not CalendarDay.objects.filter(day__year=2031).exists()


def test_importing_the_same_year_again_changes_nothing(tmp_path):
    for _ in range(2):
        run(tmp_path / "2031.csv", OFF, yes=True)
    assert CalendarDay.objects.filter(day__year=2031).count() == 8
