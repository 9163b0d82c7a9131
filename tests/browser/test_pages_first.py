"""Every third page in a real browser, beginning with the first (see `pages`)."""

from __future__ import annotations

from types import SimpleNamespace

from playwright.sync_api import BrowserContext

from tests.addresses import PAGES
from tests.browser.pages import of_part

test_a_page_is_accessible_fits_and_is_silent = of_part(0)


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
