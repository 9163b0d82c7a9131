"""A resident reports, follows and rates, without an account, with and without scripts."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from django.urls import reverse
from PIL import Image

from linli.kernel.text import grams
from linli.rooms.cases.models import Case, Report
from linli.rooms.cases.tests.fixtures import IN_A, reported
from linli.rooms.cases.tests.walking import walk

pytestmark = pytest.mark.django_db

WORDS = "滨江路和正街路口的路灯不亮了"


def filled(**given):
    return {"key": "portal-key-000001", "words": WORDS, "lng": str(IN_A[0]), "lat": str(IN_A[1]), **given}


def picture_file(name: str = "a.jpg"):
    from django.core.files.uploadedfile import SimpleUploadedFile

    out = BytesIO()
    Image.new("RGB", (80, 60), (60, 90, 60)).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def test_reporting_gives_a_code_and_who_looks_by_when(client, town):
    answer = client.post(reverse("portal:report"), filled(), follow=True)
    assert answer.status_code == 200
    report = Report.objects.get()
    page = answer.content.decode()
    assert re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page)
    assert "甲一网格" in page and "前查看" in page and report.case.number in page


def test_a_form_without_scripts_brings_its_photos(client, town, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client.post(reverse("portal:report"), filled(photos=[picture_file(), picture_file("b.jpg")]))
    assert Case.objects.get().photos.count() == 2


def test_sending_the_same_form_twice_makes_one_case(client, town):
    for _again in range(2):
        assert client.post(reverse("portal:report"), filled()).status_code == 302
    assert Case.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"lng": "0", "lat": "0"}, {"lng": "", "lat": ""}, {"phone": "12"}, {"words": " "}])
def test_a_refused_report_says_why_and_keeps_everything_typed(client, town, wrong):
    answer = client.post(reverse("portal:report"), filled(address="三栋门口", name="演示人", **wrong))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "三栋门口" in page and "演示人" in page and "ll-note" in page
    assert not Case.objects.exists()


def test_a_disguised_photo_is_refused_and_the_words_stay(client, town, settings, tmp_path):
    from django.core.files.uploadedfile import SimpleUploadedFile

    settings.MEDIA_ROOT = tmp_path
    fake = SimpleUploadedFile("a.jpg", b"<svg onload=alert(1)>", "image/jpeg")
    answer = client.post(reverse("portal:report"), filled(photos=[fake]))
    assert answer.status_code == 422 and WORDS in answer.content.decode()


def test_the_code_finds_the_report_however_it_is_typed(client, town):
    code = reported(town).reports.get().tracking_code
    typed = f"{code[:4]}-{code[4:8]} {code[8:]}".lower()
    answer = client.post(reverse("portal:track"), {"code": typed})
    assert answer["Location"] == reverse("portal:follow", args=[code])


def test_a_wrong_code_says_so_and_keeps_it(client, town):
    answer = client.post(reverse("portal:track"), {"code": "AAAA-BBBB-CCCC"})
    assert answer.status_code == 422 and "AAAA-BBBB-CCCC" in answer.content.decode()


def test_rating_takes_one_tap_and_no_account(client, town, picture):
    case = walk(reported(town), town, picture)
    code = case.reports.get().tracking_code
    page = client.get(reverse("portal:follow", args=[code])).content.decode()
    assert 'value="yes"' in page
    client.post(reverse("portal:answer", args=[code, "rate"]), {"solved": "yes"})
    case.refresh_from_db()
    assert case.solved == "yes"


def test_the_follow_page_of_a_stranger_does_not_exist(client, town):
    assert client.get(reverse("portal:follow", args=["AAAABBBBCCCC"])).status_code == 404


def test_the_public_never_sees_a_reporter(client, town, picture):
    case = walk(
        reported(town, words="我是演示张，电话13800000001，路灯不亮", phone="13800000001", name="演示张"), town, picture
    )
    page = client.get(reverse("portal:problem", args=[case.number])).content.decode()
    assert "13800000001" not in page and case.reports.get().tracking_code not in page
    assert case.number in client.get(reverse("portal:problems")).content.decode()


def test_what_nobody_accepted_yet_is_not_public(client, town):
    case = reported(town)
    assert client.get(reverse("portal:problem", args=[case.number])).status_code == 404
    assert case.number not in client.get(reverse("portal:problems")).content.decode()


def test_who_answers_for_a_point(client, town):
    page = client.get(reverse("portal:who"), {"lng": IN_A[0], "lat": IN_A[1]}).content.decode()
    assert "演示worker_a" in page and "演示worker_b" not in page


@pytest.mark.parametrize("name", ["home", "report", "track", "mine", "problems", "map", "who"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_opens_for_everybody_in_few_queries(client, town, name, language, django_assert_max_num_queries):
    client.cookies["linli_language"] = language
    client.get(reverse(f"portal:{name}"))
    with django_assert_max_num_queries(6):
        assert client.get(reverse(f"portal:{name}")).status_code == 200


def test_the_list_costs_the_same_for_many(client, town, picture, django_assert_max_num_queries):
    for _n in range(3):
        walk(reported(town), town, picture, "accept")
    with django_assert_max_num_queries(6):
        client.get(reverse("portal:problems"))


EVERYBODY = ["nobody", "resident", "worker_a", "dispatcher", "lamp_contact", "leader", "system"]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("who", EVERYBODY)
def test_every_page_opens_for_every_kind_of_person(client, town, picture, who, language, django_assert_max_num_queries):
    """Portal pages are everybody's, whoever is signed in; the session, account and posts cost up to four queries."""
    case = walk(reported(town, photos=[picture()]), town, picture)
    code = case.reports.get().tracking_code
    if who != "nobody":
        client.force_login(town.accounts[who])
    client.cookies["linli_language"] = language
    pages = [reverse(f"portal:{name}") for name in ("home", "report", "track", "mine", "problems", "map", "who")]
    pages += [
        reverse("portal:follow", args=[code]),
        reverse("portal:problem", args=[case.number]),
        f"{reverse('portal:who')}?place={town.grid_a.pk}",
        f"{reverse('portal:report')}?place={town.grid_a.pk}",
        f"{reverse('portal:problems')}?state=closed&place={town.one.pk}&class=M01&after=999999",
    ]
    for page in pages:
        client.get(page)
        with django_assert_max_num_queries(12):
            answer = client.get(page)
        assert answer.status_code == 200, page
        lang = "en" if language == "en" else "zh-Hans"
        assert f'lang="{lang}"' in answer.content.decode(), page


@pytest.mark.parametrize(
    "address",
    [
        "/problems/99999999-000001/",
        "/track/0000/",
        "/track/AAAABBBBCCCC/rate/",
        "/who/?place=x",
        "/problems/?place=9e9",
        "/problems/?after=x&class=%00",
        "/report/?place=999999&item=M99999",
        "/who/?lng=nan&lat=1",
        "/who/?q=%E2%80%AE",
    ],
)
def test_strange_addresses_never_break_a_page(client, town, address):
    assert client.get(address).status_code in (200, 302, 400, 404, 405, 422)


def test_a_name_of_several_places_asks_which_and_keeps_everything(client, town):
    for place in (town.grid_a, town.grid_b):
        place.grams = grams(place.name_zh)
        place.save(update_fields=["grams"])
    answer = client.post(reverse("portal:report"), filled(lng="", lat="", place_name="一网格", address="三栋门口"))
    page = answer.content.decode()
    assert answer.status_code == 422 and "三栋门口" in page
    assert f'value="{town.grid_a.pk}"' in page and f'value="{town.grid_b.pk}"' in page
    client.post(reverse("portal:report"), filled(lng="", lat="", place_name="一网格", place=town.grid_b.pk))
    assert Case.objects.get().place_id == town.grid_b.pk


def test_what_happened_since_the_last_look_is_told_once(client, town, picture):
    case = walk(reported(town), town, picture, "accept")
    report = case.reports.get()
    report.notices.create(event_id=1, kind="case.accepted", at=case.accepted_at)
    page = reverse("portal:follow", args=[report.tracking_code])
    assert "上次看过以后" in client.get(page).content.decode()
    assert "上次看过以后" not in client.get(page).content.decode()


def test_the_tour_is_for_demo_houses(client, town, picture, settings):
    assert client.get(reverse("portal:tour")).status_code == 404
    settings.DEMO = True
    assert "还没有走完全程" in client.get(reverse("portal:tour")).content.decode()
    case = walk(reported(town, photos=[picture()]), town, picture)
    report = case.reports.get()
    client.post(reverse("portal:answer", args=[report.tracking_code, "rate"]), {"solved": "yes", "level": "5"})
    page = client.get(reverse("portal:tour")).content.decode()
    assert "路灯已修好" in page and reverse("account_login") in page


@pytest.mark.parametrize(
    "until", ["accept", "register", "dispatch", "receive", "handle", "confirm", "verify_pass", "close"]
)
def test_every_state_is_told_in_a_sentence(client, town, picture, until):
    case = walk(reported(town), town, picture, until)
    page = client.get(reverse("portal:follow", args=[case.reports.get().tracking_code]))
    said = re.search(r'class="portal-now">([^<]+)<', page.content.decode())
    assert said and said[1].endswith("。") and "%(" not in said[1]
