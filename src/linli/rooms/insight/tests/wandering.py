"""Cases that wander: random steps at random moments over months, and their figures."""

from __future__ import annotations

import datetime as dt
import random
from types import SimpleNamespace
from typing import Any

from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import LinliError
from linli.kernel.outbox.jobs import drain
from linli.rooms.cases.actions.contact import reveal_contact
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import IN_A, IN_B, reported
from linli.rooms.cases.tests.walking import given_for

BEGIN = dt.datetime(2026, 8, 3, 9, tzinfo=CIVIL)
_FROM = {
    "reported": [("accept", "clerk")] * 5 + [("refuse", "clerk"), ("withdraw", "nobody")],
    "accepted": [("register", "dispatcher")] * 6 + [("withdraw", "nobody")],
    "registered": [("dispatch", "dispatcher"), ("dispatch", "dispatcher2")] * 3 + [("withdraw", "nobody")],
    "dispatched": [("receive", "lamp_contact")] * 4 + [("return", "lamp_contact")],
    "handling": [("handle", "lamp_handler")] * 5
    + [("ask_extension", "lamp_contact"), ("grant_extension", "leader"), ("grant_extension", "supervisor")]
    + [("suspend", "supervisor"), ("return", "lamp_contact")],
    "suspended": [("resume", "supervisor")],
    "confirming": [("confirm", "lamp_contact")] * 4 + [("send_back", "lamp_contact")],
    "verifying": [("verify_pass", "verifier")] * 3 + [("verify_fail", "verifier")],
    "closing": [("close", "dispatcher")],
    "closed": [("rate", "nobody"), ("rate", "nobody"), ("reopen", "nobody"), ("call", "clerk")],
}


def wander(town: SimpleNamespace, picture: Any, seed: int, cases: int = 5, steps: int = 60) -> dt.datetime:
    """Let some cases take random steps; returns the moment at which it ended."""
    rng = random.Random(seed)
    moment = BEGIN
    with clock.at(moment):
        found = [reported(town, lng=point[0], lat=point[1]) for point in rng.choices([IN_A, IN_B], k=cases)]
    for _step in range(steps):
        moment += dt.timedelta(hours=rng.choice([1, 3, 7, 24, 60]))
        case = Case.objects.get(pk=rng.choice(found).pk)
        choices = _FROM.get(case.state)
        if not choices:
            continue
        step, name = rng.choice(choices)
        with clock.at(moment):
            try:
                _go(town, picture, case, step, name, rng)
            except LinliError:
                continue
        if rng.random() < 0.3:
            drain()
    return moment


def _go(town: SimpleNamespace, picture: Any, case: Case, step: str, name: str, rng: random.Random) -> None:
    viewer, report = town.viewer(name), case.reports.first()
    if step == "call":
        reveal_contact(report.pk, "回访差评", viewer=viewer)
        return
    given = given_for(step, town, picture, viewer)
    given |= {
        "refuse": {"words": "不归这里", "whose": "物业"},
        "return": {"reason": "不是本单位的"},
        "ask_extension": {"reason": "缺件"},
        "suspend": {"until": (clock.now() + dt.timedelta(days=9)).date().isoformat(), "words": "等材料"},
        "send_back": {"reason": "没修好"},
        "verify_fail": {"reason": "还不亮"},
        "rate": {"solved": rng.choice(["yes", "partly", "no"]), "level": str(rng.randint(1, 5))},
        "reopen": {"reason": "又坏了"},
    }.get(step, {})
    take(case.pk, step, given, viewer=viewer, report=report if name == "nobody" else None)
