"""The number of an issue: prefix, year, serial (渌网通〔2026〕第22期). Pure."""

from __future__ import annotations


def number_text(prefix: str, year: int, serial: int) -> str:
    """The number as official papers write it."""
    return f"{prefix}〔{year}〕第{serial}期"
