"""The pages of supervision: register, proposals, one order from issue to close, the sheet, what operators set."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from linli.rooms.cases.tests.fixtures import reported
from linli.rooms.cases.tests.walking import walk
from linli.rooms.oversight.actions.proposals import propose_finding
from linli.rooms.oversight.actions.steps import take
from linli.rooms.oversight.models import Light, Order, Proposal, Register, Rules
from linli.rooms.oversight.tests.issuing import issued

pytestmark = pytest.mark.django_db


def at(name: str, *args) -> str:
    return reverse(f"supervision:{name}", args=args)


@pytest.mark.parametrize("who", ["supervisor", "leader", "verifier", "lamp_contact"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_register_order_and_sheet_open_for_everybody_concerned(
    enter, town, who, language, django_assert_max_num_queries
):
    case = reported(town)
    order = issued(town, case_ids=[case.pk], leader_words="请抓紧", source="leader")
    for step in ("sign", "answer"):
        take(order.pk, step, {"words": "已修"}, viewer=town.viewer("lamp_contact"))
    client = enter(who, language)
    client.get(at("register"))
    for url, most in (
        (at("register") + "?view=all", 12),
        (at("register") + "?view=all&light=on_track&source=leader&q=路灯", 12),
        (at("order", order.pk), 14),
        (at("sheet", order.pk), 14),
    ):
        with django_assert_max_num_queries(most):
            answer = client.get(url)
        assert answer.status_code == 200 and order.number in answer.content.decode(), url
        assert "报上人" not in answer.content.decode()


def test_a_stranger_gets_nothing(enter, town):
    order = issued(town)
    assert enter("power_contact").get(at("order", order.pk)).status_code == 404
    assert enter("clerk").get(at("register")).status_code == 403
    assert enter("lamp_contact").get(at("new")).status_code == 403
    assert enter("supervisor").get(at("settings")).status_code == 403


def test_from_the_page_of_a_case_to_a_closed_order(enter, town, picture):
    case = walk(reported(town), town, picture, "receive")
    client = enter()
    page = client.get(reverse("desk:case", args=[case.number])).content.decode()
    assert at("new") + f"?case={case.number}" in page
    form = client.get(at("new") + f"?case={case.number}").content.decode()
    assert case.number in form
    given = {
        "key": "k1", "source": "hand", "title": "路灯不亮", "unit": town.lamps.pk, "demand": "请修好",
        "limit": "三天三夜", "in_step": "on", "level": 1, "cases": f"{case.number} 20990101-000001", "place": "",
    }  # fmt: skip
    answer = client.post(at("new"), given)
    assert answer.status_code == 422 and "三天三夜" in answer.content.decode()
    answer = client.post(at("new"), {**given, "limit": "3个工作日"})
    assert answer.status_code == 422 and "20990101-000001" in answer.content.decode()
    good = {**given, "limit": "3个工作日", "cases": case.number}
    for _again in range(2):
        answer = client.post(at("new"), good)
        assert answer.status_code == 302
    order = Order.objects.get()
    assert order.number in client.get(reverse("desk:case", args=[case.number])).content.decode()

    unit = enter("lamp_contact")
    assert "签收" in unit.get(at("order", order.pk)).content.decode()
    assert unit.get(at("step", order.pk, "sign")).status_code == 200
    assert unit.post(at("step", order.pk, "sign"), {"version": order.version, "key": "s"}).status_code == 302
    order.refresh_from_db()
    answer = unit.post(at("step", order.pk, "answer"), {"version": order.version, "key": "a", "words": ""})
    assert answer.status_code == 422
    bad = SimpleUploadedFile("run.exe", b"MZ")
    sent = {"version": order.version, "key": "a", "words": "已修好", "files": bad}
    assert unit.post(at("step", order.pk, "answer"), sent).status_code == 422
    sent |= {"files": SimpleUploadedFile("证明.pdf", b"%PDF-1.7 x"), "photo_ids": picture(town.viewer("lamp_contact"))}
    assert unit.post(at("step", order.pk, "answer"), sent).status_code == 302

    checker = enter("verifier")
    page = checker.get(at("order", order.pk)).content.decode()
    assert "证明.pdf" in page and "已修好" in page
    proof = {one.kind: one for answer in order.answers.all() for one in answer.evidence.all()}
    document = checker.get(at("evidence", order.pk, proof["file"].uid))
    assert document["Content-Disposition"].startswith("attachment") and b"".join(document) == b"%PDF-1.7 x"
    assert checker.get(at("evidence", order.pk, proof["photo"].uid) + "?thumb=1").status_code == 200
    order.refresh_from_db()
    stale = checker.post(at("step", order.pk, "pass"), {"version": 1, "key": "p", "words": "看过了"})
    assert stale.status_code == 409 and "看过了" in stale.content.decode()
    assert checker.post(at("step", order.pk, "pass"), {"version": order.version, "key": "p"}).status_code == 302
    assert Order.objects.get().state == "closed"
    assert enter("power_contact").get(at("evidence", order.pk, proof["file"].uid)).status_code == 404


def test_a_draft_is_kept_and_sent(enter, town):
    client = enter()
    given = {
        "key": "k1",
        "source": "hand",
        "title": "路灯",
        "unit": town.lamps.pk,
        "demand": "请修",
        "level": 1,
        "as": "draft",
    }
    client.post(at("new"), given)
    order = Order.objects.get()
    assert order.number is None and "发出" in client.get(at("order", order.pk)).content.decode()
    client.post(at("send", order.pk), {"version": order.version})
    order.refresh_from_db()
    assert order.number


def test_proposals_are_decided_on_their_page(enter, town, picture, django_assert_max_num_queries):
    case = walk(reported(town), town, picture, "receive")
    one = propose_finding(key="1", case_ids=[case.pk], title="检查发现一")
    two = propose_finding(key="2", case_ids=[case.pk], title="检查发现二")
    client = enter()
    client.get(at("proposals"))
    with django_assert_max_num_queries(9):
        assert "检查发现一" in client.get(at("proposals")).content.decode()
    refused = client.post(at("decide", one.pk, "dismiss"), {"words": ""})
    assert refused.status_code == 422
    client.post(at("decide", one.pk, "dismiss"), {"words": "已在办"})
    for _again in range(2):
        assert client.post(at("decide", two.pk, "issue"), {"key": "x"}).status_code == 302
    assert Order.objects.count() == 1 and not Proposal.objects.filter(state="waiting").exists()
    assert client.get(at("new") + f"?proposal={two.pk}").status_code == 404
    assert "已在办" in client.get(at("proposals") + "?decided=1").content.decode()
    assert client.post(at("decide", one.pk, "nonsense")).status_code == 404


def test_the_register_leaves_as_a_sheet_on_record(enter, town):
    order = issued(town, title="=1+1")
    answer = enter().post(at("export"), {"query": "view=all"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer))).active
    assert sheet["A3"].value == order.number and sheet["F3"].value == "=1+1" and sheet["F3"].data_type == "s"
    assert enter("verifier").post(at("export"), {"query": "view=all"}).status_code == 403


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_operators_set_rules_lights_and_prefixes(enter, town, language):
    client = enter("system", language)
    assert client.get(at("settings")).status_code == 200
    rules = Rules.objects.get()
    given = {
        "form": "rules", "version": rules.version, "sign": "2工作时", "answer": "5个工作日", "check": "1个工作日",
        "rating": "15个工作日", "rating_level": 2, "recurring_cases": 4, "recurring_metres": 60, "recurring_days": 20,
        "levels": "督办 | supervision\n挂牌督办｜listed",
    }  # fmt: skip
    assert client.post(at("settings"), given).status_code == 302
    rules.refresh_from_db()
    assert (rules.recurring_cases, rules.sign_amount, rules.levels_en[1]) == (4, 2, "listed")
    assert client.post(at("settings"), given).status_code == 409
    prefix = {"form": "prefix", "number-district": town.district.pk, "number-series": "order", "number-year": 2026}
    assert client.post(at("settings"), {**prefix, "number-prefix": "渌督"}).status_code == 302
    assert Register.objects.get().prefix == "渌督"

    form = client.get(at("lights")).context["forms"]
    data = {f"form-{field}": value for field, value in form.management_form.initial.items()}
    for number, light in enumerate(
        Light.objects.values("code", "kind", "share", "name_zh", "name_en", "colour", "shape")
    ):
        data |= {f"form-{number}-{name}": value for name, value in light.items()}
    for number in (5, 6):
        data |= {f"form-{number}-{name}": "" for name in ("code", "name_zh", "name_en", "share")}
        data |= {f"form-{number}-kind": "running", f"form-{number}-colour": "near", f"form-{number}-shape": "diamond"}
    half = {"form-5-code": "half", "form-5-name_zh": "过半", "form-5-name_en": "half", "form-5-share": 50}
    assert client.post(at("lights"), {**data, **half, "form-5-shape": "circle"}).status_code == 422
    assert client.post(at("lights"), {**data, **half}).status_code == 302
    assert Light.objects.filter(code="half").exists()
