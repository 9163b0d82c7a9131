"""How log lines look: one line an event, `key=value` or (LINLI_LOG=json) one JSON object, nothing about persons.

What a visitor typed never gets here: requests are named by the pattern of their address (`/track/<code>/`), never
by the address itself, and what messages of others may carry (telephone numbers, tracking codes, what stands behind
a question mark, the rows PostgreSQL repeats) is taken out again.
"""

from __future__ import annotations

import json
import logging
import re
import time
from contextvars import ContextVar
from typing import Any

request_id: ContextVar[str] = ContextVar("linli_request_id", default="")
"""The id of the request this thread is at, "" outside of requests."""

# PostgreSQL repeats the row that broke a constraint: names and telephone numbers of people.
_DETAIL = re.compile(r"^\s*(DETAIL|CONTEXT):.*$", re.M)
_TRACKING = r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}"
_PERSONAL = re.compile(
    r"(?P<query>(?<=[\w/])\?[\w.%+~-]+=[^\s'\"]*)"
    r"|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<code>(?<![\w-])" + _TRACKING + r"(?![\w-]))"
    r"|(?P<code12>(?<![\w-])(?=[A-Z]*\d)(?=\d*[A-Z])[0-9A-HJKMNP-TV-Z]{12}(?![\w-]))"
    r"|(?P<id>(?<!\d)\d{17}[\dXx](?!\w))"
    r"|(?P<phone>(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d))"
)
_FIELDS = ("method", "route", "status", "ms")


def _clean(text: str) -> str:
    return _PERSONAL.sub(lambda found: f"[{str(found.lastgroup).rstrip('12')}]", _DETAIL.sub("", text))


def route_of(request: Any) -> str:
    """The pattern of a request's address, for instance `/track/<code>/`; "-" for what names nothing."""
    match = getattr(request, "resolver_match", None)
    return "/" + match.route if match is not None else "-"


def _message(record: logging.LogRecord) -> str:
    request = getattr(record, "request", None)
    if request is not None and record.name.startswith("django"):
        # Django's own words repeat the address, and with it tracking codes.
        return f"{getattr(record, 'status_code', '')} {request.method} {route_of(request)}".strip()
    return _clean(record.getMessage())


class LineFormatter(logging.Formatter):
    """`2026-11-22T08:30:00Z level=info logger=linli.worker message="…"`; a traceback follows indented."""

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        message = _message(record).replace('"', "'").replace("\n", " ")
        line = f'{moment} level={record.levelname.lower()} logger={record.name} message="{message}"'
        line += "".join(f" {name}={getattr(record, name)}" for name in _FIELDS if hasattr(record, name))
        if known := request_id.get():
            line += f" request_id={known}"
        if record.exc_info:
            line += "\n" + "\n".join("    " + part for part in self._trace(record).splitlines())
        return line

    def _trace(self, record: logging.LogRecord) -> str:
        trace = _DETAIL.sub("(details left out)", self.formatException(record.exc_info))  # type: ignore[arg-type]
        return _clean(trace)


class JsonFormatter(LineFormatter):
    """`{"time": …, "level": …, "logger": …, "message": …, "request_id": …, "route": …, "status": …, "ms": …}`."""

    def format(self, record: logging.LogRecord) -> str:
        seconds, milliseconds = divmod(int(record.created * 1000), 1000)
        fields: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{milliseconds:03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        fields |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if known := request_id.get():
            fields["request_id"] = known
        if record.exc_info:
            fields["trace"] = self._trace(record)
        return json.dumps(fields, ensure_ascii=False)
