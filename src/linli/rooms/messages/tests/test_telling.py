"""Who is told of what: each row of the table, once, and nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from linli.kernel import clock
from linli.kernel.outbox import Event, StoredEvent
from linli.kernel.outbox.models import OutboxEvent
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.tests.fixtures import reported
from linli.rooms.cases.tests.walking import given_for, walk
from linli.rooms.messages import jobs, rules
from linli.rooms.messages.models import Notice, Reminder
from linli.rooms.messages.tests.conftest import NOON
from linli.rooms.messages.texts import LANGUAGES, SHIPPED
from linli.rooms.people.models import Post


def told(kind: str) -> set[str]:
    """The user names of those who have a notice of this kind; "#report" and "@unit" for the others."""
    names = set()
    for notice in Notice.objects.filter(kind=kind).select_related("account", "unit"):
        names.add(
            notice.account.username if notice.account else f"@{notice.unit.name_zh}" if notice.unit else "#report"
        )
    return names


def as_resident(case, town):
    case.reports.update(reporter=town.accounts["resident"])
    return case


def test_everybody_whose_step_it_is_hears_of_it(town, picture, tidings):
    case = as_resident(reported(town), town)
    tidings()
    assert told("case.reported") == {"clerk", "dispatcher", "dispatcher2", "cadre_a"}
    for step, kind, expected in [
        ("accept", "case.accepted", {"resident", "dispatcher", "dispatcher2"}),
        ("register", "case.registered", {"dispatcher2"}),  # the other one has just registered it
        ("dispatch", "case.dispatched", {"resident", "lamp_contact", "@路灯所"}),
        ("receive", "case.received", set()),
        ("handle", "case.handled", {"lamp_contact"}),
        ("confirm", "case.confirmed", {"verifier", "worker_a", "cadre_a"}),
        ("verify_pass", "case.verified", {"dispatcher", "dispatcher2"}),
        ("close", "case.closed", {"resident"}),
    ]:
        case = walk_one(case, town, picture, step)
        tidings()
        assert told(kind) == expected, step


def walk_one(case, town, picture, step):
    from linli.rooms.cases.tests.walking import ROAD

    viewer = town.viewer(dict(ROAD)[step])
    return take(case.pk, step, given_for(step, town, picture, viewer), viewer=viewer)


def test_every_report_behind_a_case_hears_the_outcome(town, picture, tidings):
    from linli.rooms.cases.actions.intake import join_case
    from linli.rooms.cases.tests.fixtures import intake

    case = as_resident(reported(town), town)
    case = walk(case, town, picture, "verify_pass")
    join_case(case.pk, intake(words="我家门口也不亮", phone="13800000002"), viewer=town.viewer("nobody"))
    walk_one(case, town, picture, "close")
    tidings()
    assert told("case.closed") == {"resident", "#report"}
    codes = {notice.data["code"] for notice in Notice.objects.filter(kind="case.closed")}
    assert codes == set(case.reports.values_list("tracking_code", flat=True))


def test_a_returned_case_goes_to_another_dispatcher(town, picture, tidings):
    case = walk(reported(town), town, picture, "dispatch")
    take(case.pk, "return", {"reason": "这盏灯归供电所"}, viewer=town.viewer("lamp_contact"))
    tidings()
    assert told("case.returned") == {"dispatcher2"}


def test_rework_goes_to_who_handled_it_and_the_unit(town, picture, tidings):
    case = walk(reported(town), town, picture, "confirm")
    take(case.pk, "verify_fail", {"reason": "还是不亮"}, viewer=town.viewer("verifier"))
    tidings()
    assert told("case.reworked") == {"lamp_handler", "lamp_contact", "@路灯所"}


def test_reopening_reaches_those_above(town, picture, tidings):
    case = walk(as_resident(reported(town), town), town, picture)
    report = case.reports.get()
    take(case.pk, "reopen", {"reason": "又灭了"}, viewer=town.viewer("resident"), report=report)
    tidings()
    assert told("case.reopened") == {
        *("resident", "dispatcher", "dispatcher2", "lamp_contact", "@路灯所", "supervisor", "leader"),
    }


@pytest.mark.parametrize(("solved", "anybody"), [("yes", False), ("no", True)])
def test_only_discontent_is_passed_on(town, picture, tidings, solved, anybody):
    case = walk(as_resident(reported(town), town), town, picture)
    take(case.pk, "rate", {"solved": solved}, viewer=town.viewer("resident"), report=case.reports.get())
    tidings()
    assert bool(told("case.rated")) is anybody


def test_extensions_go_to_those_whose_word_is_needed_then_to_the_asker(town, picture, tidings):
    case = walk(reported(town), town, picture, "receive")
    take(case.pk, "ask_extension", {"reason": "等灯杆"}, viewer=town.viewer("lamp_contact"))
    tidings()
    assert told("case.extension_asked") == {"dispatcher", "dispatcher2", "supervisor", "leader"}
    take(case.pk, "grant_extension", {}, viewer=town.viewer("supervisor"))
    tidings()
    assert told("case.extension_approved") == {"dispatcher", "dispatcher2", "leader"}
    take(case.pk, "grant_extension", {}, viewer=town.viewer("leader"))
    tidings()
    assert "lamp_contact" in told("case.extension_approved")


def test_while_a_deputy_stands_in_the_deputy_is_told(town, tidings):
    Post.objects.filter(holder=town.accounts["clerk"]).update(
        deputy=town.accounts["worker_b"], deputy_from=NOON - timedelta(days=1), deputy_to=NOON + timedelta(days=1)
    )
    reported(town)
    tidings()
    assert "worker_b" in told("case.reported") and "clerk" not in told("case.reported")


def test_an_event_told_twice_is_told_once(town, tidings):
    case = reported(town)
    tidings()
    before = Notice.objects.count()
    event = OutboxEvent.objects.filter(kind="case.reported").get()
    again = StoredEvent(event.id, event.at, event.kind, "case", case.pk, event.data, event.entry_id, 2)
    jobs.tell_of_event(again)
    assert Notice.objects.count() == before > 0


def test_what_somebody_has_done_is_no_news_for_the_others(town, picture, tidings):
    case = reported(town)
    tidings()
    assert Notice.objects.filter(kind="case.reported", read_at=None).count() == 4
    walk(case, town, picture, "accept")
    tidings()
    assert not Notice.objects.filter(kind="case.reported", read_at=None).exists()


def test_a_late_worker_does_not_ask_for_what_is_done(town, picture, tidings):
    walk(reported(town), town, picture, "register")
    tidings()
    assert not Notice.objects.filter(kind__in=["case.reported", "case.accepted"], topic="todo", read_at=None).exists()
    assert Notice.objects.filter(kind="case.registered", read_at=None).exists()


@pytest.mark.parametrize(("days", "rows", "unread"), [(1, True, True), (10, True, False), (40, False, False)])
def test_history_is_no_news(town, days, rows, unread):
    with clock.at(NOON - timedelta(days=days)):
        reported(town)
    with clock.at(NOON):
        from linli.kernel.outbox.jobs import drain

        drain()
    assert Notice.objects.exists() is rows
    assert Notice.objects.filter(read_at=None).exists() is unread


def test_deadlines_are_reminded_of_once_near_and_once_overdue(town, picture, tidings):
    case = walk(reported(town), town, picture, "receive")
    case.refresh_from_db()
    assert jobs.remind() == 0
    near = case.current_due_at - (case.current_due_at - case.state_since) / 8
    with clock.at(near):
        assert jobs.remind() == 1 and jobs.remind() == 0
    assert told("deadline.near") == {"lamp_contact"}
    with clock.at(case.current_due_at + timedelta(minutes=1)):
        assert jobs.remind() == 1 and jobs.remind() == 0
    assert told("deadline.overdue") == {"lamp_contact", "supervisor", "leader"}
    assert Reminder.objects.count() == 2


def test_every_event_of_the_table_has_words_in_both_languages():
    for kind, rows in rules.TABLE.items():
        for row in rows:
            for language in LANGUAGES:
                assert (kind, row.reporter, language) in SHIPPED


def test_every_event_of_the_table_is_one_that_the_flow_knows():
    from linli.rooms.cases.flow import FLOW

    known = {step.event for step in FLOW.steps} | {"case.assist_opened"}
    assert known >= rules.EVENTS
    assert Event("case.closed", "case", 1).kind in rules.EVENTS
