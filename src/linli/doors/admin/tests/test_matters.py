"""The catalogue, filing rules, the calendar and the limits of the steps."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from linli.kernel.clock.models import CalendarDay, CalendarYear
from linli.rooms.cases.queries.limits import step_limits_now
from linli.rooms.catalogue import queries
from linli.rooms.catalogue.models import FilingRule, Item, RuleSet

pytestmark = pytest.mark.django_db


def test_an_item_keeps_the_name_of_the_standard_and_takes_everyday_words(town, as_):
    system = as_("system")
    entry = queries.item("M01037")
    given = {
        "name_zh": "别的名称", "name_en": "Street lamp fault", "synonyms": "路灯瞎了，灯杆歪", "urgency": "soon",
        "version": entry.version,
    }  # fmt: skip
    assert system.post(reverse("admin_door:item", args=["M01037"]), given).status_code == 302
    found = Item.objects.get(key="M01037")
    assert found.name_zh == entry.name_zh and found.synonyms == ["路灯瞎了", "灯杆歪"]
    answer = system.post(reverse("admin_door:item", args=["M01037"]), given | {"synonyms": "迟到的改动"})
    assert answer.status_code == 409 and "迟到的改动" in answer.content.decode()


def test_a_local_item_comes_gets_a_rule_and_goes_with_a_successor(town, as_):
    system = as_("system")
    given = {"class_key": "M06", "name_zh": "占道跳舞", "urgency": "routine"}
    assert system.post(reverse("admin_door:item_new"), given).status_code == 302
    key = Item.objects.get(name_zh="占道跳舞").key
    rule = {"condition": "影响通行", "closing_condition": "已劝离", "limit": "2小石头"}
    answer = system.post(reverse("admin_door:rule_new", args=[key]), rule)
    assert answer.status_code == 422 and "影响通行" in answer.content.decode()
    assert system.post(reverse("admin_door:rule_new", args=[key]), rule | {"limit": "4工作时"}).status_code == 302
    made = FilingRule.objects.get(item__key=key)
    fixed = rule | {"limit": "2工作日"}
    assert system.post(reverse("admin_door:rule", args=[made.pk]), fixed).status_code == 302
    answer = system.post(reverse("admin_door:rule", args=[made.pk]), fixed)
    assert answer.status_code == 409
    retire = reverse("admin_door:item_retire", args=[key])
    assert system.post(retire, {"successor": "没有这项"}).status_code == 422
    assert system.post(retire, {"successor": "M06001"}).status_code == 302
    assert not queries.item(key).active
    assert system.post(reverse("admin_door:item_restore", args=[key])).status_code == 302


def workbook(*rows: tuple) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "事件"
    sheet.append(["某市立案结案标准"])
    sheet.append(["大类代码", "大类名称", "小类代码", "小类名称", "立案条件", "结案条件", "处置时限"])
    for row in rows:
        sheet.append(row)
    out = BytesIO()
    book.save(out)
    return SimpleUploadedFile("rules.xlsx", out.getvalue())


def test_a_citys_rules_are_looked_at_corrected_and_put_in_force_whole(town, as_):
    system = as_("system")
    book = workbook(
        ("01", "市政公用设施", "037", "路灯异常", "灯不亮", "已亮", "4小时"),
        (None, None, None, None, "灯杆倒", "已扶正", "2紧急工作时"),
        ("06", "市容环境", "999", "闻所未闻的事", "有", "没有了", "1天"),
        ("06", "市容环境", "998", "看不懂时限", "有", "没有了", "很快很快"),
    )
    answer = system.post(reverse("admin_door:rules_import"), {"file": book, "convention": "working"}, follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200 and "看不懂的行" in page and "G6" in page and "闻所未闻的事" in page
    view = answer.context["view"]
    confirm = reverse("admin_door:rules_confirm", args=[view.draft.pk])
    fresh = next(entry for entry in view.entries if entry.item is None)
    choices = {f"choice-{fresh.number}": "other", f"other-{fresh.number}": "M99999"}
    answer = system.post(confirm, choices)
    assert answer.status_code == 422 and "不会导入" in answer.content.decode()
    answer = system.post(confirm, choices | {"accept_refusals": "on"})
    assert answer.status_code == 422 and 'value="M99999"' in answer.content.decode()
    assert RuleSet.objects.get(state="active").shipped
    choices[f"choice-{fresh.number}"] = "skip"
    assert system.post(confirm, choices | {"accept_refusals": "on"}).status_code == 302
    active = RuleSet.objects.get(state="active")
    assert not active.shipped and active.rules.count() == 2


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 not a workbook", b"\x89PNG", "大类,小类\n".encode()])
def test_a_rule_sheet_that_is_none_is_refused_in_words(town, as_, data):
    answer = as_("system").post(
        reverse("admin_door:rules_import"), {"file": SimpleUploadedFile("a.xlsx", data), "convention": "working"}
    )
    assert answer.status_code == 422


def test_a_day_of_the_calendar_is_changed_by_one_form(town, as_):
    system = as_("system")
    url = reverse("admin_door:calendar_day", args=[2026])
    given = {"day": "2026-07-01", "kind": "off", "name_zh": "建党节"}
    assert system.post(url, given).status_code == 302
    assert CalendarDay.objects.get(day="2026-07-01").kind == "off"
    assert system.post(url, given | {"kind": ""}).status_code == 302
    assert not CalendarDay.objects.filter(day="2026-07-01").exists()
    assert system.post(url, given | {"day": "gestern"}).status_code == 422
    assert system.post(url, given | {"day": "2025-07-01"}).status_code == 422


def test_a_year_is_imported_after_a_look_and_bad_rows_are_named(town, as_):
    system = as_("system")
    url = reverse("admin_door:calendar_import", args=[2027])
    days = "".join(f"2027-01-0{n},放假,元旦\n" for n in range(1, 9))
    answer = system.post(url, {"file": SimpleUploadedFile("a.csv", f"日期,类型,名称\n{days}".encode())})
    assert answer.status_code == 200 and not CalendarYear.objects.filter(year=2027, official=True).exists()
    confirm = {"key": answer.context["key"], "official": "on", "source": "通知"}
    assert system.post(reverse("admin_door:calendar_confirm", args=[2027]), confirm).status_code == 302
    assert CalendarYear.objects.get(year=2027).official
    bad = f"日期,类型,名称\n{days}2027-13-77,放假,没有的日子\n2027-02-01,发呆,x\n"
    answer = system.post(url, {"file": SimpleUploadedFile("a.csv", bad.encode())})
    page = answer.content.decode()
    assert answer.status_code == 422 and "2027-13-77" in page and "发呆" in page and not answer.context["key"]
    answer = system.post(url, {"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04broken")})
    assert answer.status_code == 422


def test_working_hours_that_make_no_sense_stay_in_the_form(town, as_):
    system = as_("system")
    url = reverse("admin_door:calendar_hours", args=[2026])
    answer = system.post(url, {"hours": "18:00-08:00", "valid_from": "2030-01-01"})
    assert answer.status_code == 422 and "18:00-08:00" in answer.content.decode()
    assert system.post(url, {"hours": "八点到十二点", "valid_from": "2030-01-01"}).status_code == 422
    given = {"hours": "08:30-12:00，13:30-18:00", "valid_from": "2030-01-01"}
    assert system.post(url, given).status_code == 302
    assert system.post(url, {"remove": "2030-01-01"}).status_code == 302
    assert system.post(url, {"remove": "2030-01-01"}).status_code == 422


def test_the_limit_of_a_step_is_typed_in_words(town, as_):
    system = as_("system")
    url = reverse("admin_door:limits")
    given = {"state": "reported", "reported-general": "3工作时", "reported-urgent": ""}
    assert system.post(url, given).status_code == 302
    now = step_limits_now()
    assert str(now["reported", False]) == "3工作时" and ("reported", True) not in now
    answer = system.post(url, given | {"reported-general": "马上"})
    assert answer.status_code == 422 and 'value="马上"' in answer.content.decode()
