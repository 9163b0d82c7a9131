"""The whole story of one problem through the pages people really use, each in their own browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from linli.kernel.journal import queries as journal
from linli.kernel.web import shots
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import IN_A, reported
from linli.rooms.cases.tests.walking import walk

WORDS = "正街12号门口的路灯坏了，天黑以后老人不敢出门"
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")

Visit = Callable[..., Page]


def at_the_desk(
    visit: Visit, who: str, case: Case, step: str, fill: Callable[[Page], None] = lambda page: None
) -> None:
    """Finds the case in the list, opens it beside the list, and takes a step there."""
    page = visit("/desk/", who=who, width=1440, height=900)
    page.click(f"tr:has-text('{case.number}') >> nth=0")
    page.click(f"#drawer [data-step-open={step}]")
    form = page.locator(f"#drawer [data-step={step}] form")
    expect(form).to_be_visible()
    fill(page)
    form.locator("[data-step-send]").click()
    expect(page.locator("#messages, .ll-toast").first).to_contain_text(re.compile(r"\S"))
    shots.settle(page)
    page.context.close()
    case.refresh_from_db()


def in_the_field(visit: Visit, who: str, case: Case, words: str, photo: Path) -> None:
    """Opens the card on a phone, takes a picture, writes a sentence, sends."""
    page = visit("/field/", who=who)
    page.locator(f"a.btn-primary[href*='{case.number}']").tap()
    page.wait_for_url(f"**/field/cases/{case.number}/**")
    shots.settle(page)
    page.set_input_files("#do input[type=file]", photo)
    expect(page.locator("#do .ll-upload-item.is-sent")).to_be_visible()
    page.fill("#do textarea", words)
    page.tap("#do [data-step-send]")
    page.wait_for_url("**/field/")
    page.context.close()
    case.refresh_from_db()


def test_from_a_dark_street_to_five_stars(visit: Visit, town: Any, photo_file: Path) -> None:
    # An old resident with a phone and no account.
    resident = visit("/", elder=True)
    resident.context.grant_permissions(["geolocation"])
    resident.context.set_geolocation({"longitude": IN_A[0], "latitude": IN_A[1], "accuracy": 15})
    resident.locator("#main a[href='/report/']").first.tap()
    resident.wait_for_url("**/report/**")
    shots.settle(resident)
    resident.set_input_files("#id_photos", photo_file)
    expect(resident.locator(".ll-upload-item.is-sent")).to_be_visible()
    resident.fill("#id_words", WORDS)
    resident.tap("[data-step-next]")
    expect(resident.locator("#where-words")).to_contain_text("甲一网格")
    resident.tap(".report-send")
    resident.wait_for_url("**/track/**")
    assert CODE.search(resident.inner_text("#main"))
    followed = resident.url.partition("?")[0]
    case = Case.objects.get(description=WORDS)

    at_the_desk(visit, "clerk", case, "accept")
    assert case.state == "accepted" and case.item is not None
    at_the_desk(visit, "dispatcher", case, "register")
    assert case.state == "registered" and case.due_at is not None
    at_the_desk(visit, "dispatcher", case, "dispatch")
    assert case.state == "dispatched" and case.unit == town.lamps
    at_the_desk(visit, "lamp_contact", case, "receive")
    assert case.state == "handling"
    in_the_field(visit, "lamp_handler", case, "换了灯泡和接线，晚上看过已经亮了", photo_file)
    assert case.state == "confirming"
    at_the_desk(visit, "lamp_contact", case, "confirm")
    assert case.state == "verifying"
    in_the_field(visit, "verifier", case, "晚上到现场看过，亮了", photo_file)
    assert case.state == "closing"
    at_the_desk(
        visit, "dispatcher", case, "close", lambda page: page.fill("[data-step=close] textarea", "路灯已经修好")
    )
    assert case.state == "closed"

    # The resident looks again with the same phone, sees both photos and rates with one tap.
    resident.goto(followed)
    shots.settle(resident)
    story = resident.inner_text("#main")
    assert "路灯已经修好" in story and "换了灯泡" in story
    assert resident.locator("#main img").count() >= 2
    resident.tap(".rate-solved button[value=yes]")
    resident.locator(".rate-levels input[value='5']").check()
    resident.tap("[data-rate-send]")
    expect(resident.locator("#main")).to_contain_text("您的评价")
    case.refresh_from_db()
    assert (case.solved, case.level) == ("yes", 5)

    # Everybody's hand is in the journal, in order, and nobody did it twice.
    entries = journal.of("case", case.pk)
    steps = [entry.action for entry in entries if entry.action not in ("case.rate", "case.notices_read")]
    assert steps == [
        f"case.{step}"
        for step in (
            "report",
            "accept",
            "register",
            "dispatch",
            "receive",
            "handle",
            "confirm",
            "verify_pass",
            "close",
        )
    ]
    hands = {entry.action.removeprefix("case."): entry.actor_name for entry in entries}
    assert hands["handle"] == "演示lamp_handler" and hands["verify_pass"] == "演示verifier"


def test_the_public_sees_the_result_and_not_the_reporter(visit: Visit, town: Any, picture: Any) -> None:
    case = walk(reported(town, words="滨江路的路灯不亮，公开看结果"), town, picture)
    page = visit(f"/problems/{case.number}/", lang="en")
    assert case.reports.get().tracking_code not in page.content()
