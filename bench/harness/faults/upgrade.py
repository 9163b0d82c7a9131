"""A house of the release before, filled, is migrated by this one while residents report; then it is restarted."""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
import tarfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.harness.drive import Browser
from bench.harness.faults.house import House
from bench.harness.faults.killing import account
from bench.harness.faults.row import Held
from bench.harness.faults.stream import PAUSE_S, Told

from linli.house.home import SOURCE

BUILT_S = 7200.0
LONGEST_S = 5.0
REPORTERS = 2
WARM_S = 5.0


def upgrade(folder: Path, size: int, release: str) -> list[Held]:
    """release: a tag or commit of this checkout; its program builds the house and serves while it is migrated."""
    fault = f"migrated from {release} while residents report, cases in the house:"
    old = _source_of(release, folder)
    if old is None:
        print(f"left out, this checkout does not know the release {release}: {fault}", flush=True)
        return []
    town = ("demo", "--size", "city", "--cases", str(size))
    before = {"PYTHONPATH": str(old / "src")}
    made = folder / f"upgrade-{release}-{size}"
    if not made.is_dir():
        draft = made.with_name(f"{made.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        House(draft, more=before, town=town).start(BUILT_S).stop()
        draft.rename(made)
    home = folder / "upgrade"
    shutil.rmtree(home, ignore_errors=True)
    subprocess.run(["cp", "-a", str(made), str(home)], check=True)
    house = House(home, more=before, town=town)
    try:
        house.start()
        told = Told()
        now = House(home, port=house.port, town=town)
        spots = now.inside("spots")
        with reporting(house.port, spots, told):
            time.sleep(WARM_S)
            usual, told.longest = told.longest, 0.0
            began = time.monotonic()
            done = now.manage("manage", "migrate")
            took = time.monotonic() - began
            time.sleep(1)
        during = told.longest
        wrong = [] if done.returncode == 0 else [done.stdout[-300:] + done.stderr[-300:]]
        if during > LONGEST_S:
            wrong.append(f"a report was refused for {during:.1f} s")
        began = time.monotonic()
        house.stop()
        now.start()
        gap = time.monotonic() - began
        house.supervisor = None
        words = f"migrated in {took:.1f} s, longest wait {during:.2f} s (before {usual:.2f} s); restart {gap:.1f} s"
        row = account(now, told, fault, size, words, wrong)
        now.stop()
        return [row]
    finally:
        house.stop()
        shutil.rmtree(home, ignore_errors=True)


def _source_of(release: str, folder: Path) -> Path | None:
    """The program of a release, unpacked beside the houses; None when this is no checkout or it has no such release."""
    place = folder / f"source-{release}"
    if not place.is_dir():
        done = subprocess.run(["git", "archive", release, "src"], cwd=SOURCE, capture_output=True, check=False)
        if done.returncode:
            return None
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as packed:
            packed.extractall(place, filter="data")
    return place


@contextlib.contextmanager
def reporting(port: int, spots: list[list[float]], told: Told) -> Iterator[None]:
    """Residents who fill in the form, one after the other, and send it again with its key until it is taken."""
    stop, lock = threading.Event(), threading.Lock()
    run = f"S{uuid.uuid4().hex[:6]}x"

    def resident() -> None:
        while not stop.is_set():
            mark = f"{run}{uuid.uuid4().hex[:12]}"
            lng, lat = spots[hash(mark) % len(spots)]
            fields = {"key": mark, "words": f"路灯三天没亮了 {mark}", "lng": str(lng), "lat": str(lat)}
            with lock:
                told.begun.add(mark)
            status, code, waited = _until_taken(port, fields)
            with lock:
                told.longest = max(told.longest, waited)
                told.seen[status] = told.seen.get(status, 0) + 1
                if status == 302:
                    told.reports[mark] = code
                else:
                    told.unanswered.append(f"{mark}: {status}")

    threads = [threading.Thread(target=resident, daemon=True) for _ in range(REPORTERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(120)


def _until_taken(port: int, fields: dict[str, Any]) -> tuple[int, str, float]:
    """Status, tracking code, and the seconds between the first try and the receipt."""
    browser = Browser(port)
    began = time.monotonic()
    status, code = 0, ""
    while time.monotonic() - began < 60:
        try:
            if not browser.token:
                browser.read_form("/report/")
            status, _page, headers = browser.post("/report/", fields)
            if status == 302:
                code = headers["location"].split("/track/")[-1].strip("/").partition("/")[0].partition("?")[0]
                break
        except (OSError, SystemExit):
            browser = Browser(port)
        time.sleep(PAUSE_S)
    return status, code, time.monotonic() - began
