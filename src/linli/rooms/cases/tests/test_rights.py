"""Who may take which step: a table written by hand, walked for every kind of person on every state of a case.

The case lies in grid A (community one) and is given to the lamp unit. Own place: worker_a, cadre_a; other place:
worker_b, cadre_b; own unit: lamp_contact, lamp_handler; other unit: power_contact, power_handler; nobody; a resident;
the three administrators.
"""

from __future__ import annotations

import pytest

from linli.kernel import clock
from linli.kernel.errors import Conflict, NotAllowed, Refused
from linli.rooms.cases.actions.steps import situate, take
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.judgement import next_steps
from linli.rooms.cases.models import Case
from linli.rooms.cases.queries.worklist import Filters, page
from linli.rooms.cases.tests.fixtures import reported
from linli.rooms.cases.tests.walking import walk

pytestmark = pytest.mark.django_db

EVERYBODY = (
    "clerk",
    "dispatcher",
    "dispatcher2",
    "verifier",
    "supervisor",
    "leader",
    "worker_a",
    "worker_b",
    "cadre_a",
    "cadre_b",
    "lamp_contact",
    "lamp_handler",
    "power_contact",
    "power_handler",
    "resident",
    "system",
    "security",
    "audit",
    "nobody",
)
DISPATCHERS = {"dispatcher", "dispatcher2"}
APPROVERS = {"dispatcher", "dispatcher2", "supervisor", "leader"}
# (state, step) → who may take it. What is not named here nobody may.
MAY: dict[tuple[str, str], set[str]] = {
    ("reported", "request_check"): {"clerk", *DISPATCHERS, "cadre_a"},
    ("reported", "accept"): {"clerk", *DISPATCHERS, "cadre_a"},
    ("reported", "refuse"): {"clerk", *DISPATCHERS, "cadre_a"},
    ("reported", "merge"): {"clerk", *DISPATCHERS},
    ("reported", "amend"): {"clerk", *DISPATCHERS, "cadre_a"},
    ("accepted", "register"): DISPATCHERS,
    ("accepted", "refuse"): {"clerk", *DISPATCHERS, "cadre_a"},
    ("accepted", "merge"): {"clerk", *DISPATCHERS},
    ("accepted", "amend"): {"clerk", *DISPATCHERS, "cadre_a"},
    ("registered", "dispatch"): DISPATCHERS,
    ("registered", "amend"): {"clerk", *DISPATCHERS, "cadre_a"},
    ("dispatched", "receive"): {"lamp_contact"},
    ("dispatched", "return"): {"lamp_contact"},
    ("handling", "return"): {"lamp_contact"},
    ("handling", "handle"): {"lamp_contact", "lamp_handler"},
    ("handling", "ask_extension"): {"lamp_contact"},
    ("handling", "suspend"): APPROVERS,
    ("confirming", "confirm"): {"lamp_contact"},
    ("confirming", "send_back"): {"lamp_contact"},
    ("verifying", "verify_pass"): {"verifier", "worker_a", "cadre_a"},
    ("verifying", "verify_fail"): {"verifier", "worker_a", "cadre_a"},
    ("closing", "close"): DISPATCHERS,
}
NOTE = {
    "clerk",
    *DISPATCHERS,
    "verifier",
    "supervisor",
    "leader",
    "worker_a",
    "cadre_a",
}
PUBLISH = {"clerk", *DISPATCHERS}
MARK = {"clerk", *DISPATCHERS, "supervisor", "leader", "cadre_a"}
UNTIL = {
    "reported": None,
    "accepted": "accept",
    "registered": "register",
    "dispatched": "dispatch",
    "handling": "receive",
    "confirming": "handle",
    "verifying": "confirm",
    "closing": "verify_pass",
    "closed": "close",
}


def case_in(state: str, town, picture) -> Case:
    case = reported(town)
    return walk(case, town, picture, UNTIL[state]) if UNTIL[state] else case


def allowed(case: Case, name: str, town) -> set[str]:
    viewer = town.viewer(name)
    return {offer.step.code for offer in next_steps(situate(case, viewer, clock.now())) if offer.allowed}


@pytest.mark.parametrize("state", list(UNTIL))
def test_exactly_those_of_the_table_may_take_each_step(town, picture, state):
    case = case_in(state, town, picture)
    found = {name: allowed(case, name, town) for name in EVERYBODY}
    unit = {"lamp_contact", "lamp_handler"} if case.unit_id else set()
    for name in EVERYBODY:
        expected = {step for (at, step), names in MAY.items() if at == state and name in names}
        expected |= {"note"} if name in NOTE | unit else set()
        expected |= {"publish", "tell"} if name in PUBLISH else set()
        expected |= {"mark"} if name in MARK and case.is_open else set()
        assert found[name] == expected, name


@pytest.mark.parametrize("state", ["reported", "dispatched", "verifying", "closed"])
def test_a_step_that_is_not_offered_is_refused_when_taken_all_the_same(town, picture, state):
    case = case_in(state, town, picture)
    for step in FLOW.steps:
        if step.code in ("report", "join"):
            continue
        for name in ("worker_b", "power_contact", "resident", "nobody", "system", "audit"):
            with pytest.raises((NotAllowed, Refused, Conflict)):
                take(case.pk, step.code, {}, viewer=town.viewer(name))
    case.refresh_from_db()
    assert case.state == state


@pytest.mark.parametrize("view", ["todo", "open", "all"])
def test_no_list_shows_a_case_of_another_place_or_unit(town, picture, view):
    case = walk(reported(town), town, picture, "dispatch")
    sees = {
        name for name in EVERYBODY if case.pk in {row["id"] for row in page(town.viewer(name), Filters(view=view)).rows}
    }
    outside = {
        "worker_b",
        "cadre_b",
        "power_contact",
        "power_handler",
        "resident",
        "system",
        "security",
        "audit",
        "nobody",
    }
    assert not sees & outside
    if view == "todo":
        assert sees == {"lamp_contact"}


def test_what_is_offered_and_what_is_listed_as_to_do_agree(town, picture):
    """Everybody who finds a case in "todo" can really take its main step, and the other way round."""
    main = {
        "reported": "accept",
        "accepted": "register",
        "registered": "dispatch",
        "dispatched": "receive",
        "handling": "handle",
        "confirming": "confirm",
        "verifying": "verify_pass",
        "closing": "close",
    }
    for state, step in main.items():
        case = case_in(state, town, picture)
        for name in EVERYBODY:
            listed = case.pk in {row["id"] for row in page(town.viewer(name), Filters(view="todo")).rows}
            assert listed == (step in allowed(case, name, town)), (state, name)
