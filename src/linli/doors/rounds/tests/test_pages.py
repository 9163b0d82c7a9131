"""The pages of the rounds: walked on the phone, planned at the desk; what was typed is kept, others stay outside."""

import datetime as dt

import pytest
from django.urls import reverse

from linli.kernel import clock
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import IN_A, LAMP
from linli.rooms.fieldwork.actions import patrols
from linli.rooms.fieldwork.actions.findings import file_on_patrol
from linli.rooms.fieldwork.actions.inspections import open_inspection
from linli.rooms.fieldwork.models import Finding, Inspection, Patrol, PatrolPlan, RectifyLimit, Visit
from linli.rooms.fieldwork.tests.making import MONDAY, finding_words, inspection, moment, plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def morning(monkeypatch):
    """It is nine o'clock on a Monday, for pages too."""
    monkeypatch.setattr(clock, "_ahead", lambda: moment(hour=9) - dt.datetime.now(dt.UTC))


@pytest.fixture
def patrol(town, morning) -> Patrol:
    with clock.at(moment(hour=7)):
        plan(town)
        patrols.make_due()
    return Patrol.objects.get()


@pytest.fixture
def visit(town, morning) -> Visit:
    with clock.at(moment(hour=8)):
        mine = open_inspection(inspection(town, sample="all").pk, viewer=town.viewer("supervisor"))
    return mine.visits.get(place=town.grid_a)


def signed_in(client, town, name):
    client.force_login(town.accounts[name])
    return client


def test_a_worker_walks_a_patrol_with_taps(client, town, patrol):
    signed_in(client, town, "worker_a")
    assert "消防通道日查" in client.get(reverse("rounds:today")).content.decode()
    url = reverse("rounds:patrol", args=[patrol.pk])
    assert "一号消防通道" in client.get(url).content.decode()
    assert (
        client.get(reverse("rounds:points", args=[patrol.pk])).json()["features"][0]["properties"]["light"]
        == "on_track"
    )
    assert client.post(reverse("rounds:start", args=[patrol.pk])).status_code == 302
    where = {"lng": IN_A[0], "lat": IN_A[1], "accuracy": "8"}
    client.post(reverse("rounds:stop", args=[patrol.pk, 1]), {"result": "ok", **where})
    assert patrol.stops.get(sequence=1).at_accuracy == 8.0
    refused = client.post(reverse("rounds:finish", args=[patrol.pk]), {"words": ""})
    assert refused.status_code == 422 and "还有 1 个点没有看" in refused.content.decode()
    answer = client.post(reverse("rounds:stop", args=[patrol.pk, 2]), {"result": "bad"})
    assert answer.url.endswith("finding/?stop=2")
    assert client.post(reverse("rounds:finish", args=[patrol.pk])).status_code == 302
    patrol.refresh_from_db()
    assert (patrol.state, patrol.points_bad) == ("done", 1)
    late = client.post(reverse("rounds:stop", args=[patrol.pk, 1]), {"result": "bad"})
    assert late.status_code == 409 and "已经结束" in late.content.decode()


def test_a_finding_is_filed_from_the_phone_and_a_refused_one_keeps_everything(client, town, picture, patrol):
    worker = town.viewer("worker_a")
    signed_in(client, town, "worker_a")
    url = reverse("rounds:patrol_finding", args=[patrol.pk]) + "?stop=1"
    page = client.get(url).content.decode()
    assert LAMP in page and "24 小时内整改" in page
    uid, limit = picture(worker), RectifyLimit.objects.get(amount=24)
    typed = {"key": "finding-key-01", "words": "车停在通道里", "item": LAMP, "limit": limit.pk, "look_again": "on"}
    refused = client.post(url, {**typed, "righted": "on", "photo_ids": uid})
    assert refused.status_code == 422
    body = refused.content.decode()
    assert "车停在通道里" in body and uid in body and Case.objects.count() == 0
    answer = client.post(url, {**typed, "photo_ids": uid})
    assert answer.status_code == 302
    found = Finding.objects.get()
    assert (found.case.limit_amount, found.case.state, found.stop.sequence) == (24, "dispatched", 1)
    assert client.post(url, {**typed, "photo_ids": uid}).status_code == 302 and Finding.objects.count() == 1
    for name in ("field:case", "desk:case"):
        shown = client.get(reverse(name, args=[found.case.number])).content.decode()
        assert "从哪里发现" in shown and "消防通道日查" in shown
    elsewhere = client.post(url, {**typed, "key": "finding-key-02", "photo_ids": picture(worker), "lng": 10, "lat": 10})
    assert elsewhere.status_code == 422 and "不在本区" in elsewhere.content.decode()


def test_whose_a_matter_is_by_the_matrix(client, town, morning):
    signed_in(client, town, "worker_a")
    url = reverse("rounds:whose")
    assert client.get(url, {"item": LAMP, "place": town.grid_a.pk}).json() == {"unit": town.lamps.pk, "name": "路灯所"}
    assert (
        client.get(url, {"item": "x"}).json() == {} and client.get(url, {"item": LAMP, "place": "9" * 30}).json() == {}
    )


def test_a_checklist_is_answered_question_by_question_and_signed(client, town, picture, visit):
    worker = town.viewer("worker_a")
    signed_in(client, town, "worker_a")
    url = reverse("rounds:visit", args=[visit.pk])
    assert "消防通道畅通" in client.get(url).content.decode()
    first, second = visit.inspection.items.all()
    answer = reverse("rounds:answer", args=[visit.pk, first.pk])
    uid = picture(worker)
    refused = client.post(answer, {"value": "perhaps", "words": "说不清", "photo_ids": uid})
    assert refused.status_code == 422 and "说不清" in refused.content.decode() and uid in refused.content.decode()
    assert client.post(answer, {"value": "no", "words": "堆着纸箱"}).status_code == 302
    client.post(reverse("rounds:answer", args=[visit.pk, second.pk]), {"value": "yes"})
    missing = client.post(reverse("rounds:close_visit", args=[visit.pk]), {"words": "总体还好"})
    assert missing.status_code == 422 and "还要一张照片" in missing.content.decode()
    finding = reverse("rounds:visit_finding", args=[visit.pk]) + f"?item={first.pk}"
    assert "堆着纸箱" in client.get(finding).content.decode()
    assert client.post(finding, {"key": "finding-key-09", "words": "堆着", "photo_ids": uid}).status_code == 302
    assert Finding.objects.get().unit == town.lamps
    assert client.post(reverse("rounds:close_visit", args=[visit.pk])).status_code == 302
    visit.refresh_from_db()
    assert (
        visit.state == "done"
        and "演示worker_a" in client.get(reverse("rounds:sheet", args=[visit.pk])).content.decode()
    )


def test_a_plan_is_written_changed_and_stopped_at_the_desk(client, town, morning):
    signed_in(client, town, "cadre_a")
    new = reverse("rounds:new_plan")
    typed = {
        "key": "plan-1", "name": "夜查", "place": town.grid_a.pk, "days": "every_day", "window_from": "20:00",
        "window_to": "21:00", "point_name": ["烧烤摊", ""], "point_check": ["占道", ""], "point_place": ["", ""],
        "point_lng": ["", ""], "point_lat": ["", ""], "point_item": [LAMP, ""],
    }  # fmt: skip
    refused = client.post(new, {**typed, "window_to": "19:00"})
    assert refused.status_code == 422 and "烧烤摊" in refused.content.decode()
    assert client.post(new, typed).status_code == 302
    made = PatrolPlan.objects.get()
    url = reverse("rounds:plan", args=[made.pk])
    assert "烧烤摊" in client.get(url).content.decode()
    assert client.post(url, {**typed, "version": 1, "name": "夜间巡查"}).status_code == 302
    stale = client.post(url, {**typed, "version": 1, "name": "又改"})
    assert stale.status_code == 409 and "又改" in stale.content.decode()
    client.post(reverse("rounds:switch_plan", args=[made.pk]), {"active": "0", "version": 2})
    made.refresh_from_db()
    assert (made.name, made.active) == ("夜间巡查", False)
    assert "夜间巡查" in client.get(reverse("rounds:plans")).content.decode()


def test_an_inspection_is_planned_opened_and_ended_at_the_desk(client, town, morning):
    signed_in(client, town, "supervisor")
    new = reverse("rounds:new_inspection")
    assert client.get(new).status_code == 200
    typed = {
        "key": "insp-1", "level": "special", "theme": "消防通道", "place": town.district.pk, "starts_on": str(MONDAY),
        "ends_on": str(MONDAY), "sample": "random", "sample_size": "1", "grid_kinds": ["grid"], "signers": "1",
        "item_text": ["通道畅通"], "item_proof": ["never"], "item_matter": [LAMP], "item_unit": [town.lamps.pk],
        "item_limit": ["24紧急工作时"], "item_weight": ["10"],
    }  # fmt: skip
    bad = client.post(new, {**typed, "item_limit": ["很快"]})
    assert bad.status_code == 422 and "很快" in bad.content.decode()
    assert client.post(new, typed).status_code == 302
    made = Inspection.objects.get()
    edit = reverse("rounds:edit_inspection", args=[made.pk])
    assert client.get(edit).status_code == 200 and client.post(edit, {**typed, "version": 1}).status_code == 302
    stale = client.post(edit, {**typed, "version": 1, "theme": "又改"})
    assert stale.status_code == 409 and "又改" in stale.content.decode()
    opened = client.post(reverse("rounds:act", args=[made.pk, "open"]), {"version": 2})
    assert opened.status_code == 302 and made.visits.count() == 1
    page = client.get(reverse("rounds:inspection", args=[made.pk])).content.decode()
    made.refresh_from_db()
    assert made.seed in page
    shapes = client.get(reverse("rounds:inspection_grids", args=[made.pk])).json()
    assert len(shapes["features"]) == 1
    finish = reverse("rounds:act", args=[made.pk, "finish"])
    assert client.post(finish, {"conclusion": ""}).status_code == 422
    assert client.post(finish, {"conclusion": "都好"}).status_code == 302
    assert client.post(reverse("rounds:act", args=[made.pk, "dance"])).status_code == 404
    assert "消防通道" in client.get(reverse("rounds:inspections")).content.decode()


def test_records_and_limits(client, town, picture, patrol):
    worker = town.viewer("worker_a")
    found = file_on_patrol(patrol.pk, finding_words(picture, worker), viewer=worker, sequence=1)
    signed_in(client, town, "lamp_contact")
    number = found.case.number
    assert number in client.get(reverse("rounds:unit", args=[town.lamps.pk])).content.decode()
    assert number in client.get(reverse("rounds:findings"), {"level": "patrol", "fate": "running"}).content.decode()
    signed_in(client, town, "power_contact")
    assert number not in client.get(reverse("rounds:unit", args=[town.lamps.pk])).content.decode()
    signed_in(client, town, "cadre_a")
    assert number in client.get(reverse("rounds:place", args=[town.grid_a.pk])).content.decode()
    assert client.get(reverse("rounds:place", args=[999999])).status_code == 404
    signed_in(client, town, "supervisor")
    url = reverse("rounds:limits")
    rows = {"name_zh": ["当天"], "name_en": ["today"], "limit": ["8工作时"]}
    assert client.post(url, {**rows, "limit": ["马马虎虎"]}).status_code == 422
    assert client.post(url, rows).status_code == 302 and RectifyLimit.objects.get().amount == 8


def test_pages_cost_the_same_for_many_rows(client, town, picture, patrol, visit, django_assert_max_num_queries):
    worker = town.viewer("worker_a")
    for _n in range(4):
        file_on_patrol(patrol.pk, finding_words(picture, worker), viewer=worker)
        with clock.at(moment(hour=7)):
            plan(town)
            patrols.make_due()
    costs = {
        "worker_a": [
            (reverse("rounds:today"), 10), (reverse("rounds:patrol", args=[patrol.pk]), 10),
            (reverse("rounds:visit", args=[visit.pk]), 13), (reverse("rounds:sheet", args=[visit.pk]), 13),
        ],
        "cadre_a": [(reverse("rounds:board"), 10), (reverse("rounds:plans"), 8)],
        "supervisor": [
            (reverse("rounds:inspections"), 10), (reverse("rounds:inspection", args=[visit.inspection_id]), 14),
            (reverse("rounds:findings"), 8), (reverse("rounds:unit", args=[town.lamps.pk]), 8),
            (reverse("rounds:place", args=[town.grid_a.pk]), 9),
        ],
    }  # fmt: skip
    for name, pages in costs.items():
        signed_in(client, town, name)
        client.get(pages[0][0])
        for url, most in pages:
            with django_assert_max_num_queries(most):
                assert client.get(url).status_code == 200, url


@pytest.mark.parametrize(
    ("who", "address", "status"),
    [
        ("nobody", "today", 302), ("resident", "today", 403), ("lamp_contact", "today", 403),
        ("worker_b", "patrol", 404),
        ("lamp_contact", "findings", 200), ("dispatcher", "board", 403), ("cadre_a", "new_inspection", 403),
        ("worker_a", "new_plan", 403), ("system", "findings", 403), ("supervisor", "limits", 200),
        ("cadre_a", "board", 200),
    ],
)  # fmt: skip
def test_each_page_is_for_those_whose_work_it_is(client, town, patrol, who, address, status):
    if who != "nobody":
        signed_in(client, town, who)
    args = [patrol.pk] if address == "patrol" else []
    assert client.get(reverse(f"rounds:{address}", args=args)).status_code == status
