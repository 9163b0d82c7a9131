"""What is found on the spot is registered and given out in one transaction, once, with its own limit and its source."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from linli.kernel import clock
from linli.kernel.clock import TimeLimit
from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.kernel.journal.models import Entry
from linli.kernel.outbox.models import OutboxEvent
from linli.rooms.cases.actions.on_the_spot import Righted
from linli.rooms.cases.actions.photos import drop_unused
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case, Photo
from linli.rooms.cases.queries.page import case_page
from linli.rooms.cases.tests.fixtures import IN_A, IN_B, LAMP, lay_out_town
from linli.rooms.fieldwork.actions import patrols
from linli.rooms.fieldwork.actions.findings import file_on_patrol, file_on_visit
from linli.rooms.fieldwork.actions.inspections import open_inspection
from linli.rooms.fieldwork.actions.visits import answer
from linli.rooms.fieldwork.models import Finding, Patrol
from linli.rooms.fieldwork.queries import findings as reads
from linli.rooms.fieldwork.tests.making import MONDAY, finding_words, inspection, moment, plan, walk_on
from linli.rooms.places import atlas

pytestmark = pytest.mark.django_db
DAY = TimeLimit(24, "urgent_hours")


@pytest.fixture
def patrol(town) -> Patrol:
    """This morning's patrol of grid A."""
    with clock.at(moment(hour=7)):
        plan(town)
        patrols.make_due()
    return Patrol.objects.get()


def test_a_finding_is_registered_and_dispatched_with_the_limit_chosen(town, picture, patrol):
    worker = town.viewer("worker_a")
    with clock.at(moment(hour=9)):
        words = finding_words(picture, worker, lng=IN_A[0], lat=IN_A[1], limit=DAY)
        found = file_on_patrol(patrol.pk, words, viewer=worker, sequence=1)
    case = found.case
    assert (case.state, case.unit, case.channel, case.is_public) == ("dispatched", town.lamps, "field", False)
    assert (case.limit_amount, case.limit_unit, case.due_at) == (
        24,
        "urgent_hours",
        moment(hour=9) + dt.timedelta(days=1),
    )
    assert case.filing_rule is not None and case.filing_rule.limit_amount != 24
    assert (found.level, found.stop.sequence, found.unit, found.item_key) == ("patrol", 1, town.lamps, LAMP)
    patrol.refresh_from_db()
    assert (patrol.state, patrol.points_done, patrol.points_bad) == ("walking", 1, 1)
    entries = Entry.objects.filter(object_type="case", object_id=str(case.pk)).order_by("id")
    assert [e.action for e in entries] == ["case.report", "case.accept", "case.register", "case.dispatch"]
    assert {e.actor_id for e in entries} == {town.accounts["worker_a"].pk} and entries[1].post_name == "网格员"
    told = OutboxEvent.objects.get(kind="patrol.found").data
    assert (told["case_id"], told["number"], told["units"]) == (case.pk, case.number, [town.lamps.pk])
    walk_on(case, town, picture)


def test_the_same_key_files_once_from_many_threads(transactional_db, picture):
    town = lay_out_town()
    try:
        with clock.at(moment(hour=7)):
            plan(town)
            patrols.make_due()
        patrol = Patrol.objects.get()
        worker = town.viewer("worker_a")
        photo = picture(worker)

        def file(_n):
            try:
                with clock.at(moment(hour=9)):
                    words = finding_words(picture, worker, key="spot-key-000001", photos=[photo])
                    return file_on_patrol(patrol.pk, words, viewer=worker, sequence=1).pk
            finally:
                connection.close()

        with ThreadPoolExecutor(6) as pool:
            assert len(set(pool.map(file, range(6)))) == 1
        assert Case.objects.count() == Finding.objects.count() == 1
    finally:
        atlas.forget()


def test_what_the_finder_puts_right_waits_for_another_to_verify(town, picture, patrol):
    worker = town.viewer("worker_a")
    with clock.at(moment(hour=9)):
        words = finding_words(picture, worker, righted=Righted("和业主一起把车挪走了", [picture(worker)]))
        found = file_on_patrol(patrol.pk, words, viewer=worker)
    case = found.case
    assert (case.state, case.unit, case.handler_ids) == ("verifying", town.committee, [worker.account_id])
    with clock.at(moment(hour=10)):
        for own in ("worker_a", "cadre_a"):
            with pytest.raises(Refused):
                take(case.pk, "verify_pass", {"photos": [picture()]}, viewer=town.viewer(own))
        take(case.pk, "verify_pass", {"photos": [picture()]}, viewer=town.viewer("verifier"))
        take(case.pk, "close", {"words": "已当场整改"}, viewer=town.viewer("dispatcher"))
    [row] = reads.listed(town.viewer("cadre_a"))
    assert (row.fate, row.righted) == ("in_time", True)
    phases = set(Photo.objects.filter(case=case).values_list("phase", flat=True))
    assert phases == {"report", "handle", "verify"}


def test_without_a_unit_of_the_own_nobody_puts_right_on_the_spot(town, picture, patrol):
    viewer = town.viewer("verifier")
    words = finding_words(picture, viewer, righted=Righted("挪走了", [picture(viewer)]))
    with clock.at(moment()), pytest.raises(Refused) as refused:
        file_on_patrol(patrol.pk, words, viewer=viewer)
    assert refused.value.field == "righted" and Case.objects.count() == 0


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"item_key": ""}, "item"), ({"item_key": "M99999"}, "item"), ({"photos": []}, "photos"),
        ({"lng": 10.0, "lat": 10.0}, "place"), ({"unit_id": 0}, None), ({"righted": Righted("")}, "righted"),
    ],
)  # fmt: skip
def test_a_refused_finding_leaves_nothing_behind(town, picture, patrol, given, field):
    worker = town.viewer("worker_a")
    with clock.at(moment()):
        words = finding_words(picture, worker, **given)
        if field is None:  # no unit given: the matrix names it
            assert file_on_patrol(patrol.pk, words, viewer=worker, sequence=1).unit == town.lamps
            return
        with pytest.raises(Refused) as refused:
            file_on_patrol(patrol.pk, words, viewer=worker, sequence=1)
    assert refused.value.field == field
    assert Case.objects.count() == 0 and patrol.stops.filter(result="").count() == 2
    patrol.refresh_from_db()
    assert patrol.state == "due"


def test_a_finding_lies_where_the_post_reaches(town, picture, patrol):
    worker = town.viewer("worker_a")
    with clock.at(moment()):
        with pytest.raises(NotAllowed):
            file_on_patrol(patrol.pk, finding_words(picture, worker, lng=IN_B[0], lat=IN_B[1]), viewer=worker)
        with pytest.raises(NotFound):
            file_on_patrol(patrol.pk, finding_words(picture, worker), viewer=town.viewer("worker_b"))
    assert Case.objects.count() == 0


def test_a_point_with_a_finding_is_not_fine_any_more_and_an_ended_patrol_takes_none(town, picture, patrol):
    worker = town.viewer("worker_a")
    with clock.at(moment()):
        file_on_patrol(patrol.pk, finding_words(picture, worker), viewer=worker, sequence=1)
        with pytest.raises(Refused):
            patrols.mark(patrol.pk, 1, "ok", viewer=worker)
        patrols.finish(patrol.pk, "下雨", viewer=worker)
        with pytest.raises(Conflict):
            file_on_patrol(patrol.pk, finding_words(picture, worker), viewer=worker)


def test_what_was_closed_is_looked_at_again_at_the_next_patrol(town, picture, patrol):
    worker = town.viewer("worker_a")
    with clock.at(moment(hour=9)):
        again = file_on_patrol(patrol.pk, finding_words(picture, worker), viewer=worker, sequence=1)
        not_again = file_on_patrol(patrol.pk, finding_words(picture, worker, look_again=False), viewer=worker)
        patrols.finish(patrol.pk, "看完", viewer=worker)
        assert not_again.before == again and again.before is None
        for found in (again, not_again):
            walk_on(found.case, town, picture)
    tuesday = MONDAY + dt.timedelta(days=1)
    with clock.at(moment(tuesday, 6)):
        patrols.make_due()
        next_patrol = Patrol.objects.get(day=tuesday)
        stop = next_patrol.stops.get(again__isnull=False)
        assert (next_patrol.points_due, stop.again) == (3, again)
    with clock.at(moment(tuesday, 9)):
        patrols.mark(next_patrol.pk, stop.sequence, "ok", viewer=worker)
    again.refresh_from_db()
    assert again.looked == "ok"
    with clock.at(moment(tuesday + dt.timedelta(days=1), 6)):
        patrols.make_due()
        assert not Patrol.objects.get(day=tuesday + dt.timedelta(days=1)).stops.filter(again__isnull=False).exists()


def test_an_inspections_question_gives_matter_unit_and_limit_and_keeps_its_pictures(town, picture):
    with clock.at(moment(hour=8)):
        viewer = town.viewer("supervisor")
        mine = open_inspection(inspection(town, sample="all").pk, viewer=viewer)
        visit = mine.visits.get(place=town.grid_a)
        first, second = mine.items.all()
        found = file_on_visit(visit.pk, finding_words(picture, viewer, item_key=""), viewer=viewer, item_id=first.pk)
        assert (found.level, found.case.limit_amount, found.item_key, found.unit) == ("special", 24, LAMP, town.lamps)
        assert visit.answers.get().value == "no"
        with pytest.raises(Refused):
            answer(visit.pk, first.pk, "yes", viewer=viewer)
        uid = picture(viewer)
        answer(visit.pk, second.pk, "yes", viewer=viewer, photos=[uid])
    loose = picture(viewer)
    Photo.objects.filter(case=None).update(uploaded_at=moment() - dt.timedelta(days=9))
    assert drop_unused(moment()) == 1
    assert Photo.objects.filter(uid=uid).exists() and not Photo.objects.filter(uid=loose).exists()
    assert OutboxEvent.objects.get(kind="inspection.found").data["level"] == "special"


def test_the_units_record_shows_what_was_found_with_its_bases(town, picture, patrol):
    worker = town.viewer("worker_a")
    with clock.at(moment(hour=9)):
        kept, late, running = (
            file_on_patrol(patrol.pk, finding_words(picture, worker, limit=limit), viewer=worker)
            for limit in (DAY, TimeLimit(2, "urgent_hours"), TimeLimit(7, "working_days"))
        )
    with clock.at(moment(hour=10)):
        walk_on(kept.case, town, picture, "confirm")
    with clock.at(moment(hour=12)):
        unit, found = reads.unit_record(town.lamps.pk, town.viewer("lamp_contact"))
        total = found.total
        assert (unit, total.total, total.in_time, total.decided, total.running) == (town.lamps, 3, 1, 2, 1)
        assert (total.percent, total.repeats) == (50.0, 2) and found.repeated[0][2] == 3
        assert reads.unit_record(town.lamps.pk, town.viewer("power_contact"))[1].total.total == 0
        assert reads.place_record(town.grid_a.pk, town.viewer("supervisor")).total.total == 3
        assert [row.number for row in reads.listed(town.viewer("leader"), fate_code="late")] == [late.case.number]
    assert case_page(running.case.number, worker).case == running.case
    with pytest.raises(NotFound):
        reads.unit_record(0, worker)
