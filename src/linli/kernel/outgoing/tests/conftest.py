"""A server on the loopback that answers as a test wants, and a resolver that says what a test wants."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from linli.kernel.outgoing import client

Behaviour = Callable[[socket.socket, bytes], None]


class Server:
    """Reads one whole request from each connection, keeps it, and lets `behave` answer it."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self.behave: Behaviour = lambda peer, _request: peer.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        self.wrap: Callable[[socket.socket], socket.socket] = lambda peer: peer
        self.closing = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def says(self, answer: bytes) -> None:
        self.behave = lambda peer, _request: peer.sendall(answer)

    def close(self) -> None:
        self.closing.set()
        self.listener.close()

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                peer, _address = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, raw: socket.socket) -> None:
        try:
            with self.wrap(raw) as peer:
                request = _whole_request(peer)
                self.requests.append(request)
                self.behave(peer, request)
        except OSError:
            pass


def _whole_request(peer: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data and (some := peer.recv(65536)):
        data += some
    head, _gap, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length and (some := peer.recv(65536)):
        body += some
    return head + b"\r\n\r\n" + body


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """Names and what they resolve to, one list for each time they are asked for; the last one stays."""
    known: dict[str, list[list[str]]] = {}

    def resolve(host: str, _port: int) -> list[str]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        answers = known[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    monkeypatch.setattr(client, "resolve", resolve)
    return known
