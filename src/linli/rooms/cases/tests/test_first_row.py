"""The row of a new case holds what the action made of the intake, column by column."""

from __future__ import annotations

import pytest

from linli.rooms.cases.actions import intake as action
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import LAMP, ON_BORDER, reported


@pytest.mark.django_db
@pytest.mark.parametrize(
    "given",
    [
        {"item_key": LAMP, "address": "3 栋 100%", "accuracy_m": 30, "urgent": True, "legacy": True},
        {"lng": ON_BORDER[0], "lat": ON_BORDER[1], "accuracy_m": 30, "is_public": False},
    ],
)
def test_no_column_of_a_new_case_is_lost_on_the_way_to_its_row(town, monkeypatch, given):
    made: list[Case] = []
    insert = action.insert
    monkeypatch.setattr(action, "insert", lambda case: (insert(case), made.append(case)))
    kept = reported(town, **given)
    for field in Case._meta.concrete_fields:
        assert getattr(kept, field.attname) == getattr(made[0], field.attname), field.name
