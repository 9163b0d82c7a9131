"""An entry stands or falls with its action, keeps what it was told, and is never changed."""

import math
import threading
import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext_lazy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from linli.kernel import clock
from linli.kernel.journal import Draft, Repeated, actions, bulk, once, queries, record, record_many, rules
from linli.kernel.journal.models import Entry, Unsealed
from linli.kernel.journal.tests.conftest import WANG
from linli.kernel.journal.walk import Walk
from linli.kernel.outbox import Event, registry
from linli.kernel.outbox.models import Delivery, OutboxEvent


@pytest.fixture
def listeners():
    for name in ("test.one", "test.two"):
        registry.subscriber(name, kinds={"t.closed"})(_nothing)
    yield
    for name in ("test.one", "test.two"):
        registry.withdraw(name)


def _nothing(event):
    pass


@pytest.mark.django_db
def test_an_entry_keeps_what_it_was_told():
    moment = datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=UTC)
    with transaction.atomic(), clock.at(moment):
        entry_id = record(
            action="case.dispatched",
            actor=WANG,
            object_type="case",
            object_id=17,
            before={"state": "registered"},
            after={"state": "dispatched", "lng": 113.1, "due": moment},
            words=gettext_lazy("已转给区城管局"),
            note="内部",
            evidence=[{"photo": 3}],
            place_ids=[1, 2],
        )
    [entry] = queries.of("case", 17)
    assert (entry.id, entry.at, entry.actor_name, entry.post_name) == (entry_id, moment, "王小明", "网格员")
    assert entry.after == {"state": "dispatched", "lng": "113.1", "due": "2026-11-22T01:02:03.456789+00:00"}
    assert (str(entry.words), entry.note, entry.evidence, entry.place_ids) == (
        "已转给区城管局",
        "内部",
        [{"photo": 3}],
        [1, 2],
    )
    assert Unsealed.objects.filter(entry_id=entry_id).exists()
    assert entry.uid.version == 7 and entry.uid.variant == uuid.RFC_4122


@pytest.mark.django_db(transaction=True)
def test_no_entry_outside_a_transaction():
    with pytest.raises(RuntimeError, match="transaction"):
        record(action="a", actor=WANG, object_type="case", object_id=1)


@pytest.mark.django_db
def test_a_rolled_back_action_leaves_nothing(write):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write(events=[Event("t.closed", "case", 1)])
        raise ZeroDivisionError
    assert not Entry.objects.exists() and not Unsealed.objects.exists() and not OutboxEvent.objects.exists()


@pytest.mark.django_db
def test_one_round_trip_writes_entry_events_and_deliveries(listeners, django_assert_num_queries):
    events = [
        Event("t.closed", "case", 5, {"x": 1.5}),
        Event("case.odd", "case", 5),
        Event("t.closed", "case", 6),
    ]
    with django_assert_num_queries(1):
        entry_id = record(action="case.closed", actor=WANG, object_type="case", object_id=5, events=events)
    stored = list(OutboxEvent.objects.order_by("id"))
    assert [(e.kind, e.object_id, e.data, e.entry_id) for e in stored] == [
        ("t.closed", 5, {"x": "1.5"}, entry_id),
        ("case.odd", 5, {}, entry_id),
        ("t.closed", 6, {}, entry_id),
    ]
    owed = Delivery.objects.order_by("event_id", "subscriber").values_list("event_id", "subscriber", "lane", "state")
    assert list(owed) == [
        (stored[i].id, name, f"case:{stored[i].object_id}", "pending")
        for i in (0, 2)
        for name in ("test.one", "test.two")
    ]


@pytest.mark.django_db
def test_many_at_once_keep_their_order(django_assert_num_queries):
    drafts = [Draft(action="a", actor=WANG, object_type="case", object_id=n) for n in range(450)]
    with django_assert_num_queries(3):
        ids = record_many(drafts)
    assert ids == sorted(ids) and len(set(ids)) == 450
    assert list(Entry.objects.order_by("id").values_list("object_id", flat=True)) == [str(n) for n in range(450)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE journal_entry SET note = 'x'",
        "DELETE FROM journal_entry",
        "TRUNCATE journal_entry",
        "UPDATE journal_entry SET note = 'x' WHERE false",
        "DELETE FROM journal_batch",
        "TRUNCATE journal_batch",
        "UPDATE journal_batch SET count = 1",
    ],
)
def test_the_journal_only_grows(write, sql):
    write()
    with pytest.raises(DatabaseError, match=r"Linli: journal_\w+ only grows"), transaction.atomic():
        connection.cursor().execute(sql)


@pytest.mark.django_db
def test_values_find_their_plain_form():
    class Odd:
        pass

    east = timezone(timedelta(hours=8))
    told = {
        1: math.nan,
        "f": 1e300,
        "big": 2**70,
        "d": Decimal("1.50"),
        "date": date(2026, 1, 2),
        "t": (1, True, None),
        "at": datetime(2026, 1, 2, 8, tzinfo=east),
        "s": {"b", "a"},
        "b": b"\x01",
        "nul": "a\0b",
        "half": "\ud800x",
        "td": timedelta(hours=1),
        "kind": Entry.ActorKind.PERSON,
    }
    assert rules.plain(told) == {
        "1": "nan",
        "f": "1e+300",
        "big": str(2**70),
        "d": "1.50",
        "date": "2026-01-02",
        "t": [1, True, None],
        "at": "2026-01-02T00:00:00+00:00",
        "s": ["a", "b"],
        "b": "01",
        "nul": "a␀b",
        "half": "?x",
        "td": "1:00:00",
        "kind": "person",
    }
    with pytest.raises(TypeError, match="Odd"):
        rules.plain({"x": Odd()})


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class RoundTrip(TestCase):
    """Whatever is recorded is still genuine after PostgreSQL has rewritten it its own way."""

    @settings(max_examples=60, deadline=None)
    @given(
        after=st.dictionaries(st.text(), values, max_size=4),
        words=st.text(),
        evidence=st.lists(values, max_size=3),
        name=st.text(),
        key=st.none() | st.text(min_size=1),
        at=st.datetimes(timezones=st.just(UTC)),
    )
    def test_the_mac_survives_jsonb(self, after, words, evidence, name, key, at):
        from django.conf import settings as django_settings

        with clock.at(at):
            record(
                action="a",
                actor=actions.Actor(None, name, kind="anonymous"),
                object_type="x",
                object_id="ü",
                after=after,
                before=after,
                words=words,
                note=words,
                evidence=evidence,
                request_key=key,
            )
        assert list(Walk(django_settings.LINLI_JOURNAL_KEY).faults()) == []


@pytest.mark.django_db
def test_a_request_key_finds_its_entry(write):
    [first] = write(request_key="k(1)")
    assert queries.by_request_key("k(1)").id == first and queries.by_request_key("k2") is None
    write(request_key=None, count=2)
    with pytest.raises(Repeated) as repeated, transaction.atomic():
        write(request_key="k(1)")
    assert repeated.value.request_key == "k(1)"


@pytest.mark.django_db(transaction=True)
def test_sixteen_identical_requests_act_once():
    start, results = threading.Barrier(16), []

    def ask():
        start.wait()
        try:
            results.append(once("key", fresh, lambda entry_id, object_id: entry_id))
        finally:
            connection.close()

    def fresh():
        return record(action="a", actor=WANG, object_type="case", object_id=1, request_key="key")

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 16 and len(set(results)) == 1 and Entry.objects.count() == 1


@pytest.mark.django_db
def test_the_audit_finds_and_pages(write):
    with clock.at(datetime(2026, 1, 1, tzinfo=UTC)):
        old = write(3, place_ids=[1, 2], words="井盖 丢失")
    new = write(4, action="unit.renamed", object_type="unit", object_id=9, actor=actions.Actor(8, "李四"))
    Search = queries.Search
    assert [e.id for e in queries.search(Search()).entries] == [*reversed(new), *reversed(old)]
    page = queries.search(Search(), size=5)
    assert page.next_before_id == page.entries[-1].id
    assert queries.search(Search(), size=5, before_id=page.next_before_id).next_before_id is None
    for what, found in [
        (Search(words="井盖"), old),
        (Search(words="井盖 路灯"), []),
        (Search(place_id=2), old),
        (Search(place_id=3), []),
        (Search(action="case."), old),
        (Search(action="unit.renamed"), new),
        (Search(action="unit"), []),
        (Search(actor_id=8), new),
        (Search(object_type="unit", object_id="9"), new),
        (Search(words="李四"), new),
        (Search(until=datetime(2026, 2, 1, tzinfo=UTC)), old),
        (Search(since=datetime(2026, 2, 1, tzinfo=UTC)), new),
        (Search(post_id=3), old),
    ]:
        assert [e.id for e in queries.search(what).entries] == list(reversed(found)), what
    assert [e.id for e in queries.by_actor(8).entries] == list(reversed(new))
    assert queries.between(datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)).entries[0].id == old[-1]
    assert queries.actions_known() == ["case.noted", "unit.renamed"]
    assert [e.id for e in queries.of_many("case", [1, 2])] == old
    assert queries.waiting_for_seal() == 7


@pytest.mark.django_db
def test_loading_in_bulk_writes_genuine_entries():
    from django.conf import settings as django_settings

    moment = datetime(2025, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    told = {"x": 'a"\\\t\n', "n": 1.5}
    drafts = [
        Draft(action="a", actor=WANG, object_type="case", object_id=n, after=told, place_ids=[n, 2], at=moment)
        for n in range(30)
    ]
    with transaction.atomic():
        assert bulk.load(iter(drafts)) == 30
    entry = Entry.objects.order_by("id").last()
    assert (entry.object_id, entry.at, entry.after["n"], entry.place_ids) == ("29", moment, "1.5", [29, 2])
    assert Unsealed.objects.count() == 30 and list(Walk(django_settings.LINLI_JOURNAL_KEY).faults()) == []
    with pytest.raises(ValueError, match="no events"), transaction.atomic():
        bulk.load([Draft(action="a", actor=WANG, object_type="x", object_id=1, events=[Event("a", "x", 1)])])
