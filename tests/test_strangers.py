"""Strangers are counted where they cost something; the answer says what to do, and nothing typed is lost."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from linli.house.strangers import COUNTED, IN_THE_VIEW, WHEN_NOTHING_IS_FOUND
from linli.kernel.rates import DEFAULTS
from tests.addresses import ADDRESSES
from tests.conftest import Walker
from tests.world import KINDS

# What strangers may send without being counted, and why.
FREE = {
    "set_language": "a cookie",
    "web:theme": "a cookie",
    "web:elder": "a cookie",
    "account_logout": "ends what a session had",
}
ONE = "1/1d,1000/1d"


def sendable_by_strangers() -> set[str]:
    """Addresses where somebody without an account may send a form that is heard."""
    return {
        name
        for name, address in ADDRESSES.items()
        if address.expected("post", "nobody") in {"ok", "heard", "elsewhere"}
    }


def test_every_form_of_strangers_is_counted_or_free_for_a_reason():
    counted = {name for method, name in {**COUNTED, **IN_THE_VIEW} if method == "POST"}
    assert sorted(sendable_by_strangers() - counted - set(FREE)) == []


def test_the_table_names_addresses_and_limits_that_exist():
    table = {**COUNTED, **IN_THE_VIEW, **WHEN_NOTHING_IS_FOUND}
    assert sorted({name for _method, name in table} - set(ADDRESSES)) == []
    assert set(table.values()) == set(DEFAULTS)


@pytest.mark.parametrize(("method", "name"), sorted(COUNTED))
def test_the_second_time_is_too_many(world: SimpleNamespace, settings, method: str, name: str):
    what = COUNTED[method, name]
    settings.LINLI_LIMITS = f"{what}={ONE}"
    url = ADDRESSES[name].url(world)
    number = sorted(COUNTED).index((method, name))
    visitor = {"REMOTE_ADDR": f"198.51.100.{number}"}
    client = Client()
    first = client.generic(method, url, **visitor)
    second = client.generic(method, url, **visitor)
    other = client.generic(method, url, REMOTE_ADDR=f"203.0.113.{number}")
    assert (first.status_code == 429, second.status_code, other.status_code == 429) == (False, 429, False)
    assert int(second["Retry-After"]) > 0
    assert "12345" in second.content.decode("unicode_escape" if "json" in second["Content-Type"] else "utf-8")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("nobody", "resident")])
def test_staff_are_not_counted(world: SimpleNamespace, walker: Walker, settings, kind: str):
    settings.LINLI_LIMITS = f"suggest=0/1d,1/1d; upload={ONE}"
    url = reverse("common:suggest_items") + "?q=路灯"
    assert {walker(kind, "get", url).status_code for _ in range(3)} == {200}


def test_a_report_that_comes_too_soon_keeps_what_was_typed(world: SimpleNamespace, settings):
    settings.LINLI_LIMITS = f"report={ONE}"
    client = Client(REMOTE_ADDR="198.51.100.99")
    form = {"words": "路灯一闪一闪", "key": "too-soon-0001", "lng": world.closed.lng, "lat": world.closed.lat}
    assert client.post(reverse("portal:report"), form).status_code == 302
    answer = client.post(reverse("portal:report"), {**form, "key": "too-soon-0002", "words": "井盖松动"})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "井盖松动" in answer.content.decode()
    assert "12345" in answer.content.decode()


def test_guessing_tracking_codes_ends(world: SimpleNamespace, settings):
    settings.LINLI_LIMITS = "follow=3/1d,1000/1d"
    client = Client(REMOTE_ADDR="198.51.100.98")
    guesses = [client.get(f"/track/{'0123456789AB'[n:] + '0' * n}/").status_code for n in range(5)]
    assert guesses == [404, 404, 404, 429, 429]
    right = client.get(reverse("portal:follow", args=[world.report.tracking_code]))
    assert right.status_code == 200


def test_a_right_code_is_never_counted(world: SimpleNamespace, settings):
    settings.LINLI_LIMITS = f"follow={ONE}"
    client = Client(REMOTE_ADDR="198.51.100.97")
    url = reverse("portal:follow", args=[world.report.tracking_code])
    assert [client.get(url).status_code for _ in range(4)] == [200] * 4
