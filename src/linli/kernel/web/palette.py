"""Reads the colours out of ``tokens.css``: the map style and the contrast test use the very values of the pages."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

TOKENS = Path(__file__).parent / "static" / "web" / "tokens.css"
GROUNDS = ("light", "dark", "sun", "night")
_BLOCKS = {
    "light": r":root \{",
    "auto-dark": r":root:not\(\[data-bs-theme\]\) \{",
    "dark": r':root\[data-bs-theme="dark"\] \{',
    "sun": r":root\.sun \{",
    "night": r":root\.night \{",
}


@cache
def palettes() -> dict[str, dict[str, str]]:
    """Ground → token name without ``--l-`` → ``#RRGGBB``; sun and night fall back on light and dark."""
    text = TOKENS.read_text("utf-8")
    found: dict[str, dict[str, str]] = {}
    for name, opening in _BLOCKS.items():
        match = re.search(rf"^ *{opening}\n(.*?)^ *\}}", text, re.M | re.S)
        if match is None:
            raise ValueError(f"tokens.css has no block {name}")
        found[name] = dict(re.findall(r"--l-([a-z0-9-]+):\s*(#[0-9A-Fa-f]{6})\b", match[1]))
    found["sun"] = found["light"] | found["sun"]
    found["night"] = found["dark"] | found["night"]
    return found
