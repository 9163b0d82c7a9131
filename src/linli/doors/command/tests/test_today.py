"""Leaders see today's figures for the places they answer for, with their bases, and click through to the list."""

import datetime as dt

import pytest
from django.urls import reverse

from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.tests.fixtures import IN_A, IN_B, reported
from linli.rooms.cases.tests.walking import walk

pytestmark = pytest.mark.django_db


def sign_in(client, town, name):
    client.force_login(town.accounts[name])


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("leader", 200),
        ("supervisor", 200),
        ("dispatcher", 200),
        ("worker_a", 403),
        ("lamp_contact", 403),
        ("resident", 403),
        ("system", 403),
        ("nobody", 302),
    ],
)
@pytest.mark.parametrize("address", ["command:today", "command:wall"])
def test_the_screen_is_for_those_who_hold_the_duty(client, town, name, status, address):
    if name != "nobody":
        sign_in(client, town, name)
    assert client.get(reverse(address)).status_code in ({302, 403} if name == "nobody" else {status})


def test_figures_count_the_viewers_cases_and_lead_to_the_list(client, town, picture):
    walk(reported(town), town, picture, "dispatch")
    walk(reported(town), town, picture, "close")
    sign_in(client, town, "leader")
    page = client.get(reverse("command:today"))
    assert page.context["tiles"][0].value == 1
    assert page.context["places"][0]["open"] == 1
    assert f"place={town.grid_a.pk}" in page.content.decode()


def test_the_screen_costs_the_same_for_many_cases(client, town, picture, django_assert_max_num_queries):
    for _n in range(3):
        walk(reported(town), town, picture, "accept")
    sign_in(client, town, "leader")
    client.get(reverse("command:today"))
    with django_assert_max_num_queries(8):
        client.get(reverse("command:today"))


def test_every_figure_opens_a_list_of_as_many(client, town, picture):
    """The same conditions count and list: for each tile, for each grid and community, by the desk's own reading."""
    from urllib.parse import urlsplit

    from django.http import QueryDict

    from linli.kernel import clock
    from linli.rooms.cases.queries.worklist import Filters, count

    now = clock.now()
    for hours, until in ((1, "report"), (100, "dispatch"), (400, "receive"), (30, "close"), (600, "accept")):
        with clock.at(now - dt.timedelta(hours=hours)):
            case = reported(town, lng=(IN_A if hours % 8 else IN_B)[0], lat=IN_A[1], legacy=hours == 600)
            if until != "report":
                walk(case, town, picture, until)
    with clock.at(now - dt.timedelta(days=9)):
        held = walk(reported(town), town, picture, "receive")
    until_day = (now + dt.timedelta(days=9)).date().isoformat()
    take(held.pk, "suspend", {"until": until_day, "words": "等备件"}, viewer=town.viewer("supervisor"))
    viewer = town.viewer("leader")
    sign_in(client, town, "leader")

    def listed(url: str) -> int:
        return count(viewer, Filters.read(QueryDict(urlsplit(url).query)))

    seen = 0
    for kind in ("grid", "community"):
        page = client.get(reverse("command:today"), {"kind": kind}).context
        for tile in page["tiles"]:
            assert listed(tile.url) == tile.value, tile.label
            seen += bool(tile.value)
        for row in page["places"]:
            assert listed(row["url"]) == row["open"], row["name"]
    assert seen >= 10


def test_every_rate_opens_the_list_of_the_cases_it_counts(client, town, picture):
    """In time and late, rated well and badly, long ago: each rate's list holds as many as its figure says."""
    from urllib.parse import urlsplit

    from django.http import QueryDict

    from linli.kernel import clock
    from linli.rooms.cases.models import Case
    from linli.rooms.cases.queries.worklist import Filters, count

    now = clock.now()
    rated = [("yes", 5), ("yes", 2), ("no", 3), ("", None)]
    for days, (solved, level) in zip((3, 5, 8, 60), rated, strict=True):
        with clock.at(now - dt.timedelta(days=days)):
            case = walk(reported(town), town, picture, "close")
        Case.objects.filter(pk=case.pk).update(solved=solved, level=level)
    Case.objects.filter(pk=case.pk).update(solved="yes", level=5)
    with clock.at(now - dt.timedelta(days=2)):
        late = walk(reported(town), town, picture, "confirm")
    Case.objects.filter(pk=late.pk).update(due_at=late.confirmed_at - dt.timedelta(hours=1))
    viewer = town.viewer("leader")
    sign_in(client, town, "leader")
    rates = client.get(reverse("command:today")).context["rates"]
    assert [(rate.value, rate.base) for rate in rates] == [(3, 4), (3, 4), (2, 3), (2, 3)]
    for rate in rates:
        assert count(viewer, Filters.read(QueryDict(urlsplit(rate.url).query))) == rate.value, rate.label
        assert client.get(rate.url).status_code == 200
