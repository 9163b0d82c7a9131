"""The life of a supervision order: who takes which step, what is refused, what clocks and lights do."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from linli.kernel import clock
from linli.kernel.clock import TimeLimit
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.kernel.flow import oracle
from linli.kernel.journal import queries as stories
from linli.kernel.outbox.models import OutboxEvent as Event
from linli.rooms.cases.actions.steps import take as take_case
from linli.rooms.cases.models import Photo
from linli.rooms.cases.tests.fixtures import IN_B, reported
from linli.rooms.cases.tests.walking import walk
from linli.rooms.oversight import jobs
from linli.rooms.oversight.actions.follow import follow_case, turn_lights
from linli.rooms.oversight.actions.issuing import issue_draft
from linli.rooms.oversight.actions.steps import take
from linli.rooms.oversight.flow import ORDER
from linli.rooms.oversight.models import Answer, Evidence, Order, Register
from linli.rooms.oversight.queries.order import order_page, steps_for
from linli.rooms.oversight.queries.register import Filters, page
from linli.rooms.oversight.tests.issuing import issued

pytestmark = pytest.mark.django_db
MONDAY = dt.datetime(2026, 11, 16, 9, 0, tzinfo=CIVIL)
WHO = (
    "supervisor",
    "leader",
    "verifier",
    "dispatcher",
    "lamp_contact",
    "power_contact",
    "worker_a",
    "resident",
    "nobody",
    "system",
)
MAY = {
    "issued": {
        "supervisor": {"reassign", "raise", "extend", "remind", "revoke", "note"},
        "leader": {"reassign", "raise", "extend", "remind", "revoke", "note"},
        "lamp_contact": {"sign", "contest"},
    },
    "signed": {
        "supervisor": {"reassign", "raise", "extend", "remind", "revoke", "note"},
        "leader": {"reassign", "raise", "extend", "remind", "revoke", "note"},
        "lamp_contact": {"answer", "contest"},
    },
    "answered": {
        "supervisor": {"pass", "back", "raise", "revoke", "note"},
        "leader": {"pass", "back", "raise", "revoke", "note"},
        "verifier": {"pass", "back"},
    },
    "closed": {},
    "revoked": {},
}


ROADS = {
    "issued": (),
    "signed": ("sign",),
    "answered": ("sign", "answer"),
    "closed": ("sign", "answer", "pass"),
    "revoked": ("revoke",),
}


def bring_to(town, state: str) -> Order:
    order = issued(town, place_id=town.district.pk)
    for step in ROADS[state]:
        who = "lamp_contact" if step in ("sign", "answer") else "supervisor"
        order = take(order.pk, step, {"words": "已换灯泡", "reason": "重复"}, viewer=town.viewer(who))
    return order


@pytest.mark.parametrize("state", list(MAY))
def test_exactly_those_of_the_table_may_take_each_step(town, state):
    order = bring_to(town, state)
    for name in WHO:
        try:
            viewer = town.viewer(name)
            found = {offer.step.code for offer in steps_for(order, viewer) if offer.allowed}
        except NotFound:
            found = set()
        assert found == MAY[state].get(name, set()), name
        for step in ORDER.steps:
            if step.code in found:
                continue
            with pytest.raises((NotAllowed, NotFound, Refused, Conflict)):
                take(order.pk, step.code, {"words": "x", "reason": "x"}, viewer=viewer)
    order.refresh_from_db()
    assert order.state == state


def test_the_straight_road_keeps_words_proof_and_who(town, picture):
    with clock.at(MONDAY):
        order = issued(town, place_id=town.grid_a.pk)
        assert order.number == "演督〔2026〕1号" and order.state == "issued" and order.light == "on_track"
        assert order.sign_due_at.astimezone(CIVIL) == dt.datetime(2026, 11, 16, 15, 0, tzinfo=CIVIL)
        assert order.due_at.astimezone(CIVIL) == dt.datetime(2026, 11, 19, 9, 0, tzinfo=CIVIL)
        contact = town.viewer("lamp_contact")
        take(order.pk, "sign", {}, viewer=contact)
        order = take(order.pk, "answer", {"words": "已换灯泡", "photos": [picture(contact)]}, viewer=contact)
        found = Evidence.objects.get(answer__order=order)
        assert found.kind == "photo" and found.thumb_path
        assert not Photo.objects.filter(uid=found.uid).exists()  # it proves nothing twice, and is not dropped as unused
        order = take(order.pk, "pass", {"words": "现场看过"}, viewer=town.viewer("verifier"))
    assert order.state == "closed" and not order.is_open and order.light == "done" and order.light_next_at is None
    answer = Answer.objects.get(order=order)
    assert answer.verdict == "passed" and "演示verifier" in answer.checked_name
    assert [m.code for m in order_page(order.pk, town.viewer("supervisor")).moments] == [
        "issue",
        "sign",
        "answer",
        "pass",
    ]
    kinds = list(Event.objects.filter(object_type="order").order_by("id").values_list("kind", flat=True))
    assert kinds == ["order.issued", "order.signed", "order.answered", "order.closed"]
    told = Event.objects.get(kind="order.issued").data
    assert told["units"] == [town.lamps.pk] and told["path"] == f"/supervision/{order.pk}/"
    assert Event.objects.get(kind="order.answered").data["posts"] == [order.issued_post_id]


def test_who_answered_and_their_unit_do_not_check(town):
    order = bring_to(town, "answered")
    town.accounts["both"] = town.accounts["lamp_contact"]
    from linli.rooms.people.models import Post, PostKind

    Post.objects.create(
        kind=PostKind.objects.get(code="verifier"), holder=town.accounts["lamp_contact"], place=town.district,
        valid_from=dt.date(2020, 1, 1),
    )  # fmt: skip
    with pytest.raises(Refused, match="核查人不能是回复人"):
        take(order.pk, "pass", {}, viewer=town.viewer("lamp_contact"))


def test_back_and_answered_again_are_two_rounds_with_a_new_limit(town):
    with clock.at(MONDAY):
        order = bring_to(town, "answered")
        order = take(order.pk, "back", {"reason": "灯还是不亮", "limit": "4工作时"}, viewer=town.viewer("verifier"))
        assert order.state == "signed" and order.returned == 1
        assert order.due_at.astimezone(CIVIL) == dt.datetime(2026, 11, 16, 15, 0, tzinfo=CIVIL)
        order = take(order.pk, "answer", {"words": "换了线路"}, viewer=town.viewer("lamp_contact"))
    assert [answer.verdict for answer in order.answers.all()] == ["failed", "waiting"]


def test_raising_keeps_the_number_and_has_to_be_signed_again_until_the_last_level(town):
    order = bring_to(town, "signed")
    number = order.number
    boss = town.viewer("supervisor")
    for level in (2, 3):
        order = take(order.pk, "raise", {"reason": "一直没有办"}, viewer=boss)
        assert (order.number, order.level, order.state, order.signed_at) == (number, level, "issued", None)
    with pytest.raises(Refused, match="最高一级"):
        take(order.pk, "raise", {"reason": "再升"}, viewer=boss)
    assert Register.objects.get().last == 1


def test_a_unit_that_is_the_wrong_one_says_whose_it_is_and_somebody_decides(town):
    order = bring_to(town, "issued")
    given = {"reason": "路灯归供电所", "whose": town.power.pk}
    order = take(order.pk, "contest", given, viewer=town.viewer("lamp_contact"))
    with pytest.raises(Refused, match="先决定"):
        take(order.pk, "sign", {}, viewer=town.viewer("lamp_contact"))
    assert page(town.viewer("supervisor"), Filters(view="todo"))[0][0]["id"] == order.pk
    order = take(order.pk, "reassign", {"unit": town.power.pk, "reason": "有理"}, viewer=town.viewer("supervisor"))
    assert order.unit == town.power and not order.contested
    with pytest.raises(NotFound):
        order_page(order.pk, town.viewer("lamp_contact"))
    take(order.pk, "sign", {}, viewer=town.viewer("power_contact"))


def test_two_at_once_and_twice_the_same(town):
    order = bring_to(town, "issued")
    boss = town.viewer("supervisor")
    take(order.pk, "remind", {}, viewer=boss, version=order.version, request_key="remind-once")
    again = take(order.pk, "remind", {}, viewer=boss, version=order.version, request_key="remind-once")
    assert again.version == order.version + 1
    with pytest.raises(Conflict) as stopped:
        take(order.pk, "remind", {"words": "请快"}, viewer=boss, version=order.version)
    assert stopped.value.typed == {"words": "请快"} and stopped.value.changes[0]["what"] == "催办"
    first = issued(town, request_key="issue-once")
    assert issued(town, request_key="issue-once").pk == first.pk


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": " "}, "title"),
        ({"demand": ""}, "demand"),
        ({"unit_id": None}, "unit"),
        ({"source": "leader"}, "leader_words"),
        ({"source": "nonsense"}, "source"),
        ({"level": 9}, "level"),
    ],
)
def test_what_cannot_be_issued_says_which_field(town, given, field):
    with pytest.raises(Refused) as refused:
        issued(town, **given)
    assert refused.value.field == field and not Register.objects.exists()


@pytest.mark.parametrize("name", ["clerk", "dispatcher", "lamp_contact", "worker_a", "resident", "nobody", "system"])
def test_only_those_who_supervise_issue(town, name):
    with pytest.raises((NotAllowed, NotFound)):
        issued(town, by=name, place_id=town.grid_a.pk)


def test_a_draft_has_no_number_until_it_is_sent_and_only_issuers_see_it(town):
    draft = issued(town, draft=True)
    assert draft.number is None and draft.state == "drafted"
    with pytest.raises(NotFound):
        order_page(draft.pk, town.viewer("lamp_contact"))
    with pytest.raises(NotFound):
        order_page(draft.pk, town.viewer("verifier"))
    order = issue_draft(draft.pk, viewer=town.viewer("leader"))
    assert order.number and order.issued_by == town.accounts["leader"]
    dropped = take(issued(town, draft=True).pk, "drop", {}, viewer=town.viewer("supervisor"))
    assert dropped.state == "dropped" and Register.objects.get().last == 1


def test_the_database_keeps_numbers(town):
    order = issued(town)
    for change in ({"number": "演督〔2026〕9号"}, {"serial": 9}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Order.objects.filter(pk=order.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        order.delete()


def test_each_light_is_announced_once_and_lateness_is_remembered(town):
    with clock.at(MONDAY):
        order = bring_to(town, "signed")
    moments = [dt.datetime.fromisoformat(at) for at, _code in order.turns]
    assert [code for _at, code in order.turns] == ["on_track", "near", "overdue"]
    assert jobs.next_light() == moments[1]
    for at, light in zip(moments[1:], ("near", "overdue"), strict=True):
        with clock.at(at):
            assert turn_lights() == 1 and turn_lights() == 0
            order.refresh_from_db()
            assert order.light == light
    assert jobs.next_light() is None and order.late
    told = [event.data for event in Event.objects.filter(kind="order.light").order_by("id")]
    assert [(event["was"], event["light"]) for event in told] == [("on_track", "near"), ("near", "overdue")]
    assert told[1]["units"] == [town.lamps.pk] and told[1]["posts"] == [order.issued_post_id]


def test_an_order_goes_in_step_with_its_cases(town, picture):
    with clock.at(MONDAY):
        case = walk(reported(town), town, picture, "receive")
        order = issued(town, case_ids=[case.pk], limit=TimeLimit(1, "working_hours"))
        assert order.lineage == case.lineage and order.matter_class == "M01"
        assert order.due_at == max(case.due_at, order.due_at)
        order = take(order.pk, "sign", {}, viewer=town.viewer("lamp_contact"))
        given = {"until": "2026-11-30", "words": "等材料"}
        take_case(case.pk, "suspend", given, viewer=town.viewer("dispatcher"))
        assert follow_case(case.pk, 1, "case.suspended", {"number": case.number}) == 1
        assert follow_case(case.pk, 1, "case.suspended", {"number": case.number}) == 0
        order.refresh_from_db()
        assert order.light == "suspended" and order.pauses[0][1] is None
    with clock.at(MONDAY + dt.timedelta(days=7)):
        assert turn_lights() == 0
        take_case(case.pk, "resume", {}, viewer=town.viewer("dispatcher"))
        follow_case(case.pk, 2, "case.resumed", {"number": case.number})
        order.refresh_from_db()
        case.refresh_from_db()
        assert order.pauses[0][1] and order.due_at >= case.due_at > clock.now()
        assert follow_case(case.pk, 3, "duty.climbed", {"number": case.number, "tier": "网格长联办"}) == 1
    notes = [entry for entry in stories.of("order", order.pk) if entry.action == "order.follow"]
    assert [entry.after["clock"] for entry in notes] == ["stopped", "started", ""]


def test_several_cases_need_one_district_and_what_one_may_not_see_is_not_there(town):
    one, two = reported(town), reported(town, lng=IN_B[0], lat=IN_B[1])
    order = issued(town, case_ids=[one.pk, two.pk])
    assert order.lineage == [town.district.pk, town.street.pk] and order.links.count() == 2
    with pytest.raises(NotFound):
        issued(town, case_ids=[10**9])


def test_lists_show_nothing_of_other_units_and_every_row_can_be_opened(town):
    bring_to(town, "signed")
    for name in WHO:
        viewer = town.viewer(name)
        rows, _more = page(viewer, Filters(view="all"))
        assert bool(rows) == (name in ("supervisor", "leader", "verifier", "lamp_contact")), name
        for row in rows:
            order_page(row["id"], viewer)


def test_every_end_is_reached_by_the_table(town):
    assert {step.code for path in oracle.endings(ORDER, 5) for step in path} >= {
        "issue",
        "sign",
        "answer",
        "pass",
        "drop",
    }
