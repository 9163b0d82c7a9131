"""How log lines look: one line an event, `key=value`, nothing about persons."""

from __future__ import annotations

import logging
import re
import time

# PostgreSQL repeats the row that broke a constraint: names and telephone numbers of people.
_DETAIL = re.compile(r"^\s*(DETAIL|CONTEXT):.*$", re.M)


class LineFormatter(logging.Formatter):
    """`2026-11-22T08:30:00Z level=info logger=linli.worker message="…"`; a traceback follows indented."""

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        message = _DETAIL.sub("", record.getMessage()).replace('"', "'").replace("\n", " ")
        line = f'{moment} level={record.levelname.lower()} logger={record.name} message="{message}"'
        if record.exc_info:
            trace = _DETAIL.sub("(details left out)", self.formatException(record.exc_info))
            line += "\n" + "\n".join("    " + part for part in trace.splitlines())
        return line
