"""A resident takes the own data away and deletes the own account, without asking anybody."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from django.urls import reverse

from linli.rooms.cases.actions.intake import report_problem
from linli.rooms.cases.models import Report
from linli.rooms.cases.tests.fixtures import intake
from linli.rooms.people.actions import change_phone
from linli.rooms.people.models import Account

pytestmark = pytest.mark.django_db
PASSWORD, PHONE = "Walk-2026-linli", "13900024680"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def resident(client, town, picture):
    account = town.accounts["resident"]
    account.set_password(PASSWORD)
    account.save()
    change_phone(town.viewer("resident"), PHONE)
    told = intake(photos=[picture()], phone=PHONE, words="路灯不亮了")
    report_problem(told, viewer=town.viewer("resident"))
    client.force_login(account, backend=BACKEND)
    return client


def test_the_copy_is_one_file_with_words_pictures_and_an_explanation(resident):
    answer = resident.post(reverse("entrance_copy"))
    assert answer["Content-Disposition"].startswith("attachment") and answer["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        facts = json.loads(packed.read("data.json"))
        (photo,) = facts["reports"][0]["photos"]
        assert packed.read(photo["file"])[:2] == b"\xff\xd8"
        assert "data.json" in packed.read("README.txt").decode()
    assert facts["account"]["phone"] == facts["reports"][0]["phone"] == PHONE


def test_the_account_ends_with_its_session_and_its_way_in(resident, client, town):
    other_device = type(client)()
    other_device.force_login(town.accounts["resident"], backend=BACKEND)
    username = town.accounts["resident"].username
    answer = resident.post(reverse("entrance_forget"), {"password": PASSWORD, "sure": "on"})
    assert answer.status_code == 302
    assert resident.cookies["linli_mine"].value == ""
    for one in (resident, other_device):
        assert one.get(reverse("entrance_me")).status_code == 302
    again = client.post(reverse("account_login"), {"login": username, "password": PASSWORD})
    assert again.status_code == 200
    assert not Account.objects.filter(username=username).exists()
    assert not Report.objects.filter(reporter=town.accounts["resident"]).exists()
    # the name is free again, and whoever takes it is somebody else
    taken = {"name": "别人", "username": username, "password": "Another-2026-one"}
    client.post(reverse("account_signup"), taken)
    assert Account.objects.get(username=username).pk != town.accounts["resident"].pk


@pytest.mark.parametrize("given", [{"password": "wrong", "sure": "on"}, {"password": PASSWORD}, {}])
def test_not_by_mistake_and_not_by_somebody_at_an_open_screen(resident, town, given):
    answer = resident.post(reverse("entrance_forget"), given)
    assert answer.status_code == 422
    assert Account.objects.get(pk=town.accounts["resident"].pk).is_active


def test_guessing_the_password_there_locks_like_anywhere(resident, town):
    for _time in range(5):
        resident.post(reverse("entrance_forget"), {"password": "wrong", "sure": "on"})
    answer = resident.post(reverse("entrance_forget"), {"password": PASSWORD, "sure": "on"})
    assert answer.status_code in (422, 429)
    assert Account.objects.get(pk=town.accounts["resident"].pk).is_active


def test_the_way_there_stands_on_the_page_of_the_account(resident):
    assert reverse("entrance_data") in resident.get(reverse("entrance_me")).content.decode()
