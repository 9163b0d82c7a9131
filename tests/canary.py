"""Names, numbers and addresses that stand for what people entrust to the house, and where they must not appear.

The world of the walks is full of them; every answer to every request of every walk is looked through.
"""

from __future__ import annotations

import io
import logging
import zipfile
from collections.abc import Iterator
from typing import Any

from linli.house.logs import JsonFormatter, LineFormatter

REPORTER_PHONE, REPORTER_NAME, REPORTER_MAIL = "13900024680", "金丝雀甲", "canary.reporter@example.org"
RESIDENT_PHONE, RESIDENT_NAME = "13900013579", "金丝雀乙"
STAFF_PHONE, STAFF_MAIL = "13900097531", "canary.clerk@example.cn"
TYPED_PHONE = "13911112468"  # in the words of a report, as people do

SCRIPT = "<script>canary()</script>"  # so are words that would like to be a program

PUBLIC = frozenset({"nobody", "resident"})
# The mark, and who may see it where it is not a recorded look: its owner, and who keeps accounts.
OWNERS: dict[str, frozenset[str]] = {
    REPORTER_PHONE: frozenset(),
    REPORTER_NAME: frozenset(),
    REPORTER_MAIL: frozenset(),
    RESIDENT_PHONE: frozenset({"resident"}),
    RESIDENT_NAME: frozenset({"resident", "security"}),
    STAFF_PHONE: frozenset({"worker_b"}),
    STAFF_MAIL: frozenset({"clerk"}),
}
RECORDED_LOOK = "/contact/"
PLAIN = (
    "application/json",
    "application/geo+json",
    "application/problem+json",
    "text/csv",
    "application/vnd",
    "application/zip",
)
"""Kinds of content that no browser runs (`nosniff` goes with all)."""
OWN_REPORT = ("/track/", "/accounts/", "/api/v1/reports/")


def forms_of(mark: str) -> set[bytes]:
    """The mark as it may stand in an answer: plain, with escapes of JSON, percent-encoded."""
    from urllib.parse import quote

    found = {mark, mark.encode("unicode_escape").decode(), quote(mark)}
    if mark.isdigit():
        found |= {f"{mark[:3]}{gap}{mark[3:7]}{gap}{mark[7:]}" for gap in " -"}
    return {form.encode() for form in found}


def body_of(answer: Any) -> bytes:
    """The whole body; a stream can be read again afterwards. Files of Office are unpacked."""
    if answer.streaming:
        data = b"".join(answer.streaming_content)
        answer.streaming_content = [data]
    else:
        data = answer.content
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return b"\n".join(packed.read(name) for name in packed.namelist())
    return bytes(data)


def seen_by(kind: str, url: str, answer: Any) -> list[str]:
    """The marks in an answer (body and headers) that this kind of person must not get there."""
    if RECORDED_LOOK in url:
        return []
    text = body_of(answer) + b"\n" + "\n".join(f"{k}: {v}" for k, v in answer.items()).encode()
    found = [
        mark for mark, owners in OWNERS.items() if kind not in owners and any(form in text for form in forms_of(mark))
    ]
    if kind in PUBLIC and not url.startswith(OWN_REPORT) and any(form in text for form in forms_of(TYPED_PHONE)):
        found.append(TYPED_PHONE)
    if b"<script>canary" in text and not answer.get("Content-Type", "").startswith(PLAIN):
        found.append(SCRIPT)
    return found


class Listener(logging.Handler):
    """What the log would hold, in both forms."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += [LineFormatter().format(record), JsonFormatter().format(record)]

    def marks(self) -> Iterator[str]:
        """The marks that were logged since the last time."""
        text, self.lines = "\n".join(self.lines), []
        yield from (mark for mark in (*OWNERS, TYPED_PHONE) if mark in text)
