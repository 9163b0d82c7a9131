"""Drafts are made at their time: once, whole, in order, whoever else is at it."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, transaction

from linli.kernel import clock
from linli.kernel.authority import SystemAuthority
from linli.kernel.clock.actions import seed_years, set_day
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.clock.queries import forget
from linli.kernel.journal.models import Entry
from linli.kernel.outbox.models import OutboxEvent
from linli.rooms.bulletins.actions import drafting
from linli.rooms.bulletins.jobs import draft_bulletins
from linli.rooms.bulletins.models import Issue, Kind, Wording
from linli.rooms.bulletins.tests.parts import MONDAY, drafted

DAY = dt.timedelta(days=1)


@pytest.fixture
def calendar_2026(db):
    seed_years(SystemAuthority(), [2026])
    forget()
    yield
    forget()


def travel(until: dt.datetime, now: dt.datetime) -> list[dt.datetime]:
    """Stop at every moment that the beat waits for, as time travel does."""
    stops = []
    while True:
        with clock.at(now):
            due = drafting.next_moment()
        if due is None or due > until:
            return stops
        now = max(now, due)
        stops.append(now)
        with clock.at(now):
            draft_bulletins()
        assert len(stops) < 100


def test_a_new_house_has_the_three_rhythms(db):
    assert dict(Kind.objects.values_list("code", "every")) == {
        "weekly": "week",
        "half-monthly": "half_month",
        "monthly": "month",
    }
    assert drafting.next_moment() is None, "without a district nothing is waited for"


def test_three_months_make_every_draft_in_order(town, quick_numbers, calendar_2026):
    start = dt.datetime(2026, 1, 20, 2, tzinfo=dt.UTC)
    stops = travel(start + 91 * DAY, start)
    assert stops == sorted(stops)
    made = list(Issue.objects.order_by("id").values_list("kind__code", "starts_on", "ends_on", "planned_at", "as_of"))
    assert [row[3] for row in made] == sorted(row[3] for row in made), "each at its own time, the earliest first"
    assert all(planned == as_of for *_rest, planned, as_of in made)
    assert Counter(row[0] for row in made) == {"weekly": 13, "half-monthly": 6, "monthly": 3}
    for code in ("weekly", "half-monthly", "monthly"):
        own = [row for row in made if row[0] == code]
        assert all(before[2] == after[1] for before, after in pairwise(own)), "no gap, no overlap"
    # Spring Festival: two weeks fall due on the first morning at work, one after the other.
    together = [row for row in made if row[0] == "weekly" and row[3].astimezone(CIVIL).date() == dt.date(2026, 2, 24)]
    assert [row[1] for row in together] == [dt.date(2026, 2, 9), dt.date(2026, 2, 16)]


def test_a_worker_that_slept_makes_up_for_what_was_due(town, quick_numbers, monday):
    drafted()
    with clock.at(MONDAY + 20 * DAY):
        assert drafting.draft_due() == 2
        assert drafting.draft_due() == 0
    late = Issue.objects.order_by("-starts_on").first()
    assert late.as_of - late.planned_at == 6 * DAY


def test_a_draft_has_its_numbers_its_wording_its_record_and_tells_the_editors(draft, town):
    assert draft.state == "draft" and draft.numbers["totals"]["figures"][0]["number"] == 7
    assert draft.as_of == draft.planned_at == MONDAY
    assert Wording.objects.get(issue=draft).version == 1
    entry = Entry.objects.get(action="bulletin.make", object_id=str(draft.pk))
    assert entry.actor_kind == "system"
    event = OutboxEvent.objects.get(kind="bulletin.drafted")
    assert event.data["path"] == f"/bulletins/{draft.pk}/"
    assert event.data["posts"] == [post.pk for post in town.accounts["supervisor"].posts.all()]


def test_progress_is_told_against_the_issue_before(draft, quick_numbers):
    quick_numbers.open = 12
    with clock.at(MONDAY + 7 * DAY):
        drafting.draft_due()
    figures = Issue.objects.order_by("-starts_on").first().numbers["totals"]["figures"]
    assert figures[0]["change"] == {"zh": "比上期 +5", "en": "+5 since the last issue"}
    assert figures[1]["change"]["zh"] == "与上期持平"


def test_killed_in_the_middle_leaves_nothing_and_the_next_worker_makes_it(town, quick_numbers, monday, monkeypatch):
    def killed(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(drafting, "_wait_for", killed)
        Kind.objects.exclude(code="weekly").update(active=False)
        Kind.objects.filter(code="weekly").update(next_from="2026-11-09", next_until="2026-11-16", next_at=MONDAY)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            drafting.draft_due()
    assert not Issue.objects.exists() and not OutboxEvent.objects.filter(kind="bulletin.drafted").exists()
    assert drafting.draft_due() == 1


def test_the_database_lets_no_period_have_two(draft):
    with pytest.raises(IntegrityError), transaction.atomic():
        drafting.make(draft.kind, draft.place, draft.period, draft.planned_at, MONDAY)


def test_when_a_day_off_is_moved_the_next_draft_moves(town, quick_numbers, calendar_2026):
    with clock.at(MONDAY - 3 * DAY):
        drafting.plan()
        assert Kind.objects.get(code="weekly").next_at == MONDAY
        set_day(SystemAuthority(), MONDAY.date(), "off")
        forget()
        assert drafting.move_to_calendar() == 2, "the half-monthly one falls due on that day, too"
    assert Kind.objects.get(code="weekly").next_at == MONDAY + DAY


@pytest.mark.django_db(transaction=True)
def test_four_workers_make_each_draft_once(town, quick_numbers, monkeypatch):
    Kind.objects.update(next_from="2026-11-01", next_until="2026-11-16", next_at=MONDAY)
    slow = drafting.make

    def slowly(*args, **kwargs):
        threading.Event().wait(0.05)
        return slow(*args, **kwargs)

    monkeypatch.setattr(drafting, "make", slowly)
    made: list[int] = []

    def work() -> None:
        try:
            with clock.at(MONDAY):
                made.append(drafting.draft_due())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == 3 == Issue.objects.count()
    assert OutboxEvent.objects.filter(kind="bulletin.drafted").count() == 3
