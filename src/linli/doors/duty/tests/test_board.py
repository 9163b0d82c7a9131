"""The board, the lists behind it, the old and the large problems, and taking them out."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from linli.kernel import clock
from linli.kernel.clock.tests.examples import civil
from linli.kernel.journal.models import Entry
from linli.kernel.outbox.jobs import drain
from linli.rooms.cases.actions.steps import take
from linli.rooms.ladder.actions import climb, receive
from linli.rooms.ladder.tests.rungs import MONDAY, dispatched, person, run_to

pytestmark = pytest.mark.django_db
NOW = civil("2026-03-19 09:00")
BOARD, STAYS, PROBLEMS = "/desk/duty/", "/desk/duty/list/", "/desk/duty/problems/"


@pytest.fixture
def lived(laddered):
    """One case on each of four tiers, one of them suspended, one in the other grid; two weeks later."""
    t = laddered
    t.low = dispatched(t, at=civil("2026-03-18 09:00"))
    t.unit = dispatched(t, t.lamps, at=civil("2026-03-16 09:00"), lng=113.115, lat=27.605)
    t.chief_case = dispatched(t, at=civil("2026-03-04 09:00"))
    run_to(MONDAY, NOW)
    with clock.at(NOW):
        take(t.unit.pk, "receive", {}, viewer=t.viewer("lamp_contact"))
        receive(t.unit.pk, t.viewer("lamp_contact"))
        take(t.unit.pk, "suspend", {"until": "2026-04-20", "words": "等配件"}, viewer=t.viewer("supervisor"))
        drain()
        yield t


def page(client, address: str, **query: str):
    answer = client.get(address, query)
    return answer.status_code, answer.content.decode()


STAFF = ("dispatcher", "leader", "supervisor", "chief", "cadre_a", "worker_a", "head", "lamp_contact")


def test_the_board_opens_for_everybody_who_bears_or_assigns_in_few_queries(enter, lived, django_assert_max_num_queries):
    for name in STAFF:
        client = enter(name)
        client.get(BOARD)
        with django_assert_max_num_queries(8):
            status, html = page(client, BOARD)
        assert status == 200 and "领导小组交办" in html and "社区自办" in html
        with django_assert_max_num_queries(7):
            assert page(client, STAYS)[0] == 200


def test_figures_lead_to_as_many_rows(enter, lived):
    client = enter("dispatcher")
    html = page(client, BOARD)[1]
    assert "4 件" in html
    for query, rows in (
        ({}, 4), ({"tier": "community"}, 1), ({"tier": "unit"}, 1), ({"light": "suspended"}, 1), ({"tier": "moon"}, 0),
        ({"place": str(lived.grid_b.pk)}, 1), ({"place": "99999"}, 0), ({"view": "late"}, 0), ({"view": "soon"}, 1),
        ({"unreceived": "1"}, 3),
    ):  # fmt: skip
        assert page(client, STAYS, **query)[1].count('class="duty-what"') == rows, query
    assert "没有符合条件的事件" in page(client, STAYS, tier="moon")[1]


def test_mine_are_those_my_posts_bear(enter, lived):
    def numbers(name: str, **query: str) -> int:
        html = page(enter(name), STAYS, **query)[1]
        return html.count('class="duty-what"') + html.count('class="duty-card"')

    assert numbers("cadre_a", view="mine") == 1 and numbers("cadre_a", view="receive") == 1
    assert numbers("lamp_contact", view="mine") == 1 and numbers("lamp_contact", view="receive") == 0
    assert numbers("chief", view="mine") == 1 and numbers("leader", view="mine") == 1
    assert numbers("worker_b", view="mine") == 0
    # The chair counts, not the person: a second chief of the same grid bears what the first one does.
    person(lived, "chief_two", "grid_chief", place=lived.grid_a)
    assert numbers("chief_two", view="mine") == 1


def test_it_stays_within_reach_and_takes_any_address(enter, lived):
    assert page(enter("worker_b"), STAYS)[1].count('class="duty-card"') == 1
    assert page(enter("verifier"), BOARD)[0] == 403 and page(enter("clerk"), BOARD)[0] == 403
    client = enter("dispatcher")
    odd = ({"place": "x"}, {"page": "99999"}, {"page": "0"}, {"light": "moon"}, {"view": "\x00"}, {"tier": "\x00"})
    for query in odd:
        assert page(client, STAYS, **query)[0] == 200 and page(client, BOARD, **query)[0] == 200
        assert page(client, PROBLEMS, **query)[0] == 200


def test_an_empty_house_says_what_to_do(enter, town):
    html = page(enter("dispatcher"), BOARD)[1]
    assert "还没有在用的层级" in html
    assert "没有历史遗留或重大问题" in page(enter("dispatcher"), PROBLEMS)[1]
    assert "层级上现在没有事件" in page(enter("dispatcher"), STAYS)[1]


def test_the_old_and_the_large_have_their_list(enter, lived, django_assert_max_num_queries):
    take(lived.low.pk, "mark", {"legacy": True, "major": False, "reason": "拖了两年"}, viewer=lived.viewer("clerk"))
    climb(lived.low.pk, lived.viewer("cadre_a"), "换过三次灯泡", "线路老化，要整条换")
    client = enter("clerk")
    client.get(PROBLEMS)
    with django_assert_max_num_queries(7):
        html = page(client, PROBLEMS)[1]
    assert html.count('class="duty-problem"') == 3  # two came up to the third tier by themselves
    assert "换过三次灯泡" in html and "线路老化，要整条换" in html and "责任单位承办" in html
    assert page(client, PROBLEMS, kind="legacy")[1].count('class="duty-problem"') == 1
    assert page(client, PROBLEMS, tier="group")[1].count('class="duty-problem"') == 1
    assert page(client, PROBLEMS, done="1")[1].count('class="duty-problem"') == 0
    assert page(enter("worker_b"), PROBLEMS)[1].count('class="duty-problem"') == 0


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_list_is_taken_out_on_record(enter, lived, form):
    take(lived.low.pk, "mark", {"legacy": True, "reason": "拖了两年"}, viewer=lived.viewer("clerk"))
    answer = enter("clerk").post(reverse("duty:problems_export"), {"format": form, "query": "kind=legacy"})
    data = b"".join(answer.streaming_content)
    if form == "csv":
        text = data.decode("utf-8-sig")
        assert lived.low.number in text and "历史遗留" in text and "社区自办" in text and text.count("\n") == 3
    else:
        sheet = openpyxl.load_workbook(BytesIO(data)).active
        assert sheet.max_row == 3 and sheet.cell(3, 1).value == lived.low.number
    entry = Entry.objects.filter(action="ladder.export").latest("id")
    assert entry.after == {"query": "kind=legacy", "format": form, "count": 1}
    assert enter("worker_a").post(reverse("duty:problems_export"), {"format": form}).status_code == 403
    assert enter("clerk").post(reverse("duty:problems_export"), {"format": "exe"}).status_code == 422


def test_time_told_in_lists_is_that_of_the_clock(enter, lived):
    with clock.at(NOW + dt.timedelta(hours=1)):
        html = page(enter("dispatcher"), STAYS, tier="community")[1]
    assert "还剩 23 小时" in html
