"""Counts and files over REST: the same filters, the same rights and the same record as at the desk."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Any

import orjson
import pytest
from openpyxl import load_workbook

from linli.doors.api.tests.conftest import Machine
from linli.kernel.journal.models import Entry
from linli.rooms.cases.tests.fixtures import IN_B, reported

pytestmark = pytest.mark.django_db
Make = Callable[..., Machine]


def taken(answer: Any) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_counts_follow_the_filters_and_the_place_of_the_key(town, machine: Make):
    reported(town)
    reported(town, urgent=True)
    found = machine("read").get("/cases/facets", {"urgent": "true"}).json()
    assert [(one["value"], one["count"]) for one in found["state"]] == [("reported", 1)]
    assert set(found) == {"state", "light", "class", "channel"}
    assert machine("read", place=town.two).get("/cases/facets").json()["state"] == []
    assert machine("read").get("/cases/facets", {"limit": 5}).status_code == 422


def test_a_file_holds_what_the_key_reaches_and_stands_in_the_journal(town, machine: Make):
    here, there = reported(town, phone="13800000001", name="演示李"), reported(town, lng=IN_B[0], lat=IN_B[1])
    one = machine("manage", place=town.one)
    text = taken(one.get("/cases.csv", {"view": "all"})).decode("utf-8-sig")
    rows = list(csv.reader(StringIO(text)))
    assert "manage" in rows[0][0] and [row[0] for row in rows[2:]] == [here.number]
    assert "13800000001" not in text and "演示李" not in text and there.number not in text
    entry = Entry.objects.get(action="case.export")
    assert entry.actor_name == "manage" and entry.after["count"] == 1 and entry.after["query"] == "view=all"
    features = orjson.loads(taken(one.get("/cases.geojson")))["features"]
    assert [feature["id"] for feature in features] == [here.number]
    sheet = load_workbook(BytesIO(taken(one.get("/cases.xlsx")))).active
    assert here.number in [cell.value for cell in sheet["A"]]
    assert Entry.objects.filter(action="case.export").count() == 3


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson"])
def test_only_who_may_export_takes_files_and_refusals_leave_no_record(town, machine: Make, form: str):
    for scope in ("report", "read", "steps", "configure", "appoint"):
        assert machine(scope).get(f"/cases.{form}").status_code == 403
    assert machine().get(f"/cases.{form}").status_code == 401
    assert machine("manage").get(f"/cases.{form}", {"sort": "new"}).status_code == 422
    assert not Entry.objects.filter(action="case.export").exists()
