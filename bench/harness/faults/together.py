"""Many at the same moment: identical posts, the same step, two editors, over real connections."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bench.harness.drive import Browser
from bench.harness.faults.house import broken
from bench.harness.faults.row import Held, judged
from bench.harness.faults.stream import Answer, Client, Told

MANY = 16


def at_once(asks: list[Callable[[], Any]]) -> list[Any]:
    """Call all of them at the same moment; their answers in order."""
    found: list[Any] = [None] * len(asks)
    gate = threading.Barrier(len(asks))

    def one(place: int, ask: Callable[[], Any]) -> None:
        gate.wait()
        found[place] = ask()

    threads = [threading.Thread(target=one, args=pair) for pair in enumerate(asks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def together(folder: Path) -> list[Held]:
    """The four rows in a copy of the small town."""
    with broken(folder, "together") as house:
        return four(house.port, house.key(), house.inside("samples"), lambda mark: int(house.inside("count", mark)))


def four(port: int, key: str, samples: dict[str, Any], count: Callable[[str], int]) -> list[Held]:
    """Four rows: the same form 16 times, the same machine's request 16 times, one step by 16, two editors.

    count: how many reports of a running house hold some words.
    """
    told, lock = Told(), threading.Lock()
    machines = [Client(port, key, told, lock) for _ in range(MANY)]
    number = _report(machines[0], samples)
    return [
        _same_form(port, samples, count),
        _same_request(machines, samples, count),
        _same_step(machines, number, samples),
        _two_editors(machines, number),
    ]


def _report(machine: Client, samples: dict[str, Any]) -> str:
    lng, lat = samples["spots"][0]
    return str(machine.ask("/api/v1/cases", {"words": "路灯不亮", "lng": lng, "lat": lat})[1]["number"])


def _same_form(port: int, samples: dict[str, Any], count: Callable[[str], int]) -> Held:
    lng, lat = samples["spots"][0]
    mark = uuid.uuid4().hex
    fields = {"key": mark, "words": f"路灯不亮 {mark}", "lng": str(lng), "lat": str(lat)}
    browsers = [Browser(port) for _ in range(MANY)]
    for browser in browsers:
        browser.read_form("/report/")

    def post(browser: Browser) -> tuple[int, str]:
        status, _page, headers = browser.post("/report/", fields)
        return status, headers.get("location", "").partition("?")[0]

    answers = at_once([partial(post, browser) for browser in browsers])
    stored = count(mark)
    wrong = []
    if stored != 1 or len({place for _status, place in answers}) != 1 or {status for status, _ in answers} != {302}:
        wrong.append(f"{stored} stored, answers {Counter(answers)}")
    return judged("the same form sent at once by", MANY, f"{stored} report stored, all got its tracking code", wrong)


def _same_request(machines: list[Client], samples: dict[str, Any], count: Callable[[str], int]) -> Held:
    lng, lat = samples["spots"][0]
    mark = uuid.uuid4().hex
    body = {"words": f"路灯不亮 {mark}", "lng": lng, "lat": lat}
    once = {"Idempotency-Key": mark}
    answers: list[Answer] = at_once([partial(m.ask, "/api/v1/cases", body, **once) for m in machines])
    stored = count(mark)
    numbers = {found.get("number") for status, found, _ in answers if status == 201}
    replayed = sum(headers.get("idempotent-replayed") == "true" for _status, _found, headers in answers)
    wrong = []
    if stored != 1 or len(numbers) != 1 or {status for status, _, _ in answers} - {201, 409}:
        wrong.append(f"{stored} stored, answers {Counter(status for status, _, _ in answers)}")
    words = f"{stored} stored, {replayed} got the same answer again"
    return judged("one REST request with one Idempotency-Key at once by", MANY, words, wrong)


def _same_step(machines: list[Client], number: str, samples: dict[str, Any]) -> Held:
    path, body = f"/api/v1/cases/{number}/steps/accept", {"item": samples["items"][0]}
    answers: list[Answer] = at_once([partial(m.ask, path, body) for m in machines])
    statuses = Counter(status for status, _, _ in answers)
    wrong = [] if statuses == {200: 1, 409: MANY - 1} else [f"answers {statuses}"]
    words = f"{statuses[200]} taken, {statuses[409]} told that somebody was quicker (409)"
    return judged("one step at once by", MANY, words, wrong)


def _two_editors(machines: list[Client], number: str) -> Held:
    version = {"If-Match": '"2"'}
    path = f"/api/v1/cases/{number}/steps/note"
    answers: list[Answer] = at_once(
        [partial(m.ask, path, {"note": f"第 {n} 位"}, **version) for n, m in enumerate(machines[:2])]
    )
    statuses = sorted(status for status, _, _ in answers)
    changes = [found.get("changes") for status, found, _ in answers if status == 412]
    wrong = [] if statuses == [200, 412] and changes and changes[0] else [f"answers {statuses}, changes {changes}"]
    return judged("editors of one version at once:", 2, "one written, the other told what had changed (412)", wrong)
