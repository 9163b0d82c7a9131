"""Every page of every door in a real browser: accessible, fitting the screen in both widths, silent.

There are many: every other one is looked at in English, and `test_pages_*.py` share them out, so that several processes
look at them at once.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from linli.kernel.web import shots
from linli.kernel.web.tests.serving import note_problems
from tests.addresses import PAGES, Address

SIZES = {390: 844, 1440: 900}
LANGUAGES = ("zh-hans", "en")
PARTS = 3


def of_part(part: int) -> Any:
    """The test of every third page, beginning with `part`."""

    looks = [(address, LANGUAGES[place // PARTS % 2]) for place, address in enumerate(PAGES) if place % PARTS == part]

    @pytest.mark.parametrize(("address", "language"), looks, ids=[f"{one.name}-{language}" for one, language in looks])
    def test(
        visitors: dict[tuple[str, str], BrowserContext],
        house: str,
        world: SimpleNamespace,
        address: Address,
        language: str,
    ) -> None:
        page = visitors[address.eye, language].new_page()
        problems = note_problems(page)
        answer = page.goto(house + address.url(world))
        assert answer is not None and answer.status == 200
        assert page.get_attribute("html", "lang") == {"zh-hans": "zh-Hans", "en": "en"}[language]
        found: dict[str, Any] = {}
        for width, height in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            shots.settle(page)
            if barriers := shots.axe(page):
                found[f"barriers at {width} px"] = [f"{one['rule']}: {one['nodes'][:3]}" for one in barriers]
            wide = page.evaluate("() => document.documentElement.scrollWidth") - width
            if wide > 0:
                found[f"too wide at {width} px"] = wide
        if problems:
            found["console"] = problems
        page.close()
        assert not found, json.dumps(found, ensure_ascii=False, indent=1)

    return test
