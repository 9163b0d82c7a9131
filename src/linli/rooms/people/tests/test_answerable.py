"""The responsibility look-up: examples in sentences, and a brute-force oracle over random matrices."""

from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.rooms.people.models import MatrixVersion, Responsibility
from linli.rooms.people.queries import answerable
from linli.rooms.people.queries.matrix import MatrixTable
from linli.rooms.people.tests.conftest import make_account, make_place, make_post, make_unit

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=SHANGHAI)  # a Friday


@pytest.fixture
def matrix(db):
    return MatrixVersion.objects.create(number=1, state="active", created_at=NOON)


def rule(matrix, matter, place, unit, **extra):
    return Responsibility.objects.create(matrix=matrix, matter=matter, place=place, unit=unit, **extra)


def ask(place, item="M06012", at=NOON, **extra):
    return answerable(item, item[:3], place.lineage, at, **extra)


def test_the_item_beats_the_class_even_when_the_class_names_a_deeper_place(town, matrix):
    rule(matrix, "M06", town.grid, town.water)
    named = rule(matrix, "M06012", town.district, town.city)
    answer = ask(town.grid)
    assert (answer.unit_id, answer.rule_id, answer.via) == (town.city.id, named.id, "item")
    assert [other["unit_id"] for other in answer.alternatives] == [town.water.id]


def test_the_class_beats_every_matter_and_the_deeper_place_beats_the_wider(town, matrix):
    rule(matrix, "", town.special, town.committee)
    rule(matrix, "M06", town.district, town.city)
    near = rule(matrix, "M06", town.grid, town.water)
    answer = ask(town.special)
    assert (answer.rule_id, answer.via, answer.place_id) == (near.id, "class", town.grid.id)


def test_a_special_grid_inside_a_grid_is_deeper_than_the_grid(town, matrix):
    rule(matrix, "", town.grid, town.city)
    inner = rule(matrix, "", town.special, town.water)
    assert ask(town.special).rule_id == inner.id


def test_of_equals_the_time_bound_rule_wins_while_it_holds_then_the_older_one(town, matrix):
    first = rule(matrix, "M06", town.street, town.city)
    rule(matrix, "M06", town.street, town.water)
    weekend = rule(matrix, "M06", town.street, town.street_office, weekdays=[6, 7])
    assert ask(town.grid).rule_id == first.id
    assert ask(town.grid, at=NOON + dt.timedelta(days=1)).rule_id == weekend.id


@pytest.mark.parametrize(
    ("moment", "held"),
    [
        ("2026-11-20 21:59", False),
        ("2026-11-20 22:00", True),
        ("2026-11-21 05:59", True),
        ("2026-11-21 06:00", False),
        ("2026-11-20 03:00", False),
        ("2026-11-21 22:30", False),
    ],
)
def test_a_night_shift_belongs_to_the_day_it_began_on_in_shanghai_time(town, matrix, moment, held):
    rule(matrix, "M06", town.street, town.city)
    night = rule(matrix, "M06", town.street, town.water, weekdays=[5], from_time=dt.time(22), to_time=dt.time(6))
    at = dt.datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI).astimezone(dt.UTC)
    assert (ask(town.grid, at=at).rule_id == night.id) is held


def test_days_are_half_open_spans_of_civil_days(town, matrix):
    spring = rule(matrix, "", town.street, town.city, valid_from=dt.date(2026, 2, 1), valid_to=dt.date(2026, 3, 1))
    last = dt.datetime(2026, 2, 28, 23, 59, tzinfo=SHANGHAI)
    assert ask(town.grid, at=last).rule_id == spring.id
    assert ask(town.grid, at=last + dt.timedelta(minutes=1)).via == "fallback"


def test_an_ended_unit_does_not_answer(town, matrix):
    rule(matrix, "M06", town.grid, make_unit("U-X", "已撤销", valid_to=dt.date(2026, 1, 1)))
    other = rule(matrix, "", town.district, town.city)
    assert ask(town.grid).rule_id == other.id


def test_without_a_rule_the_territory_answers_and_the_answer_says_so(town, matrix):
    answer = ask(town.grid)
    assert (answer.unit_id, answer.via, answer.rule_id) == (town.committee.id, "fallback", None)
    assert [reason["code"] for reason in answer.reasons] == ["no_rule", "fallback.community"]
    assert ask(town.neighbour).unit_id == town.street_office.id
    assert ask(town.other_street).unit_id == town.district_office.id


def test_a_rule_that_does_not_hold_now_is_mentioned_before_the_fallback(town, matrix):
    rule(matrix, "M06", town.street, town.city, weekdays=[1])
    assert ask(town.grid).reasons[0]["code"] == "not_now"


def test_without_any_unit_the_answer_is_none_and_says_what_to_do(matrix):
    lonely = make_place("district", "空区", code="430299000000")
    answer = ask(lonely)
    assert (answer.unit_id, answer.via) == (None, "none")


def test_the_named_post_is_the_deepest_held_today_and_its_deputy_answers_in_absence(town, matrix):
    from linli.rooms.people.models import PostKind

    rule(matrix, "M06", town.street, town.city, post_kind=PostKind.objects.get(code="grid_worker"))
    assert ask(town.grid).post_id is None
    assert ask(town.grid).reasons[-1]["code"] == "post.vacant"
    make_post("grid_worker", make_account("wide", "宽"), town.community)
    near = make_post("grid_worker", make_account("near", "近"), town.grid)
    make_post("grid_worker", make_account("gone", "去"), town.grid, valid_to=dt.date(2025, 1, 1))
    answer = ask(town.grid)
    assert (answer.post_id, answer.holder_name) == (near.id, "近")
    near.deputy, near.deputy_from = make_account("dep", "代"), NOON - dt.timedelta(hours=1)
    near.save()
    assert ask(town.grid).holder_name == "代"


def test_a_post_of_the_unit_serves_when_the_place_has_none(town, matrix):
    from linli.rooms.people.models import PostKind

    rule(matrix, "M06", town.street, town.city, post_kind=PostKind.objects.get(code="unit_contact"))
    post = make_post("unit_contact", make_account("contact", "联络"), unit=town.city)
    assert ask(town.grid).post_id == post.id


def test_a_post_limited_to_other_matters_is_not_named(town, matrix):
    from linli.rooms.people.models import PostKind

    rule(matrix, "M06", town.street, town.city, post_kind=PostKind.objects.get(code="unit_contact"))
    make_post("unit_contact", make_account("contact", "联络"), unit=town.city, matters=["M07"])
    assert ask(town.grid).post_id is None


def test_another_edition_can_be_asked_and_reasons_are_json_in_the_readers_language(town, matrix):
    draft = MatrixVersion.objects.create(number=2, created_at=NOON)
    rule(draft, "M06", town.street, town.water)
    assert ask(town.grid).via == "fallback"
    with translation.override("en"):
        answer = ask(town.grid, matrix_id=draft.id)
    assert answer.unit_id == town.water.id
    assert json.loads(json.dumps(answer.reasons))[0]["text"].isascii()


def test_the_look_up_is_one_query_and_the_fallback_one_more(town, matrix, django_assert_num_queries):
    with django_assert_num_queries(2):
        ask(town.grid)
    rule(matrix, "", town.district, town.city)
    with django_assert_num_queries(1):
        ask(town.grid)


def test_the_planner_uses_the_index_with_ten_thousand_rules(town, matrix):
    from linli.rooms.people.queries.answerable import IN_FORCE, LOOKUP

    places = [
        town.street,
        town.other_street,
        town.community,
        town.neighbour,
        town.grid,
        town.special,
        town.next_grid,
    ]
    Responsibility.objects.bulk_create(
        Responsibility(
            matrix=matrix, matter=f"M{1 + n % 11:02d}{n // 11 % 150:03d}", place=places[n % 7], unit=town.city
        )
        for n in range(10_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE people_responsibility")
        cursor.execute(
            "EXPLAIN " + LOOKUP.format(matrix=IN_FORCE),
            {"lineage": list(town.grid.lineage), "matters": ["M06012", "M06", ""]},
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "responsibility_lookup" in plan
    assert "Seq Scan on people_responsibility" not in plan


# ── Oracle ─────────────────────────────────────────────────────────────────────────────────────────

MATTERS = ["M06012", "M06013", "M06", "M07", "M07001", ""]
times = st.sampled_from([None, (8, 18), (22, 6), (0, 12)])
a_rule = st.tuples(
    st.sampled_from(MATTERS),
    st.integers(0, 6),
    st.integers(0, 3),
    st.lists(st.integers(1, 7), max_size=3, unique=True),
    times,
    st.sampled_from([None, dt.date(2026, 11, 18), dt.date(2026, 11, 20)]),
    st.sampled_from([None, dt.date(2026, 11, 21), dt.date(2026, 11, 23)]),
)
a_question = st.tuples(
    st.sampled_from(["M06012", "M06013", "M07001", "M08001", ""]), st.integers(0, 6), st.integers(0, 24 * 8)
)


def oracle(rules, item, class_key, lineage, at):
    """The definition, said once more and slowly: every rule is looked at, hours by walking the shifts."""
    here = at.astimezone(SHANGHAI)

    def holds(r):
        for start in (here.date(), here.date() - dt.timedelta(days=1)):
            if (r.valid_from and start < r.valid_from) or (r.valid_to and start >= r.valid_to):
                continue
            if r.weekdays and start.isoweekday() not in r.weekdays:
                continue
            begin = dt.datetime.combine(start, r.from_time or dt.time(0), SHANGHAI)
            end = dt.datetime.combine(start, r.to_time, SHANGHAI) if r.to_time else begin + dt.timedelta(days=1)
            if end <= begin:
                end += dt.timedelta(days=1)
            if begin <= here < end:
                unit = r.unit
                return unit.valid_from <= here.date() and (unit.valid_to is None or here.date() < unit.valid_to)
        return False

    for matter in [m for m in (item, class_key) if m] + [""]:
        for place_id in reversed(lineage):
            live = [r for r in rules if r.matter == matter and r.place_id == place_id and holds(r)]
            bound = [r for r in live if r.valid_from or r.valid_to or r.weekdays or r.from_time]
            for group in (bound, live):
                if group:
                    return min(group, key=lambda r: r.id)
    return None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(a_rule, max_size=25), questions=st.lists(a_question, min_size=1, max_size=8))
def test_sql_memory_and_the_slow_definition_agree(town, matrix, rows, questions):
    draft = MatrixVersion.objects.create(number=MatrixVersion.objects.count() + 100, created_at=NOON)
    places = [
        town.district,
        town.street,
        town.community,
        town.neighbour,
        town.grid,
        town.special,
        town.next_grid,
    ]
    ended = make_unit(f"E{draft.id}", "将撤销", valid_to=dt.date(2026, 11, 21))
    units = [town.city, town.water, town.committee, ended]
    rules = [
        rule(
            draft,
            matter,
            places[place],
            units[unit],
            weekdays=days,
            valid_from=since,
            valid_to=until,
            from_time=hours and dt.time(hours[0]),
            to_time=hours and dt.time(hours[1]),
        )
        for matter, place, unit, days, hours, since, until in rows
    ]
    table = MatrixTable.load(draft.id)
    for item, place, hour in questions:
        lineage, at = (
            places[place].lineage,
            dt.datetime(2026, 11, 17, 16, tzinfo=dt.UTC) + dt.timedelta(hours=hour),
        )
        expected = oracle(rules, item, item[:3], lineage, at)
        answer = answerable(item, item[:3], lineage, at, draft.id)
        found = table.answer(item, item[:3], lineage, at)
        assert (answer.rule_id, answer.unit_id) == (found.rule_id, found.unit_id)
        assert answer.via == found.via and answer.place_id == found.place_id
        if expected is None:
            assert answer.via == "fallback"
        else:
            assert (answer.rule_id, answer.unit_id) == (expected.id, expected.unit_id)
