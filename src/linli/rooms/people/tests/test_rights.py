"""Who may do what, as a table: own place, other place, other unit, nobody, deputies, limits, administrators."""

from __future__ import annotations

import datetime as dt

import pytest

from linli.kernel import clock
from linli.kernel.authority import Authority
from linli.kernel.errors import NotAllowed
from linli.rooms.people.kinds import POST_KINDS
from linli.rooms.people.rights import NOBODY, Target, viewer_of
from linli.rooms.people.rules import ADMIN_CAPABILITIES, CAPABILITIES
from linli.rooms.people.tests.conftest import make_account, make_post

NOW = dt.datetime(2026, 11, 20, 4, tzinfo=dt.UTC)


@pytest.fixture
def cast(town):
    """One viewer for each kind of person, and the things they might act on."""
    with clock.at(NOW):
        people = {}

        def hire(key, kind, **held):
            account = make_account(key)
            make_post(kind, account, **held)
            people[key] = viewer_of(account)

        hire("worker", "grid_worker", place=town.grid, unit=town.committee)
        hire("next_worker", "grid_worker", place=town.next_grid, unit=town.committee)
        hire("dispatcher", "dispatcher", place=town.district)
        hire("street_cadre", "town_cadre", place=town.street)
        hire("contact", "unit_contact", unit=town.city)
        hire("other_contact", "unit_contact", unit=town.water)
        hire("limited", "dispatcher", place=town.district, matters=["M07"])
        hire("verifier", "verifier", place=town.community)
        for role in ("system", "security", "audit"):
            people[role] = viewer_of(make_account(role, admin_role=role))
        people["resident"] = viewer_of(make_account("resident", kind="resident"))
        people["resting"] = viewer_of(make_account("resting", is_active=False))
        people["nobody"] = NOBODY
        yield people


def case_of(town, place, unit=None, matter="M06"):
    return Target(
        lineage=place.lineage,
        unit_ids=[unit.id] if unit else [],
        lead_unit_id=unit.id if unit else None,
        matter_class=matter,
    )


TABLE = [
    # who, capability, place, unit that has it, class, allowed
    ("worker", "case.view", "grid", None, "M06", True),
    ("worker", "case.view", "special", None, "M06", True),
    ("worker", "case.view", "next_grid", None, "M06", False),
    ("next_worker", "case.view", "grid", None, "M06", False),
    ("worker", "case.handle", "grid", "committee", "M06", True),
    ("worker", "case.handle", "grid", "city", "M06", False),
    ("worker", "case.dispatch", "grid", None, "M06", False),
    ("dispatcher", "case.dispatch", "grid", "city", "M06", True),
    ("dispatcher", "case.dispatch", "other_street", "city", "M06", True),
    ("dispatcher", "case.handle", "grid", "city", "M06", False),
    ("dispatcher", "accounts.edit", None, None, "", False),
    ("street_cadre", "case.view", "community", None, "M06", True),
    ("street_cadre", "case.view", "other_street", None, "M06", False),
    ("contact", "case.view", "grid", "city", "M06", True),
    ("contact", "case.view", "grid", "water", "M06", False),
    ("contact", "case.handle", "grid", "city", "M06", True),
    ("contact", "case.close", "grid", "city", "M06", False),
    ("other_contact", "case.handle", "grid", "city", "M06", False),
    ("limited", "case.dispatch", "grid", "city", "M07", True),
    ("limited", "case.dispatch", "grid", "city", "M06", False),
    ("verifier", "case.verify", "grid", "city", "M06", True),
    ("verifier", "case.verify", "other_street", "city", "M06", False),
    ("system", "matrix.edit", None, None, "", True),
    ("system", "accounts.edit", None, None, "", False),
    ("system", "case.view", "grid", None, "M06", False),
    ("security", "accounts.edit", None, None, "", True),
    ("security", "journal.read", None, None, "", False),
    ("security", "case.reveal", "grid", None, "M06", False),
    ("audit", "journal.read", None, None, "", True),
    ("audit", "units.edit", None, None, "", False),
    ("resident", "case.view", "grid", None, "M06", False),
    ("resting", "case.view", "grid", None, "M06", False),
    ("nobody", "case.view", "grid", None, "M06", False),
    ("nobody", "accounts.edit", None, None, "", False),
]


@pytest.mark.parametrize(("who", "capability", "place", "unit", "matter", "allowed"), TABLE)
def test_the_table_of_rights(town, cast, who, capability, place, unit, matter, allowed):
    target = None
    if place:
        target = case_of(town, getattr(town, place), unit and getattr(town, unit), matter)
    verdict = cast[who].may(capability, target)
    assert verdict.ok is allowed
    assert allowed or verdict.why


def test_no_capability_reaches_nobody_or_a_resident(town, cast):
    for who in ("nobody", "resident", "resting"):
        for capability in CAPABILITIES:
            assert not cast[who].may(capability, case_of(town, town.grid, town.city)).ok
            assert cast[who].reach(capability).nothing


def test_what_administrators_do_is_never_a_duty_of_a_post_and_theirs_never_act_on_cases():
    duties = {duty for kind in POST_KINDS for duty in kind.duties}
    administrative = set().union(*ADMIN_CAPABILITIES.values())
    assert duties & administrative <= {"matrix.view"}
    assert duties <= set(CAPABILITIES) and administrative <= set(CAPABILITIES)
    for one, own in ADMIN_CAPABILITIES.items():
        for other, theirs in ADMIN_CAPABILITIES.items():
            assert one == other or not own & theirs


def test_a_deputy_has_the_right_only_between_from_and_to(town):
    holder, deputy = make_account("holder"), make_account("deputy")
    make_post("grid_worker", holder, town.grid, deputy=deputy, deputy_from=NOW, deputy_to=NOW + dt.timedelta(hours=8))
    for minutes, allowed in ((-1, False), (0, True), (8 * 60 - 1, True), (8 * 60, False)):
        with clock.at(NOW + dt.timedelta(minutes=minutes)):
            viewer = viewer_of(deputy)
            assert viewer.may("case.check", case_of(town, town.grid)).ok is allowed
            if allowed:
                assert viewer.posts[0].deputised and viewer.acting(viewer.posts[0]).post_name == "网格员"
            assert viewer_of(holder).may("case.check", case_of(town, town.grid)).ok


def test_a_post_counts_from_its_first_day_until_the_day_before_its_end_in_shanghai(town):
    account = make_account("worker")
    make_post("grid_worker", account, town.grid, valid_from=dt.date(2026, 11, 20), valid_to=dt.date(2026, 11, 21))
    midnight = dt.datetime(2026, 11, 19, 16, tzinfo=dt.UTC)
    for moment, held in ((midnight - dt.timedelta(seconds=1), 0), (midnight, 1), (midnight + dt.timedelta(days=1), 0)):
        with clock.at(moment):
            assert len(viewer_of(account).posts) == held


def test_reach_is_the_same_as_asking_for_each(town, cast):
    for who, viewer in cast.items():
        reach = viewer.reach("case.view")
        for place in (town.grid, town.special, town.next_grid, town.other_street):
            for unit in (town.city, town.water, None):
                for matter in ("M06", "M07"):
                    tokens = {*place.lineage, *([-unit.id] if unit else [])}
                    listed = bool(tokens & set(reach.free)) or any(
                        token in tokens and matter in classes for token, classes in reach.limited
                    )
                    assert listed == viewer.may("case.view", case_of(town, place, unit, matter)).ok, who


def test_a_viewer_is_an_authority_and_require_refuses_in_words(town, cast):
    assert isinstance(cast["dispatcher"], Authority)
    cast["dispatcher"].require("case.accept", town.grid.lineage)
    with pytest.raises(NotAllowed) as refused:
        cast["worker"].require("case.accept", town.grid.lineage)
    assert str(refused.value)


def test_an_unknown_capability_is_a_defect_not_a_refusal(cast):
    with pytest.raises(ValueError):
        cast["system"].may("case.fly")


def test_where_each_kind_of_person_begins(cast):
    homes = {who: viewer.home_door for who, viewer in cast.items()}
    assert homes["worker"] == "field" and homes["dispatcher"] == "desk" and homes["system"] == "admin"
    assert homes["resident"] == homes["nobody"] == "portal"


def test_a_viewer_costs_one_query_for_staff_and_none_for_others(town, cast, django_assert_num_queries):
    from linli.rooms.people.models import Account

    worker, resident = Account.objects.get(username="worker"), Account.objects.get(username="resident")
    with django_assert_num_queries(1):
        viewer_of(worker)
    with django_assert_num_queries(0):
        viewer_of(resident)
        viewer_of(None)
