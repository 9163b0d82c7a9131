"""Limits hold over threads and processes, each for itself and for the house; the words say what to do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from linli.kernel import rates
from linli.kernel.errors import TooMany
from linli.kernel.rates.jobs import forget_old_counters
from linli.kernel.rates.models import Count
from linli.kernel.rates.rules import DEFAULTS, Limit, Rate, read_limits, visitor

FIRST, SECOND = "203.0.113.7", "203.0.113.8"


def outcome(what: str, address: str) -> str:
    try:
        rates.count(what, address)
    except TooMany as error:
        return error.code
    return "ok"


@pytest.mark.django_db
def test_one_address_over_its_limit_is_told_when_to_come_again(settings):
    settings.LINLI_LIMITS = "report=2/1d,100/1d"
    assert [outcome("report", FIRST) for _ in range(3)] == ["ok", "ok", "rates.address"]
    assert outcome("report", SECOND) == "ok"
    with pytest.raises(TooMany) as told:
        rates.count("report", FIRST)
    assert 0 < told.value.retry_after <= 86_400
    assert "12345" in str(told.value.what_next)


@pytest.mark.django_db
def test_who_is_over_the_own_limit_does_not_use_up_the_house(settings):
    settings.LINLI_LIMITS = "report=2/1d,3/1d"
    for _ in range(20):
        outcome("report", FIRST)
    assert outcome("report", SECOND) == "ok"
    assert outcome("report", SECOND) == "rates.house"


@pytest.mark.django_db
def test_a_span_that_is_over_counts_no_more(settings):
    settings.LINLI_LIMITS = "report=1/1d,100/1d"
    assert [outcome("report", FIRST), outcome("report", FIRST)] == ["ok", "rates.address"]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rates_count SET span = span - 1")
    assert outcome("report", FIRST) == "ok"


@pytest.mark.django_db
def test_no_address_is_kept_and_old_counters_are_forgotten(settings):
    settings.LINLI_LIMITS = ""
    rates.count("report", FIRST)
    assert all(FIRST.encode() not in bytes(row.who) for row in Count.objects.all())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rates_count SET at = at - interval '2 days'")
    forget_old_counters()
    assert not Count.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_threads_together_get_exactly_the_limit(settings):
    settings.LINLI_LIMITS = "report=10/1d,25/1d"

    def ask(number: int) -> str:
        try:
            return outcome("report", f"203.0.113.{number % 4}")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(80)))
    assert answers.count("ok") == 25
    assert set(answers) == {"ok", "rates.address", "rates.house"}


def test_the_operator_changes_one_limit_or_all():
    found = read_limits("report=5/m, 50/m; suggest=off")
    assert found is not None
    assert found["report"] == Limit(Rate(5, 60), Rate(50, 60))
    assert found["suggest"].address.times == 0
    assert found["upload"] == DEFAULTS["upload"]
    assert read_limits("off") is None
    assert str(Rate(60, 600)) == "60/10m"


@pytest.mark.parametrize("wrong", ["report", "report=5", "nothing=1/m,1/m", "report=5/0m,1/m", "report=x/m,1/m"])
def test_what_cannot_be_read_is_named(wrong):
    with pytest.raises(ValueError, match=wrong.partition("=")[0]):
        try:
            read_limits(wrong)
        except ValueError as error:
            raise ValueError(f"{wrong.partition('=')[0]}: {error}") from None


@pytest.mark.parametrize(
    ("address", "one"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_a_line_counts_as_one_visitor(address, one):
    assert visitor(address) == one
