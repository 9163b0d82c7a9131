"""The leaders' screen in a real browser: accessible, figures open lists of as many, the wall fits."""

from __future__ import annotations

from typing import Any

import pytest

from linli.kernel.web import shots
from linli.rooms.cases.tests.fixtures import reported
from linli.rooms.cases.tests.walking import walk


@pytest.mark.parametrize(
    "choices", [{"width": 1440}, {"width": 1440, "theme": "dark", "lang": "en"}, {"width": 390, "lang": "en"}], ids=str
)
def test_every_page_is_accessible(visit: Any, town: Any, picture: Any, choices: dict[str, Any]) -> None:
    walk(reported(town), town, picture, "dispatch")
    page = visit("/command/", who="leader", **choices)
    base = page.url
    for path in ("", "?kind=community", "wall/"):
        page.goto(base + path)
        shots.settle(page)
        assert shots.axe(page) == [], path
        wider = page.evaluate("() => document.documentElement.scrollWidth - screen.width")
        assert wider <= 0, f"{path} is {wider} px wider than the screen"


def test_figures_read_from_six_metres(visit: Any) -> None:
    """On a wall of 1920 × 1080 the figures are at least 72 px high."""
    page = visit("/command/wall/", who="leader", width=1920)
    size = page.evaluate("() => parseFloat(getComputedStyle(document.querySelector('.ll-figure')).fontSize)")
    assert size >= 72
