"""Inspections: planned, drawn so that it can be checked, answered on the spot, signed, and what they come to."""

import datetime as dt

import pytest

from linli.kernel import clock
from linli.kernel.clock import TimeLimit
from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.rooms.cases.tests.fixtures import LAMP
from linli.rooms.fieldwork import rules
from linli.rooms.fieldwork.actions import visits
from linli.rooms.fieldwork.actions.inspections import (
    ItemWords,
    cancel_inspection,
    finish_inspection,
    open_inspection,
    save_inspection,
)
from linli.rooms.fieldwork.actions.limits import LimitWords, set_rectify_limits
from linli.rooms.fieldwork.models import Inspection, Visit
from linli.rooms.fieldwork.queries.inspections import inspection_page, visit_page, visits_for
from linli.rooms.fieldwork.queries.patrols import rectify_limits
from linli.rooms.fieldwork.tests.making import MONDAY, inspection, inspection_words, moment
from linli.rooms.people.models import Post

pytestmark = pytest.mark.django_db


def opened(town, **given) -> Inspection:
    with clock.at(moment(hour=8)):
        return open_inspection(inspection(town, **given).pk, viewer=town.viewer("supervisor"))


def test_the_draw_is_recorded_and_gives_the_same_grids_again(town):
    mine = opened(town)
    assert sorted(code for _pk, code in mine.pool) == ["430212100001001", "430212100002001"]
    assert [visit.place_id for visit in mine.visits.all()] == rules.draw(map(tuple, mine.pool), 1, mine.seed)
    with clock.at(moment(hour=9)):
        assert open_inspection(mine.pk, viewer=town.viewer("supervisor")).seed == mine.seed
        page = inspection_page(mine.pk, town.viewer("leader"))
    assert [drawn for *_rest, drawn in page.drawn] == [True, False]
    assert page.drawn[0][2] == rules.rank(mine.seed, page.drawn[0][1])[:12]


def test_a_visit_is_answered_closed_and_scored(town, picture):
    mine = opened(town, sample="all")
    viewer = town.viewer("worker_a")
    visit = mine.visits.get(place=town.grid_a)
    first, second = mine.items.all()
    with clock.at(moment(hour=9)):
        assert [row.pk for row in visits_for(viewer)] == [visit.pk]
        visits.answer(visit.pk, first.pk, "no", viewer=viewer, words="堆着纸箱")
        with pytest.raises(Refused) as refused:
            visits.close_visit(visit.pk, viewer=viewer)
        assert refused.value.field == str(second.pk)
        visits.answer(visit.pk, second.pk, "yes", viewer=viewer)
        with pytest.raises(Refused) as refused:
            visits.close_visit(visit.pk, viewer=viewer)
        assert (refused.value.field, refused.value.code) == (str(first.pk), "inspection.no_photo")
        visits.answer(visit.pk, first.pk, "no", viewer=viewer, photos=[picture(viewer)])
        assert visits.close_visit(visit.pk, viewer=viewer).state == "done"
        with pytest.raises(Conflict):
            visits.answer(visit.pk, first.pk, "yes", viewer=viewer)
        page = inspection_page(mine.pk, town.viewer("supervisor"))
    assert (page.total.reached, page.total.base, page.done, len(page.rows)) == (40, 100, 1, 2)
    assert [(row.name, row.yes, row.no) for row in page.units] == [("路灯所", 0, 1)]
    assert visit.answers.get(item=first).words == "堆着纸箱"


def test_a_joint_inspection_waits_for_all_its_signatures(town):
    posts = [Post.objects.get(holder=town.accounts[name]).pk for name in ("leader", "supervisor")]
    mine = opened(town, level="joint", sample="chosen", chosen=[town.grid_a.pk], post_ids=posts, signers=1)
    assert mine.signers == 2
    visit = mine.visits.get()
    leader = town.viewer("leader")
    with clock.at(moment(hour=10)):
        with pytest.raises(NotAllowed):
            visits.answer(visit.pk, mine.items.first().pk, "yes", viewer=town.viewer("worker_a"))
        for item in mine.items.all():
            visits.answer(visit.pk, item.pk, "yes", viewer=leader)
        assert visits.close_visit(visit.pk, viewer=leader).state == "signing"
        assert visits.sign(visit.pk, viewer=leader).state == "signing"
        with pytest.raises(Refused):
            finish_inspection(mine.pk, "都好", viewer=leader)
        assert visit_page(visit.pk, town.viewer("supervisor")).may_sign
        assert visits.sign(visit.pk, viewer=town.viewer("supervisor")).state == "done"
        assert finish_inspection(mine.pk, "都好", viewer=leader).state == "finished"
        assert finish_inspection(mine.pk, "", viewer=leader).conclusion == "都好"


def test_finishing_marks_the_grids_nobody_visited_and_cancelling_needs_a_reason(town):
    mine, other = opened(town, sample="all"), opened(town)
    viewer = town.viewer("supervisor")
    with clock.at(moment(hour=9)):
        with pytest.raises(Refused) as refused:
            finish_inspection(mine.pk, " ", viewer=viewer)
        assert refused.value.field == "conclusion"
        finish_inspection(mine.pk, "只看了一部分", viewer=viewer)
        with pytest.raises(Refused):
            cancel_inspection(other.pk, "", viewer=viewer)
        cancel_inspection(other.pk, "暴雨", viewer=viewer)
        with pytest.raises(Conflict):
            finish_inspection(other.pk, "x", viewer=viewer, version=1)
    assert set(Visit.objects.values_list("state", flat=True)) == {"missed"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"theme": ""}, "theme"), ({"level": "patrol"}, "level"),
        ({"ends_on": MONDAY - dt.timedelta(days=1)}, "ends_on"),
        ({"sample": "some"}, "sample"), ({"sample_size": None}, "sample_size"), ({"items": []}, "items"),
        ({"sample": "chosen", "chosen": [0]}, "chosen"), ({"sample": "chosen"}, "chosen"),
        ({"post_ids": [0]}, "post_ids"),
        ({"items": [ItemWords("x", item_key="M99999")]}, "items"), ({"items": [ItemWords("x", unit_id=0)]}, "items"),
        ({"place_id": 0}, "place"),
    ],
)  # fmt: skip
def test_a_plan_says_at_which_field_it_is_wrong(town, given, field):
    with pytest.raises(Refused) as refused:
        inspection(town, **given)
    assert refused.value.field == field and not Inspection.objects.exists()


def test_an_opened_inspection_keeps_its_checklist_and_a_stale_page_is_told(town):
    viewer = town.viewer("supervisor")
    mine = inspection(town, request_key="inspection-key-1")
    assert inspection(town, request_key="inspection-key-1").pk == mine.pk
    again = inspection_words(town, items=[ItemWords("只有一条", item_key=LAMP)])
    assert save_inspection(again, viewer=viewer, inspection_id=mine.pk, version=1).items.count() == 1
    with pytest.raises(Conflict):
        save_inspection(again, viewer=viewer, inspection_id=mine.pk, version=1)
    with clock.at(moment(hour=8)):
        open_inspection(mine.pk, viewer=viewer)
    with pytest.raises(Refused):
        save_inspection(again, viewer=viewer, inspection_id=mine.pk)


def test_nothing_is_answered_before_the_first_day(town):
    mine = opened(town, sample="all", starts_on=MONDAY + dt.timedelta(days=2))
    with clock.at(moment()), pytest.raises(Refused):
        visits.answer(
            mine.visits.get(place=town.grid_a).pk, mine.items.first().pk, "yes", viewer=town.viewer("worker_a")
        )


@pytest.mark.parametrize("who", ["worker_a", "cadre_a", "dispatcher", "lamp_contact", "verifier", "nobody", "security"])
def test_only_who_plans_inspections_plans_opens_and_ends_them(town, who):
    mine = inspection(town)
    viewer = town.viewer(who)
    for act in (
        lambda: save_inspection(inspection_words(town), viewer=viewer),
        lambda: open_inspection(mine.pk, viewer=viewer),
        lambda: finish_inspection(mine.pk, "x", viewer=viewer),
        lambda: cancel_inspection(mine.pk, "x", viewer=viewer),
        lambda: set_rectify_limits([LimitWords("一天", "a day", TimeLimit(1, "calendar_days"))], viewer=viewer),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_another_grids_worker_finds_neither_the_visit_nor_the_inspection(town):
    mine = opened(town, sample="chosen", chosen=[town.grid_a.pk])
    stranger = town.viewer("worker_b")
    visit = mine.visits.get()
    with clock.at(moment()):
        for act in (
            lambda: visits.close_visit(visit.pk, viewer=stranger),
            lambda: visit_page(visit.pk, stranger),
            lambda: inspection_page(mine.pk, stranger),
        ):
            with pytest.raises(NotFound):
                act()
        assert visits_for(stranger) == []
        assert [row.visit.pk for row in inspection_page(mine.pk, town.viewer("worker_a")).rows] == [visit.pk]


def test_the_limits_to_choose_from_belong_to_the_operator(town):
    assert [str(row.amount) for row in rectify_limits()] == ["2", "24", "3", "7"]
    viewer = town.viewer("supervisor")
    set_rectify_limits([LimitWords("当天", "today", TimeLimit(8, "working_hours"))], viewer=viewer)
    assert [(row.name_zh, row.amount) for row in rectify_limits()] == [("当天", 8)]
    with pytest.raises(Refused):
        set_rectify_limits([], viewer=viewer)
