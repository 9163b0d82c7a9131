"""Any period from running totals is what counting the cases one by one comes to."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from linli.kernel.clock.calendar import CIVIL
from linli.rooms.insight.describing import document
from linli.rooms.insight.facts import Fact
from linli.rooms.insight.marks import day_number, in_numbers, marks
from linli.rooms.insight.measures import POPULATION_NAMES, POPULATIONS, Counts
from linli.rooms.insight.rules import CLOSING_ALLOWANCE, INDICATORS, figure, total

START = dt.datetime(2026, 3, 1, tzinfo=CIVIL)
HOURS = st.integers(0, 24 * 40)
MAYBE = st.one_of(st.none(), HOURS)


@st.composite
def some_fact(draw) -> Fact:
    """A fact with anything in it: the algebra does not ask whether it could be."""

    def moment(hours: int | None) -> dt.datetime | None:
        return None if hours is None else START + dt.timedelta(hours=hours)

    names = (
        "registered", "first_dispatched", "received", "due", "handled", "closed", "reopened", "rated", "bad_at",
        "bad_called", "righted", "right_by",
    )  # fmt: skip
    return Fact(
        1,
        reported=moment(draw(HOURS)),
        **{name: moment(draw(MAYBE)) for name in names},
        received_late=draw(st.booleans()),
        returned=draw(st.integers(0, 2)),
        reworked=draw(st.integers(0, 2)),
        extended=draw(st.integers(0, 2)),
        solved=draw(st.sampled_from(["", "yes", "partly", "no"])),
        level=draw(st.sampled_from([None, 1, 2, 3, 4, 5])),
        out=draw(st.sampled_from(["", "", "", "appeal", "window"])),
    )


def by_totals(facts: list[Fact], a: dt.date, b: dt.date) -> Counts:
    """As the house counts: running totals at the start and at the end."""
    left = [(m, day) for fact in facts for m, day, counts in marks(in_numbers(fact)) if counts]

    def before(measure: str, day: dt.date) -> int:
        return sum(1 for m, d in left if m == measure and d < day_number(day))

    at = {"a": a, "b": b}
    return Counts(
        tuple(sum(t.sign * before(t.measure, at[t.at]) for t in POPULATIONS[name]) for name in POPULATION_NAMES)
    )


def one_by_one(facts: list[Fact], a: dt.date, b: dt.date) -> Counts:
    """As a person would count, with the words of the definitions."""
    begin, end = (dt.datetime.combine(day, dt.time(), CIVIL) for day in (a, b))

    def within(moment: dt.datetime | None) -> bool:
        return moment is not None and begin <= moment < end

    numbers = dict.fromkeys(POPULATION_NAMES, 0)

    def count(name: str, yes: object) -> None:
        numbers[name] += bool(yes)

    for f in facts:
        count("reported", within(f.reported))
        count("valid", within(f.reported) and f.registered)
        count("registered", within(f.registered))
        count("dispatched", within(f.first_dispatched))
        count("accurate", within(f.first_dispatched) and not f.returned)
        count("responded", within(f.first_dispatched) and f.received and not f.received_late)
        open_at_start = f.handled is None or f.handled >= begin
        belongs = f.due is not None and (within(f.due) or (f.due < begin and open_at_start))
        if f.out:
            count("left_out", belongs)
        else:
            count("due", belongs)
            count("carried", f.due is not None and f.due < begin and open_at_start)
            # Handled early, before the period in which it falls due, is handled in that period.
            count("handled", belongs and f.handled is not None and f.handled < end)
            count("in_time", within(f.due) and f.handled is not None and f.handled <= f.due)
            count("overdue", belongs and (f.handled is None or f.handled >= end))
            count("extended", belongs and f.extended)
            close_by = None if f.due is None else f.due + CLOSING_ALLOWANCE
            to_close = close_by is not None and (
                within(close_by) or (close_by < begin and (f.closed is None or f.closed >= begin))
            )
            count("to_close", to_close)
            count("closed_in_time", within(close_by) and f.closed is not None and f.closed <= close_by)
            count("reworked", to_close and f.reworked)
        count("closed", within(f.closed))
        count("answered", within(f.rated) and f.solved)
        count("solved", within(f.rated) and f.solved == "yes")
        count("levelled", within(f.rated) and f.level)
        count("satisfied", within(f.rated) and f.level and f.level >= 3)
        count("bad", within(f.bad_at))
        count("bad_called", within(f.bad_at) and f.bad_called)
        count("right_due", within(f.right_by))
        count("righted", within(f.right_by) and f.righted and f.righted <= f.right_by)
        count("reopened", within(f.reopened))
    return Counts.of(**numbers)


@given(st.lists(some_fact(), max_size=6), st.integers(0, 45), st.integers(1, 30))
@settings(max_examples=120, deadline=None)
def test_any_period_is_a_difference_of_running_totals(facts, first, length):
    a = (START + dt.timedelta(days=first)).date()
    b = a + dt.timedelta(days=length)
    found = by_totals(facts, a, b)
    assert found == one_by_one(facts, a, b)
    assert found["due"] == found["handled"] + found["overdue"]
    assert 0 <= found["in_time"] <= found["handled"] <= found["due"]


def test_every_indicator_divides_a_part_by_its_whole_and_says_so_in_both_languages():
    counts = Counts.of(due=53, in_time=41, left_out=3)
    shown = figure("in_time", counts)
    assert (shown.numerator, shown.base, shown.left_out, shown.percent) == (41, 53, 3, "77.4")
    assert figure("in_time", Counts.of()).rate is None and figure("in_time", Counts.of()).percent == "–"
    assert figure("valid", Counts.of(reported=2, valid=1, left_out=9)).left_out == 0
    assert total([counts, counts])["due"] == 106
    for indicator in INDICATORS.values():
        assert indicator.definition_zh and indicator.definition_en and indicator.label_zh and indicator.label_en
        assert "÷" in indicator.definition_zh and "÷" in indicator.definition_en


def test_the_document_says_what_the_indicators_say():
    page = Path(__file__).parents[5] / "docs" / "indicators.md"
    assert page.read_text("utf-8") == document(), "./linli manage indicators docs/indicators.md"
