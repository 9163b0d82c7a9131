"""Lights as data: their moments, their order, what an operator may set."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.clock import TimeLimit
from linli.kernel.errors import Conflict, NotAllowed, Refused
from linli.rooms.oversight.actions.settings import LightWords, RuleWords, set_lights, set_rules
from linli.rooms.oversight.models import Light, Rules
from linli.rooms.oversight.rules import DEFAULT_LIGHTS, Lamp, common_path, light_at, metres_between, next_turn, turns_of
from linli.rooms.oversight.tests.issuing import issued

START = dt.datetime(2026, 11, 16, 1, tzinfo=dt.UTC)
LAMPS = [Lamp(row["code"], row["kind"], row["share"]) for row in DEFAULT_LIGHTS]


def test_a_light_shines_by_what_is_left_and_the_last_moment_is_in_time():
    due = START + dt.timedelta(hours=8)
    turns = turns_of(START, due, LAMPS)
    for hours, light in ((0, "on_track"), (5.9, "on_track"), (6, "near"), (8, "near"), (8.001, "overdue")):
        assert light_at(turns, START + dt.timedelta(hours=hours)) == light


@given(st.lists(st.integers(1, 99), unique=True, max_size=5), st.integers(0, 10_000))
def test_turns_are_in_order_and_each_light_comes_once(shares, minutes):
    lamps = [
        Lamp("first", "running", 100),
        *(Lamp(f"l{n}", "running", n) for n in shares),
        Lamp("late", "overdue", 100),
    ]
    due = START + dt.timedelta(minutes=minutes)
    turns = turns_of(START, due, lamps)
    moments = [at for at, _code in turns]
    assert moments == sorted(moments) and len(set(moments)) == len(moments)
    assert turns[-1] == (due + dt.timedelta(microseconds=1), "late")
    assert next_turn(turns, moments[-1]) is None
    for at, code in turns:
        assert light_at(turns, at) == code


def test_common_path_and_metres():
    assert common_path([[1, 2, 3, 4], [1, 2, 5]]) == [1, 2]
    assert common_path([[1], [2]]) == []
    assert metres_between((113.1, 27.6), (113.1, 27.60045)) == pytest.approx(49.8, abs=0.5)


def words(**changes) -> list[LightWords]:
    rows = [LightWords(**{k: v for k, v in row.items() if k != "sort"}) for row in DEFAULT_LIGHTS]
    return rows + ([LightWords(**changes)] if changes else [])


@pytest.mark.django_db
def test_an_operator_adds_a_light_and_running_orders_follow(town):
    order = issued(town)
    half = {
        "code": "half",
        "kind": "running",
        "name_zh": "过半",
        "name_en": "half",
        "colour": "near",
        "shape": "diamond",
        "share": 50,
    }
    set_lights(town.viewer("system"), words(**half))
    order.refresh_from_db()
    assert [code for _at, code in order.turns] == ["on_track", "half", "near", "overdue"]
    assert Light.objects.count() == 6
    with pytest.raises(NotAllowed):
        set_lights(town.viewer("supervisor"), words())
    set_lights(town.viewer("system"), words())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {
            "code": "half",
            "kind": "running",
            "name_zh": "",
            "name_en": "half",
            "colour": "near",
            "shape": "diamond",
            "share": 50,
        },
        {
            "code": "half",
            "kind": "running",
            "name_zh": "半",
            "name_en": "half",
            "colour": "near",
            "shape": "circle",
            "share": 50,
        },
        {
            "code": "half",
            "kind": "running",
            "name_zh": "半",
            "name_en": "half",
            "colour": "near",
            "shape": "diamond",
            "share": 25,
        },
        {"code": "half", "kind": "overdue", "name_zh": "半", "name_en": "half", "colour": "near", "shape": "diamond"},
        {
            "code": "half",
            "kind": "running",
            "name_zh": "半",
            "name_en": "half",
            "colour": "pink",
            "shape": "diamond",
            "share": 50,
        },
    ],
)
def test_colour_alone_and_doubles_are_refused(town, wrong):
    with pytest.raises(Refused):
        set_lights(town.viewer("system"), words(**wrong))
    assert Light.objects.count() == 5


@pytest.mark.django_db
def test_rules_are_set_once_a_version(town):
    limit = TimeLimit(2, "working_days")
    given = RuleWords(limit, limit, limit, limit, levels=[("督办", "supervision")])
    with pytest.raises(NotAllowed):
        set_rules(town.viewer("leader"), given, version=1)
    row = set_rules(town.viewer("system"), given, version=Rules.objects.get().version)
    with pytest.raises(Conflict):
        set_rules(town.viewer("system"), given, version=row.version - 1)
    with pytest.raises(Refused):
        set_rules(town.viewer("system"), RuleWords(limit, limit, limit, limit), version=row.version)
    assert issued(town).limit_amount == 2
