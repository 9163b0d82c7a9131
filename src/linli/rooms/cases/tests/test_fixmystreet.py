"""What FixMyStreet exports comes in whole or not at all, and never twice."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.management import CommandError, call_command

from linli.kernel.errors import Refused
from linli.rooms.cases.actions.lists import preview_list, take_in_list
from linli.rooms.cases.fixmystreet import read_fixmystreet
from linli.rooms.cases.models import Case, Report
from linli.rooms.cases.tests.fixtures import IN_A

pytestmark = pytest.mark.django_db

TITLES = [
    "Report ID", "Title", "Detail", "User Name", "Category", "Subcategory", "Created", "Confirmed", "Acknowledged",
    "Fixed", "Closed", "Status", "Latitude", "Longitude", "Query", "Ward", "Easting", "Northing", "Report URL",
    "Device Type", "Site Used", "Reported As",
]  # fmt: skip


def row(number: object = 101, **given: object) -> dict[str, object]:
    return {
        "Report ID": number,
        "Title": "路灯不亮",
        "Detail": "滨江路口的路灯坏了",
        "User Name": "Ann Lee",
        "Category": "路灯",
        "Created": "2026-11-01T08:00:00",
        "Confirmed": "2026-11-01T08:05:00",
        "Status": "confirmed",
        "Latitude": IN_A[1],
        "Longitude": IN_A[0],
        "Query": "滨江路 1 号",
        "Report URL": f"https://fix.example/report/{number}",
        **given,
    }


def export(*rows: dict[str, object], titles: list[str] = TITLES) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, titles, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def preview(town, *rows, **more):
    return preview_list(export(*rows), "export.csv", "", viewer=town.viewer("clerk"), form="fixmystreet", **more)


def test_every_column_of_the_export_is_understood():
    rows, unknown = read_fixmystreet(export(row(), row(102, **{"User Name": "(anonymous)"})), "export.csv")
    assert unknown == [] and rows[1].cells["name"] == ""
    assert rows[0].cells["words"] == "路灯不亮\n滨江路口的路灯坏了"
    assert rows[0].cells["external"] == "fix.example/101"
    assert rows[0].cells["at"] == "2026-11-01 08:05:00"
    assert read_fixmystreet(export(row(Extra=1), titles=[*TITLES, "Extra"]), "export.csv")[1] == ["Extra"]


def test_a_table_that_is_no_such_export_is_refused():
    with pytest.raises(Refused) as refused:
        read_fixmystreet("问题,社区\n路灯不亮,甲社区\n".encode(), "a.csv")
    assert "Report ID" in str(refused.value.message)


def test_rows_become_cases_with_place_words_and_a_sealed_name(town):
    done = take_in_list(preview(town, row(), row(102)).pk, viewer=town.viewer("clerk"))
    assert done.case_count == 2
    case = Case.objects.order_by("id").first()
    assert case is not None
    assert (case.place_id, case.address, case.channel) == (town.grid_a.pk, "滨江路 1 号", "sheet")
    assert Report.objects.order_by("id")[0].name_sealed
    assert "fix.example/101" in Report.objects.order_by("id")[0].occasion


def test_importing_again_brings_only_what_is_new(town):
    take_in_list(preview(town, row()).pk, viewer=town.viewer("clerk"))
    again = preview(town, row(), row(102))
    assert [bool(one.get("already")) for one in again.rows] == [True, False]
    assert take_in_list(again.pk, viewer=town.viewer("clerk")).case_count == 1
    assert Case.objects.count() == 2
    other = preview(town, row(**{"Report URL": "https://other.example/report/101"}))
    take_in_list(other.pk, viewer=town.viewer("clerk"))
    assert Case.objects.count() == 3, "two sites may have the same numbers"


def test_what_had_ended_there_is_left_out_unless_wanted(town):
    rows = [row(), row(102, Status="fixed - council"), row(103, Status="closed")]
    assert [one["left_out"] for one in preview(town, *rows).rows] == [False, True, True]
    assert not any(one["left_out"] for one in preview(town, *rows, with_ended=True).rows)


@pytest.mark.parametrize(
    "wrong",
    [
        {"Report ID": ""},
        {"Report ID": "abc"},
        {"Report ID": 101},
        {"Latitude": "north"},
        {"Latitude": 51.5, "Longitude": -0.1},
        {"Title": "", "Detail": ""},
        {"Detail": "长" * 5000},
        {"Latitude": "", "Longitude": "", "Query": "", "Ward": ""},
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_half_imported(town, wrong):
    draft = preview(town, row(), row(102, **wrong))
    assert not draft.rows[0]["problems"] and draft.rows[1]["problems"] and draft.rows[1]["n"] == 3
    with pytest.raises(Refused):
        take_in_list(draft.pk, viewer=town.viewer("clerk"))
    assert not Case.objects.exists()


def test_an_operator_imports_an_export_from_the_command_line(town, tmp_path):
    path = tmp_path / "export.csv"
    path.write_bytes(export(row(), row(102, Status="closed"), row(103, Latitude="?")))
    out = io.StringIO()

    def run(**more):
        call_command("import_cases", str(path), by="clerk", form="fixmystreet", stdout=out, **more)

    run()
    assert "第 4 行" in out.getvalue() and "--with-ended" in out.getvalue() and not Case.objects.exists()
    with pytest.raises(CommandError):
        run(yes=True)
    assert not Case.objects.exists()
    run(yes=True, without_refused=True)
    run(yes=True, without_refused=True)
    assert Case.objects.count() == 1 and "1 件以前已经导入" in out.getvalue()
