"""Every address for every kind of person: exactly what the table in `tests.addresses` promises, and never a 500."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.addresses import ADDRESSES, names_in_the_house
from tests.conftest import Walker
from tests.world import KINDS

HEARD = {200, 201, 204, 302, 303, 400, 409, 422}


def got(answer) -> str:
    """The answer in the words of the table."""
    status = answer.status_code
    if status in (302, 303):
        return "login" if answer["Location"].startswith("/accounts/login/") else "elsewhere"
    return "ok" if status in (200, 204) else str(status)


def test_every_address_stands_in_the_table():
    missing = sorted({name for name, _ in names_in_the_house()} - set(ADDRESSES))
    assert missing == [], "add these to tests/addresses.py: what they name, and who gets what there"


def test_the_table_names_no_address_that_is_gone():
    assert sorted(set(ADDRESSES) - {name for name, _ in names_in_the_house()}) == []


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", list(ADDRESSES))
def test_everybody_gets_what_the_table_says(world: SimpleNamespace, walker: Walker, name: str, method: str):
    address = ADDRESSES[name]
    url = address.url(world)
    wrong = []
    for kind in KINDS:
        expected = address.expected(method, kind)
        answer = walker(kind, method, url)
        found = got(answer)
        if expected == "heard" and answer.status_code in HEARD and found != "login":
            continue
        if found != expected:
            wrong.append(f"{kind}: {found}, not {expected}")
    assert wrong == [], f"{method.upper()} {url}"
