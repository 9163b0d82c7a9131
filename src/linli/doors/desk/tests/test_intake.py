"""Forty demands from a meeting: each saved at once, the occasion stays, nothing typed is lost."""

from __future__ import annotations

import pytest
from django.urls import reverse

from linli.rooms.cases.models import Case, Report
from linli.rooms.cases.tests.fixtures import LAMP, reported

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


def told(town, n=0, **given):
    return {
        "key": f"key-of-row-{n:04d}", "channel": "meeting", "occasion": "红色星期天", "words": f"第 {n} 条：路灯不亮",
        "place": town.one.pk, **given,
    }  # fmt: skip


def test_forty_demands_become_forty_cases_with_their_occasion(desk, town):
    client = desk("clerk")
    for n in range(40):
        answer = client.post(reverse("desk:intake"), told(town, n), headers=HX)
        assert answer.status_code == 200 and "linli:draft-clear" in answer["HX-Trigger"]
    assert Case.objects.filter(channel="meeting").count() == 40
    assert set(Report.objects.values_list("occasion", flat=True)) == {"红色星期天"}
    page = client.get(reverse("desk:intake")).content.decode()
    assert page.count("第 ") >= 40 and ">40<" in page


def test_the_next_form_keeps_the_occasion_and_the_place_when_asked(desk, town):
    client = desk("clerk")
    kept = client.post(reverse("desk:intake"), told(town, keep_place="on"), headers=HX).content.decode()
    assert "红色星期天" in kept and f'name="place" value="{town.one.pk}"' in kept and "key-of-row" not in kept
    free = client.post(reverse("desk:intake"), told(town, 1), headers=HX).content.decode()
    assert f'name="place" value="{town.one.pk}"' not in free


def test_the_answer_names_the_number_at_once(desk, town):
    page = desk("clerk").post(reverse("desk:intake"), told(town), headers=HX).content.decode()
    assert f"已登记 {Case.objects.get().number}" in page and 'hx-swap-oob="afterbegin:#taken-list"' in page


def test_a_refused_row_keeps_every_word(desk, town):
    answer = desk("clerk").post(
        reverse("desk:intake"), told(town, place="", phone="12", name="演示人", address="三栋"), headers=HX
    )
    page = answer.content.decode()
    assert answer.status_code == 422 and not Case.objects.exists()
    assert all(words in page for words in ("第 0 条：路灯不亮", "演示人", "三栋", "红色星期天", "key-of-row-0000"))


def test_a_place_typed_but_not_chosen_is_given_back(desk, town):
    answer = desk("clerk").post(reverse("desk:intake"), told(town, place="", place_text="不知名路口"), headers=HX)
    assert answer.status_code == 422 and "不知名路口" in answer.content.decode()


def test_the_same_row_sent_twice_is_one_case(desk, town):
    client = desk("clerk")
    for _again in range(2):
        client.post(reverse("desk:intake"), told(town), headers=HX)
    assert Case.objects.count() == 1


def test_a_voice_joins_what_was_told_before(desk, town):
    case = reported(town)
    desk("clerk").post(reverse("desk:intake"), told(town, join=case.pk), headers=HX)
    case.refresh_from_db()
    assert case.report_count == 2 and Case.objects.count() == 1


def test_it_works_without_scripts(desk, town):
    plain = reverse("desk:intake") + "?plain=1"
    assert "<noscript><select" in desk("clerk").get(plain).content.decode()
    answer = desk("clerk").post(plain, told(town, item=LAMP), follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200 and Case.objects.get().number in page and "红色星期天" in page
    assert Case.objects.get().item.key == LAMP


def test_only_who_records_for_residents_may(desk, town):
    assert desk("lamp_contact").get(reverse("desk:intake")).status_code == 403
    assert desk("lamp_contact").post(reverse("desk:intake"), told(town)).status_code == 403
    far = desk("cadre_a").post(reverse("desk:intake"), told(town, place=town.two.pk), headers=HX)
    assert far.status_code == 403 and "第 0 条" in far.content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_costs_few_queries(desk, town, language, django_assert_max_num_queries):
    client = desk("clerk", language)
    for n in range(5):
        client.post(reverse("desk:intake"), told(town, n))
    client.get(reverse("desk:intake"))
    with django_assert_max_num_queries(6):
        client.get(reverse("desk:intake"))
