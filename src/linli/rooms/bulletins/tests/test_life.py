"""From the draft to the readers: who may do what, what is frozen, what is kept, what nobody can change."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import threading

import pypdf
import pytest
from django.db import DatabaseError, connection, transaction
from python_calamine import CalamineWorkbook

from linli.kernel import clock
from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.kernel.journal.models import Entry
from linli.kernel.outbox.models import OutboxEvent
from linli.rooms.bulletins.actions import steps
from linli.rooms.bulletins.actions.drafting import make
from linli.rooms.bulletins.actions.keeping import as_bytes
from linli.rooms.bulletins.actions.reading import opened
from linli.rooms.bulletins.models import Issue, Kept, KeptPicture, Kind, Wording
from linli.rooms.bulletins.queries import issues
from linli.rooms.bulletins.queries.comparing import recounted
from linli.rooms.bulletins.queries.readers import readers_of
from linli.rooms.bulletins.rhythm import Period
from linli.rooms.bulletins.tests.parts import MONDAY

LATE = "20261101-000001"


def step(name, issue, town, by, *args, **more):
    issue.refresh_from_db()
    return getattr(steps, name)(issue.pk, *args, viewer=town.viewer(by), version=issue.version, **more)


def issued(issue: Issue, town, address: str = "") -> Issue:
    step("submit", issue, town, "supervisor")
    return step("issue", issue, town, "leader", address=address)


def test_an_editor_writes_and_the_wordings_are_kept(draft, town):
    given = {"texts": {"lead": "本周总体平稳。", "nothing": "x"}, "named": {LATE: "已约谈", "20260101-000009": "x"}}
    step("edit", draft, town, "supervisor", given)
    found = step("edit", draft, town, "supervisor", {"title": "一周工作调度（第46周）"})
    assert found.texts == {"lead": "本周总体平稳。"} and found.named == {LATE: "已约谈"}
    assert found.title == "一周工作调度（第46周）" and found.version == 3
    assert [w.version for w in Wording.objects.filter(issue=draft)] == [3, 2, 1]
    assert Wording.objects.get(issue=draft, version=2).by_name == "演示supervisor"


def test_numbers_are_not_edited(draft, town):
    step("edit", draft, town, "supervisor", {"numbers": {}, "as_of": "x", "number": "x", "texts": {"totals": "说明"}})
    draft.refresh_from_db()
    assert draft.numbers["totals"]["figures"][0]["number"] == 7 and draft.number is None


def test_two_editors_the_second_is_told_and_nothing_typed_is_lost(draft, town):
    seen = draft.version
    steps.edit(draft.pk, {"texts": {"lead": "甲写的"}}, viewer=town.viewer("supervisor"), version=seen)
    typed = {"texts": {"lead": "乙写的"}}
    with pytest.raises(Conflict) as caught:
        steps.edit(draft.pk, typed, viewer=town.viewer("supervisor"), version=seen)
    assert caught.value.typed == typed
    assert [(row["what"], row["before"], row["after"], row["by"]) for row in caught.value.changes] == [
        ("导语", "", "甲写的", "演示supervisor")
    ]


def test_the_same_request_twice_counts_once(draft, town):
    for _twice in range(2):
        steps.edit(
            draft.pk, {"texts": {"lead": "一次"}}, viewer=town.viewer("supervisor"), version=1, request_key="bulletin:k"
        )
    draft.refresh_from_db()
    assert draft.version == 2


def test_numbers_stay_as_counted_until_somebody_counts_anew(draft, town, quick_numbers):
    quick_numbers.open = 9
    with clock.at(MONDAY + dt.timedelta(hours=3)):
        changes = recounted(draft)
        assert [(row["what"]["zh"], row["before"], row["after"]) for row in changes] == [("正在办", "7", "9")]
        draft.refresh_from_db()
        assert draft.numbers["totals"]["figures"][0]["number"] == 7
        step("submit", draft, town, "supervisor")
        found = step("recount", draft, town, "supervisor")
    assert found.state == "submitted" and found.numbers["totals"]["figures"][0]["number"] == 9
    assert found.as_of == MONDAY + dt.timedelta(hours=3)


def test_who_drafted_does_not_issue(draft, town):
    town.accounts["supervisor"].posts.update(kind=town.accounts["leader"].posts.get().kind)
    kind = town.accounts["leader"].posts.get().kind
    kind.duties = [*kind.duties, "bulletin.draft"]
    kind.save()
    step("edit", draft, town, "leader", {"texts": {"lead": "领导改过"}})
    step("submit", draft, town, "supervisor")
    for name in ("leader", "supervisor"):
        with pytest.raises(Refused, match="别人签发"):
            step("issue", draft, town, name)


@pytest.mark.parametrize("by", ["lamp_contact", "dispatcher", "worker_a", "resident", "system", "nobody"])
def test_others_may_nothing(draft, town, by):
    for name, more in (("edit", ({},)), ("submit", ()), ("recount", ()), ("drop", ("不发",))):
        with pytest.raises(NotAllowed):
            step(name, draft, town, by, *more)
    with pytest.raises(NotFound):
        issues.open_issue(draft.pk, town.viewer(by))


def test_it_is_sent_back_with_a_reason_and_handed_in_again(draft, town):
    step("edit", draft, town, "supervisor", {"title": "调度"})
    step("submit", draft, town, "supervisor")
    with pytest.raises(Refused, match="原因"):
        step("send_back", draft, town, "leader", " ")
    found = step("send_back", draft, town, "leader", "请补充下一步要求")
    assert (found.state, found.sent_back_why) == ("draft", "请补充下一步要求")
    event = OutboxEvent.objects.get(kind="bulletin.sent_back")
    assert event.data["accounts"] == [town.accounts["supervisor"].pk] and event.data["why"] == "请补充下一步要求"
    assert step("submit", draft, town, "supervisor").sent_back_why == ""


def test_without_readers_it_is_not_handed_in(draft, town):
    step("edit", draft, town, "supervisor", {"reader_kinds": []})
    with pytest.raises(Refused, match="发给谁"):
        step("submit", draft, town, "supervisor")


def test_issued_it_has_a_number_and_is_kept_with_its_hashes(draft, town):
    step("edit", draft, town, "supervisor", {"texts": {"lead": "本周 #平稳 *好*。"}, "named": {LATE: "已约谈"}})
    found = issued(draft, town, "https://linli.example/bulletins/1/")
    assert found.number == "渌网调〔2026〕第1期" and found.issued_name == "演示leader"
    kept = Kept.objects.get(issue=found)
    pdf, xlsx = bytes(kept.pdf), bytes(kept.xlsx)
    assert hashlib.sha256(pdf).hexdigest() == kept.pdf_sha256
    assert hashlib.sha256(xlsx).hexdigest() == kept.xlsx_sha256
    assert hashlib.sha256(as_bytes(kept.page)).hexdigest() == kept.page_sha256
    entry = Entry.objects.get(action="bulletin.issue")
    assert entry.after["pdf"] == kept.pdf_sha256 and entry.after["number"] == found.number
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    for words in (
        "渌网调〔2026〕第1期",
        "本周 #平稳 *好*。",
        "41/53",
        "路灯所",
        LATE,
        "已约谈",
        "演示leader",
        "扫码看本期",
    ):
        assert words.replace(" ", "") in text.replace(" ", "")
    book = CalamineWorkbook.from_filelike(io.BytesIO(xlsx))
    assert book.sheet_names == ["说明", "导语", "总体情况", "超期未办结"]
    rows = book.get_sheet_by_name("总体情况").to_python()
    assert rows[1][:2] == ["正在办", 7] and rows[2][:4] == ["按期处置率", "77.4%", 41, 53]
    assert book.get_sheet_by_name("超期未办结").to_python()[1] == [LATE, "路灯所", "3 天", "已约谈"]


def test_it_reaches_its_readers_and_only_them_for_ever(draft, town):
    issued(draft, town)
    event = OutboxEvent.objects.get(kind="bulletin.issued")
    posts = {name: town.accounts[name].posts.get().pk for name in ("lamp_contact", "power_contact")}
    assert sorted(event.data["posts"]) == sorted(posts.values())
    for name, sees in {"lamp_contact": True, "worker_a": False, "resident": False, "nobody": False}.items():
        viewer = town.viewer(name)
        assert issues.to_read(viewer).filter(pk=draft.pk).exists() is sees
        assert issues.unread(viewer) == int(sees)
    reader = town.viewer("lamp_contact")
    found = issues.open_issue(draft.pk, reader)
    opened(found, reader)
    opened(found, reader)
    opened(found, town.viewer("leader"))
    with clock.at(MONDAY + dt.timedelta(days=1)):
        seen = {row.name: row.read_at for row in readers_of(found, clock.now())}
    assert seen == {"演示lamp_contact": MONDAY, "演示power_contact": None}
    assert issues.unread(reader) == 0
    with clock.at(MONDAY + dt.timedelta(days=4000)):
        assert issues.open_issue(draft.pk, town.viewer("lamp_contact")).pk == draft.pk


def test_a_public_one_is_for_everybody(draft, town):
    step("edit", draft, town, "supervisor", {"public": True, "reader_kinds": []})
    with pytest.raises(NotFound):
        issues.open_issue(draft.pk, town.viewer("nobody"))
    issued(draft, town)
    assert issues.open_issue(draft.pk, town.viewer("nobody")).pk == draft.pk


def test_nobody_changes_what_was_issued(draft, town):
    found = issued(draft, town)
    step_back = {"title": "x", "numbers": {}, "as_of": MONDAY, "number": "x", "state": "draft", "issued_name": "x"}
    for name, value in step_back.items():
        if name == "as_of":
            value += dt.timedelta(hours=1)
        with pytest.raises(DatabaseError), transaction.atomic():
            Issue.objects.filter(pk=found.pk).update(**{name: value})
    KeptPicture.objects.create(issue=found, name="1-before.jpg", data=b"x", sha256="0" * 64)
    for model, change in ((Kept, {"pdf": b""}), (KeptPicture, {"data": b""}), (Wording, {"content": {}})):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.filter(issue=found).update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.filter(issue=found)._raw_delete("default")
    for name, more in (("edit", ({"title": "x"},)), ("recount", ()), ("submit", ()), ("issue", ())):
        with pytest.raises((Conflict, NotAllowed)):
            step(name, found, town, "leader" if name == "issue" else "supervisor", *more)


def test_withdrawn_and_corrected_by_a_new_one(draft, town, quick_numbers):
    step("edit", draft, town, "supervisor", {"texts": {"lead": "有一处写错"}})
    first = issued(draft, town)
    before = issues.page_for(first)
    with clock.at(MONDAY + dt.timedelta(days=1)):
        found = step("withdraw", first, town, "leader", "超期件数有误")
        assert (found.state, found.ended_why) == ("withdrawn", "超期件数有误")
        quick_numbers.open = 8
        new = steps.correct(first.pk, viewer=town.viewer("supervisor"))
        with pytest.raises(Refused, match="一份更正"):
            steps.correct(first.pk, viewer=town.viewer("supervisor"))
        assert new.texts == {"lead": "有一处写错"} and new.numbers["totals"]["figures"][0]["number"] == 8
        second = issued(new, town)
    assert second.number == "渌网调〔2026〕第2期" and issues.page_for(second)["corrects"] == first.number
    first.refresh_from_db()
    assert issues.correction_of(first) == second and issues.page_for(first) == before


def test_a_draft_that_is_not_issued_keeps_its_reason_and_takes_no_number(draft, town):
    found = step("drop", draft, town, "supervisor", "与半月通报合并")
    assert (found.state, found.ended_why, found.number) == ("dropped", "与半月通报合并", None)


def test_numbers_go_on_from_paper_and_begin_anew_each_year(draft, town):
    Kind.objects.filter(pk=draft.kind_id).update(first_serial=21, first_year=2026)
    assert issued(draft, town).number == "渌网调〔2026〕第21期"
    year = dt.datetime(2027, 1, 4, 1, tzinfo=dt.UTC)
    with clock.at(year):
        kind, period = Kind.objects.get(pk=draft.kind_id), Period(year.date(), dt.date(2027, 1, 11))
        new = make(kind, draft.place, period, year, year)
        assert issued(new, town).number == "渌网调〔2027〕第1期"


@pytest.mark.django_db(transaction=True)
def test_two_who_issue_at_once_get_two_numbers(town, quick_numbers, monday):
    kind, made = Kind.objects.get(code="weekly"), []
    for week in range(3):
        start = dt.date(2026, 10, 5) + dt.timedelta(weeks=week)
        with transaction.atomic():
            new = make(kind, town.district, Period(start, start + dt.timedelta(days=7)), MONDAY, MONDAY)
        step("submit", new, town, "supervisor")
        made.append(new)
    viewer, barrier = town.viewer("leader"), threading.Barrier(3)

    def work(issue_id: int) -> None:
        try:
            barrier.wait()
            with clock.at(MONDAY):
                steps.issue(issue_id, viewer=viewer, version=2)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(new.pk,)) for new in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(Issue.objects.values_list("serial", flat=True)) == [1, 2, 3]
