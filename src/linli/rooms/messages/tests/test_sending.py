"""What goes out: through real servers on this machine, once, again when it failed, and in nobody's way."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection

from linli.kernel import clock, outgoing, seal
from linli.kernel.seal.models import Access
from linli.rooms.cases.tests.fixtures import lay_out_town, reported
from linli.rooms.cases.tests.walking import walk
from linli.rooms.messages import delivering, rules, ways_out
from linli.rooms.messages.addresses import seal_into
from linli.rooms.messages.delivering import send_batch
from linli.rooms.messages.models import Address, Channel, Choice, Delivery, Notice, Wish
from linli.rooms.messages.tests.conftest import NOON, open_channel
from linli.rooms.messages.tests.servers import free_port, mail_server, silent_server, sink
from linli.rooms.people.actions.accounts import phone_context

SECRET = outgoing.new_secret()


def give_address(channel: str, address: str, **owner) -> Address:
    row = Address(channel=channel, confirmed_at=NOON, **owner)
    seal_into(row, address)
    row.save()
    return row


def notices_for(account, count: int, *, channel: str = "mail", digest: bool = False, kind="deadline.near", case=None):
    """Notices with a delivery each that is due now."""
    made = []
    for number in range(count):
        notice = Notice.objects.create(
            key=f"test:{account.pk}:{number}:{channel}:{time.monotonic_ns()}",
            account=account,
            case=case,
            kind=kind,
            topic="deadline",
            data={"number": f"20261123-{number:05d}", "item": ["路灯", "street lamp"], "place": ["甲社区", "One"]},
            at=clock.now(),
        )
        made.append(
            Delivery.objects.create(
                notice=notice, channel=channel, digest=digest, next_try_at=clock.now(), created_at=clock.now()
            )
        )
    return made


@pytest.fixture
def mail():
    with mail_server() as server:
        yield server


def post_office(server, **more) -> Channel:
    settings = {"host": "127.0.0.1", "port": server.port, "security": "none", "sender": "linli@linli.example"}
    return open_channel("mail", NOON - timedelta(days=1), **settings, **more)


def test_a_mail_says_what_happened_and_leads_back(town, picture, tidings, mail):
    post_office(mail)
    resident = town.accounts["resident"]
    give_address("mail", "resident@example.cn", account=resident)
    case = reported(town)
    case.reports.update(reporter=resident)
    walk(case, town, picture)
    tidings()
    assert send_batch("mail") == 1 and send_batch("mail") == 0
    [sent] = mail.mails
    text = sent.get_content()
    code = case.reports.get().tracking_code
    assert mail.to == ["resident@example.cn"]
    assert sent["Subject"].startswith("办好了：") and "路灯已修好" in text
    assert f"https://linli.example/track/{code}/" in text
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/me/notices/stop/" in sent["List-Unsubscribe"]
    assert Delivery.objects.get().state == "sent"


def test_the_reader_is_written_to_in_the_own_language(town, noon, mail):
    post_office(mail)
    account = town.accounts["lamp_contact"]
    account.language = "en"
    account.save()
    give_address("mail", "lamps@example.cn", account=account)
    notices_for(account, 1)
    send_batch("mail")
    assert mail.mails[0]["Subject"].startswith("Due soon: street lamp · One")


def test_a_refused_address_fails_at_once_and_holds_up_nobody(town, noon, mail):
    post_office(mail)
    mail.refuse.add("gone@example.cn")
    give_address("mail", "gone@example.cn", account=town.accounts["clerk"])
    give_address("mail", "here@example.cn", account=town.accounts["leader"])
    [bad] = notices_for(town.accounts["clerk"], 1)
    [good] = notices_for(town.accounts["leader"], 1)
    assert send_batch("mail") == 2
    bad.refresh_from_db(), good.refresh_from_db()
    assert (bad.state, good.state) == ("failed", "sent")
    assert "no such mailbox" in bad.last_error
    assert Channel.objects.get(pk="mail").failures == 0


def test_a_dead_server_costs_tries_slowly_and_is_left_alone_until_it_is_back(town, noon, mail):
    channel = open_channel(
        "mail", NOON, host="127.0.0.1", port=free_port(), security="none", sender="linli@linli.example"
    )
    give_address("mail", "here@example.cn", account=town.accounts["leader"])
    deliveries = notices_for(town.accounts["leader"], 5)
    moment, attempts = NOON, 0
    while not Channel.objects.get(pk="mail").resting_until:
        with clock.at(moment):
            attempts += bool(send_batch("mail"))
        moment += timedelta(minutes=30)
        assert attempts < 10
    assert attempts == rules.SICK_AFTER
    with clock.at(moment - timedelta(minutes=30)):
        assert send_batch("mail") == 0  # it rests
    # Of each batch only one was tried; the others kept their tries.
    assert sum(Delivery.objects.values_list("tries", flat=True)) == rules.SICK_AFTER
    assert Delivery.objects.filter(state="pending").count() == 5
    assert "ConnectionRefusedError" in Channel.objects.get(pk="mail").last_error
    post_office(mail)
    assert channel.pk == "mail"
    with clock.at(moment + timedelta(hours=7)):
        while send_batch("mail"):
            pass
    assert len(mail.mails) == len(deliveries) and not Delivery.objects.exclude(state="sent").exists()
    assert Channel.objects.get(pk="mail").failures == 0


def test_a_server_that_never_answers_is_given_up_after_its_time(town, noon, monkeypatch):
    monkeypatch.setattr(ways_out, "TIMEOUT", 0.3)
    with silent_server() as port:
        open_channel("mail", NOON, host="127.0.0.1", port=port, security="none", sender="linli@linli.example")
        give_address("mail", "here@example.cn", account=town.accounts["leader"])
        [waiting] = notices_for(town.accounts["leader"], 1)
        send_batch("mail")
    waiting.refresh_from_db()
    assert waiting.state == "pending" and waiting.tries == 1 and waiting.last_error
    assert waiting.next_try_at == NOON + timedelta(seconds=rules.wait_before(1))


def test_tries_come_to_an_end_that_can_be_seen(town, noon, monkeypatch):
    open_channel("wecom", NOON)
    give_address("wecom", "0123456789abcdef0123", account=town.accounts["leader"])
    [delivery] = notices_for(town.accounts["leader"], 1, channel="wecom")

    def busy(self, address, message):
        raise ways_out.Failed("45009 api freq out of limit")

    monkeypatch.setattr(ways_out.Robot, "send", busy)
    moment = NOON
    for _ in range(rules.TRIES):
        with clock.at(moment):
            assert send_batch("wecom") == 1
        delivery.refresh_from_db()
        moment = delivery.next_try_at
    assert delivery.state == "failed" and delivery.tries == rules.TRIES and "45009" in delivery.last_error
    with clock.at(moment + timedelta(days=9)):
        assert send_batch("wecom") == 0


def test_a_digest_is_one_mail(town, noon, mail):
    post_office(mail)
    give_address("mail", "here@example.cn", account=town.accounts["leader"])
    notices_for(town.accounts["leader"], 30, digest=True)
    assert send_batch("mail", 5) == 30
    [sent] = mail.mails
    assert sent["Subject"].startswith("30 条消息")
    assert sent.get_content().count("快到期") == 30


def test_what_was_read_in_the_inbox_is_not_sent_any_more(town, noon, mail):
    post_office(mail)
    give_address("mail", "here@example.cn", account=town.accounts["leader"])
    [delivery] = notices_for(town.accounts["leader"], 1)
    Notice.objects.update(read_at=NOON)
    send_batch("mail")
    delivery.refresh_from_db()
    assert delivery.state == "dropped" and not mail.mails


def test_what_waits_for_the_night_to_end_and_is_done_meanwhile_is_dropped(town, picture, mail):
    from linli.kernel.outbox.jobs import drain

    open_channel("wecom", NOON - timedelta(days=1))
    give_address("wecom", "0123456789abcdef0123", account=town.accounts["clerk"])
    with clock.at(NOON + timedelta(hours=11)):
        case = reported(town)
        drain()
        assert Delivery.objects.get().next_try_at == NOON + timedelta(hours=19, minutes=30)
        walk(case, town, picture, "accept")
        drain()
    assert Delivery.objects.filter(channel="wecom").get().state == "dropped"


def test_an_sms_carries_a_number_and_a_link_signed_and_on_record(town, picture, tidings):
    with sink() as gateway:
        open_channel("sms", NOON - timedelta(days=1), url=gateway.url, secret=SECRET, allow=["127.0.0.1"])
        case = reported(town, phone="13800000001", name="演示李")
        report = case.reports.get()
        Wish.objects.create(report=report, at=NOON)
        walk(case, town, picture)
        tidings()
        assert send_batch("sms") == 1
        told = gateway.told[0]
        outgoing.verify_signature(SECRET, gateway.headers[0], gateway.bodies[0], now=clock.now())
        assert gateway.headers[0]["webhook-id"] == f"notice_{Delivery.objects.get().pk}"
    assert told["data"]["to"] == "13800000001"
    text = told["data"]["text"]
    assert case.number in text and report.tracking_code in text
    for private in ("演示李", "1380000", "路灯", "甲社区"):
        assert private not in text
    assert Access.objects.filter(purpose=f"notice {case.number}", context=f"cases_report:phone:{report.uid}").exists()


def test_who_did_not_wish_it_gets_no_sms(town, picture, tidings):
    open_channel("sms", NOON - timedelta(days=1), url="http://127.0.0.1:9/", secret=SECRET)
    walk(reported(town, phone="13800000001"), town, picture)
    tidings()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("status", "state", "rests"), [(500, "pending", 1), (401, "pending", 1), (400, "failed", 0), (429, "pending", 0)]
)
def test_the_gateways_answer_decides(town, noon, status, state, rests):
    with sink() as gateway:
        gateway.status = status
        open_channel("sms", NOON, url=gateway.url, secret=SECRET, allow=["127.0.0.1"])
        account = town.accounts["leader"]
        account.phone_sealed = seal.encrypt("13800000009", phone_context(account.pk))
        account.save()
        [delivery] = notices_for(account, 1, channel="sms")
        send_batch("sms")
    delivery.refresh_from_db()
    assert delivery.state == state and Channel.objects.get(pk="sms").failures == rests


@pytest.mark.parametrize(
    ("channel", "says", "state"),
    [
        ("wecom", {"errcode": 0, "errmsg": "ok"}, "sent"),
        ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, "failed"),
        ("wecom", {"errcode": 45009, "errmsg": "api freq out of limit"}, "pending"),
        ("dingtalk", {"errcode": 0}, "sent"),
        ("dingtalk", {"errcode": 310000, "errmsg": "sign not match"}, "failed"),
        ("feishu", {"code": 0, "msg": "success"}, "sent"),
        ("feishu", {"code": 19001, "msg": "param invalid"}, "failed"),
    ],
)
def test_a_robot_is_believed_only_when_it_says_that_it_took_it(town, noon, monkeypatch, channel, says, state):
    from apprise.plugins import dingtalk, feishu, wecombot

    classes = {
        "wecom": wecombot.NotifyWeComBot,
        "dingtalk": dingtalk.NotifyDingTalk,
        "feishu": feishu.NotifyFeishu,
    }
    with sink() as group:
        group.says = says
        monkeypatch.setattr(classes[channel], "notify_url", group.url)
        if channel == "wecom":
            original = wecombot.NotifyWeComBot.__init__

            def here(self, *args, **more):
                original(self, *args, **more)
                self.notify_url = group.url

            monkeypatch.setattr(wecombot.NotifyWeComBot, "__init__", here)
        open_channel(channel, NOON)
        give_address(channel, "0123456789abcdef0123456789abcdef", unit=town.lamps)
        notice = Notice.objects.create(
            key="x", unit=town.lamps, kind="case.dispatched", topic="todo", data={"number": "20261123-00001"}, at=NOON
        )
        Delivery.objects.create(notice=notice, channel=channel, next_try_at=NOON, created_at=NOON)
        send_batch(channel)
        assert "https://linli.example/desk/cases/20261123-00001/" in str(group.told[0])
    assert Delivery.objects.get().state == state


def test_each_person_decides_by_topic_and_channel(town, picture, tidings, mail):
    post_office(mail)
    resident = town.accounts["resident"]
    give_address("mail", "resident@example.cn", account=resident)
    Choice.objects.create(
        account=resident,
        picks={"result": {"mail": False, "inbox": False}, "progress": {"mail": True}},
        quiet_to=rules.DEFAULT_HABITS.quiet_to,
        digest_at=rules.DEFAULT_HABITS.digest_at,
    )
    case = reported(town)
    case.reports.update(reporter=resident)
    walk(case, town, picture)
    tidings()
    kinds = set(Delivery.objects.values_list("notice__kind", flat=True))
    assert kinds == {"case.accepted", "case.dispatched"}
    assert not Notice.objects.filter(account=resident, kind="case.closed", shown=True).exists()


def test_what_happened_before_a_channel_was_opened_stays_inside(town, picture, tidings, mail):
    post_office(mail)
    Channel.objects.update(enabled_at=NOON + timedelta(minutes=1))
    resident = town.accounts["resident"]
    give_address("mail", "resident@example.cn", account=resident)
    case = reported(town)
    case.reports.update(reporter=resident)
    walk(case, town, picture)
    tidings()
    assert Notice.objects.filter(account=resident).exists() and not Delivery.objects.exists()


def test_a_claim_whose_worker_is_gone_is_taken_back(town, noon, mail):
    post_office(mail)
    give_address("mail", "here@example.cn", account=town.accounts["leader"])
    notices_for(town.accounts["leader"], 2)
    assert len(delivering.claim("mail", 10)) == 2
    assert send_batch("mail") == 0 and delivering.reclaim() == 0
    with clock.at(NOON + delivering.LEASE + timedelta(seconds=1)):
        assert delivering.reclaim() == 2
        assert send_batch("mail") == 2
    assert len(mail.mails) == 2


@pytest.mark.django_db(transaction=True)
def test_several_workers_send_each_message_once():
    town = lay_out_town()
    with mail_server() as server:
        post_office(server)
        for name in ("leader", "clerk", "supervisor"):
            give_address("mail", f"{name}@example.cn", account=town.accounts[name])
            with clock.at(NOON):
                notices_for(town.accounts[name], 20)
        start = threading.Barrier(4)
        sent: list[int] = []

        def worker() -> None:
            try:
                with clock.at(NOON):
                    start.wait(10)
                    while count := send_batch("mail", 3):
                        sent.append(count)
            finally:
                connection.close()

        threads = [threading.Thread(target=worker) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sum(sent) == 60 == len(server.mails)
    subjects = [(mail["To"], mail.get_content()) for mail in server.mails]
    assert len(set(subjects)) == 60
    assert not Delivery.objects.exclude(state="sent", tries=1).exists()


@pytest.mark.django_db(transaction=True)
def test_a_dead_channel_holds_up_neither_the_others_nor_the_beat(monkeypatch):
    town = lay_out_town()
    account = town.accounts["leader"]
    with silent_server() as port, sink() as gateway:
        since = clock.now() - timedelta(days=1)
        open_channel("mail", since, host="127.0.0.1", port=port, security="none", sender="linli@linli.example")
        open_channel("sms", since, url=gateway.url, secret=SECRET, allow=["127.0.0.1"])
        monkeypatch.setattr(ways_out, "TIMEOUT", 3.0)
        give_address("mail", "here@example.cn", account=account)
        account.phone_sealed = seal.encrypt("13800000009", phone_context(account.pk))
        account.save()
        notices_for(account, 3)
        notices_for(account, 3, channel="sms")
        senders = delivering.Senders()
        began = time.monotonic()
        senders.set_to_work()
        assert time.monotonic() - began < 2.0
        until = time.monotonic() + 20
        while len(gateway.bodies) < 3 and time.monotonic() < until:
            time.sleep(0.02)
        assert len(gateway.bodies) == 3
        assert not Delivery.objects.filter(channel="mail", state="sent").exists()
        assert senders.wait(30)
