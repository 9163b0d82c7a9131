"""A dispatcher on Monday morning, hands on the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.tests.fixtures import reported
from linli.rooms.cases.tests.walking import given_for, walk

Visit = Callable[..., Page]


def test_a_case_is_found_opened_and_dispatched_without_a_mouse(visit: Visit, town: Any, picture: Any) -> None:
    first = walk(reported(town, words="滨江路的路灯不亮，第一件"), town, picture, "register")
    walk(reported(town, words="滨江路的路灯不亮，第二件"), town, picture, "register")
    page = visit("/desk/", who="dispatcher", width=1440, height=900)
    page.keyboard.press("?")
    expect(page.locator("#key-sheet")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    for _row in range(12):
        if first.number in (page.locator("tr.is-current").inner_text() or ""):
            break
        page.keyboard.press("j")
    assert first.number in page.locator("tr.is-current").inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("#drawer")).to_contain_text(first.number)
    page.keyboard.press("e")
    expect(page.locator("#drawer section[data-step] form")).to_be_visible()
    expect(page.locator("#drawer section[data-step] :focus")).to_have_count(1)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#messages, .ll-toast").first).to_contain_text(first.number)
    first.refresh_from_db()
    assert first.state == "dispatched"
    assert "/desk/" in page.url  # still at the list, nobody lost their place


def test_tab_goes_through_the_page_in_the_order_it_is_read(visit: Visit, town: Any) -> None:
    reported(town, words="楼道堆物，走不过去")
    page = visit("/desk/?view=all", who="clerk", width=1440, height=900)
    seen = []
    for _step in range(6):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                """() => { const e = document.activeElement, box = e.getBoundingClientRect(), s = getComputedStyle(e);
                return [box.top, box.width > 0, s.outlineStyle !== 'none' || s.boxShadow !== 'none']; }"""
            )
        )
    assert all(visible for _top, visible, _ring in seen)
    assert all(ring for _top, _visible, ring in seen), "what has the focus has to show it"


def test_the_second_of_two_dispatchers_sees_what_changed_and_keeps_the_words(
    visit: Visit, town: Any, picture: Any
) -> None:
    case = walk(reported(town, words="两个人同时看这一件"), town, picture, "register")
    page = visit(f"/cases/{case.number}/steps/dispatch/", who="dispatcher", width=1440, height=900)
    page.locator("[data-step=dispatch] textarea").first.fill("请今晚去看")
    colleague = town.viewer("dispatcher2")
    take(case.pk, "dispatch", given_for("dispatch", town), viewer=colleague)
    page.click("[data-step-send]")
    expect(page.locator("[data-step=dispatch]")).to_contain_text("已经变了")
    assert "请今晚去看" in page.content()
    page.problems[:] = [line for line in page.problems if "409" not in line]  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [390, 1440])
def test_a_search_in_two_characters_narrows_the_list(visit: Visit, town: Any, width: int) -> None:
    wanted = reported(town, words=f"垃圾桶满了没有人收{width}")
    reported(town, words="路灯不亮")
    page = visit(f"/desk/?view=all&q=满了没有人收{width}", who="clerk", width=width)
    assert wanted.number in page.inner_text("main")
    assert "共 1 件" in page.inner_text("main") or page.locator("tr[data-row], tbody tr").count() >= 1
