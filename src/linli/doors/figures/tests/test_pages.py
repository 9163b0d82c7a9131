"""Pages of figures: what they say, lead to, cost, and whom they let in."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.urls import reverse

from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.outbox.jobs import drain
from linli.rooms.insight.models import Appeal, CaseFact, Exclusion, Result, Scorecard
from linli.rooms.insight.queries.behind import cases_behind
from linli.rooms.insight.queries.counts import counts_of
from linli.rooms.insight.queries.slow import CONDITIONS

pytestmark = pytest.mark.django_db
SPAN = "period=any&since={since}&until={until}"


def _span(figures) -> str:
    return SPAN.format(since=figures.begin.astimezone(CIVIL).date(), until=clock.now().astimezone(CIVIL).date())


def test_the_dashboard_tells_rates_with_their_base_and_leads_to_as_many_cases(figures, django_assert_max_num_queries):
    client = figures.browser("leader")
    client.get(reverse("figures:home"))
    with django_assert_max_num_queries(14):
        page = client.get(f"{reverse('figures:home')}?{_span(figures)}").content.decode()
    assert "1/3" in page and "33.3 %" in page and "按期处置率" in page and "怎么算" in page
    link = re.search(r'href="(/figures/cases/\?[^"]*population=due[^"]*)"', page)
    assert link is not None
    with django_assert_max_num_queries(14):
        behind = client.get(link.group(1).replace("&amp;", "&")).content.decode()
    assert "应处置 3 件" in behind
    for case in (figures.late, figures.quick, figures.open):
        assert case.number in behind


def test_lists_hold_as_many_cases_as_the_figures_say(figures):
    since, until = figures.begin.astimezone(CIVIL).date(), clock.now().astimezone(CIVIL).date() + dt.timedelta(days=1)
    root = figures.town.district.pk
    for first in (since, since + dt.timedelta(days=10), until - dt.timedelta(days=3)):
        found = counts_of("district", root, first, until)
        for population in CONDITIONS:
            number, rows = cases_behind(population, first, until, under=[root])
            assert number == len(rows) == found[population], population


@pytest.mark.parametrize("by", ["community", "grid", "unit", "post", "item", "class"])
def test_every_breakdown_and_file(figures, by):
    client = figures.browser("supervisor", "en")
    address = f"{reverse('figures:home')}?{_span(figures)}&by={by}&under={figures.town.street.pk}"
    page = client.get(address).content.decode()
    assert "Handled in time" in page
    csv = b"".join(client.get(address + "&format=csv").streaming_content).decode("utf-8-sig")
    assert csv.splitlines()[-1].startswith("Total") and "0.3333" in csv
    assert client.get(address + "&format=xlsx").status_code == 200


def test_a_unit_sees_its_own_figures_and_nobody_elses(figures):
    client = figures.browser("lamp_contact")
    home = client.get(reverse("figures:home"))
    assert home.status_code == 302 and home["Location"] == reverse("figures:one", args=["unit", figures.town.lamps.pk])
    assert "路灯所" in client.get(home["Location"] + "?" + _span(figures)).content.decode()
    assert client.get(reverse("figures:one", args=["unit", figures.town.power.pk])).status_code == 404
    own = f"?population=due&dimension=unit&id={figures.town.lamps.pk}&{_span(figures)}"
    assert "应处置 3 件" in client.get(reverse("figures:cases") + own).content.decode()
    assert client.get(reverse("figures:cases") + f"?population=due&{_span(figures)}").status_code == 404
    assert client.get(reverse("figures:home") + f"?under={figures.town.district.pk}").status_code in (302, 404)
    cadre = figures.browser("cadre_b")
    assert cadre.get(reverse("figures:home") + f"?under={figures.town.one.pk}").status_code == 404
    assert cadre.get(reverse("figures:one", args=["grid", figures.town.grid_a.pk])).status_code == 404
    assert figures.browser("worker_a").get(reverse("figures:home")).status_code == 403


def test_an_appeal_from_the_list_to_the_second_review(figures):
    unit, supervisor, leader = (figures.browser(name) for name in ("lamp_contact", "supervisor", "leader"))
    assert figures.late.number in unit.get(reverse("figures:appeals")).content.decode()
    ask = reverse("figures:ask", args=[figures.late.number])
    case_page = reverse("desk:case", args=[figures.late.number])
    assert ask in unit.get(case_page).content.decode()
    assert ask not in supervisor.get(case_page).content.decode(), "only the unit that had it may appeal"
    assert unit.get(ask).status_code == 200
    assert unit.post(ask, {"words": ""}).status_code == 422
    asked = unit.post(ask, {"words": "连续暴雨", "key": "appeal-page-1"})
    appeal = Appeal.objects.get()
    assert asked.status_code == 302 and asked["Location"] == reverse("figures:appeal", args=[appeal.pk])
    assert ask not in unit.get(case_page).content.decode(), "once a case"
    page = reverse("figures:appeal", args=[appeal.pk])
    assert "提交审核" not in unit.get(page).content.decode()
    assert unit.post(page, {"upheld": "yes", "words": "自己审", "version": 1}).status_code == 403
    assert "提交审核" in supervisor.get(page).content.decode()
    assert supervisor.post(page, {"upheld": "yes", "words": "属实", "version": 1}).status_code == 302
    assert "第二次要由另一个人审" in supervisor.get(page).content.decode()
    assert leader.post(page, {"upheld": "yes", "words": "属实", "version": 1}).status_code == 409
    assert leader.post(page, {"upheld": "yes", "words": "属实", "version": 2}).status_code == 302
    drain()
    told = leader.get(f"{reverse('figures:home')}?{_span(figures)}").content.decode()
    assert "不计入 1 件" in told and "1/2" in told
    assert figures.late.number in leader.get(reverse("figures:left_out")).content.decode()


def test_a_time_to_leave_out_by_the_page(figures):
    leader = figures.browser("leader")
    day = figures.begin.astimezone(CIVIL).date()
    given = {"cause": "weather", "place": figures.town.one.pk, "since": day, "until": day, "reason": "暴雨橙色预警"}
    assert figures.browser("supervisor").post(reverse("figures:left_out"), given).status_code == 403
    assert leader.post(reverse("figures:left_out"), {**given, "reason": ""}).status_code == 422
    assert leader.post(reverse("figures:left_out"), given).status_code == 302
    drain()
    row = Exclusion.objects.get()
    assert CaseFact.objects.filter(out="window", out_ref=row.pk).count() == 3
    assert leader.post(reverse("figures:revoke", args=[row.pk]), {"words": "写错了", "version": 1}).status_code == 302
    drain()
    assert not CaseFact.objects.exclude(out="").exists()


def test_a_scorecard_from_the_draft_to_the_published_ranking(figures):
    supervisor, leader, unit = (figures.browser(name) for name in ("supervisor", "leader", "lamp_contact"))
    begun = supervisor.post(reverse("figures:scorecards"), {"subject": "unit", "name_zh": "单位考核"})
    card = Scorecard.objects.get()
    page = reverse("figures:scorecard", args=[card.pk])
    assert begun["Location"] == page and unit.get(page).status_code == 404
    given = {"name_zh": "单位考核", "min_base": "1", "published": "on", "version": "1",
             "weight_in_time": "60", "full_in_time": "95", "zero_in_time": "50"}  # fmt: skip
    assert "100" in supervisor.post(page, given).content.decode()
    given |= {"weight_reworked": "40", "full_reworked": "0", "zero_reworked": "20"}
    assert supervisor.post(page, given).status_code == 302
    today = clock.now().astimezone(CIVIL).date()
    span = {"since": figures.begin.date() - dt.timedelta(days=1), "until": today - dt.timedelta(days=1), "version": "2"}
    assert supervisor.post(reverse("figures:try", args=[card.pk]), span).status_code == 302
    tried = supervisor.get(page).content.decode()
    assert "试算结果" in tried and "路灯所" in tried and "哪个权重左右名次" in tried
    day = {"from_day": today, "version": "3"}
    assert supervisor.post(reverse("figures:approve", args=[card.pk]), day).status_code == 403
    assert leader.post(reverse("figures:approve", args=[card.pk]), day).status_code == 302
    kept = supervisor.post(reverse("figures:compute", args=[card.pk]), span)
    result = Result.objects.get()
    assert kept["Location"] == reverse("figures:result", args=[result.pk])
    told = unit.get(kept["Location"]).content.decode()
    assert "本单位" in told and "按期处置率" in told
    assert "Monthly" not in told and unit.get(page).status_code == 200
    assert figures.browser("leader", "en").get(page).status_code == 200


def test_definitions_say_every_indicator_in_both_languages(figures):
    for language, words in (("zh-hans", "按期处置 ÷ 应处置"), ("en", "Handled by the deadline ÷ due")):
        assert words in figures.browser("leader", language).get(reverse("figures:definitions")).content.decode()
