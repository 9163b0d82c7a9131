"""The operator's pages about notices: channels, trying them, what failed, the words, units' groups."""

from __future__ import annotations

import pytest
from django.urls import reverse

from linli.kernel import clock
from linli.rooms.messages.delivering import settings_of
from linli.rooms.messages.models import Address, Channel, Delivery, House, Notice, Wording
from linli.rooms.messages.tests.servers import free_port, mail_server
from linli.rooms.messages.wording import PLACEHOLDERS


@pytest.fixture
def operator(client, town):
    client.force_login(town.accounts["system"], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def house(db) -> House:
    return House.objects.create(pk=1, public_url="https://linli.example")


def mail_settings(port: int, **more) -> dict[str, object]:
    given = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "linli@linli.example"}
    return {**given, "user": "", "password": "", **more}


def test_a_channel_needs_the_way_back_first(operator):
    page = reverse("admin_door:notice_channel", args=["mail"])
    refused = operator.post(page, mail_settings(2525))
    assert refused.status_code == 422 and not Channel.objects.exists()
    operator.post(reverse("admin_door:notices"), {"public_url": "https://linli.example/"})
    assert House.objects.get().public_url == "https://linli.example"
    assert operator.post(page, mail_settings(2525)).status_code == 302
    assert Channel.objects.get(pk="mail").enabled


def test_a_password_is_sealed_kept_and_never_shown(operator, house):
    page = reverse("admin_door:notice_channel", args=["mail"])
    operator.post(page, mail_settings(2525, user="linli", password="geheim-42"))
    operator.post(page, mail_settings(2526, user="linli"))
    channel = Channel.objects.get(pk="mail")
    assert settings_of(channel)["password"] == "geheim-42" and settings_of(channel)["port"] == 2526
    assert b"geheim" not in bytes(channel.settings)
    assert "geheim-42" not in operator.get(page).content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [("host", "a b"), ("port", "70000"), ("security", "rot13"), ("sender", "nobody")],
)
def test_a_wrong_setting_is_named(operator, house, field, value):
    page = operator.post(reverse("admin_door:notice_channel", args=["mail"]), {**mail_settings(2525), field: value})
    assert page.status_code == 422 and page.context["form"].errors.keys() == {field}


def test_a_test_says_what_happened(operator, house):
    page = reverse("admin_door:notice_channel", args=["mail"])
    trying = reverse("admin_door:notice_channel_change", args=["mail", "try"])
    with mail_server() as server:
        operator.post(page, mail_settings(server.port))
        assert operator.post(trying, {"address": "me@example.cn"}).status_code == 302
        assert server.to == ["me@example.cn"]
    operator.post(page, mail_settings(free_port()))
    refused = operator.post(trying, {"address": "me@example.cn"})
    assert refused.status_code == 422 and "ConnectionRefusedError" in refused.content.decode()


def test_a_gateway_in_the_own_net_has_to_be_let_through(operator, house, settings):
    page = reverse("admin_door:notice_channel", args=["sms"])
    settings.LINLI_OUTGOING_ALLOW = []
    assert operator.post(page, {"url": "http://127.0.0.1:9/"}).status_code == 422
    settings.LINLI_OUTGOING_ALLOW = ["127.0.0.1"]
    assert operator.post(page, {"url": "http://127.0.0.1:9/"}).status_code == 302
    secret = settings_of(Channel.objects.get(pk="sms"))["secret"]
    assert str(secret).startswith("whsec_") and str(secret) not in operator.get(page).content.decode()
    shown = operator.post(reverse("admin_door:notice_channel_change", args=["sms", "secret"]))
    assert str(secret) in shown.content.decode()


def test_what_failed_is_seen_with_its_reason_and_sent_again(operator, house, town):
    operator.post(reverse("admin_door:notice_channel", args=["wecom"]))
    notice = Notice.objects.create(
        key="x",
        unit=town.lamps,
        kind="case.dispatched",
        topic="todo",
        data={"number": "20261122-000001"},
        at=clock.now(),
    )
    now = clock.now()
    delivery = Delivery.objects.create(
        notice=notice,
        channel="wecom",
        state="failed",
        tries=12,
        last_error="45009 freq",
        next_try_at=now,
        created_at=now,
    )
    text = operator.get(reverse("admin_door:notice_deliveries") + "?state=failed").content.decode()
    assert "45009 freq" in text and "路灯所" in text
    operator.post(reverse("admin_door:notice_retry"), {"delivery": delivery.pk})
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries) == ("pending", 0)
    assert operator.post(reverse("admin_door:notice_retry"), {"delivery": delivery.pk}).status_code == 409
    operator.post(reverse("admin_door:notice_channel_change", args=["wecom", "close"]))
    delivery.refresh_from_db()
    assert delivery.state == "dropped"


def test_words_are_checked_seen_before_and_put_back(operator):
    page = reverse("admin_door:notice_wording", args=["case.closed", "reporter", "zh-hans"])
    words = {"title": "好了：{item}", "body": "编号 {number}。{words}", "short": "{number} 好了 {link}"}
    seen = operator.post(page, {**words, "do": "preview"})
    assert "好了：路灯不亮" in seen.content.decode() and not Wording.objects.exists()
    assert operator.post(page, {**words, "do": "save"}).status_code == 302
    assert Wording.objects.get().title == "好了：{item}"
    for field, wrong in [("title", "{nix}"), ("body", "{number"), ("short", "{item} {link}"), ("short", "{words}")]:
        answer = operator.post(page, {**words, field: wrong, "do": "save"})
        assert answer.status_code == 422 and answer.context["form"].errors.keys() == {field}
    operator.post(page, {"do": "restore"})
    assert not Wording.objects.exists()


def test_the_group_of_a_unit_is_told_through_its_robot(operator, house, town):
    page = reverse("admin_door:notice_unit", args=[town.lamps.pk])
    url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123456789abcdef0123"
    assert operator.post(page, {"channel": "wecom", "address": "https://evil.example/send?key=1"}).status_code == 422
    assert operator.post(page, {"channel": "wecom", "address": url}).status_code == 302
    address = Address.objects.get()
    assert address.unit == town.lamps and address.masked == "0123…0123"
    assert "0123456789abcdef" not in operator.get(page).content.decode()
    operator.post(page, {"channel": "wecom", "drop": "1"})
    assert not Address.objects.exists()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_opens_in_few_queries(operator, house, language, django_assert_max_num_queries):
    operator.cookies["linli_language"] = language
    operator.post(reverse("admin_door:notice_channel", args=["feishu"]))
    pages = [
        reverse("admin_door:notices"),
        reverse("admin_door:notice_channel", args=["feishu"]),
        reverse("admin_door:notice_deliveries"),
        reverse("admin_door:notice_wordings"),
        reverse("admin_door:notice_wording", args=["deadline.near", "staff", language]),
        reverse("admin_door:notice_units"),
    ]
    for page in pages:
        with django_assert_max_num_queries(14):
            assert operator.get(page).status_code == 200
    assert len(PLACEHOLDERS) == 9
