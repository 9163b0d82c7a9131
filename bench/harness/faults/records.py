"""The journal tampered with by somebody who has the database's password, and a town whose building was cut off."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from bench.harness.faults.house import House, broken
from bench.harness.faults.row import Held, judged
from bench.harness.faults.stream import streaming

BUILDING_S = 600.0


def journal(folder: Path) -> list[Held]:
    """One row for each way to tamper: `./linli journal verify` names the place; a kept checkpoint finds the cut."""
    rows = []
    with broken(folder, "journal") as house:
        samples, key = house.inside("samples"), house.key()
        with streaming(house.port, key, samples, clients=2):
            time.sleep(4)
        kept = folder / "kept.checkpoint"
        entry = house.inside("middle")
        _stop_worker_and_seal(house)
        made = house.manage("journal", "checkpoint", "--out", str(kept))
        sound = house.manage("journal", "verify", "--checkpoint", str(kept))
        wrong = [] if made.returncode == sound.returncode == 0 else [made.stderr + sound.stdout + sound.stderr]
        rows.append(judged("nothing was touched: the journal", 1, sound.stdout.strip(), wrong))
        number = house.inside_with_database("cut")
        (house.home / "journal.checkpoint").unlink(missing_ok=True)  # the one in the home is taken, too
        rows.append(_found(house, "the last batch cut off", f"{number}", "cut", "--checkpoint", str(kept)))
        new = house.inside_with_database("insert")
        rows.append(_found(house, "a row slipped in", f"entry {new}", "inserted"))
        house.inside_with_database("change", entry)
        rows.append(_found(house, "a row changed", f"entry {entry}", "changed"))
        house.inside_with_database("delete", entry)
        rows.append(_found(house, "a row deleted", f"entry {entry}", "deleted"))
    return rows


def _stop_worker_and_seal(house: House) -> None:
    """The house is stopped, so that nothing is sealed while somebody is at the tables; only its database runs."""
    house.stop()
    house.inside_with_database("seal")


def _found(house: House, fault: str, place: str, kind: str, *words: str) -> Held:
    done = house.manage("journal", "verify", *words)
    lines = [line.strip() for line in done.stdout.splitlines() if kind in line and place in line]
    wrong = [] if done.returncode == 1 and lines else [f"exit code {done.returncode}: {done.stdout[:300]}{done.stderr}"]
    return judged(f"journal, {fault}:", 1, lines[0] if lines else "not found", wrong)


def building(folder: Path) -> list[Held]:
    """The first start is killed while it builds the town; the next start finds that and begins anew."""
    home = folder / "building"
    shutil.rmtree(home, ignore_errors=True)
    Path(f"{home}.log").unlink(missing_ok=True)
    house = House(home)
    log = Path(f"{home}.log")
    house.supervisor = house.spawn("demo", "--port", str(house.port), "--size", "small")
    try:
        house.wait_until(lambda: "Telling what happened" in log.read_text("utf-8"), BUILDING_S, "it builds")
        time.sleep(1.0)
        house.kill_all()
        log.write_text("")
        began = time.monotonic()
        house.start(BUILDING_S)
        took = time.monotonic() - began
        words = log.read_text("utf-8")
        wrong = [] if "The last start was cut off" in words else ["it did not notice that the town was half built"]
        sound = house.manage("journal", "verify")
        if sound.returncode:
            wrong.append(sound.stdout[:300] + sound.stderr[:300])
        counts = house.inside("town")
        if counts["cases"] < 80 or counts["accounts"] < 10:
            wrong.append(f"the town is not whole: {counts}")
        counted = f"noticed, torn down and built anew in {took:.0f} s; {counts['cases']} cases, the journal is sound"
        return [judged("kill -9 while the demo's town is built", 1, counted, wrong)]
    finally:
        house.stop()
        shutil.rmtree(home, ignore_errors=True)
