import time
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from linli.kernel import clock
from linli.kernel.authority import SystemAuthority
from linli.kernel.clock import actions, queries
from linli.kernel.clock.limits import TimeLimit
from linli.kernel.clock.models import CalendarDay, CalendarRevision, CalendarYear
from linli.kernel.clock.published import Day, DayList, published_years, read_days
from linli.kernel.clock.rules import deadline
from linli.kernel.errors import NotAllowed, Refused
from linli.kernel.journal import queries as journal_queries
from linli.kernel.outbox.models import OutboxEvent

from .examples import SHIPPED, civil, shown

pytestmark = pytest.mark.django_db
HOUSE = SystemAuthority()
NEXT = "\n".join(
    ["date,kind,name", *(f"2027-10-0{n},off,国庆节" for n in range(1, 8)), "2027-01-01,off,元旦", "2027-10-09,work,"]
)


@pytest.fixture(autouse=True)
def nothing_kept():
    queries.forget()
    yield
    queries.forget()


class Nobody:
    actor = HOUSE.actor

    def require(self, capability, place_lineage=(), unit_id=None, class_code=""):
        raise NotAllowed("no", code=capability)


def events():
    return list(OutboxEvent.objects.filter(kind=actions.CHANGED).order_by("id"))


def test_a_new_house_starts_with_the_published_years():
    assert queries.calendar() == SHIPPED
    assert {year.year for year in queries.years() if year.official} == set(published_years())


def test_a_day_can_be_made_off_and_back_with_journal_and_event():
    day = date(2026, 11, 23)
    before = queries.revision()
    actions.set_day(HOUSE, day, "off", "区庆", "District day")
    assert not queries.calendar().is_workday(day)
    assert queries.revision() == before + 1
    entry = journal_queries.of("calendar", 1)[-1]
    assert entry.action == "clock.set_day"
    assert (entry.before["kind"], entry.after["kind"], entry.after["name_zh"]) == (None, "off", "区庆")
    assert events()[-1].data == {"revision": before + 1, "from": "2026-11-23"}
    actions.set_day(HOUSE, day, None)
    assert queries.calendar() == SHIPPED


def test_what_changes_nothing_leaves_no_trace():
    before = queries.revision(), len(events())
    actions.set_day(HOUSE, date(2026, 11, 23), None)
    actions.mark_year(HOUSE, 2026, True)
    assert actions.seed_years(HOUSE) == []
    assert (queries.revision(), len(events())) == before


def test_an_imported_year_replaces_that_year_and_settles_its_deadlines():
    start, limit = civil("2026-12-31 16:00"), TimeLimit(1, "working_days")
    actions.set_day(HOUSE, date(2027, 3, 1), "off", "mistake")
    assert deadline(start, limit, queries.calendar()).provisional
    assert actions.import_days(HOUSE, read_days(NEXT.encode(), "2027.csv"), "国办通知") == [2027]
    settled = deadline(start, limit, queries.calendar())
    assert (shown(settled.at), settled.provisional) == ("2027-01-04 16:00", False)
    calendar = queries.calendar()
    assert calendar.is_workday(date(2027, 3, 1)) and calendar.is_workday(date(2027, 10, 9))
    assert not queries.days(2027)[0].works and queries.days(2027)[0].name_zh == "元旦"
    assert events()[-1].data["from"] == "2027-01-01"


def test_a_list_with_problems_is_not_imported_at_all():
    listed = read_days((NEXT + "\n2027-13-01,off,x").encode(), "2027.csv")
    with pytest.raises(Refused, match="第 11 行"):
        actions.import_days(HOUSE, listed, "")
    assert queries.calendar() == SHIPPED


def test_a_year_cut_short_cannot_be_official():
    cut = DayList([Day(date(2027, 1, 1), "off", "元旦")])
    with pytest.raises(Refused) as refusal:
        actions.import_days(HOUSE, cut, "", official=True)
    assert refusal.value.code == "year_incomplete" and refusal.value.what_next
    actions.import_days(HOUSE, cut, "", official=False)
    assert 2027 not in queries.calendar().official_years
    with pytest.raises(Refused):
        actions.mark_year(HOUSE, 2027, True)


def test_a_lost_year_is_entered_again_from_what_ships():
    CalendarDay.objects.filter(day__year=2026).delete()
    actions.mark_year(HOUSE, 2026, False)
    assert actions.seed_years(HOUSE) == [2026]
    assert queries.calendar() == SHIPPED
    with pytest.raises(Refused):
        actions.seed_years(HOUSE, [2099])


def test_working_hours_hold_from_their_day_on_and_can_be_taken_back():
    summer = date(2026, 7, 1)
    actions.set_hours(HOUSE, [(900, 1080), (480, 720)], summer)
    assert queries.calendar().hours_on(summer) == ((480, 720), (900, 1080))
    assert queries.calendar().hours_on(date(2026, 6, 30)) == ((480, 720), (840, 1080))
    assert queries.hours()[-1][0] == summer
    actions.remove_hours(HOUSE, summer)
    assert queries.calendar() == SHIPPED
    with pytest.raises(Refused):
        actions.remove_hours(HOUSE, summer)
    with pytest.raises(Refused):
        actions.set_hours(HOUSE, [(720, 480)], summer)


def test_unknown_years_are_this_one_and_the_next():
    assert queries.unknown_years(civil("2026-11-22 09:00")) == [2027]
    assert queries.unknown_years(civil("2025-12-31 23:59")) == []
    assert queries.unknown_years(civil("2027-01-01 00:00")) == [2027, 2028]


@pytest.mark.parametrize(
    "change",
    [
        lambda who: actions.set_day(who, date(2026, 11, 23), "off"),
        lambda who: actions.set_hours(who, [(480, 720)], date(2026, 7, 1)),
        lambda who: actions.remove_hours(who, date(2026, 7, 1)),
        lambda who: actions.mark_year(who, 2026, False),
        lambda who: actions.import_days(who, DayList(), ""),
        lambda who: actions.seed_years(who),
    ],
)
def test_nobody_changes_the_calendar_without_the_right_to(change):
    with pytest.raises(NotAllowed) as refusal:
        change(Nobody())
    assert refusal.value.code == "clock.edit_calendar"
    assert queries.calendar() == SHIPPED


def test_the_database_keeps_days_single_and_kinds_known():
    for wrong in (
        lambda: CalendarDay.objects.create(day=date(2026, 1, 1), kind="off"),
        lambda: CalendarDay.objects.create(day=date(2029, 1, 1), kind="holiday"),
        lambda: CalendarYear.objects.create(year=1066),
        lambda: CalendarRevision.objects.create(only=False, changed_at=clock.now()),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()


def test_asking_again_within_a_second_costs_no_query(django_assert_num_queries, monkeypatch):
    kept = queries.calendar()
    with django_assert_num_queries(0):
        assert queries.calendar() is kept
    later = time.monotonic() + 5
    monkeypatch.setattr(time, "monotonic", lambda: later)
    with django_assert_num_queries(1):
        assert queries.calendar() is kept


def test_a_change_by_another_process_is_seen_after_a_second(monkeypatch):
    queries.calendar()
    CalendarDay.objects.create(day=date(2026, 11, 23), kind="off")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE clock_calendar_revision SET number = number + 1")
    later = time.monotonic() + 5
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert not queries.calendar().is_workday(date(2026, 11, 23))


def test_a_change_that_is_rolled_back_was_never_seen_by_the_others():
    kept = queries.calendar()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.set_day(HOUSE, date(2026, 11, 23), "off")
        assert not queries.calendar().is_workday(date(2026, 11, 23))
        raise ZeroDivisionError
    assert queries.calendar() is kept


def test_a_calendar_can_be_held_for_bulk_work(django_assert_num_queries):
    mine = clock.Calendar()
    with django_assert_num_queries(0), queries.held(mine):
        assert queries.calendar() is mine
    assert queries.calendar() is not mine
