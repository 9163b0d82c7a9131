"""The operator's pages: from a preset to a ladder in force, and trying limits out."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from linli.kernel import clock
from linli.kernel.clock.tests.examples import civil
from linli.rooms.ladder.models import Ladder
from linli.rooms.ladder.tests.rungs import MONDAY, run_to

pytestmark = pytest.mark.django_db
NOW = civil("2026-03-19 09:00")
LIMITS = {
    "run": "1", "since": "2026-02-01", "until": "2026-03-31", "limit-doorstep": "1工作日",
    "limit-community": "20工作日",
    "limit-unit": "5工作日", "limit-chief": "5工作日", "limit-group": "15自然日", "climbs-doorstep": "1",
    "climbs-community": "1", "climbs-unit": "1", "climbs-chief": "1",
}  # fmt: skip


def tier(ladder: Ladder, **more) -> dict[str, object]:
    return {
        "version": ladder.version, "name_zh": "镇街", "who": "unit:street", "limit": "3工作日", "receipt": "4工作时",
        "warn_percent": "25", "ends_at": "closed", "everyday": "", "climbs_alone": "on", **more,
    }  # fmt: skip


def draft(client, town, source: str = "lukou") -> Ladder:
    answer = client.post(reverse("duty:ladder_new"), {"district": town.district.pk, "source": source})
    assert answer.status_code == 302
    return Ladder.objects.latest("pk")


def test_from_a_preset_to_a_ladder_in_force(enter, town, django_assert_max_num_queries):
    client = enter("system")
    assert "还没有层级" in client.get(reverse("duty:ladders")).content.decode()
    page = client.get(reverse("duty:ladder_new")).content.decode()
    assert all(name in page for name in ("四级联动联办", "三级联调", "“1+N+X”联动", "从空白开始"))
    assert client.post(reverse("duty:ladder_new"), {"district": "x", "source": "lukou"}).status_code == 422
    ladder = draft(client, town)
    address = reverse("duty:ladder", args=[ladder.pk])
    client.get(address)
    with django_assert_max_num_queries(14):
        page = client.get(address).content.decode()
    assert "领导小组交办" in page and "没有人承担的地方" in page  # the town has no chief
    added = client.post(reverse("duty:tier_add", args=[ladder.pk]), tier(ladder))
    assert added.status_code == 302 and added["Location"] == address
    ladder.refresh_from_db()
    street = ladder.tiers.get(name_zh="镇街")
    for _ in range(2):
        client.post(reverse("duty:tier_move", args=[street.pk]), {"up": "0"})
    wrong = client.post(reverse("duty:tier_edit", args=[street.pk]), tier(ladder, name_zh="街道", limit="很快"))
    assert wrong.status_code == 422 and "很快" in wrong.content.decode() and "街道" in wrong.content.decode()
    ladder.refresh_from_db()
    typed = tier(ladder, name_zh="街道", limit="6工作日")
    assert client.post(reverse("duty:tier_edit", args=[street.pk]), typed).status_code == 302
    stale = client.post(reverse("duty:tier_edit", args=[street.pk]), {**typed, "name_zh": "街道二"})
    html = stale.content.decode()
    assert stale.status_code == 409 and "街道二" in html and "改了一层" in html
    ladder.refresh_from_db()
    again = {**typed, "name_zh": "街道二", "version": ladder.version}
    assert client.post(reverse("duty:tier_edit", args=[street.pk]), again).status_code == 302
    ladder.refresh_from_db()
    assert str(ladder.tiers.get(pk=street.pk).limit) == "6个工作日"
    given = {"version": ladder.version, "name_zh": "五级联动", "everyday": ["M01037"], "legacy_after_days": "60"}
    assert client.post(reverse("duty:ladder_edit", args=[ladder.pk]), given).status_code == 302
    ladder.refresh_from_db()
    assert (ladder.name_zh, ladder.everyday, ladder.major_level) == ("五级联动", ["M01037"], None)
    for url in ("ladder_edit", "tier_add"):
        assert client.get(reverse(f"duty:{url}", args=[ladder.pk])).status_code == 200
    stale = client.post(reverse("duty:ladder_activate", args=[ladder.pk]), {"version": ladder.version - 1})
    assert stale.status_code == 409
    past = client.post(
        reverse("duty:ladder_activate", args=[ladder.pk]), {"version": ladder.version, "at": "2020-01-01T08:00"}
    )
    assert past.status_code == 422 and "2020-01-01T08:00" in past.content.decode()
    client.post(reverse("duty:ladder_activate", args=[ladder.pk]), {"version": ladder.version})
    ladder.refresh_from_db()
    assert ladder.state == "active"
    page = client.get(reverse("duty:ladders")).content.decode()
    assert "在用" in page and "五级联动" in page
    assert client.post(reverse("duty:tier_remove", args=[street.pk])).status_code == 422
    client.post(reverse("duty:ladder_retire", args=[ladder.pk]))
    assert not Ladder.objects.filter(state="active").exists()


def test_a_start_is_agreed_on_and_called_off(enter, town):
    client = enter("system")
    ladder = draft(client, town)
    start = clock.now() + dt.timedelta(days=3)
    typed = {"version": ladder.version, "at": f"{start.astimezone(civil('2026-03-01').tzinfo):%Y-%m-%dT%H:%M}"}
    assert client.post(reverse("duty:ladder_activate", args=[ladder.pk]), typed).status_code == 302
    page = client.get(reverse("duty:ladder", args=[ladder.pk])).content.decode()
    assert "到时自动启用" in page and reverse("duty:tier_add", args=[ladder.pk]) not in page
    assert client.post(reverse("duty:tier_add", args=[ladder.pk]), tier(ladder)).status_code == 422
    client.post(reverse("duty:ladder_call_off", args=[ladder.pk]))
    assert (
        reverse("duty:tier_add", args=[ladder.pk])
        in client.get(reverse("duty:ladder", args=[ladder.pk])).content.decode()
    )
    client.post(reverse("duty:ladder_discard", args=[ladder.pk]))
    assert not Ladder.objects.exists()


def test_pages_of_ladders_are_whole_in_english(enter, town):
    client = enter("system", "en")
    ladder = draft(client, town, "huolongjing")
    for address in (
        reverse("duty:ladders"), reverse("duty:ladder_new"), reverse("duty:ladder", args=[ladder.pk]),
        reverse("duty:tier_edit", args=[ladder.tiers.get(level=2).pk]), reverse("duty:simulation"),
    ):  # fmt: skip
        html = client.get(address).content.decode()
        main = html[html.index('class="ll-settings-page') :]
        for word in ("层级", "时限", "承担", "启用", "推演"):
            assert word not in main, (address, word)


def test_limits_are_tried_out_and_the_address_can_be_passed_on(enter, laddered, django_assert_max_num_queries):
    run_to(MONDAY, NOW)
    with clock.at(NOW):
        client = enter("leader")
        assert "推演" in client.get(reverse("duty:simulation")).content.decode()
        with django_assert_max_num_queries(26):
            page = client.get(reverse("duty:simulation"), LIMITS).content.decode()
        assert "各层的负担" in page and 'id="chart-tiers"' in page and "0/1" in page  # nobody climbs in twenty days
        assert "按现行的时限" in page and "1/1 件事件 · 100 %" in page
        same = client.get(reverse("duty:simulation"), {**LIMITS, "limit-community": "2工作日"}).content.decode()
        assert "按现行的时限" not in same and "网格长 演示chief" in same
        wrong = client.get(reverse("duty:simulation"), {**LIMITS, "limit-unit": "很快"})
        assert wrong.status_code == 422 and "很快" in wrong.content.decode()
        for odd in (
            {"since": "2026-03-31", "until": "2026-03-01"},
            {"since": "1990-01-01"},
            {"ladder": "x"},
            {"place": "9" * 30},
        ):
            assert client.get(reverse("duty:simulation"), {**LIMITS, **odd}).status_code in (200, 422)
        none = client.get(reverse("duty:simulation"), {**LIMITS, "since": "2025-01-01", "until": "2025-02-01"})
        assert "这段时间没有派遣过的事件" in none.content.decode()
        assert enter("worker_a").get(reverse("duty:simulation")).status_code == 403
        system = enter("system").get(reverse("duty:simulation"), LIMITS)
        assert system.status_code == 200 and "0/1" in system.content.decode()
