"""Meetings: their rhythm, prepared once, typed by two, closed with minutes whose decisions are carried out once."""

from __future__ import annotations

import datetime as dt
import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.kernel import clock
from linli.kernel.clock import Calendar
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.kernel.outbox.models import OutboxEvent
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import lay_out_town, reported
from linli.rooms.cases.tests.walking import walk
from linli.rooms.oversight import jobs
from linli.rooms.oversight.actions import agenda, closing, meetings
from linli.rooms.oversight.models import AgendaItem, Meeting, MeetingKind, Minutes, Order
from linli.rooms.oversight.rhythm import Rhythm
from linli.rooms.people.models import Post

MONDAY = dt.datetime(2026, 11, 16, 9, 0, tzinfo=CIVIL)


def china(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=CIVIL)


@pytest.mark.parametrize(
    ("rhythm", "after", "expected"),
    [
        ("monthly 1 thu 15:00", china(2026, 11, 16), china(2026, 12, 3, 15)),
        ("monthly 1 thu 15:00", china(2026, 12, 3, 15), china(2027, 1, 7, 15)),
        ("weekly mon 09:00", china(2026, 11, 16, 9), china(2026, 11, 23, 9)),
        ("weekly mon 09:00", china(2026, 11, 16, 8), china(2026, 11, 16, 9)),
        ("monthly last fri 16:00", china(2026, 11, 16), china(2026, 11, 27, 16)),
        # The first Thursday of October 2026 is a holiday: the next working day.
        ("monthly 1 thu 15:00", china(2026, 9, 20), china(2026, 10, 8, 15)),
    ],
)
def test_the_next_meeting(rhythm, after, expected):
    holidays = {dt.date(2026, 10, day): "off" for day in range(1, 8)}
    assert Rhythm.parse(rhythm).next_after(after, Calendar(exceptions=holidays)) == expected


@pytest.mark.parametrize("text", ["", "first thursday", "weekly mon 25:00", "monthly 5 thu 15:00", "weekly mon"])
def test_a_rhythm_that_cannot_be_read_says_how(text):
    with pytest.raises(Refused):
        Rhythm.parse(text)


@settings(max_examples=40)
@given(st.sampled_from(["weekly mon 09:00", "monthly 2 wed 10:30", "monthly last sun 08:00"]), st.integers(0, 5000))
def test_meetings_come_one_after_another_on_working_days(rhythm, hours):
    found, moment = Rhythm.parse(rhythm), china(2026, 1, 1) + dt.timedelta(hours=hours)
    for _n in range(3):
        following = found.next_after(moment, Calendar())
        assert moment < following <= moment + dt.timedelta(days=45)
        assert Calendar().is_workday(following.astimezone(CIVIL).date())
        moment = following


@pytest.mark.django_db
def test_a_regular_meeting_is_prepared_once_with_its_agenda_and_again_next_time(town, picture):
    with clock.at(MONDAY):
        case = walk(reported(town), town, picture, "receive")
        Case.objects.filter(pk=case.pk).update(major=True)
        walk(reported(town), town, picture, "receive")
        seat = meetings.hold_regularly("leading", town.district.pk, viewer=town.viewer("leader"), venue="三楼会议室")
        assert seat.next_at == china(2026, 12, 3, 15) and jobs.next_preparation() == china(2026, 11, 26, 15)
        assert meetings.create_due() == 0
    for expected in (china(2026, 12, 3, 15), china(2027, 1, 7, 15)):
        with clock.at(jobs.next_preparation()):
            assert meetings.create_due() == 1 and meetings.create_due() == 0
        meeting = Meeting.objects.latest("pk")
        assert meeting.planned_for == expected and meeting.venue == "三楼会议室"
        assert [item.case_id for item in meeting.items.all()] == [case.pk]
    late = jobs.next_preparation() + dt.timedelta(days=60)
    with clock.at(late):  # it stood still: what was missed is not called, only what is still to come
        meetings.create_due()
        assert not Meeting.objects.filter(planned_for__gt=china(2027, 1, 7, 15), planned_for__lte=late).exists()
        assert jobs.next_preparation() > late


@pytest.mark.django_db
def test_each_level_holds_its_own_meetings(town):
    leader, chief = town.viewer("leader"), town.viewer("cadre_a")
    with pytest.raises(Refused):
        meetings.hold_regularly("leading", town.grid_a.pk, viewer=leader)
    with pytest.raises(Refused):
        meetings.hold_regularly("opinion", town.one.pk, viewer=leader)
    with pytest.raises(NotAllowed):
        meetings.hold_regularly("grid", town.grid_b.pk, viewer=chief)
    seat = meetings.hold_regularly("grid", town.grid_a.pk, viewer=chief)
    assert meetings.hold_regularly("grid", town.grid_a.pk, viewer=chief).pk == seat.pk
    with pytest.raises(NotFound):
        meetings.stop_regular(seat.pk, viewer=town.viewer("cadre_b"))
    meetings.stop_regular(seat.pk, viewer=chief)


def called(town, by="leader") -> Meeting:
    return meetings.call_meeting(
        "leading", town.district.pk, clock.now() + dt.timedelta(days=2), viewer=town.viewer(by)
    )


@pytest.mark.django_db
def test_two_typists_lose_nothing(town):
    meeting = called(town)
    item = agenda.add_item(meeting.pk, viewer=town.viewer("leader"), title="背街小巷照明")
    typed = {"decision": "月底前完成", "outcome": "postponed"}
    saved = agenda.type_item(meeting.pk, item.pk, viewer=town.viewer("leader"), version=1, **typed)
    with pytest.raises(Conflict) as both:
        agenda.type_item(meeting.pk, item.pk, viewer=town.viewer("supervisor"), version=1, decision="下周完成")
    assert both.value.typed["decision"] == "下周完成" and both.value.changes[0]["after"] == "月底前完成"
    assert "leader" in str(both.value.message)
    agenda.type_item(meeting.pk, item.pk, viewer=town.viewer("supervisor"), version=saved.version, **typed)
    for name in ("clerk", "lamp_contact", "worker_a", "nobody", "system"):
        with pytest.raises((NotAllowed, NotFound)):
            agenda.type_item(meeting.pk, item.pk, viewer=town.viewer(name), version=3, **typed)


@pytest.mark.django_db
def test_closing_carries_out_each_decision_once_and_keeps_the_minutes_as_issued(town, picture):
    with clock.at(MONDAY):
        leader = town.viewer("leader")
        case = walk(reported(town), town, picture, "receive")
        meeting = called(town)
        one = agenda.add_item(meeting.pk, viewer=leader, case_id=case.pk)
        two = agenda.add_item(meeting.pk, viewer=leader, title="停车难")
        three = agenda.add_item(meeting.pk, viewer=leader, title="听汇报", minutes=15)
        with pytest.raises(Refused, match="已经在议程上"):
            agenda.add_item(meeting.pk, viewer=leader, case_id=case.pk)
        agenda.move_item(meeting.pk, three.pk, True, viewer=leader)
        assert [item.pk for item in meeting.items.all()] == [one.pk, three.pk, two.pk]
        meetings.attend(meeting.pk, "演示甲", "城管局", viewer=leader)
        meetings.attend(meeting.pk, "演示乙", "交警队", False, viewer=leader)
        with pytest.raises(Refused):
            closing.close_meeting(meeting.pk, viewer=leader)
        meetings.open_meeting(meeting.pk, viewer=leader)
        agenda.set_current(meeting.pk, two.pk, viewer=leader)
        day = dt.date(2026, 11, 30)
        agenda.type_item(
            meeting.pk, one.pk, viewer=leader, version=1, decision="供电所一周内修好", outcome="decided",
            unit_id=town.power.pk, due_on=day,
        )  # fmt: skip
        agenda.type_item(meeting.pk, two.pk, viewer=leader, version=1, decision="划线", outcome="decided")
        with pytest.raises(Refused, match="第 3 项"):
            closing.close_meeting(meeting.pk, viewer=leader)
        agenda.type_item(
            meeting.pk, two.pk, viewer=leader, version=2, decision="划线", outcome="decided", unit_id=town.lamps.pk,
            due_on=day,
        )  # fmt: skip
        agenda.type_item(meeting.pk, three.pk, viewer=leader, version=1, outcome="noted")
        minutes = closing.close_meeting(meeting.pk, viewer=leader)
        again = closing.close_meeting(meeting.pk, viewer=leader)
    assert again.pk == minutes.pk and minutes.number == "演会纪〔2026〕1号"
    stored = Minutes.objects.get()
    assert bytes(stored.pdf).startswith(b"%PDF-") and hashlib.sha256(bytes(stored.pdf)).hexdigest() == stored.sha256
    orders = list(Order.objects.order_by("pk"))
    assert {order.source for order in orders} == {"meeting"} and len(orders) == 2
    assert [item["carried"] for item in stored.facts["items"]] == [orders[0].number, "", orders[1].number]
    assert orders[0].due_at.astimezone(CIVIL).date() == day
    assert AgendaItem.objects.filter(carried_at__isnull=False).count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Minutes.objects.update(number="x")
    with pytest.raises(Refused, match="结束"):
        agenda.add_item(meeting.pk, viewer=town.viewer("leader"), title="再加一项")


@pytest.mark.django_db
def test_kinds_are_data(town):
    system = town.viewer("system")
    facts = {"prepare_days": 2, "minutes_per_item": 8, "items_at_most": 5, "sources": ["hard", "x"], "active": True}
    seat = meetings.hold_regularly("grid", town.grid_a.pk, viewer=town.viewer("cadre_a"))
    kind = meetings.set_kind(system, "grid", rhythm="weekly tue 10:00", **facts)
    seat.refresh_from_db()
    assert kind.sources == ["hard"] and seat.next_at.astimezone(CIVIL).strftime("%a %H:%M") == "Tue 10:00"
    for wrong in ({"rhythm": "sometimes"}, {"rhythm": "", "prepare_days": 0}):
        with pytest.raises(Refused):
            meetings.set_kind(system, "grid", **{**facts, **wrong})
    with pytest.raises(NotAllowed):
        meetings.set_kind(town.viewer("leader"), "grid", rhythm="", **facts)
    meetings.set_kind(system, "grid", rhythm="weekly tue 10:00", **{**facts, "active": False})
    seat.refresh_from_db()
    assert seat.create_at is None and MeetingKind.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_several_workers_prepare_a_meeting_once():
    town = lay_out_town()
    for place in (town.grid_a, town.grid_b):
        meetings.hold_regularly("grid", place.pk, viewer=town.viewer("leader"))
    moment = jobs.next_preparation()

    def work(_n: int) -> int:
        try:
            with clock.at(moment):
                return meetings.create_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(work, range(3))) == 2
    assert Meeting.objects.count() == 2


@pytest.mark.django_db
def test_what_cannot_be_handed_on_says_why_and_its_owner_hears(town):
    leader = town.viewer("leader")
    meeting = called(town)
    item = agenda.add_item(meeting.pk, viewer=leader, title="请片区长多走访")
    meetings.open_meeting(meeting.pk, viewer=leader)
    post = Post.objects.get(holder=town.accounts["verifier"])  # a post of no unit: no order can be issued to it
    day = clock.now().astimezone(CIVIL).date() + dt.timedelta(days=7)
    typed = {"decision": "每周走一遍", "outcome": "decided", "post_id": post.pk, "due_on": day}
    agenda.type_item(meeting.pk, item.pk, viewer=leader, version=1, **typed)
    closing.close_meeting(meeting.pk, viewer=leader)
    item.refresh_from_db()
    assert item.carried_at is None and "当面交办" in item.trouble
    told = OutboxEvent.objects.get(kind="meeting.decided").data
    assert told["posts"] == [post.pk] and told["title"] == "请片区长多走访"
