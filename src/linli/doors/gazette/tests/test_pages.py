"""Bulletins as people use them: written, handed in, issued, read; nothing typed is lost."""

from __future__ import annotations

import io

import pypdf
import pytest
from python_calamine import CalamineWorkbook

from linli.rooms.bulletins.models import Issue, Kind
from linli.rooms.bulletins.tests.parts import MONDAY

LATE = "20261101-000001"


def form_of(issue: Issue, **changes: object) -> dict[str, object]:
    issue.refresh_from_db()
    return {
        "title": issue.title,
        "version": issue.version,
        "key": "k1",
        "reader_kinds": issue.reader_kinds,
        "pairs": issue.pairs,
        **{f"text_{code}": words for code, words in issue.texts.items()},
        **changes,
    }


def post(browser, issue: Issue, step: str, **more: object):
    issue.refresh_from_db()
    return browser.post(f"/bulletins/{issue.pk}/steps/{step}/", {"version": issue.version, **more})


def issued(enter, issue: Issue) -> Issue:
    post(enter("supervisor"), issue, "submit")
    post(enter("leader"), issue, "issue")
    issue.refresh_from_db()
    assert issue.state == "issued"
    return issue


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "没有发给您的通报"), ("en", "sent to you")])
def test_an_empty_list_says_what_belongs_here(enter, town, language, words):
    page = enter("lamp_contact", language).get("/bulletins/").content.decode()
    assert words.replace("没有发给您的通报", "还没有发给您的通报") in page


def test_written_handed_in_and_issued(draft, enter, town):
    browser = enter("supervisor")
    page = browser.get(f"/bulletins/{draft.pk}/edit/").content.decode()
    assert "数字（不能改）" in page and "77.4%" in page and f'name="named_{LATE}"' in page
    answer = browser.post(
        f"/bulletins/{draft.pk}/edit/",
        form_of(draft, text_lead="本周平稳 <b>x</b>", submit="1", **{f"named_{LATE}": "已约谈"}),
    )
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.state == "submitted" and draft.named == {LATE: "已约谈"}
    leader = enter("leader")
    page = leader.get("/bulletins/").content.decode()
    assert "待签发" in page
    page = leader.get(f"/bulletins/{draft.pk}/").content.decode()
    assert "确定签发" in page and "本周平稳 &lt;b&gt;x&lt;/b&gt;" in page
    answer = post(leader, draft, "issue")
    assert answer.status_code == 302
    page = leader.get(f"/bulletins/{draft.pk}/").content.decode()
    assert "渌网调〔2026〕第1期" in page and "谁看过" in page


def test_a_conflict_keeps_what_was_typed_and_can_be_sent_again(draft, enter):
    browser = enter("supervisor")
    first, second = form_of(draft, text_lead="甲写的", key="a"), form_of(draft, text_lead="乙写的", key="b")
    browser.post(f"/bulletins/{draft.pk}/edit/", first)
    answer = browser.post(f"/bulletins/{draft.pk}/edit/", second)
    page = answer.content.decode()
    assert answer.status_code == 409 and "乙写的" in page and "甲写的" in page and "演示supervisor" in page
    assert 'name="version" value="2"' in page
    assert browser.post(f"/bulletins/{draft.pk}/edit/", {**second, "version": 2, "key": "c"}).status_code == 302
    draft.refresh_from_db()
    assert draft.texts["lead"] == "乙写的"


def test_what_is_refused_stays_on_the_page(draft, enter):
    browser = enter("supervisor")
    answer = browser.post(f"/bulletins/{draft.pk}/edit/", form_of(draft, title="", text_next="下一步要抓紧"))
    assert answer.status_code == 422 and "下一步要抓紧" in answer.content.decode()
    post(browser, draft, "submit")
    leader = enter("leader")
    answer = post(leader, draft, "send_back", why="")
    assert answer.status_code == 422 and "请填写“原因”" in answer.content.decode()
    answer = leader.post(f"/bulletins/{draft.pk}/steps/send_back/", {"version": 1, "why": "数字不对"})
    assert answer.status_code == 409 and "数字不对" in answer.content.decode()


def test_numbers_that_moved_are_shown_before_they_are_taken(draft, enter, quick_numbers):
    quick_numbers.open = 9
    browser = enter("supervisor")
    page = browser.get(f"/bulletins/{draft.pk}/changes/").content.decode()
    assert "正在办" in page and "换成现在的数字" in page
    post(browser, draft, "recount")
    assert "没有变化" in browser.get(f"/bulletins/{draft.pk}/changes/").content.decode()
    post(browser, draft, "submit")
    assert enter("leader").get(f"/bulletins/{draft.pk}/changes/").status_code == 200


def test_readers_find_it_read_it_and_are_seen_to_have(draft, enter, town):
    issue = issued(enter, draft)
    reader = enter("lamp_contact", "en")
    page = reader.get("/bulletins/").content.decode()
    assert "Not read" in page
    page = reader.get(f"/bulletins/{issue.pk}/").content.decode()
    assert "Handled in time" not in page and "In time" in page and "Overall" in page and "办理" not in page
    assert "Not read" not in reader.get("/bulletins/").content.decode()
    assert reader.get(f"/bulletins/{issue.pk}/readers/").status_code == 404
    page = enter("supervisor").get(f"/bulletins/{issue.pk}/readers/").content.decode()
    assert "演示lamp_contact" in page and "还没看" in page and "1/2" in page
    assert enter("worker_a").get(f"/bulletins/{issue.pk}/").status_code == 404


def test_files_are_what_was_issued(draft, enter):
    browser = enter("supervisor")
    answer = browser.get(f"/bulletins/{draft.pk}/pdf/")
    assert "未编号" not in text_of(answer) and "草稿，未印发" in text_of(answer)
    assert CalamineWorkbook.from_filelike(io.BytesIO(browser.get(f"/bulletins/{draft.pk}/xlsx/").content))
    issue = issued(enter, draft)
    reader = enter("lamp_contact")
    first = reader.get(f"/bulletins/{issue.pk}/pdf/")
    assert first["Content-Type"] == "application/pdf" and "第1期" in text_of(first)
    Kind.objects.update(house_zh="别的单位")
    assert reader.get(f"/bulletins/{issue.pk}/pdf/").content == first.content
    assert "attachment" in reader.get(f"/bulletins/{issue.pk}/xlsx/")["Content-Disposition"]
    assert "别的单位" not in reader.get(f"/bulletins/{issue.pk}/").content.decode()


def text_of(answer) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)


def test_withdrawn_and_corrected_readers_are_told(draft, enter):
    issue = issued(enter, draft)
    post(enter("leader"), issue, "withdraw", why="件数有误")
    answer = enter("supervisor").post(f"/bulletins/{issue.pk}/steps/correct/", {"key": "c1"})
    new = Issue.objects.get(corrects=issue)
    assert answer["Location"] == f"/bulletins/{new.pk}/"
    issued(enter, new)
    page = enter("lamp_contact").get(f"/bulletins/{issue.pk}/").content.decode()
    assert "件数有误" in page and "渌网调〔2026〕第2期" in page
    assert "更正 渌网调〔2026〕第1期" in enter("lamp_contact").get(f"/bulletins/{new.pk}/").content.decode()


def test_the_public_reads_what_is_public_without_signing_in(draft, enter, client):
    enter("supervisor").post(f"/bulletins/{draft.pk}/edit/", form_of(draft, public="on"))
    issue = issued(enter, draft)
    client.logout()
    assert issue.title in client.get("/bulletins/").content.decode()
    assert client.get(f"/bulletins/{issue.pk}/").status_code == 200
    assert client.get(f"/bulletins/{issue.pk}/edit/").status_code == 302


def test_who_is_not_signed_in_is_led_there_from_a_notice(draft, client):
    answer = client.get(f"/bulletins/{draft.pk}/")
    assert answer.status_code == 302 and f"next=/bulletins/{draft.pk}/" in answer["Location"]


def test_the_operator_sets_the_rhythm(town, enter):
    browser = enter("system")
    assert "每周一 08:30" in browser.get("/bulletins/kinds/").content.decode()
    kind = Kind.objects.get(code="weekly")
    sent = {
        "name_zh": "一周调度", "prefix": "渌网调", "every": "week", "day": 9, "at": "08:00", "off_day": "previous",
        "first_serial": 1, "sections": ["totals"], "reader_kinds": ["leader"], "active": "on", "version": kind.version,
    }  # fmt: skip
    answer = browser.post("/bulletins/kinds/weekly/", sent)
    assert answer.status_code == 422 and "1 到 7" in answer.content.decode()
    assert browser.post("/bulletins/kinds/weekly/", {**sent, "day": 5}).status_code == 302
    kind.refresh_from_db()
    assert (kind.day, kind.prefix, kind.next_at is not None) == (5, "渌网调", True)
    assert browser.post("/bulletins/kinds/weekly/", {**sent, "day": 4}).status_code == 409
    answer = browser.post("/bulletins/kinds/new/", {**sent, "code": "street-1", "day": 1})
    assert answer.status_code == 422 and "字头" in answer.content.decode()
    sent |= {"code": "street-1", "day": 1, "prefix": "镇网通", "place_id": town.street.pk}
    assert browser.post("/bulletins/kinds/new/", sent).status_code == 302
    assert Kind.objects.get(code="street-1").place_id == town.street.pk


def test_pages_ask_few_questions(draft, enter, django_assert_max_num_queries):
    browser = enter("supervisor")
    for path, most in (("", 16), (f"{draft.pk}/", 14), (f"{draft.pk}/edit/", 14), (f"{draft.pk}/readers/", 14)):
        with django_assert_max_num_queries(most):
            assert browser.get(f"/bulletins/{path}").status_code == 200
    issue = issued(enter, draft)
    reader = enter("lamp_contact")
    with django_assert_max_num_queries(16):
        reader.get(f"/bulletins/{issue.pk}/")
    assert issue.issued_at >= MONDAY
