"""Every page of every door in a real browser: accessible, fitting the screen, silent, in both widths and languages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from linli.kernel.web import shots
from linli.kernel.web.tests.serving import note_problems
from tests.addresses import PAGES, Address
from tests.world import lay_out_world, signed_in

SIZES = {390: 844, 1440: 900}
LANGUAGES = ("zh-hans", "en")


@pytest.fixture(scope="module")
def world(town: SimpleNamespace, house: str) -> SimpleNamespace:
    """One of everything, in this module's own database."""
    return lay_out_world(town)


@pytest.fixture(scope="module")
def visitors(chromium: Browser, house: str, world: SimpleNamespace) -> Iterator[dict[tuple[str, str], BrowserContext]]:
    """A visitor for each eye and language, made when first needed."""
    made: dict[tuple[str, str], BrowserContext] = {}

    class Visitors(dict[tuple[str, str], BrowserContext]):
        def __missing__(self, key: tuple[str, str]) -> BrowserContext:
            who, language = key
            context = shots.context(chromium, house, lang=language)
            if who != "nobody":
                cookies = signed_in(world.town.accounts[who]).cookies
                context.add_cookies(
                    [{"name": name, "value": morsel.value, "url": house} for name, morsel in cookies.items()]
                )
                # The account's own language must not win over the one of this visitor.
                context.add_cookies([{"name": "linli_language", "value": language, "url": house}])
            self[key] = made[key] = context
            return context

    yield Visitors()
    for context in made.values():
        context.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", PAGES, ids=lambda address: address.name)
def test_a_page_is_accessible_fits_and_is_silent(
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


def test_no_page_speaks_the_other_language(
    visitors: dict[tuple[str, str], BrowserContext], house: str, world: SimpleNamespace
) -> None:
    """On the English pages that hold nobody's words or names there is no Chinese left (but the names of languages)."""
    left = {}
    for name in ("account_login", "account_signup", "web:offline", "portal:track", "mfa_index", "admin_door:policy"):
        address = next(one for one in PAGES if one.name == name)
        page = visitors[address.eye, "en"].new_page()
        page.goto(house + address.url(world))
        words = page.evaluate(
            """() => { const clone = document.querySelector('main').cloneNode(true);
            clone.querySelectorAll('[lang|=zh], script, style').forEach((e) => e.remove());
            return clone.textContent.match(/[\\u4e00-\\u9fff]+/g) || []; }"""
        )
        page.close()
        if words:
            left[name] = words
    assert left == {}
