"""kill -9 of everything a house consists of, in a stream of reports and steps."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bench.harness.faults.house import House, broken
from bench.harness.faults.row import Held, judged
from bench.harness.faults.stream import Told, streaming

KINDS = ("web", "worker", "database", "web_worker", "keeper")
DRAIN_S = 240.0
BACK_S = 120.0


def killed(folder: Path, times: int) -> list[Held]:
    """Each kind of process `times` times, in turns, under load."""
    kills = dict.fromkeys(KINDS, 0)
    slowest = 0.0
    with broken(folder, "kill") as house:
        samples, key = house.inside("samples"), house.key()
        with streaming(house.port, key, samples) as told:
            for _round in range(times):
                for kind in KINDS:
                    time.sleep(random.uniform(0.5, 2.0))
                    house.wait_until(partial(house.kill, kind), BACK_S, f"there is a {kind} to kill")
                    kills[kind] += 1
                    slowest = max(slowest, house.wait_until(house.serves, BACK_S, f"it serves after the {kind} died"))
        return [account(house, told, f"kill -9 of {', '.join(KINDS)}, each", times, f"back within {slowest:.1f} s")]


def power(folder: Path, times: int) -> list[Held]:
    """Everything at once, as when the power fails, and a start by hand."""
    slowest = 0.0
    with broken(folder, "power") as house:
        samples, key = house.inside("samples"), house.key()
        with streaming(house.port, key, samples) as told:
            for _round in range(times):
                time.sleep(random.uniform(3.0, 6.0))
                house.kill_all()
                began = time.monotonic()
                house.start()
                slowest = max(slowest, time.monotonic() - began)
        return [
            account(house, told, "kill -9 of everything at once, then a start", times, f"started in {slowest:.1f} s")
        ]


def account(house: House, told: Told, fault: str, times: int, more: str = "", also: Sequence[str] = ()) -> Held:
    """Wait until the outbox has drained, compare, and judge. also: what is known to be wrong already."""
    wrong = list(also)
    try:
        drained = house.wait_until(lambda: house.inside("drained")["waiting"] == 0, DRAIN_S, "the outbox has drained")
    except SystemExit:
        drained = DRAIN_S
        wrong.append(f"the outbox still owes {house.inside('drained')['waiting']}")
    dead = house.inside("drained")["dead"]
    found = house.inside("compare", told.as_json())
    for what in ("lost", "doubled", "steps_lost", "steps_doubled", "gaps", "unsound"):
        if found[what]:
            wrong.append(f"{len(found[what])} {what.replace('_', ' ')}: {', '.join(map(str, found[what][:3]))}")
    if dead:
        wrong.append(f"{dead} deliveries dead")
    for words, kept in (("unanswered", told.unanswered), ("refused", told.refused)):
        if kept:
            wrong.append(f"{len(kept)} {words}: {'; '.join(kept[:3])}")
    if told.seen.get(500):
        wrong.append(f"{told.seen[500]} answers 500")
    if not told.reports:
        wrong.append("nobody could report anything")
    steps = sum(map(len, told.steps.values()))
    statuses = ", ".join(f"{count}×{status}" for status, count in sorted(told.seen.items()))
    lost, doubled = (len(found[what]) + len(found[f"steps_{what}"]) for what in ("lost", "doubled"))
    counted = (
        f"{len(told.reports)} reports and {steps} steps acknowledged, {lost} lost, {doubled} doubled;"
        f" answers {statuses}; longest wait {told.longest:.1f} s; outbox drained {drained:.0f} s after;"
        f" {found['entries']} journal entries verified"
    )
    return judged(fault, times, f"{counted}; {more}" if more else counted, wrong)
