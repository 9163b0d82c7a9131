"""Leaders see today's figures for the places they answer for, with their bases, and click through to the list."""

import pytest
from django.urls import reverse

from linli.rooms.cases.tests.fixtures import reported
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
