"""A grid worker sees what to do now, opens it, reports on patrol; others' grids stay closed."""

import pytest
from django.urls import reverse

from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import IN_A, reported
from linli.rooms.cases.tests.walking import walk

pytestmark = pytest.mark.django_db


def sign_in(client, town, name):
    client.force_login(town.accounts[name])


def test_what_waits_for_me_is_listed_with_its_one_button(client, town, picture):
    case = walk(reported(town), town, picture, "confirm")
    sign_in(client, town, "verifier")
    page = client.get(reverse("field:todo")).content.decode()
    assert case.number in page and "核查通过" in page


def test_another_grids_worker_neither_sees_nor_opens_it(client, town, picture):
    case = walk(reported(town), town, picture, "confirm")
    sign_in(client, town, "worker_b")
    assert case.number not in client.get(reverse("field:grid")).content.decode()
    assert client.get(reverse("field:case", args=[case.number])).status_code == 404


def test_reporting_on_patrol_makes_a_case_of_the_field(client, town):
    sign_in(client, town, "worker_a")
    answer = client.post(
        reverse("field:report"), {"key": "patrol-key-01", "words": "井盖松动", "lng": IN_A[0], "lat": IN_A[1]}
    )
    assert answer.status_code == 302
    assert Case.objects.get().channel == "field"


def test_a_refused_patrol_report_keeps_what_was_typed(client, town):
    sign_in(client, town, "worker_a")
    answer = client.post(reverse("field:report"), {"key": "patrol-key-01", "words": "井盖松动", "address": "五栋旁"})
    assert answer.status_code == 422
    assert "井盖松动" in answer.content.decode() and "五栋旁" in answer.content.decode()


@pytest.mark.parametrize("address", ["field:todo", "field:grid", "field:report"])
@pytest.mark.parametrize(
    ("name", "status"), [("worker_a", 200), ("lamp_handler", 200), ("resident", 403), ("system", 403)]
)
def test_the_door_is_for_staff(client, town, address, name, status):
    sign_in(client, town, name)
    assert client.get(reverse(address)).status_code == status


def test_the_pages_cost_the_same_for_many_cases(client, town, picture, django_assert_max_num_queries):
    for _n in range(3):
        case = walk(reported(town), town, picture, "confirm")
    sign_in(client, town, "verifier")
    client.get(reverse("field:todo"))
    for address in (reverse("field:todo"), reverse("field:grid"), reverse("field:case", args=[case.number])):
        with django_assert_max_num_queries(14):
            client.get(address)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("worker_a", 200),
        ("cadre_a", 200),
        ("lamp_contact", 200),
        ("lamp_handler", 200),
        ("verifier", 200),
        ("dispatcher", 200),
        ("worker_b", 404),
        ("power_handler", 404),
        ("resident", 403),
        ("system", 403),
        ("nobody", 302),
    ],
)
def test_a_case_opens_for_those_it_concerns(
    client, town, picture, name, status, language, django_assert_max_num_queries
):
    case = walk(reported(town), town, picture, "confirm")
    client.cookies["linli_language"] = language
    if name != "nobody":
        sign_in(client, town, name)
    client.get(reverse("field:case", args=[case.number]))
    with django_assert_max_num_queries(14):
        assert client.get(reverse("field:case", args=[case.number])).status_code == status


def test_the_page_of_a_case_holds_the_form_of_its_next_step_photo_first(client, town, picture):
    case = walk(reported(town), town, picture, "confirm")
    sign_in(client, town, "verifier")
    page = client.get(reverse("field:case", args=[case.number]))
    assert next(iter(page.context["form"].fields)) == "photos"
    assert reverse("common:step", args=[case.number, "verify_pass"]) in page.content.decode()


def test_only_what_waits_for_me_carries_a_button(client, town, picture):
    walk(reported(town), town, picture, "handle")  # the unit has to confirm, not the verifier
    sign_in(client, town, "verifier")
    rows = client.get(reverse("field:grid")).context["rows"]
    assert [row["primary"] for row in rows] == [None]
