"""A grid worker in a stairwell, one hand free, in a real browser: what is near, the camera, a lost connection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from linli.kernel.web import shots
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import IN_A, reported
from linli.rooms.cases.tests.walking import walk


def test_a_card_leads_to_the_form_and_the_camera_comes_first(
    visit: Any, town: Any, picture: Any, photo_file: Path
) -> None:
    case = walk(reported(town), town, picture, "receive")
    page = visit("/field/", who="lamp_handler")
    page.locator(f"a.btn-primary[href*='{case.number}']").tap()
    page.wait_for_url(f"**/field/cases/{case.number}/**")
    shots.settle(page)
    assert page.url.endswith("#do")
    first = page.locator("#do form .ll-field, #do form fieldset").first
    assert first.locator("input[type=file]").get_attribute("capture") == "environment"
    page.set_input_files("#do input[type=file]", photo_file)
    expect(page.locator("#do .ll-upload-item.is-sent")).to_be_visible()
    page.fill("#do textarea", "换了灯泡，已经亮了")
    page.tap("#do [data-step-send]")
    page.wait_for_url("**/field/")
    expect(page.locator("#messages")).to_contain_text(case.number)
    case.refresh_from_db()
    assert case.state == "confirming"


def test_a_lost_connection_loses_nothing_typed(visit: Any, town: Any, picture: Any) -> None:
    case = walk(reported(town), town, picture, "receive")
    page = visit(f"/field/cases/{case.number}/", who="lamp_handler")
    page.fill("#do textarea", "楼道里没有信号，先写着")
    page.context.set_offline(True)
    page.tap("#do [data-step-send]")
    expect(page.locator("linli-net")).to_have_class("ll-net is-off has-unsent")
    page.context.set_offline(False)
    page.problems.clear()
    page.reload()
    expect(page.locator("#do textarea")).to_have_value("楼道里没有信号，先写着")


def test_the_nearest_come_first_when_asked(visit: Any, town: Any, picture: Any) -> None:
    far = walk(reported(town, lng=IN_A[0] + 0.004, lat=IN_A[1]), town, picture, "confirm")
    near = walk(reported(town, lng=IN_A[0] - 0.004, lat=IN_A[1]), town, picture, "confirm")
    page = visit("/field/", who="verifier")
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": IN_A[0] - 0.0041, "latitude": IN_A[1], "accuracy": 9})
    page.tap("[data-near]")
    shots.settle(page)
    links = page.locator(".field-card-body")
    expect(links.first).to_have_attribute("href", f"/field/cases/{near.number}/")
    expect(page.locator("[data-metres]").first).to_have_text("10 m")
    order = [links.nth(at).get_attribute("href") for at in range(links.count())]
    assert order.index(f"/field/cases/{near.number}/") < order.index(f"/field/cases/{far.number}/")


def test_on_patrol_the_phone_says_where(visit: Any, photo_file: Path) -> None:
    page = visit("/field/", who="worker_a")
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": IN_A[0] + 0.003, "latitude": IN_A[1] + 0.003, "accuracy": 8})
    page.goto(page.url + "report/")
    shots.settle(page)
    page.set_input_files("#id_photos", photo_file)
    expect(page.locator(".ll-upload-item.is-sent")).to_be_visible()
    page.fill("#id_words", "井盖松动，踩上去响")
    expect(page.locator("[data-said]")).to_contain_text("8")
    page.tap("[data-send]")
    page.wait_for_url("**/field/cases/**")
    case = Case.objects.get(description="井盖松动，踩上去响")
    assert case.channel == "field" and case.photos.count() == 1


def test_the_door_can_be_installed(visit: Any) -> None:
    page = visit("/field/", who="worker_a")
    manifest = page.request.get(page.locator("link[rel=manifest]").evaluate("link => link.href")).json()
    assert manifest["display"] == "standalone" and manifest["start_url"] == "/field/"
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    assert page.evaluate("() => navigator.serviceWorker.ready.then((r) => new URL(r.scope).pathname)") == "/field/"
    page.reload()
    shots.settle(page)
    page.context.set_offline(True)
    page.goto(page.url, wait_until="domcontentloaded")
    expect(page.locator("h1")).to_have_text("没有网络")
    page.context.set_offline(False)
    page.problems.clear()


@pytest.mark.parametrize(
    "choices", [{}, {"theme": "sun"}, {"theme": "night", "lang": "en"}, {"width": 1440, "lang": "en"}], ids=str
)
def test_every_page_is_accessible(visit: Any, town: Any, picture: Any, choices: dict[str, Any]) -> None:
    case = walk(reported(town), town, picture, "confirm")
    page = visit("/field/", who="verifier", **choices)
    base = page.url
    for path in ("", "grid/", "report/", f"cases/{case.number}/"):
        page.goto(base + path)
        shots.settle(page)
        assert shots.axe(page) == [], path
        wider = page.evaluate("() => document.documentElement.scrollWidth - screen.width")
        assert wider <= 0, f"{path} is {wider} px wider than the screen"
