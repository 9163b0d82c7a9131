"""Numbers without a gap and never twice, however many issue at once."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import NotAllowed, Refused
from linli.rooms.oversight.actions.numbering import set_prefix
from linli.rooms.oversight.models import Order
from linli.rooms.oversight.rules import number_text
from linli.rooms.oversight.tests.issuing import issued


@pytest.mark.django_db(transaction=True)
def test_four_at_once_get_four_numbers_in_a_row():
    from linli.rooms.cases.tests.fixtures import lay_out_town

    town = lay_out_town()

    def one(n: int) -> str | None:
        try:
            if n % 4 == 3:  # this one gives up after its number was drawn
                with pytest.raises(Refused):
                    issued(town, title="作废", proposal_ids=[], level=9)
                return None
            return issued(town, request_key=f"at-once-{n}").number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = [number for number in pool.map(one, range(12)) if number]
    assert sorted(numbers) == sorted(f"演督〔{clock.now().astimezone(CIVIL).year}〕{n}号" for n in range(1, 10))
    assert sorted(Order.objects.values_list("serial", flat=True)) == list(range(1, 10))


@pytest.mark.django_db
def test_a_new_year_begins_at_one_and_the_prefix_is_data(town):
    system = town.viewer("system")
    with clock.at(dt.datetime(2026, 12, 31, 23, 59, tzinfo=CIVIL)):
        set_prefix(system, town.district.pk, "order", 2026, "渌督")
        assert issued(town).number == "渌督〔2026〕1号"
        with pytest.raises(Refused):
            set_prefix(system, town.district.pk, "order", 2026, "渌办督")
        with pytest.raises(NotAllowed):
            set_prefix(town.viewer("supervisor"), town.district.pk, "order", 2027, "x")
    with clock.at(dt.datetime(2027, 1, 1, 0, 1, tzinfo=CIVIL)):
        assert issued(town).number == "渌督〔2027〕1号"


def test_a_number_reads_as_official_papers_have_it():
    assert number_text("渌督", 2026, 12) == "渌督〔2026〕12号"
