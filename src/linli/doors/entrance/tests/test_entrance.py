"""Signing in and staying signed in: lockout, same answers, idle logout, one-time passwords, second factors."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from io import StringIO
from unittest import mock

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from axes.models import AccessAttempt
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import translation

from linli.kernel import clock
from linli.rooms.people.models import Account, DemoAccount, SignInPolicy
from linli.rooms.people.queries.policy import forget_policy
from linli.rooms.people.tests.conftest import make_account, make_post, town  # noqa: F401

PASSWORD = "Zhu-zhou-2026"
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def fresh_minds(db):
    """What a process remembers: the policy and allauth's counters."""
    forget_policy()
    cache.clear()
    yield
    forget_policy()
    cache.clear()


@pytest.fixture
def worker(town):  # noqa: F811
    account = make_account("wu.fang", name="吴芳")
    account.set_password(PASSWORD)
    account.save()
    make_post("grid_worker", account, town.grid)
    return account


def policy(**fields):
    SignInPolicy.objects.update_or_create(pk=1, defaults=fields)
    forget_policy()


def sign_in(client, username="wu.fang", password=PASSWORD, **extra):
    return client.post(LOGIN, {"login": username, "password": password, **extra})


def give_totp(account):
    secret = generate_totp_secret()
    TOTP.activate(account, secret)
    return secret


def code_of(secret):
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def confirm(client):
    """What touches the safety of an account asks for the password once more."""
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302


# ── Password and lockout ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("username", ["wu.fang", "WU.Fang", " wu.fang "])
def test_staff_sign_in_and_arrive_at_their_door(client, worker, username):
    answer = sign_in(client, username)
    assert answer.status_code == 302 and answer["Location"] == "/field/"


def test_next_leads_back_but_never_out_of_the_house(client, worker):
    assert sign_in(client, next="/accounts/me/")["Location"] == "/accounts/me/"
    client.logout()
    assert sign_in(client, next="https://evil.example/")["Location"] == "/field/"


def test_five_failures_lock_the_name_for_five_minutes_with_a_page_that_says_when(client, worker):
    for _ in range(4):
        assert sign_in(client, password="wrong").status_code == 200
    answer = sign_in(client, password="wrong")
    assert answer.status_code == 429 and 290 <= int(answer["Retry-After"]) <= 301
    assert re.search(r"\d\d:\d\d 以后可以再试", answer.content.decode())
    assert sign_in(client).status_code == 429, "the right password does not help while locked"
    assert sign_in(client, "WU.FANG").status_code == 429, "nor another way of writing the name"
    AccessAttempt.objects.update(attempt_time=clock.now() - dt.timedelta(minutes=5, seconds=1))
    cache.clear()
    assert sign_in(client).status_code == 302


def test_an_unknown_name_gets_the_same_answers_and_the_same_lockout(client, worker):
    def plain(answer):
        words = re.sub(r'"[0-9A-Za-z]{64}"', "", answer.content.decode())  # tokens differ each time
        return answer.status_code, words.replace("wu.fang", "?").replace("nobody", "?")

    for _ in range(6):
        known, unknown = sign_in(client, password="wrong"), sign_in(client, "nobody", "wrong")
        assert plain(known) == plain(unknown)


def test_an_unknown_name_takes_as_long_as_a_known_one(client, worker, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    settings.AXES_ENABLED = False
    worker.set_password(PASSWORD)
    worker.save()

    def median(name):
        spans = []
        for _ in range(5):
            cache.clear()
            begin = time.perf_counter()
            sign_in(client, name, "wrong")
            spans.append(time.perf_counter() - begin)
        return sorted(spans)[2]

    known, unknown = median("wu.fang"), median("nobody")
    assert 0.5 < known / unknown < 2


def test_a_deactivated_account_is_told_only_to_who_knows_its_password(client, worker):
    Account.objects.update(is_active=False)
    assert "用户名或密码不对" in sign_in(client, password="wrong").content.decode()
    assert sign_in(client)["Location"] == reverse("account_inactive")
    assert client.get(reverse("account_inactive")).status_code == 200


# ── Staying signed in ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("role", "minutes"), [("", 60), ("system", 10)])
def test_who_is_idle_too_long_is_signed_out_and_led_back_after(client, worker, role, minutes):
    if role:
        worker = make_account("admin", admin_role=role)
    client.force_login(worker, backend="allauth.account.auth_backends.AuthenticationBackend")
    begin = clock.now()
    with clock.at(begin):
        assert client.get("/accounts/me/").status_code == 200
    with clock.at(begin + dt.timedelta(minutes=minutes, seconds=-1)):
        assert client.get("/accounts/me/").status_code == 200
    with clock.at(begin + dt.timedelta(minutes=2 * minutes)):
        answer = client.get("/accounts/me/?x=1")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=%2Faccounts%2Fme%2F%3Fx%3D1"
    assert "没有操作" in client.get(answer["Location"]).content.decode()


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in_and_a_fragment_is_led_to_sign_in(client, worker):
    client.force_login(worker, backend="allauth.account.auth_backends.AuthenticationBackend")
    begin = clock.now()
    with clock.at(begin):
        client.get("/accounts/me/")
    with clock.at(begin + dt.timedelta(minutes=40)):
        assert client.get("/accounts/me/", headers={"X-Linli-Background": "1"}).status_code == 200
    with clock.at(begin + dt.timedelta(minutes=61)):
        answer = client.get(
            "/accounts/me/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/?page=2"}
        )
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Fdesk%2F%3Fpage%3D2"


def test_residents_are_not_signed_out_for_being_idle(client, db):
    resident = make_account("zhang", kind="resident")
    client.force_login(resident, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.get("/accounts/me/")
    with clock.at(clock.now() + dt.timedelta(days=3)):
        assert client.get("/accounts/me/").status_code == 200


def test_a_one_time_password_must_be_changed_before_anything_else(client, worker):
    Account.objects.update(must_change_password=True)
    sign_in(client)
    assert client.get("/desk/")["Location"].startswith("/accounts/password/")
    page = client.get("/accounts/password/")
    assert "一次性密码" in page.content.decode()
    weak = client.post("/accounts/password/", {"oldpassword": PASSWORD, "password1": "short", "password2": "short"})
    assert weak.status_code == 200 and "至少 8 个字符" in weak.content.decode()
    new = "Lu-kou-2027"
    done = client.post("/accounts/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert done.status_code == 302
    worker.refresh_from_db()
    assert worker.check_password(new) and not worker.must_change_password
    assert client.get("/accounts/me/").status_code == 200, "the session goes on"


@pytest.mark.parametrize("bad", ["Ab1", "abcdefgh1", "ABCDEFGH", "12345678", "Password1", "Wu.fang2026"])
def test_plain_short_common_and_own_name_passwords_are_refused(worker, bad):
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        validate_password(bad, worker)


# ── Second factors ─────────────────────────────────────────────────────────────────────────────────


def test_who_has_an_authenticator_needs_its_code_or_a_recovery_code(client, worker):
    secret = give_totp(worker)
    codes = RecoveryCodes.activate(worker)
    answer = sign_in(client)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert client.get("/accounts/me/").status_code == 302, "not signed in yet"
    page = client.get(reverse("mfa_authenticate"))
    assert page.status_code == 200 and "第二步验证" in page.content.decode()
    assert client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})["Location"] == "/field/"
    client.logout()
    sign_in(client)
    code = codes.get_unused_codes()[0]
    assert client.post(reverse("mfa_authenticate"), {"code": code})["Location"] == "/field/"
    client.logout()
    sign_in(client)
    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200, "each works once"


def test_wrong_codes_lock_like_wrong_passwords_in_every_process(client, worker):
    give_totp(worker)
    sign_in(client)
    for _ in range(5):
        cache.clear()  # as if each try met another process
        answer = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert answer.status_code == 429
    cache.clear()
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 429
    client.logout()
    assert sign_in(client).status_code == 429


def test_with_the_switch_on_staff_set_up_a_second_factor_before_they_go_on(client, worker):
    policy(two_factor_for_staff=True)
    sign_in(client)
    assert client.get("/desk/")["Location"].startswith(reverse("mfa_index"))
    assert client.get(reverse("mfa_index")).status_code == 200
    activate = reverse("mfa_activate_totp")
    assert client.get(activate)["Location"].startswith(reverse("account_reauthenticate"))
    confirm(client)
    page = client.get(activate)
    assert page.status_code == 200 and "<script" not in re.sub(
        r'<script[^>]*(src|type="application/json")[^>]*>', "", page.content.decode()
    )
    secret = page.context["form"].secret
    done = client.post(activate, {"code": code_of(secret)})
    assert done.status_code == 302
    assert secret not in json.dumps(Authenticator.objects.get(type="totp").data), "the secret is kept sealed"
    assert client.get("/accounts/me/").status_code == 200
    assert not client.get("/field/").get("Location", "").startswith("/accounts/"), "work is open now"


def test_a_post_that_needs_none_and_a_resident_go_on_without(client, town):  # noqa: F811
    policy(two_factor_for_staff=True)
    head = make_account("head")
    make_post("building_head", head, town.grid)
    for account in (head, make_account("zhang", kind="resident")):
        client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert not client.get("/field/").get("Location", "").startswith("/accounts/two-factor")


def test_the_last_second_factor_cannot_be_removed_while_it_is_needed(client, worker):
    policy(two_factor_for_staff=True)
    secret = give_totp(worker)
    sign_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    confirm(client)
    answer = client.post(reverse("mfa_deactivate_totp"))
    assert answer.status_code == 200 and "必须使用两步验证" in answer.content.decode()
    assert Authenticator.objects.filter(type="totp").exists()
    policy(two_factor_for_staff=False)
    assert client.post(reverse("mfa_deactivate_totp")).status_code == 302


@pytest.mark.parametrize(
    "name",
    [
        "mfa_index",
        "mfa_activate_totp",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "mfa_generate_recovery_codes",
        "mfa_view_recovery_codes",
        "mfa_deactivate_totp",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "account_change_password",
        "account_logout",
        "entrance_me",
    ],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_of_the_entrance_is_ours_and_speaks_the_language(client, worker, name, language):
    secret = give_totp(worker)
    RecoveryCodes.activate(worker)
    if name == "mfa_activate_totp":
        Authenticator.objects.all().delete()
        sign_in(client)
    else:
        sign_in(client)
        client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    confirm(client)
    client.cookies["linli_language"] = language
    page = client.get(reverse(name))
    text = page.content.decode()
    assert page.status_code == 200 and "ll-entrance" in text
    body = re.sub(
        r"<[^>]+>|吴芳|Linli 邻里|邻里|简体中文|中文|渌口区|南塘第一网格",
        " ",
        text.split("<main")[1].split("</main")[0],
    )
    if language == "en":
        assert not re.search(r"[\u4e00-\u9fff]", body), re.findall(r"[\u4e00-\u9fff]+", body)


def test_passkey_options_for_signing_in_are_given_as_json(client, db):
    answer = client.get(reverse("mfa_login_webauthn"), headers={"X-Requested-With": "XMLHttpRequest"})
    assert "challenge" in answer.json()["request_options"]["publicKey"]


# ── Residents, own account, demo ───────────────────────────────────────────────────────────────────


def test_a_resident_registers_and_is_signed_in(client, db):
    fields = {"name": "张伟", "username": "zhang.wei", "password": "weak", "phone": "123"}
    weak = client.post("/accounts/register/", fields)
    assert weak.status_code == 422 and "张伟" in weak.content.decode() and "weak" not in weak.content.decode()
    phone = client.post("/accounts/register/", fields | {"password": PASSWORD})
    assert phone.status_code == 422 and "手机号应为 11 位" in phone.content.decode()
    done = client.post("/accounts/register/", fields | {"password": PASSWORD, "phone": "13812345678"})
    assert done.status_code == 302 and done["Location"] == "/"
    assert client.get("/accounts/me/").status_code == 200
    policy(residents_may_register=False)
    client.logout()
    assert client.get("/accounts/register/").status_code == 403


def test_the_account_keeps_its_language_and_this_device_may_choose_another(client, worker):
    Account.objects.update(language="en")
    client.force_login(worker, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "My posts" in client.get("/accounts/me/").content.decode()
    client.cookies["linli_language"] = "zh-hans"
    assert "我的岗位" in client.get("/accounts/me/").content.decode()
    answer = client.post("/accounts/me/language/", {"language": "en"})
    assert answer.status_code == 302 and client.cookies["linli_language"].value == "en"
    translation.activate("zh-hans")


def test_my_account_changes_my_phone_and_my_deputy_and_nobody_elses(client, worker, town):  # noqa: F811
    client.force_login(worker, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post("/accounts/me/phone/", {"phone": "1381234"}).status_code == 422
    assert client.post("/accounts/me/phone/", {"phone": "13812345678"}).status_code == 302
    assert "13812345678" in client.get("/accounts/me/").content.decode()
    other = make_account("he.ping", name="何平")
    theirs = make_post("grid_worker", other, town.next_grid)
    mine = worker.posts.get()
    assert client.post(f"/accounts/me/posts/{theirs.pk}/deputy/", {"deputy": "wu.fang"}).status_code == 404
    assert client.post(f"/accounts/me/posts/{mine.pk}/deputy/", {"deputy": "no.one"}).status_code == 422
    assert client.post(f"/accounts/me/posts/{mine.pk}/deputy/", {"deputy": "he.ping"}).status_code == 302
    assert "由何平代理" in client.get("/accounts/me/").content.decode()
    assert client.post(f"/accounts/me/posts/{theirs.pk}/back/").status_code == 404
    assert client.post(f"/accounts/me/posts/{mine.pk}/back/").status_code == 302


def test_pages_of_ones_account_lead_nobody_to_sign_in(client, db):
    for path in ("/accounts/me/", "/accounts/password/", "/accounts/two-factor/"):
        assert client.get(path)["Location"].startswith("/accounts/login/")


@pytest.fixture
def demo_worker(worker):
    return DemoAccount.objects.create(
        account=worker, role="grid_worker", label_zh="网格员", label_en="a grid worker", password=PASSWORD
    )


def test_ways_in_by_one_click_exist_in_demo_homes_only(client, demo_worker, settings):
    settings.DEMO = False
    assert "以网格员身份看看" not in client.get(LOGIN).content.decode()
    assert client.post("/accounts/demo/", {"role": "grid_worker"}).status_code == 404
    with pytest.raises(CommandError):
        call_command("accounts", stdout=StringIO())
    settings.DEMO = True
    assert "以网格员身份看看" in client.get(LOGIN).content.decode()
    assert client.get("/accounts/demo/").status_code == 405
    answer = client.post("/accounts/demo/", {"role": "grid_worker"})
    assert answer.status_code == 302 and answer["Location"] == "/field/"
    assert client.post("/accounts/demo/", {"role": "queen"}).status_code == 404


def test_the_click_needs_the_csrf_token(demo_worker, settings):
    from django.test import Client

    settings.DEMO = True
    assert Client(enforce_csrf_checks=True).post("/accounts/demo/", {"role": "grid_worker"}).status_code == 403


def test_the_command_lists_the_demo_accounts(demo_worker, settings):
    settings.DEMO = True
    out = StringIO()
    call_command("accounts", "--json", stdout=out)
    assert json.loads(out.getvalue()) == [{"role": "grid_worker", "username": "wu.fang", "password": PASSWORD}]
    out = StringIO()
    call_command("accounts", stdout=out)
    assert "wu.fang" in out.getvalue() and "网格员" in out.getvalue()


def test_signing_in_and_out_stand_in_the_journal(client, worker):
    from linli.kernel import journal

    sign_in(client)
    client.post("/accounts/logout/")
    done = [entry.action for entry in journal.queries.of("account", worker.pk)]
    assert done == ["account.signed_in", "account.signed_out"]


def test_a_page_costs_staff_few_queries(client, worker, django_assert_max_num_queries):
    client.force_login(worker, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.get("/accounts/me/")
    with django_assert_max_num_queries(7), mock.patch.object(clock, "now", clock.now):
        client.get("/accounts/me/")
