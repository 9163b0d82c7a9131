"""A stream of reports and steps from senders that repeat what was not answered, with the same key, until it is.

What was acknowledged is written down here, outside of the house, and compared with it at the end.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Answer = tuple[int, dict[str, Any], dict[str, str]]
AGAIN = {0, 429, 500, 502, 503, 504, 507}
PAUSE_S = 0.25
PATIENCE_S = 240.0
TIMEOUT_S = 30.0


@dataclass
class Told:
    """What the senders know. reports: mark → number; steps: number → the steps it took; longest: seconds waited."""

    reports: dict[str, str] = field(default_factory=dict)
    steps: dict[str, list[str]] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    seen: dict[int, int] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    longest: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {"reports": self.reports, "steps": self.steps, "begun": sorted(self.begun)}


class Client:
    """One machine: a kept connection, a key, and patience."""

    def __init__(self, port: int, key: str, told: Told, lock: threading.Lock) -> None:
        self.port, self.key, self.told, self.lock = port, key, told, lock
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)

    def ask(self, path: str, body: dict[str, Any], **headers: str) -> Answer:
        """One try; status 0 when nobody answered."""
        sent = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **headers}
        try:
            self.connection.request("POST", path, json.dumps(body), sent)
            answer = self.connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            return 0, {}, {}
        with self.lock:
            self.told.seen[answer.status] = self.told.seen.get(answer.status, 0) + 1
        with contextlib.suppress(ValueError):
            found = json.loads(content)
            return (
                answer.status,
                found if isinstance(found, dict) else {},
                {name.lower(): value for name, value in answer.headers.items()},
            )
        return answer.status, {}, {name.lower(): value for name, value in answer.headers.items()}

    def until_answered(self, path: str, body: dict[str, Any], **headers: str) -> Answer:
        """The same request with the same key, again and again, until it is acknowledged or refused for good."""
        once = {"Idempotency-Key": uuid.uuid4().hex, **headers}
        began = time.monotonic()
        while True:
            status, found, more = self.ask(path, body, **once)
            repeat = status in AGAIN or (status == 409 and found.get("reason") == "once.again")
            waited = time.monotonic() - began
            if not repeat or waited > PATIENCE_S:
                with self.lock:
                    self.told.longest = max(self.told.longest, waited)
                return status, found, more
            time.sleep(PAUSE_S)

    def live(
        self, run: str, places: list[list[float]], items: list[str], stop: threading.Event, notes: int = 2
    ) -> None:
        """Report, accept, note, and again."""
        while not stop.is_set():
            mark = f"{run}{uuid.uuid4().hex[:12]}"
            lng, lat = random.choice(places)
            item = random.choice(items)
            with self.lock:
                self.told.begun.add(mark)
            status, found, _more = self.until_answered(
                "/api/v1/cases", {"words": f"路灯三天没亮了 {mark}", "lng": lng, "lat": lat, "item": item}
            )
            if status != 201:
                self._failed("report", mark, status, found)
                continue
            number = str(found["number"])
            with self.lock:
                self.told.reports[mark] = number
            for step, body in [("accept", {"item": item}), *[("note", {"note": f"已联系 {n}"}) for n in range(notes)]]:
                if not self._step(number, step, body):
                    break
                if stop.is_set():
                    return

    def _step(self, number: str, step: str, body: dict[str, Any]) -> bool:
        status, found, _more = self.until_answered(f"/api/v1/cases/{number}/steps/{step}", body)
        if status != 200:
            self._failed(step, number, status, found)
            return False
        with self.lock:
            self.told.steps.setdefault(number, []).append(step)
        return True

    def _failed(self, what: str, which: str, status: int, found: dict[str, Any]) -> None:
        words = f"{what} {which}: {status} {found.get('reason', '')} {found.get('detail', '')}".strip()
        with self.lock:
            (self.told.unanswered if status in AGAIN else self.told.refused).append(words)


@contextlib.contextmanager
def streaming(port: int, key: str, samples: dict[str, Any], clients: int = 4) -> Iterator[Told]:
    """Reports and steps without a pause while the block runs; afterwards everybody finishes what they began."""
    told, lock, stop = Told(), threading.Lock(), threading.Event()
    run = f"S{uuid.uuid4().hex[:6]}x"
    threads = [
        threading.Thread(
            target=Client(port, key, told, lock).live, args=(run, samples["spots"], samples["items"], stop), daemon=True
        )
        for _ in range(clients)
    ]
    for thread in threads:
        thread.start()
    try:
        yield told
    finally:
        stop.set()
        for thread in threads:
            thread.join(PATIENCE_S + TIMEOUT_S)
