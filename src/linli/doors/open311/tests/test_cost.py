"""What a request costs, and what happens when many come at once."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linli.doors.open311.tests.conftest import V2, read
from linli.kernel import clock
from linli.rooms.cases.models import Case, Report
from linli.rooms.cases.tests.fixtures import IN_A, LAMP, lay_out_town, reported

GOOD = {"service_code": LAMP, "lat": str(IN_A[1]), "long": str(IN_A[0]), "description": "路灯不亮"}


def queries(call) -> int:
    call()
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert call().status_code == 200
    return len(seen)


def test_a_list_takes_the_same_queries_for_one_and_for_many(api, town):
    reported(town)
    one = queries(lambda: api.get(f"{V2}/requests.json"))
    for _ in range(9):
        reported(town)
    assert queries(lambda: api.get(f"{V2}/requests.json")) == one <= 5


def test_services_are_written_once(api, town):
    assert queries(lambda: api.get(f"{V2}/services.xml")) <= 2


def test_accepting_a_report_takes_few_queries(api, town, key):
    secret = key("report", per_minute=100)
    assert queries(lambda: api.post(f"{V2}/requests.json", {**GOOD, "api_key": secret})) <= 10


def test_at_most_a_thousand_requests_are_listed_the_newest_first(api, town):
    case = reported(town)
    rows = []
    for n in range(1005):
        row = Case.objects.get(pk=case.pk)
        row.pk, row.number = None, f"2026-{n:06d}"
        row.reported_at = case.reported_at - dt.timedelta(seconds=n + 1)
        row._state.adding = True
        rows.append(row)
    Case.objects.bulk_create(rows)
    found = read(api.get(f"{V2}/requests.xml"), "xml")
    assert len(found) == 1000 and found[0]["service_request_id"] == case.number


def test_the_last_ninety_days_are_listed_where_no_time_is_named(api, town):
    reported(town)
    with clock.at(clock.now() + dt.timedelta(days=89)):
        assert len(api.get(f"{V2}/requests.json").json()) == 1
    with clock.at(clock.now() + dt.timedelta(days=91)):
        assert api.get(f"{V2}/requests.json").json() == []


def test_a_repeated_key_is_the_same_report_and_belongs_to_its_machine(api, town, key):
    def number(secret: str, idempotency: str | None) -> str:
        headers = {"idempotency-key": idempotency} if idempotency else {}
        return api.post(f"{V2}/requests.json", {**GOOD, "api_key": secret}, headers=headers).json()[0][
            "service_request_id"
        ]

    mine, other = key("report"), key("report")
    assert number(mine, "order-1") == number(mine, "order-1")
    assert number(mine, "order-1") != number(other, "order-1")
    assert number(mine, None) != number(mine, None)
    assert Report.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_sixteen_identical_posts_with_one_key_make_one_case():
    from linli.kernel.authority import SystemAuthority
    from linli.rooms.people.actions.keys import create_key

    lay_out_town()
    _key, secret = create_key(SystemAuthority(), name="热线", scopes=["report"])

    def send(_n: int) -> tuple[int, str]:
        try:
            answer = Client(raise_request_exception=False).post(
                f"{V2}/requests.json", {**GOOD, "api_key": secret}, headers={"idempotency-key": "order-77"}
            )
            return answer.status_code, answer.json()[0].get("service_request_id", answer.content.decode())
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(send, range(16)))
    assert {status for status, _number in answers} == {200}
    assert len({number for _status, number in answers}) == 1
    assert Case.objects.count() == Report.objects.count() == 1
