"""Resident memory of the web worker and the job worker at the start and after very many requests.

Run: ./linli bench memory [--requests 100000]
"""

from __future__ import annotations

import argparse
import itertools
import time
from pathlib import Path

import psutil
from bench.harness.drive import Browser, load
from bench.harness.inside_call import inside
from bench.harness.serve import Served, served
from bench.harness.table import Row
from bench.harness.work import Work
from bench.harness.works import WORKS

SIZE = 10_000
CLIENTS = 4
GOAL_MB = 150.0
SETTLED_S = 6.0  # after the start the worker has had its first rounds by then
PORTION = 400
MIXED = (
    "accept a report",
    "worklist, to do",
    "case page, open case",
    "map viewport, public",
    "public list",
    "follow a report",
)


def measure(words: list[str], folder: Path) -> list[Row]:
    """The goal is 150 MB for each process, at the start and at the end."""
    parser = argparse.ArgumentParser("./linli bench memory", description="Memory of the processes under load.")
    parser.add_argument("--requests", type=int, default=100_000)
    chosen = parser.parse_args(words)
    rows: list[Row] = []
    with served(folder / f"hot-{SIZE}", SIZE, "city") as house:
        samples = inside(house, "samples", None)
        time.sleep(SETTLED_S)
        rows += read(house, 0)
        mixed = [work for work in WORKS if work.name in MIXED]
        browsers = {work.name: people(house, work) for work in mixed}
        done = 0
        for work in itertools.cycle(mixed):
            if done >= chosen.requests:
                break
            portion = min(PORTION, chosen.requests - done)

            def do(browser: Browser, number: int, work: Work = work, done: int = done) -> int:
                return work.do(browser, done + number, samples)

            load(browsers[work.name], do, portion, work.expect)
            done += portion
            if done % (PORTION * 25) == 0:
                read(house, done)
        rows += read(house, done)
    return rows


def people(house: Served, work: Work) -> list[Browser]:
    """Signed-in browsers with the page of the form open."""
    browsers = [Browser(house.port) for _ in range(CLIENTS)]
    for browser in browsers:
        if work.who:
            browser.sign_in(*house.accounts[work.who])
        if work.form:
            browser.read_form(work.form)
    return browsers


def read(house: Served, done: int) -> list[Row]:
    """Private and shared resident memory of the process that answers (the heaviest of its family)."""
    rows = []
    for name, process in (("web worker", house.web), ("job worker", house.worker)):
        family: list[psutil.Process] = [process, *process.children(recursive=True)]
        megabytes = max(member.memory_info().rss for member in family) / 1e6
        print(f"{name} after {done:>7,} requests: {megabytes:6.1f} MB", flush=True)
        rows.append(Row(f"memory: {name}", done, megabytes=round(megabytes, 1), goal_megabytes=GOAL_MB))
    return rows
