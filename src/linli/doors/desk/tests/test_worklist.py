"""The list at the desk: what it shows, to whom, at what cost."""

from __future__ import annotations

import pytest
from django.urls import reverse

from linli.rooms.cases.tests.fixtures import IN_B, reported
from linli.rooms.cases.tests.walking import walk

pytestmark = pytest.mark.django_db
LIST = "/desk/"


def test_it_lists_what_is_mine_to_do(desk, town, picture):
    mine, other = reported(town), walk(reported(town), town, picture, "dispatch")
    page = desk().get(LIST).content.decode()
    assert mine.number in page and other.number not in page


def test_the_tabs_show_open_ended_and_all(desk, town, picture):
    closed, fresh = walk(reported(town), town, picture), reported(town)
    client = desk()
    assert closed.number in client.get(LIST, {"view": "ended"}).content.decode()
    assert fresh.number in client.get(LIST, {"view": "open"}).content.decode()
    both = client.get(LIST, {"view": "all"}).content.decode()
    assert fresh.number in both and closed.number in both


def test_two_characters_are_enough_to_search(desk, town):
    found, other = reported(town), reported(town, words="小区门口堆满垃圾没人收")
    page = desk().get(LIST, {"view": "all", "q": "垃圾"}).content.decode()
    assert other.number in page and found.number not in page


def test_a_places_name_finds_what_lies_in_it(desk, town):
    near, far = reported(town), reported(town, lng=IN_B[0], lat=IN_B[1])
    page = desk().get(LIST, {"view": "all", "q": "甲社区"}).content.decode()
    assert near.number in page and far.number not in page


def test_a_phone_number_finds_its_cases_for_who_may_reveal(desk, town):
    case = reported(town, phone="13800000001")
    assert case.number in desk().get(LIST, {"view": "all", "q": "13800000001"}).content.decode()
    assert case.number not in desk("leader").get(LIST, {"view": "all", "q": "13800000001"}).content.decode()


def test_a_filter_stands_as_a_chip_and_in_the_address(desk, town):
    page = desk().get(LIST, {"view": "open", "state": "reported", "light": "on_track"}).content.decode()
    assert "待受理" in page and 'aria-label="去掉筛选：期限内"' in page and 'aria-label="去掉筛选：待受理"' in page


def test_facets_count_over_what_is_there(desk, town):
    reported(town)
    page = desk().get(reverse("desk:facets"), {"view": "open"}).content.decode()
    assert "居民上报" in page and "待受理" in page


@pytest.mark.parametrize(
    "odd", ["?case=nothing", "?state=x&light=y&since=z&place=-1&unit=99999999999999999999", "?after=~~"]
)
def test_a_broken_address_shows_a_list_not_an_error(desk, town, odd):
    assert desk().get(LIST + odd).status_code == 200


def test_other_places_stay_unseen(desk, town):
    near, far = reported(town), reported(town, lng=IN_B[0], lat=IN_B[1])
    page = desk("cadre_a").get(LIST, {"view": "all"}).content.decode()
    assert near.number in page and far.number not in page
    assert desk("cadre_a").get(reverse("desk:case", args=[far.number])).status_code == 404


@pytest.mark.parametrize("who", ["system", "resident"])
def test_who_sees_no_cases_is_kept_out(desk, town, who):
    assert desk(who).get(LIST).status_code == 403


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_costs_the_same_for_many(desk, town, language, django_assert_max_num_queries):
    for _n in range(4):
        reported(town)
    client = desk(language=language)
    client.get(LIST)
    with django_assert_max_num_queries(7):
        assert client.get(LIST).status_code == 200


def test_the_board_takes_few_queries(desk, town, picture, django_assert_max_num_queries):
    walk(reported(town), town, picture, "dispatch")
    client = desk()
    client.get(reverse("desk:board"))
    with django_assert_max_num_queries(7):
        page = client.get(reverse("desk:board")).content.decode()
    assert "待接收" in page


def test_a_view_is_saved_and_dropped(desk, town):
    client = desk()
    client.post(reverse("desk:save_view"), {"name": "周一早会", "query": "view=open&urgent=1&after=x"})
    page = client.get(LIST, {"view": "open", "urgent": "1"}).content.decode()
    assert "周一早会" in page and "删除这个视图" in page
    from linli.rooms.cases.models import SavedView

    client.post(reverse("desk:drop_view", args=[SavedView.objects.get().pk]))
    assert not SavedView.objects.exists()


def test_it_tells_when_new_cases_came(desk, town):
    client = desk()
    since = "2020-01-01T00:00:00+00:00"
    assert client.get(reverse("desk:news"), {"since_page": since}).status_code == 204
    reported(town)
    assert "1 件" in client.get(reverse("desk:news"), {"since_page": since}).content.decode()
    assert client.get(reverse("desk:news"), {"since_page": "yesterday"}).status_code == 204


def test_many_are_dispatched_and_each_has_its_answer(desk, town, picture):
    ready = [walk(reported(town), town, picture, "register") for _n in range(3)]
    raw = reported(town)
    ids = [c.pk for c in [*ready, raw]]
    client = desk()
    page = client.get(reverse("desk:bulk"), {"case": ids, "step": "dispatch"}).content.decode()
    assert "派遣 3 件" in page and "这 1 件不会动" in page
    answer = client.post(
        reverse("desk:bulk"), {"case": ids, "step": "dispatch", "unit": town.lamps.pk, "key": "k" * 32}
    ).content.decode()
    assert "3 件" in answer and raw.number in answer
    for case in ready:
        case.refresh_from_db()
        assert case.state == "dispatched" and case.unit_id == town.lamps.pk
    raw.refresh_from_db()
    assert raw.state == "reported"


def test_bulk_without_a_unit_keeps_the_choice(desk, town, picture):
    case = walk(reported(town), town, picture, "register")
    answer = desk().post(reverse("desk:bulk"), {"case": [case.pk], "step": "dispatch", "note": "x"})
    assert answer.status_code == 422 and case.number in answer.content.decode()
