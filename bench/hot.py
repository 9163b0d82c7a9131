"""CPU milliseconds of web and database processes for each request of the hot paths, at 10,000 and 1,000,000 cases.

Builds a house for each size in a home of its own (once, minutes for the large one), starts it as `./linli demo` does,
signs people in, and asks over the loopback with 1, 4 and 16 browsers at a time. CPU time is read from the processes,
so other load on the machine does not change the figures much.

Run: ./linli bench hot [--home DIR] [--size 10000,1000000] [--clients 1,4,16] [--only WORDS]
     [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.harness.drive import Browser, load
from bench.harness.inside_call import inside
from bench.harness.serve import Served, environment, linli, served, spent
from bench.harness.table import Row
from bench.harness.work import Samples, Work
from bench.harness.works import WORKS

WARM = 24
SECONDS = 0.8
FEWEST, MOST = 25, 250
ROUNDS = 4
TOWN = "city"
LEAST_LEFT = 40


@dataclass(frozen=True)
class Measured:
    """One line of the table. cpu_ms: web and database for each request; behind_ms: the worker afterwards."""

    work: str
    size: int
    clients: int
    requests: int
    cpu_ms: float
    behind_ms: float
    p50_ms: float
    p95_ms: float
    queries: int
    kilobytes: float
    goal: float | None


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("./linli bench hot", description="CPU cost of the hot paths.")
    parser.add_argument("--size", default="10000,1000000", help="numbers of cases, parted by commas")
    parser.add_argument("--clients", default="1,4,16", help="browsers at a time, parted by commas")
    parser.add_argument("--only", default="", help="works whose name holds one of these words, parted by commas")
    return parser.parse_args(words)


def measure(words: list[str], folder: Path) -> list[Row]:
    """Every work at every size with every number of clients."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the house is stopped, too
    chosen = parse(words)
    found: list[Measured] = []
    for size in (int(text) for text in chosen.size.split(",")):
        with served(folder / f"hot-{size}", size, TOWN) as house:
            found += all_works(house, size, [int(text) for text in chosen.clients.split(",")], chosen.only)
    compare(found)
    return [Row(row.work, row.size, row.cpu_ms, row.p95_ms, row.queries, row.goal, row.clients) for row in found]


def all_works(house: Served, size: int, clients: list[int], only: str) -> list[Measured]:
    """All works at one size, printed as they are done."""
    samples: Samples = inside(house, "samples", None)
    counted = inside(house, "queries", samples)
    pure = inside(house, "action", samples)
    print(
        f"\n{size:,} cases. The bare action of accepting: {pure['cpu_ms']:.1f} ms of Python."
        f" Load of the machine {os.getloadavg()[0]:.1f}, its yardstick {yardstick():.1f} ms."
    )
    names = ("clients", "cpu ms", "behind", "p50", "p95", "queries")
    print(f"{'work':<40} " + " ".join(f"{name:>7}" for name in names) + f" {'kB':>6} {'goal':>5}")
    found = []
    people = People(house)
    for work in WORKS:
        if work.name not in counted or not any(word in work.name for word in only.split(",")):
            continue
        used = 0
        for number in clients:
            rows = 1 if work.at_most < 1000 else ROUNDS
            lines = []
            browsers = people.browsers(work, number)
            for _round in range(rows):
                if work.uses_up and len(samples[work.uses_up]) - used < LEAST_LEFT:
                    break  # every case of this kind has had its step
                line, used = one(house, size, work, browsers, samples, counted[work.name], used)
                lines.append(line)
            if lines:
                best = min(lines, key=lambda row: row.cpu_ms)
                found.append(best)
                show(best)
    return found


def yardstick() -> float:
    """CPU milliseconds of a fixed piece of Python, the best of ten: to compare machines, and hours of one machine."""
    best = 1e9
    for _round in range(10):
        began = time.process_time()
        rows = [{"number": str(n), "words": "路灯" * (n % 7)} for n in range(20_000)]
        json.loads(json.dumps(rows))
        best = min(best, time.process_time() - began)
    return best * 1000


class People:
    """Signed-in browsers, kept from work to work: signing in is dear on purpose."""

    def __init__(self, house: Served) -> None:
        self.house = house
        self._kept: dict[str, list[Browser]] = {}

    def browsers(self, work: Work, many: int) -> list[Browser]:
        """So many browsers of those who do this work, with the page of its form open."""
        kept = self._kept.setdefault(work.who, [])
        while len(kept) < many:
            browser = Browser(self.house.port)
            if work.who:
                browser.sign_in(*self.house.accounts[work.who])
            kept.append(browser)
        for browser in kept[:many]:
            if work.form:
                browser.read_form(work.form)
        return kept[:many]


def one(
    house: Served,
    size: int,
    work: Work,
    browsers: list[Browser],
    samples: Samples,
    counted: list[int],
    used: int,
) -> tuple[Measured, int]:
    """Measure one work with these browsers; `used` counts cases that a step has used up."""
    clients = len(browsers)

    def do(browser: Browser, number: int) -> int:
        return work.do(browser, used + number, samples)

    warm = max(4, min(WARM, work.at_most // 10))
    spans = load(browsers, do, warm, work.expect)
    used += warm
    rounds = int(max(FEWEST, min(MOST, SECONDS * 1000 / max(statistics.median(spans), 0.5) * min(clients, 2))))
    rounds = min(rounds, work.at_most // 4)
    if work.uses_up:
        rounds = max(1, min(rounds, len(samples[work.uses_up]) - used))
    backends = worker_backends(house)
    before = spent(house, backends)
    spans = load(browsers, do, rounds, work.expect)
    cost = spent(house, backends) - before
    return (
        Measured(
            work.name,
            size,
            clients,
            rounds,
            round(cost.asked * 1000 / rounds, 2),
            round(cost.behind * 1000 / rounds, 2),
            round(spans[len(spans) // 2], 2),
            round(spans[int(len(spans) * 0.95)], 2),
            counted[0],
            round(counted[1] / 1000, 1),
            work.goal,
        ),
        used + rounds,
    )


def show(row: Measured) -> None:
    goal = "" if row.goal is None else f"{row.goal:g}" + ("" if row.cpu_ms <= row.goal else " !")
    print(
        f"{row.work:<40} {row.clients:>7} {row.cpu_ms:>7.2f} {row.behind_ms:>7.2f} {row.p50_ms:>7.1f}"
        f" {row.p95_ms:>7.1f} {row.queries:>7} {row.kilobytes:>6.0f} {goal:>5}",
        flush=True,
    )


def compare(found: list[Measured]) -> None:
    """How much dearer the largest house is than the smallest, for one browser at a time."""
    sizes = sorted({row.size for row in found})
    if len(sizes) < 2:
        return
    least = min(row.clients for row in found)
    cost = {(row.work, row.size): row.cpu_ms for row in found if row.clients == least}
    print(f"\n{'work':<40} {sizes[0]:>9,} {sizes[-1]:>9,}  times")
    for work in dict.fromkeys(row.work for row in found):
        small, large = cost.get((work, sizes[0])), cost.get((work, sizes[-1]))
        if small and large:
            print(f"{work:<40} {small:>9.2f} {large:>9.2f} {large / small:>6.2f}")


def worker_backends(house: Served) -> set[int]:
    """The database's processes that work for the worker: their cost is not part of a request."""
    import psycopg

    url = subprocess.run(
        linli(house.home, "database", "url"), env=environment(house.home), stdout=subprocess.PIPE, check=True
    )
    with psycopg.connect(url.stdout.decode().strip()) as connection:
        rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'linli worker%'")
        return {row[0] for row in rows.fetchall()}
