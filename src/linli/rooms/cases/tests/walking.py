"""Walking a case along the flow in tests: the straight road, one named step at a time."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import LAMP
from linli.rooms.catalogue.models import FilingRule

# Who takes each step of the straight road, and what is given.
ROAD: list[tuple[str, str]] = [
    ("accept", "clerk"),
    ("register", "dispatcher"),
    ("dispatch", "dispatcher"),
    ("receive", "lamp_contact"),
    ("handle", "lamp_handler"),
    ("confirm", "lamp_contact"),
    ("verify_pass", "verifier"),
    ("close", "dispatcher"),
]


def given_for(step: str, town: SimpleNamespace, picture: Any = None, viewer: Any = None) -> dict[str, Any]:
    rule = FilingRule.objects.filter(item__key=LAMP, rule_set__state="active").order_by("sequence").first()
    return {
        "accept": lambda: {"item": LAMP},
        "register": lambda: {"rule": rule.pk},
        "dispatch": lambda: {"unit": town.lamps.pk},
        "handle": lambda: {"words": "换了灯泡和线路，已经亮了", "photos": [picture(viewer)]},
        "verify_pass": lambda: {"photos": [picture(viewer)], "words": "现场看过，亮了"},
        "close": lambda: {"words": "路灯已修好"},
    }.get(step, dict)()


def walk(case: Case, town: SimpleNamespace, picture: Any, until: str = "close") -> Case:
    """Take the steps of the straight road from the case's state up to and including `until`."""
    for step, name in ROAD:
        viewer = town.viewer(name)
        case = take(case.pk, step, given_for(step, town, picture, viewer), viewer=viewer)
        if step == until:
            return case
    return case
