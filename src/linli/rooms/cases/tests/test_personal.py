"""A person gets a copy, and is forgotten; what happened stays whole and can be verified."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.core.management import call_command

from linli.kernel import clock, journal, retention, seal
from linli.kernel.errors import NotAllowed, NotFound, Refused
from linli.kernel.journal.models import Entry
from linli.kernel.journal.verify import verify
from linli.kernel.retention.actions import keep_for, let_go
from linli.kernel.retention.queries import in_force
from linli.kernel.seal.models import Access
from linli.rooms.cases.actions.intake import join_case, report_problem
from linli.rooms.cases.actions.personal import copy_for_person, forget_me, forget_person, my_copy
from linli.rooms.cases.models import Case, Report
from linli.rooms.cases.tests.fixtures import intake, reported
from linli.rooms.cases.tests.walking import walk
from linli.rooms.people.actions import change_phone
from linli.rooms.people.models import Account

pytestmark = pytest.mark.django_db
PHONE, NAME, MAIL = "13900024680", "金丝雀甲", "canary@example.org"
WHO = {"phone": PHONE, "name": NAME, "mail": MAIL, "words": f"路灯不亮，打{PHONE}找我"}
PURPOSE = "本人持身份证到窗口申请"


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    """A home of its own: no checkpoint of another journal lies in it."""
    settings.LINLI_HOME = tmp_path


def of_resident(town, **given) -> Report:
    receipt = report_problem(intake(**{**WHO, **given}), viewer=town.viewer("resident"))
    return Report.objects.get(pk=receipt.report_id)


def verified() -> bool:
    from linli.kernel.journal.jobs import seal as seal_entries

    seal_entries()
    return verify().sound


def test_a_copy_has_everything_and_the_taking_is_on_record(town, picture):
    change_phone(town.viewer("resident"), PHONE)
    report = of_resident(town, photos=[picture()])
    copy = my_copy(town.viewer("resident"))
    (row,) = copy.facts["reports"]
    assert (row["phone"], row["name"], row["mail"]) == (PHONE, NAME, MAIL)
    assert copy.facts["account"]["phone"] == PHONE
    assert row["tracking_code"] == report.tracking_code and len(copy.photos) == 1
    json.dumps(copy.facts)
    assert Entry.objects.filter(action="person.copy_taken").count() == 1


def test_a_copy_holds_nothing_of_others(town):
    mine = of_resident(town)
    join_case(mine.case_id, intake(phone="13900013579", name="别人", words="我也看到"), viewer=town.viewer("nobody"))
    text = json.dumps(my_copy(town.viewer("resident")).facts, ensure_ascii=False)
    assert "13900013579" not in text and "别人" not in text and "我也看到" not in text


def test_who_is_forgotten_leaves_cases_and_a_journal_that_verifies(town, picture):
    account = town.accounts["resident"]
    change_phone(town.viewer("resident"), PHONE)
    report = of_resident(town)
    case = walk(Case.objects.get(pk=report.case_id), town, picture, "close")
    number, version = case.number, case.version
    assert forget_me(town.viewer("resident")) == 1
    account.refresh_from_db()
    report.refresh_from_db()
    case.refresh_from_db()
    assert (account.name, account.phone_sealed, account.is_active) == ("", None, False)
    assert account.username == f"gone-{account.pk}" and not account.has_usable_password()
    assert report.reporter_id is None and not (report.name_sealed or report.phone_sealed or report.mail_sealed)
    assert PHONE not in report.words and PHONE not in case.description and "路灯不亮" in case.description
    assert (case.number, case.state, case.version) == (number, "closed", version)
    for entry in Entry.objects.all():
        assert NAME not in str(entry.__dict__) and account.username not in ("", None)
    assert verified()


def test_a_search_for_the_number_finds_nothing_any_more(town):
    report = of_resident(town)
    before = Case.objects.get(pk=report.case_id).grams
    forget_me(town.viewer("resident"))
    assert len(Case.objects.get(pk=report.case_id).grams) < len(before)


def test_staff_are_not_deleted_by_themselves(town):
    for kind in ("clerk", "security", "nobody"):
        with pytest.raises(NotAllowed):
            forget_me(town.viewer(kind))
        with pytest.raises(NotAllowed):
            my_copy(town.viewer(kind))


@pytest.mark.parametrize("kind", ["nobody", "resident", "clerk", "dispatcher", "leader", "system", "audit"])
def test_only_the_security_administrator_serves_people_without_an_account(town, kind):
    report = reported(town, **WHO).reports.get()
    for action in (copy_for_person, forget_person):
        with pytest.raises(NotAllowed):
            action(town.viewer(kind), report.tracking_code, PHONE, PURPOSE)
    assert not Access.objects.exists()


def test_code_and_number_together_prove_who_asks(town):
    report, other = reported(town, **WHO).reports.get(), reported(town).reports.get()
    by = town.viewer("security")
    wrong = [(report.tracking_code, "13900013579"), ("7K2M9QXD4TBN", PHONE), (other.tracking_code, PHONE)]
    told = set()
    for code, number in wrong:
        with pytest.raises(NotFound) as refused:
            forget_person(by, code, number, PURPOSE)
        told.add(str(refused.value.message))
    assert len(told) == 1  # it does not say which of the two was wrong
    with pytest.raises(Refused):
        forget_person(by, report.tracking_code, PHONE, " ")


def test_a_copy_for_somebody_opens_contacts_on_record(town):
    report = reported(town, **WHO).reports.get()
    copy = copy_for_person(town.viewer("security"), report.tracking_code, PHONE, PURPOSE)
    assert copy.facts["reports"][0]["name"] == NAME
    assert {look.context.split(":")[1] for look in Access.objects.filter(purpose=PURPOSE)} == {"name", "phone", "mail"}
    entry = Entry.objects.get(action="person.copy_given")
    assert entry.note == PURPOSE and PHONE not in str(entry.after)


def test_all_reports_with_the_number_are_forgotten_and_no_other(town):
    first, second = reported(town, **WHO).reports.get(), reported(town, **WHO).reports.get()
    other = reported(town, phone="13900013579").reports.get()
    assert forget_person(town.viewer("security"), first.tracking_code, PHONE, PURPOSE) == 2
    kept = Report.objects.exclude(phone_sealed=None)
    assert list(kept) == [other]
    assert Entry.objects.get(action="person.forgotten").after["reports"] == [first.pk, second.pk]
    assert verified()


# ── what nobody asked for is let go of, too ────────────────────────────────────────────────────────


def closed_long_ago(town, picture, days: int) -> Report:
    with clock.at(clock.now() - dt.timedelta(days=days)):
        case = walk(reported(town, photos=[picture()], **WHO), town, picture, "close")
    return case.reports.get()


def rule(name: str):
    return next(held for held in in_force() if held.rule.name == name)


def test_contacts_go_so_many_days_after_closing_and_open_cases_keep_theirs(town, picture):
    old, young = closed_long_ago(town, picture, 401), closed_long_ago(town, picture, 399)
    with clock.at(clock.now() - dt.timedelta(days=500)):
        still_open = reported(town, **WHO).reports.get()
    assert rule("cases.contacts").due() == 1
    assert let_go(rule("cases.contacts")) == 1
    assert let_go(rule("cases.contacts")) == 0
    assert [bool(Report.objects.get(pk=one.pk).phone_sealed) for one in (old, young, still_open)] == [False, True, True]
    entry = Entry.objects.get(action="retention.forgot")
    assert entry.after["count"] == 1 and entry.object_id == "cases.contacts"
    assert Case.objects.filter(pk=old.case_id, state="closed").exists() and verified()


def test_in_batches_each_with_its_entry(town, picture):
    for _time in range(3):
        closed_long_ago(town, picture, 401)
    assert let_go(rule("cases.contacts"), at_once=1) == 3
    assert Entry.objects.filter(action="retention.forgot").count() == 3


def test_the_operator_chooses_within_bounds_and_it_is_recorded(town):
    by = town.viewer("security")
    keep_for(by, {"cases.contacts": 90})
    assert rule("cases.contacts").days == 90
    assert Entry.objects.get(action="retention.changed").after == {"cases.contacts": 90}
    for name, days in (("cases.contacts", 5), ("people.sign_in_failures", 189), ("nothing", 100)):
        with pytest.raises(Refused) as refused:
            keep_for(by, {name: days})
        assert refused.value.field == name
    for kind in ("system", "audit", "clerk", "nobody"):
        with pytest.raises(NotAllowed):
            keep_for(town.viewer(kind), {"cases.contacts": 91})


def test_logs_of_the_network_stay_at_least_six_months():
    assert all(one.least >= 190 for one in retention.all_rules() if one.name == "people.sign_in_failures")


def test_a_dry_run_says_how_much_and_changes_nothing(town, picture, capsys):
    report = closed_long_ago(town, picture, 401)
    call_command("retention", "--dry-run")
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("cases.contacts"))
    assert line.split()[1:5] == ["400", "days", "1", "due"]
    assert Report.objects.get(pk=report.pk).phone_sealed
    call_command("retention")
    assert not Report.objects.get(pk=report.pk).phone_sealed


def test_the_journal_never_had_a_residents_name(town):
    from linli.rooms.people.actions import register_resident

    account = register_resident(username="canary.user", name=NAME, password="Walk-2026-linli", phone=PHONE)
    town.accounts["resident"] = account
    of_resident(town)
    assert Account.objects.get(pk=account.pk).name == NAME
    everything = str([entry.__dict__ for entry in Entry.objects.all()])
    assert [mark for mark in (NAME, PHONE, "canary.user") if mark in everything] == []
    assert seal.mask_phone(PHONE) not in everything and journal is not None
