"""The page of one case: its story, its next steps, the quick road, the contact on record, the printed sheet."""

from __future__ import annotations

import pytest
from django.urls import reverse

from linli.kernel.journal.models import Entry
from linli.rooms.cases.actions.intake import join_case
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import IN_A, LAMP, ON_BORDER, intake, reported
from linli.rooms.cases.tests.walking import walk
from linli.rooms.catalogue.models import FilingRule

pytestmark = pytest.mark.django_db


def address(case: Case, name: str = "case", *more) -> str:
    return reverse(f"desk:{name}", args=[case.number, *more])


def road(case: Case, town, **given):
    rule = FilingRule.objects.filter(item__key=LAMP, rule_set__state="active").order_by("sequence").first()
    return {
        "version": case.version, "key": "key-of-the-form", "item": LAMP, "place": case.place_id, "rule": rule.pk,
        "unit": town.lamps.pk, **given,
    }  # fmt: skip


@pytest.mark.parametrize(
    "until", ["accept", "register", "dispatch", "receive", "handle", "confirm", "verify_pass", "close"]
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_opens_in_every_state_in_few_queries(desk, town, picture, until, language, django_assert_max_num_queries):
    case = walk(reported(town, phone="13800000001", name="演示张"), town, picture, until)
    client = desk(language=language)
    client.get(address(case))
    with django_assert_max_num_queries(18):  # ten of its own, at most two for each panel of another door
        answer = client.get(address(case))
    page = answer.content.decode()
    assert answer.status_code == 200 and case.number in page and "13800000001" not in page
    assert client.get(address(case), headers={"HX-Request": "true"}).status_code == 200
    assert client.get(address(case, "sheet")).status_code == 200


def test_it_offers_what_can_be_done_and_says_why_not_the_rest(desk, town, picture):
    case = walk(reported(town), town, picture, "confirm")
    page = desk("cadre_a").get(address(case)).content.decode()
    assert reverse("common:step", args=[case.number, "verify_pass"]) in page
    handled = desk("lamp_contact").get(address(case)).content.decode()
    assert reverse("common:step", args=[case.number, "verify_pass"]) not in handled


def test_a_wrong_number_finds_nothing(desk, town):
    client = desk()
    for name in ("case", "near", "sheet", "process"):
        assert client.get(reverse(f"desk:{name}", args=["20990101-999999"])).status_code == 404


def test_one_press_accepts_files_and_dispatches(desk, town):
    case = reported(town)
    client = desk()
    page = client.get(address(case, "process")).content.decode()
    assert LAMP in page and "路灯所" in page
    answer = client.post(address(case, "process"), road(case, town))
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.state == "dispatched" and case.unit_id == town.lamps.pk and case.due_at
    assert [e.action for e in Entry.objects.filter(object_type="case", object_id=str(case.pk)).order_by("id")] == [
        "case.report", "case.accept", "case.register", "case.dispatch",
    ]  # fmt: skip


def test_when_one_step_of_the_road_is_refused_none_has_happened(desk, town):
    case = reported(town)
    answer = desk().post(address(case, "process"), road(case, town, unit="999999", note="别弄丢这句话"))
    assert answer.status_code == 422 and "别弄丢这句话" in answer.content.decode()
    case.refresh_from_db()
    assert case.state == "reported" and case.item_id is None


def test_the_road_pressed_twice_runs_once(desk, town):
    case = reported(town)
    client = desk()
    for _again in range(2):
        client.post(address(case, "process"), road(case, town))
    assert Entry.objects.filter(action="case.dispatch", object_id=str(case.pk)).count() == 1


def test_a_case_that_changed_meanwhile_says_what_changed_and_keeps_the_words(desk, town, picture):
    case = reported(town)
    old = road(case, town, note="小心积水")
    desk("clerk").post(
        reverse("common:step", args=[case.number, "amend"]),
        {"version": case.version, "key": "another", "address": "三栋门口"},
    )
    answer = desk().post(address(case, "process"), old)
    page = answer.content.decode()
    assert answer.status_code == 409 and "小心积水" in page and "三栋门口" in page and "更正" in page
    case.refresh_from_db()
    assert f'value="{case.version}"' in page
    assert desk().post(address(case, "process"), {**old, "version": case.version}).status_code == 302


def test_a_clerk_has_no_quick_road(desk, town):
    case = reported(town)
    assert desk("clerk").get(address(case, "process")).status_code == 403
    assert address(case, "process") not in desk("clerk").get(address(case)).content.decode()


def test_near_a_border_the_grids_are_offered_and_one_is_chosen(desk, town):
    case = reported(town, lng=ON_BORDER[0], lat=ON_BORDER[1], accuracy_m=30)
    client = desk()
    assert "靠近网格边界" in client.get(address(case)).content.decode()
    client.post(
        reverse("common:step", args=[case.number, "amend"]),
        {"version": case.version, "key": "border", "place": town.grid_b.pk},
    )
    case.refresh_from_db()
    assert case.place_id == town.grid_b.pk and case.candidates == []


def test_the_contact_is_masked_and_opened_on_record_only(desk, town):
    case = reported(town, phone="13800000001", name="演示张三")
    report = case.reports.get()
    client = desk()
    assert "13800000001" not in client.get(address(case)).content.decode()
    refused = client.post(address(case, "contact", report.pk), {"purpose": ""}, headers={"HX-Request": "true"})
    assert refused.status_code == 422 and "13800000001" not in refused.content.decode()
    shown = client.post(address(case, "contact", report.pk), {"purpose": "回电核实"}, headers={"HX-Request": "true"})
    assert "13800000001" in shown.content.decode()
    assert Entry.objects.get(action="case.reveal_contact").note == "回电核实"


def test_a_contact_of_another_case_or_without_the_duty_stays_closed(desk, town):
    case, other = reported(town, phone="13800000001"), reported(town)
    report = case.reports.get()
    assert desk().post(address(other, "contact", report.pk), {"purpose": "x"}).status_code == 404
    assert desk("leader").post(address(case, "contact", report.pk), {"purpose": "x"}).status_code == 403


def test_likely_duplicates_are_merged_with_one_press(desk, town):
    first, second = reported(town), reported(town, lng=IN_A[0] + 0.0001, lat=IN_A[1])
    client = desk()
    assert first.number in client.get(address(second, "near")).content.decode()
    client.post(
        reverse("common:step", args=[second.number, "merge"]),
        {"version": second.version, "key": "m", "target": first.number},
    )
    second.refresh_from_db()
    assert second.state == "merged" and second.merged_into_id == first.pk


def test_everybody_who_joined_is_there(desk, town):
    case = reported(town)
    join_case(case.pk, intake(words="我家楼下也是，黑得很"), viewer=town.viewer("nobody"))
    page = desk().get(address(case)).content.decode()
    assert "我家楼下也是" in page and "谁上报的（2）" in page


def test_the_printed_sheet_has_a_code_and_no_reporter(desk, town, picture):
    case = walk(reported(town, phone="13800000001", name="演示张三"), town, picture)
    page = desk().get(address(case, "sheet")).content.decode()
    assert "<svg" in page and "事件单" in page and "演示张" not in page and "138" not in page
