"""Log lines are one line each, and say nothing about persons."""

from __future__ import annotations

import logging
import sys

from linli.house.logs import LineFormatter


def test_it_is_one_line_with_keys() -> None:
    record = logging.LogRecord("linli.x", logging.WARNING, "f", 1, 'two\n"lines" %s', ("here",), None)
    record.created = 0.0
    expected = "1970-01-01T00:00:00Z level=warning logger=linli.x message=\"two 'lines' here\""
    assert LineFormatter().format(record) == expected


def test_it_leaves_out_the_rows_that_postgresql_repeats() -> None:
    said = "duplicate key\nDETAIL:  Key (phone)=(13800000000) already exists."
    try:
        raise ValueError(said)
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "failed", (), sys.exc_info())
    text = LineFormatter().format(record)
    assert "duplicate key" in text
    assert "138" not in text
