"""A resident reports, follows and rates, without an account, with and without scripts."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from django.urls import reverse
from PIL import Image

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
