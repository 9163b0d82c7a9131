"""An empty house is led by the printed link to its first report; afterwards the door is closed for ever."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from linli.doors.setup import keeper, steps
from linli.rooms.catalogue.actions.shipped import take_in_shipped
from linli.rooms.people.models import Account, Post, Unit
from linli.rooms.places import atlas
from linli.rooms.places.models import Place

pytestmark = pytest.mark.django_db
TOKEN = "one-time-token"
ADMINS = {
    "name": "王系统", "username": "wang", "password": "Linli-2026x", "again": "Linli-2026x",
    "security_name": "李安全", "security_username": "lian", "audit_name": "", "audit_username": "",
}  # fmt: skip


class InMemory:
    """The house's part, kept in memory."""

    def __init__(self) -> None:
        self.secret = TOKEN
        self.kept: dict[str, Any] = {}

    def token(self) -> str:
        return self.secret

    def forget_token(self) -> None:
        self.secret = ""

    def read(self) -> dict[str, Any]:
        return dict(self.kept)

    def write(self, progress: dict[str, Any]) -> None:
        self.kept = progress


@pytest.fixture
def house(db, settings, tmp_path):
    """An empty house."""
    settings.LINLI_HOME = tmp_path
    before = keeper._keeper
    memory = InMemory()
    keeper.kept_by(memory)
    atlas.forget()
    take_in_shipped()
    yield memory
    keeper.kept_by(before)  # type: ignore[arg-type]


@pytest.fixture
def link(house) -> Client:
    """Somebody who has opened the printed link."""
    client = Client()
    assert client.get("/setup/", {"token": TOKEN}).status_code == 302
    return client


@pytest.fixture
def admin(link) -> Client:
    """The first administrator, just made."""
    assert link.post("/setup/administrators/", ADMINS).status_code == 200
    return link


def posts_form(*rows: tuple[str, str, str, str, str]) -> dict[str, str]:
    form = {"what": "rows", "posts-TOTAL_FORMS": str(len(rows)), "posts-INITIAL_FORMS": "0"}
    for number, (kind, name, username, place, unit) in enumerate(rows):
        for key, value in {"kind": kind, "name": name, "username": username, "place": place, "unit": unit}.items():
            form[f"posts-{number}-{key}"] = value
    return form


def test_without_the_link_nobody_comes_in(house):
    stranger = Client()
    assert stranger.get("/setup/").status_code == 403
    assert stranger.get("/setup/administrators/").status_code == 403
    assert stranger.post("/setup/administrators/", ADMINS).status_code == 403
    assert stranger.get("/setup/", {"token": "guessed"}).status_code == 404
    assert stranger.get("/setup/", {"token": ""}).status_code == 403
    assert not Account.objects.exists()


def test_the_token_leaves_the_address_and_works_once(house, link):
    answer = link.get("/setup/", {"token": TOKEN})
    assert "token" not in answer["Location"]
    assert link.post("/setup/administrators/", ADMINS).status_code == 200
    assert house.secret == ""
    assert Client().get("/setup/", {"token": TOKEN}).status_code == 404


def test_what_is_typed_wrong_stays_and_makes_nobody(link):
    wrong = ADMINS | {"again": "Other-2026x"}
    answer = link.post("/setup/administrators/", wrong)
    assert answer.status_code == 422 and 'value="王系统"' in answer.content.decode()
    assert link.post("/setup/administrators/", ADMINS | {"password": "short", "again": "short"}).status_code == 422
    assert link.post("/setup/administrators/", ADMINS | {"security_username": "WANG"}).status_code == 422
    assert link.post("/setup/administrators/", ADMINS | {"security_name": ""}).status_code == 422
    assert not Account.objects.exists()


def test_of_two_with_the_link_only_one_is_the_first(house, link):
    other = Client()
    other.get("/setup/", {"token": TOKEN})
    assert link.post("/setup/administrators/", ADMINS).status_code == 200
    answer = other.post("/setup/administrators/", ADMINS | {"username": "second", "security_username": ""})
    assert answer.status_code == 302 and "login" in answer["Location"]
    assert not Account.objects.filter(username="second").exists()


def test_the_first_administrator_is_signed_in_and_others_get_one_time_passwords(house, link):
    answer = link.post("/setup/administrators/", ADMINS)
    (username, password), *more = answer.context["passwords"]
    assert username == "lian" and not more and password in answer.content.decode()
    assert Account.objects.get(username="lian").must_change_password
    assert not Account.objects.get(username="wang").must_change_password
    assert link.get("/admin/").status_code == 200
    assert password not in link.get("/setup/administrators/").content.decode()


def test_only_the_system_administrator_goes_on(house, admin):
    other = Client()
    assert other.get("/setup/district/").status_code == 302
    other.force_login(Account.objects.get(username="lian"))
    assert other.get("/setup/district/", follow=True).status_code in (200, 403)
    Account.objects.filter(username="lian").update(must_change_password=False)
    assert other.get("/setup/district/").status_code == 403


def test_steps_come_in_order_and_go_back(house, admin):
    assert admin.get("/setup/")["Location"] == "/setup/district/"
    assert admin.get("/setup/divisions/")["Location"] == "/setup/district/"
    assert admin.post("/setup/district/", {"code": "43", "name_zh": "渌口区"}).status_code == 422
    assert admin.post("/setup/district/", {"code": "430212", "name_zh": "渌口区"})["Location"] == "/setup/divisions/"
    page = admin.get("/setup/district/").content.decode()
    assert "渌口区" in page
    assert admin.post("/setup/skip/divisions/")["Location"] == "/setup/grids/"
    assert admin.get("/setup/")["Location"] == "/setup/grids/"
    assert admin.post("/setup/skip/district/").status_code == 404
    assert admin.post("/setup/skip/nonsense/").status_code == 404
    assert admin.get("/setup/away/grids_import/?from=grids")["Location"] == reverse("admin_door:grids_import")
    assert "/setup/grids/" in admin.get(reverse("admin_door:grids_import")).content.decode()
    assert admin.get("/setup/away/accounts/").status_code == 404


def test_divisions_come_from_shipped_codes_a_sheet_or_typed_lines(house, admin):
    admin.post("/setup/district/", {"code": "430212", "name_zh": "渌口区"})
    answer = admin.post("/setup/divisions/", {"what": "shipped"})
    assert answer.status_code == 200 and answer.context["found"].counts["created"] > 50
    assert not Place.objects.filter(kind="community").exists()
    bad = "430212100 渌口镇\n430213100001 别区的\n43021 短\n430212100001"
    answer = admin.post("/setup/divisions/", {"what": "sheet", "typed": bad})
    words = " ".join(problem.message for problem in answer.context["found"].problems)
    assert (
        answer.status_code == 422
        and "不属于本区县" in words
        and "没有名称" in words
        and "别区的" in answer.content.decode()
    )
    assert admin.post("/setup/divisions/", {"what": "sheet"}).status_code == 422
    assert admin.post("/setup/divisions/", {"what": "confirm", "key": "f" * 32}).status_code == 409
    empty = {"what": "sheet", "file": SimpleUploadedFile("a.csv", b"")}
    assert admin.post("/setup/divisions/", empty).status_code == 422
    good = "430212100 渌口镇\n430212100003，象石社区"
    answer = admin.post("/setup/divisions/", {"what": "sheet", "typed": good})
    key = answer.context["key"]
    assert admin.post("/setup/divisions/", {"what": "confirm", "key": key})["Location"] == "/setup/grids/"
    assert Place.objects.filter(code="430212100003", name_zh="象石社区").exists()


def test_from_the_link_to_the_first_report_accepted_and_then_closed_for_ever(house, admin):
    admin.post("/setup/district/", {"code": "430212", "name_zh": "渌口区"})
    admin.post("/setup/divisions/", {"what": "confirm"})
    admin.post("/setup/skip/grids/")
    community = Place.objects.filter(kind="community").first()
    units = {"what": "rows", "units-TOTAL_FORMS": "1", "units-INITIAL_FORMS": "0", "units-0-name_zh": "路灯所",
             "units-0-kind": "department"}  # fmt: skip
    assert admin.post("/setup/units/", units).status_code == 302
    assert admin.post("/setup/units/", {"what": "territory"}).status_code == 302
    assert Unit.objects.filter(kind="community").count() == Place.objects.filter(kind="community").count()
    needed = posts_form(
        ("intake_clerk", "陈受理", "chen", "渌口区", ""),
        ("dispatcher", "周派遣", "zhou", "渌口区", ""),
        ("verifier", "吴核查", "wu", "渌口区", ""),
        ("grid_worker", "郑网格", "zheng", community.code, ""),
        ("unit_contact", "", "", "", "路灯所"),
    )
    wrong = needed | {"posts-0-place": "火星"}
    answer = admin.post("/setup/posts/", wrong)
    assert answer.status_code == 422 and "火星" in answer.content.decode() and not Post.objects.exists()
    answer = admin.post("/setup/posts/", needed)
    passwords = dict(answer.context["passwords"])
    assert set(passwords) == {"chen", "zhou", "wu", "zheng"} and not answer.context["missing"]
    assert admin.get("/setup/")["Location"] == "/setup/catalogue/"
    assert admin.post("/setup/catalogue/").status_code == 302
    assert admin.post("/setup/calendar/").status_code == 302
    assert admin.get("/setup/finish/").status_code == 200
    answer = admin.post("/setup/finish/")
    assert answer.status_code == 200 and reverse("portal:report") in answer.content.decode()

    for path in ("/setup/", "/setup/district/", "/setup/posts/"):
        assert admin.get(path).status_code == 404
    assert admin.post("/setup/posts/", needed).status_code == 404
    assert "/setup/" not in admin.get("/admin/").content.decode()

    from linli.rooms.cases.actions.intake import report_problem
    from linli.rooms.cases.actions.steps import take
    from linli.rooms.cases.models import Case
    from linli.rooms.cases.tests.fixtures import intake
    from linli.rooms.people.rights import Viewer, viewer_of

    receipt = report_problem(intake(lng=None, lat=None, place_id=community.id), viewer=Viewer())
    case = Case.objects.get(pk=receipt.case_id)
    clerk = viewer_of(Account.objects.get(username="chen"))
    take(case.pk, "accept", {"item": "M01037"}, viewer=clerk, version=case.version, request_key="accept-1")
    case.refresh_from_db()
    assert case.state == "accepted"


def test_a_house_that_has_people_was_never_open(db, settings, tmp_path):
    settings.LINLI_HOME = tmp_path
    before = keeper._keeper
    keeper.kept_by(InMemory())
    try:
        Account.objects.create_user("someone", name="某人")
        assert Client().get("/setup/", {"token": TOKEN}).status_code == 404
        assert Client().get("/setup/").status_code == 404
    finally:
        keeper.kept_by(before)  # type: ignore[arg-type]


def test_every_step_is_shown_in_both_languages_with_few_questions(house, admin, django_assert_max_num_queries):
    admin.post("/setup/district/", {"code": "430212", "name_zh": "渌口区"})
    for language in ("zh-hans", "en"):
        admin.cookies["linli_language"] = language
        for key in steps.BY_KEY:
            with django_assert_max_num_queries(40):
                assert admin.get(f"/setup/{key}/").status_code == 200, key
