"""A resident with a phone and no account, in a real browser: report, follow, rate, join.

Also on a slow or broken line, without scripts, in elder mode; accessible on every page.
"""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from linli.kernel.text import grams
from linli.kernel.web import shots
from linli.rooms.cases.models import Case, Report
from linli.rooms.cases.tests.fixtures import IN_A, reported
from linli.rooms.cases.tests.walking import walk
from linli.rooms.places.models import Place

WORDS = "滨江路口的路灯三天没亮了，晚上很黑"
# The size of the smallest text that is seen in the main part of a page, in px.
SMALLEST_TEXT = """() => {
  const says = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  const seen = (e) => e.offsetParent && !e.closest('.visually-hidden');
  const all = [...document.querySelectorAll('#main *')].filter((e) => seen(e) && says(e));
  return Math.min(...all.map((e) => parseFloat(getComputedStyle(e).fontSize)));
}"""
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")


def stand_in_a(page: Page, lng: float = IN_A[0], lat: float = IN_A[1]) -> None:
    """The phone knows where it is and may say so."""
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": lng, "latitude": lat, "accuracy": 12})


def test_reporting_takes_a_photo_words_and_three_taps(visit: Any, photo_file: Path) -> None:
    words = "滨江路口第三盏灯灭了，老人晚上不敢走"
    page = visit("/report/")
    stand_in_a(page)
    page.set_input_files("#id_photos", photo_file)
    expect(page.locator(".ll-upload-item.is-sent")).to_be_visible()
    page.fill("#id_words", words)
    page.tap("[data-step-next]")
    expect(page.locator("#where-words")).to_contain_text("甲一网格")
    page.tap(".report-send")
    page.wait_for_url("**/track/**")
    assert CODE.search(page.inner_text("#main"))
    assert "甲一网格" in page.inner_text("#main") and "前查看" in page.inner_text("#main")
    case = Case.objects.get(description=words)
    assert case.photos.count() == 1 and case.lng == pytest.approx(IN_A[0], abs=1e-5)


def test_a_pin_on_the_map_says_where_it_lies(visit: Any) -> None:
    page = visit("/report/")
    page.fill("#id_words", WORDS)
    page.tap("[data-step-next]")
    page.tap("[data-show-map]")
    page.wait_for_selector("linli-map[data-ready=map]", timeout=30_000)
    page.locator("linli-map canvas").tap(position={"x": 150, "y": 150})
    expect(page.locator("#where-words")).to_contain_text("网格")
    expect(page.locator("[data-step-mark='3']")).to_have_attribute("aria-current", "step")


def test_the_item_is_suggested_with_its_reason_and_may_be_refused(visit: Any) -> None:
    page = visit("/report/")
    page.locator("#id_words").press_sequentially("路灯不亮", delay=20)
    first = page.locator(".report-guess [role=option]").first
    expect(first).to_contain_text("因为提到")
    first.tap()
    assert page.input_value("#id_item")
    page.tap("[data-item-clear]")
    assert not page.input_value("#id_item")


def test_what_somebody_told_before_is_offered_to_join(visit: Any, town: Any) -> None:
    spot = (IN_A[0] + 0.002, IN_A[1] + 0.002)
    case = reported(town, words="路口井盖破损，汽车压过很响", lng=spot[0], lat=spot[1])
    page = visit("/report/")
    stand_in_a(page, *spot)
    page.fill("#id_words", "路口的井盖破损了，压过去很响")
    page.tap("[data-step-next]")
    page.tap("[data-dup-join]")
    expect(page.locator(".report-send")).to_contain_text("一起上报")
    page.tap(".report-send")
    page.wait_for_url("**/track/**")
    assert "已加入" in page.inner_text("#main")
    case.refresh_from_db()
    assert case.report_count == 2 and not Case.objects.filter(description__contains="压过去").exists()


def test_a_draft_outlives_a_reload_with_words_place_and_photo(visit: Any, photo_file: Path) -> None:
    page = visit("/report/")
    stand_in_a(page)
    page.set_input_files("#id_photos", photo_file)
    expect(page.locator(".ll-upload-item.is-sent")).to_be_visible()
    page.fill("#id_words", WORDS)
    page.tap("[data-step-next]")
    expect(page.locator("#where-words")).to_contain_text("甲一网格")
    page.fill("#id_address", "三栋门口")
    page.wait_for_timeout(600)
    page.reload()
    expect(page.locator("#id_words")).to_have_value(WORDS)
    expect(page.locator(".ll-upload-item")).to_have_count(1)
    page.tap("[data-step-next]")
    expect(page.locator("#id_address")).to_have_value("三栋门口")
    expect(page.locator("#where-words")).to_contain_text("甲一网格")


def test_a_broken_line_loses_nothing(visit: Any, photo_file: Path) -> None:
    page = visit("/report/")
    stand_in_a(page)
    page.fill("#id_words", WORDS)
    page.tap("[data-step-next]")
    expect(page.locator("#where-words")).to_contain_text("甲一网格")
    before = Report.objects.count()
    page.context.set_offline(True)
    page.tap(".report-send")
    expect(page.locator(".ll-toast")).to_be_visible()
    assert page.input_value("#id_words") == WORDS
    page.context.set_offline(False)
    page.problems.clear()
    page.tap(".report-send")
    page.wait_for_url("**/track/**")
    assert Report.objects.count() == before + 1


def test_without_scripts_the_same_form_does_it(chromium: Any, house: str, town: Any, photo_file: Path) -> None:
    plain = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = plain.new_page()
    page.goto(house + "/report/")
    page.set_input_files("input[name=photos]", photo_file)
    page.fill("#id_words", "楼道里堆满了纸箱")
    page.fill("#id_place_name", "甲一网格")
    page.click(".report-send")
    assert CODE.search(page.inner_text("#main"))
    case = Case.objects.get(description="楼道里堆满了纸箱")
    assert case.place_id == town.grid_a.pk and case.photos.count() == 1
    plain.close()


def test_without_scripts_a_name_of_several_places_asks_which(chromium: Any, house: str, town: Any) -> None:
    for place in Place.objects.all():
        place.grams = grams(place.name_zh)
        place.save(update_fields=["grams"])
    plain = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = plain.new_page()
    page.goto(house + "/report/")
    page.fill("#id_words", "水管漏水")
    page.fill("#id_place_name", "一网格")
    page.click(".report-send")
    page.check(f"input[name=place][value='{town.grid_b.pk}']")
    page.click(".report-send")
    assert Case.objects.get(description="水管漏水").place_id == town.grid_b.pk
    plain.close()


def closed(town: Any, picture: Any) -> tuple[Case, str]:
    case = walk(reported(town), town, picture)
    return case, case.reports.get().tracking_code


def test_one_tap_and_a_level_rate(visit: Any, town: Any, picture: Any) -> None:
    case, code = closed(town, picture)
    page = visit(f"/track/{code}/")
    expect(page.locator("[data-rate-more]")).to_be_hidden()
    page.tap(".rate-solved button[value=yes]")
    page.locator(".rate-levels input[value='5']").check()
    page.tap("[data-rate-send]")
    expect(page.locator("#main")).to_contain_text("您的评价")
    case.refresh_from_db()
    assert (case.solved, case.level) == ("yes", 5)


def test_whoever_leaves_after_the_first_tap_has_rated(visit: Any, town: Any, picture: Any) -> None:
    case, code = closed(town, picture)
    page = visit(f"/track/{code}/")
    page.tap(".rate-solved button[value=partly]")
    page.goto(page.url.split("/track/")[0] + "/problems/")
    page.wait_for_timeout(500)
    case.refresh_from_db()
    assert case.solved == "partly"


def test_the_first_load_of_the_report_page_is_light(visit: Any) -> None:
    """At most 200 kB compressed (gzip as WhiteNoise makes it) without the map."""
    sizes: dict[str, int] = {}
    page = visit("/track/")
    page.on(
        "response",
        lambda answer: (
            sizes.setdefault(answer.url, len(gzip.compress(answer.body(), 9)))
            if answer.ok and answer.request.method == "GET"
            else None
        ),
    )
    page.context.clear_cookies()
    page.goto(page.url.replace("/track/", "/report/"))
    shots.settle(page)
    assert not any("maplibre" in address or "pmtiles" in address for address in sizes)
    assert sum(sizes.values()) <= 200_000, sorted((size, url) for url, size in sizes.items())


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_elder_mode_is_three_large_ways_and_large_targets(visit: Any, lang: str) -> None:
    page = visit("/", elder=True, lang=lang)
    ways = page.locator("#main a:visible, #main button:visible")
    assert ways.count() == 3
    for at in range(3):
        assert ways.nth(at).bounding_box()["height"] >= 60
    assert page.evaluate(SMALLEST_TEXT) >= 20
    expect(page.locator("[data-read-aloud]")).to_have_count(1)
    page.goto(page.url + "report/")
    shots.settle(page)
    for at in range(page.locator("#report-form button:visible").count()):
        assert page.locator("#report-form button:visible").nth(at).bounding_box()["height"] >= 60


PAGES = [
    "/",
    "/report/",
    "/track/",
    "/mine/",
    "/problems/",
    "/map/",
    "/who/",
    "/who/?place={grid}",
    "/track/{code}/",
    "/track/{code}/?new=1",
    "/problems/{number}/",
    "/report/?place={grid}",
]


@pytest.mark.parametrize("choices", [{}, {"theme": "dark", "lang": "en", "width": 1440}, {"elder": True}], ids=str)
def test_every_page_is_accessible(visit: Any, town: Any, picture: Any, choices: dict[str, Any]) -> None:
    case, code = closed(town, picture)
    facts = {"grid": town.grid_a.pk, "code": code, "number": case.number}
    page = visit("/", **choices)
    base = page.url.rstrip("/")
    for path in PAGES:
        page.goto(base + path.format(**facts))
        shots.settle(page)
        assert shots.axe(page) == [], path
        wider = page.evaluate("() => document.documentElement.scrollWidth - screen.width")
        assert wider <= 0, f"{path} is {wider} px wider than the screen"
