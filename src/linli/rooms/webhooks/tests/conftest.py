"""A receiver on the loopback, endpoints for it, and messages that wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest

from linli.kernel.authority import SystemAuthority
from linli.kernel.outgoing import verify_signature
from linli.rooms.webhooks import actions
from linli.rooms.webhooks.models import Delivery, Endpoint

HOUSE = SystemAuthority()


@dataclass
class Received:
    headers: dict[str, str]
    body: bytes
    path: str

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """Keeps what comes and answers with `status`; `hold` makes it wait before it answers."""

    url: str = ""
    got: list[Received] = field(default_factory=list)
    status: Callable[[Received], int] | int = 204
    hold: threading.Event | None = None
    headers: dict[str, str] = field(default_factory=dict)
    at_once: int = 0
    most_at_once: int = 0
    guard: threading.Lock = field(default_factory=threading.Lock)


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    settings.LINLI_OUTGOING_ALLOW = ["127.0.0.0/8"]
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            one = Received({name.lower(): value for name, value in self.headers.items()}, body, self.path)
            with made.guard:
                made.got.append(one)
                made.at_once += 1
                made.most_at_once = max(made.most_at_once, made.at_once)
            if made.hold is not None:
                made.hold.wait(30)
            status = made.status(one) if callable(made.status) else made.status
            with made.guard:
                made.at_once -= 1
            self.send_response(status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if status not in {204, 304}:
                self.wfile.write("说不行".encode())

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield made
    if made.hold is not None:
        made.hold.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def endpoint(db, receiver: Receiver) -> Endpoint:
    """An endpoint at the receiver; its secret is `endpoint.plain`."""
    made, secret = actions.create_endpoint(HOUSE, url=receiver.url)
    made.plain = secret
    return made


def waiting(endpoint: Endpoint, count: int = 1, **given) -> list[Delivery]:
    """Messages that are due."""
    now = endpoint.created_at
    return [
        Delivery.objects.create(
            endpoint=endpoint,
            **{
                "event_id": uuid4().int >> 66,
                "kind": "case.closed",
                "body": b'{"n":%d}' % number,
                "created_at": now,
                "next_try_at": now,
                **given,
            },
        )
        for number in range(count)
    ]


def genuine(one: Received, secret: str) -> bool:
    return verify_signature(secret, one.headers, one.body) == one.id


def until(condition: Callable[[], object], patience: float = 30.0) -> None:
    """Wait for a condition; a machine may be slow, but not for ever."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
