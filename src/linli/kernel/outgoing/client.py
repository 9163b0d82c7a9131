"""One request to one checked address, within one total time.

The name is resolved once; every address that it resolves to must be allowed; the connection goes to one of
those addresses and to no other, so a name that answers differently a moment later gains nothing. Redirects
are not followed, proxies of the environment not asked, the answer is read up to a bound, and every read and
write gets only what is left of the total time, so a server that drips holds nobody up.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import threading
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import LinliError
from linli.kernel.outgoing.addresses import Address, Allowed, may_reach, read

LONGEST_ANSWER = 64 * 1024
WORDS = 500
USER_AGENT = "Linli"
_CHUNK = 16 * 1024


class Unreachable(LinliError):
    """No answer came, or none that may be taken. `reason` is a stable word; the message is for people."""

    status = 502

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(REASONS[reason], f"outgoing.{reason}")
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.message}{f' ({self.detail})' if self.detail else ''}"


REASONS = {
    "address": _("地址写得不对：须以 http:// 或 https:// 开头，并写明主机名，不带用户名和密码。"),
    "name": _("找不到这个主机名。"),
    "forbidden": _("目标在内网或保留地址，运维人员未放行。"),
    "plain": _("公网地址须用 https://。"),
    "connection": _("连接不上：对方拒绝或网络不通。"),
    "certificate": _("对方的 HTTPS 证书无效，或与主机名不符。"),
    "timeout": _("对方在限定时间内没有答复。"),
    "broken": _("对方的答复不完整，或不是 HTTP。"),
    "too_large": _("对方的答复太大。"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said: the status, the first words of its body, and how long it all took."""

    status: int
    words: str
    took_ms: int
    retry_after: str = ""

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Fetched:
    """What lay at an address: the whole body (never more than was asked for) and the type it claims."""

    status: int
    body: bytes
    content_type: str
    took_ms: int


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart, so that nothing is read from it twice in two ways."""

    secure: bool
    host: str
    port: int
    path: str

    @classmethod
    def of(cls, url: str) -> Target:
        """Raises Unreachable("address")."""
        try:
            if not url.isascii() or any(letter <= " " or letter in '\\"<>^`{|}' for letter in url):
                raise ValueError("write it in ASCII, without blanks")
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
                raise ValueError("not a plain http address")
            port = parts.port or (443 if parts.scheme == "https" else 80)
            host = parts.hostname.rstrip(".")
            if not host or "%" in host or len(host) > 253:
                raise ValueError("not a host")
        except ValueError as error:
            raise Unreachable("address", str(error)) from None
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.scheme == "https", host, port, path)

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (443 if self.secure else 80) else f"{name}:{self.port}"


def allowed_by_operator() -> Allowed:
    """The hosts and nets of LINLI_OUTGOING_ALLOW. What cannot be read allows nothing; `./linli check` names it."""
    words = []
    for word in getattr(settings, "LINLI_OUTGOING_ALLOW", ()):
        with suppress(ValueError):
            _parsed((word,))
            words.append(word)
    return _parsed(tuple(words))


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, timeout: float = 10.0, allow: Collection[str] = ()
) -> Answer:
    """Send `body` and read the first words of the answer. Any HTTP status is an answer, redirects too.

    timeout: seconds for everything together. allow: hosts and nets besides those of the operator.
    Raises Unreachable, and ValueError for `allow` that cannot be read.
    """
    started = time.monotonic()
    with _Exchange(Target.of(url), timeout, allow) as exchange:
        answer = exchange.request("POST", body, headers)
        said = bytearray()
        with suppress(OSError, http.client.HTTPException):  # the status has come: the receiver has decided
            exchange.body(answer, LONGEST_ANSWER, said)
        words = " ".join(said.decode("utf-8", "replace").replace("\0", "␀").split())[:WORDS]
        return Answer(answer.status, words, _since(started), (answer.headers.get("retry-after") or "")[:40])


def get(
    url: str,
    *,
    size: int,
    timeout: float = 10.0,
    allow: Collection[str] = (),
    headers: Mapping[str, str] | None = None,
) -> Fetched:
    """Fetch at most `size` bytes. Any HTTP status is an answer. Raises Unreachable("too_large") for more."""
    started = time.monotonic()
    with _Exchange(Target.of(url), timeout, allow) as exchange:
        answer = exchange.request("GET", None, headers or {})
        if (answer.length or 0) > size:
            raise Unreachable("too_large")
        content = bytearray()
        if not exchange.body(answer, size, content):
            raise Unreachable("too_large")
        return Fetched(answer.status, bytes(content), (answer.headers.get("content-type") or "")[:200], _since(started))


def check(url: str, *, timeout: float = 5.0, allow: Collection[str] = ()) -> None:
    """See whether the house may go there, without going: for a form that takes an address. Raises Unreachable.

    Stricter than `post`: without https only to what the operator has allowed by name or net.
    """
    target, allowed = Target.of(url), _permitted(allow)
    try:
        found = _addresses(target, allowed, time.monotonic() + timeout)
    except TimeoutError:
        raise Unreachable("timeout", target.host) from None
    if not (target.secure or allowed.host(target.host) or all(map(allowed.address, found))):
        raise Unreachable("plain", target.host)


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, as the system knows it, in its order. Tests put another in its place."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _Exchange:
    """One connection for one request, under one deadline."""

    def __init__(self, target: Target, timeout: float, allow: Collection[str]) -> None:
        self.target = target
        self.deadline = time.monotonic() + timeout
        self.allowed = _permitted(allow)
        self.connection = http.client.HTTPConnection(target.host, target.port)
        self.socket: socket.socket | None = None

    def __enter__(self) -> _Exchange:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        self.connection.close()
        if self.socket is not None:
            self.socket.close()
        if isinstance(error, Unreachable) or error is None:
            return
        if isinstance(error, TimeoutError):
            raise Unreachable("timeout") from None
        if isinstance(error, ssl.SSLCertVerificationError):
            raise Unreachable("certificate", error.verify_message) from None
        if isinstance(error, http.client.HTTPException | ssl.SSLError):
            raise Unreachable("broken", type(error).__name__) from None
        if isinstance(error, OSError):
            raise Unreachable("connection", error.strerror or type(error).__name__) from None

    def request(self, method: str, body: bytes | None, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        self.socket = self._connect()
        if self.target.secure:
            self.socket.settimeout(_left(self.deadline))
            self.socket = _tls().wrap_socket(self.socket, server_hostname=self.target.host)
        self.connection.sock = _Timed(self.socket, self.deadline)
        given = {
            **headers,
            "Host": self.target.host_header,
            "Connection": "close",
            "Accept-Encoding": "identity",
        }
        given.setdefault("User-Agent", USER_AGENT)
        self.connection.putrequest(method, self.target.path, skip_host=True, skip_accept_encoding=True)
        for name, value in given.items():
            self.connection.putheader(name, value)
        if body is not None:
            self.connection.putheader("Content-Length", str(len(body)))
        self.connection.endheaders(body)
        return self.connection.getresponse()

    def body(self, answer: http.client.HTTPResponse, bound: int, into: bytearray) -> bool:
        """Read at most `bound` bytes `into`; whether that was all. Raises IncompleteRead when it broke off."""
        while some := answer.read(min(_CHUNK, bound + 1 - len(into))):
            into += some
            if len(into) > bound:
                del into[bound:]
                return False
        if answer.length:
            raise http.client.IncompleteRead(b"", answer.length)
        return True

    def _connect(self) -> socket.socket:
        """A connection to the first checked address that takes one."""
        addresses = _addresses(self.target, self.allowed, self.deadline)
        for place, address in enumerate(addresses):
            last = place == len(addresses) - 1
            patience = _left(self.deadline) if last else _left(self.deadline) / 2
            try:
                return socket.create_connection((str(address), self.target.port), timeout=patience)
            except OSError:
                if last:
                    raise
        raise Unreachable("name")


class _Timed:
    """What http.client wants of a socket, with every read and write bounded by one deadline."""

    def __init__(self, raw: socket.socket, deadline: float) -> None:
        self._raw = raw
        self._deadline = deadline

    def sendall(self, data: Any) -> None:
        rest = memoryview(data)
        while rest:
            self._raw.settimeout(_left(self._deadline))
            rest = rest[self._raw.send(rest[:_CHUNK]) :]

    def recv_into(self, buffer: Any) -> int:
        self._raw.settimeout(_left(self._deadline))
        return self._raw.recv_into(buffer)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Stream(self))

    def close(self) -> None:
        """The exchange closes the real socket when all is read."""


class _Stream(io.RawIOBase):
    def __init__(self, source: _Timed) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._source.recv_into(buffer)


def _addresses(target: Target, allowed: Allowed, deadline: float) -> list[Address]:
    """The addresses of the target's host; every one of them is allowed, or none is given."""
    found: list[Address] = []
    for text in _resolved(target, deadline):
        try:
            address = read(text)
        except ValueError:
            raise Unreachable("forbidden", text) from None
        if not may_reach(target.host, address, allowed):
            raise Unreachable("forbidden", str(address))
        found.append(address)
    if not found:
        raise Unreachable("name", target.host)
    return found


def _resolved(target: Target, deadline: float) -> list[str]:
    """Ask the resolver in a thread of its own: the system's knows no time limit."""
    outcome: list[list[str]] = []
    trouble: list[Exception] = []

    def ask() -> None:
        try:
            outcome.append(resolve(target.host, target.port))
        except Exception as error:  # told to the one who waits
            trouble.append(error)

    thread = threading.Thread(target=ask, name="outgoing-resolve", daemon=True)
    thread.start()
    thread.join(_left(deadline))
    if outcome:
        return outcome[0]
    if trouble and not isinstance(trouble[0], OSError | UnicodeError):
        raise trouble[0]
    raise Unreachable("name" if trouble else "timeout", target.host)


def _permitted(allow: Collection[str]) -> Allowed:
    standing = allowed_by_operator()
    if not allow:
        return standing
    more = _parsed(tuple(allow))
    return Allowed(standing.hosts | more.hosts, standing.nets + more.nets)


@cache
def _parsed(words: tuple[str, ...]) -> Allowed:
    return Allowed.of(words)


@cache
def _tls() -> ssl.SSLContext:
    """Certificates checked against the name, by the system's authorities (SSL_CERT_FILE names others)."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
