"""The inbox: one's own, nobody else's; read, counted, turned over; and the ways in from a mail."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from linli.kernel import outgoing, seal
from linli.rooms.cases.tests.fixtures import reported
from linli.rooms.messages import queries, stopping
from linli.rooms.messages.addresses import seal_into
from linli.rooms.messages.models import Address, Choice, Delivery, Notice, Wish
from linli.rooms.messages.tests.conftest import NOON, open_channel

LANGUAGES = pytest.mark.parametrize("language", ["zh-hans", "en"])


@LANGUAGES
@pytest.mark.parametrize("who", ["clerk", "worker_a", "leader", "resident", "system", "lamp_contact"])
def test_everybody_sees_the_own_messages_in_few_queries(come_in, told, who, language, django_assert_max_num_queries):
    told(who, 40)
    client = come_in(who)
    client.cookies["linli_language"] = language
    client.get(reverse("inbox:index"))
    with django_assert_max_num_queries(7):
        page = client.get(reverse("inbox:index"))
    assert page.status_code == 200
    text = page.content.decode()
    assert text.count('class="inbox-item') == queries.PAGE
    assert ("To accept: Lamp · One" if language == "en" else "待受理：路灯 · 甲社区") in text
    assert "ll-bell-count" in text


def test_an_empty_inbox_says_what_will_come(come_in):
    assert "都看过了" in come_in("clerk").get(reverse("inbox:index")).content.decode()
    assert "上报问题" in come_in("resident").get(reverse("inbox:index")).content.decode()


def test_opening_marks_as_read_and_leads_to_the_case(town, come_in, told):
    case = reported(town)
    case.refresh_from_db()
    [desk] = told("clerk", data={"number": case.number})
    [field] = told("worker_a", data={"number": case.number})
    answer = come_in("clerk").get(reverse("inbox:open", args=[desk.pk]))
    assert answer.url == reverse("desk:case", args=[case.number])
    assert come_in("worker_a").get(reverse("inbox:open", args=[field.pk])).url == reverse(
        "field:case", args=[case.number]
    )
    assert not Notice.objects.filter(read_at=None).exists()


def test_a_reporter_is_led_to_the_report(town, come_in, told):
    code = reported(town).reports.get().tracking_code
    [notice] = told("resident", kind="case.closed", topic="result", reporter=True, data={"code": code})
    assert come_in("resident").get(reverse("inbox:open", args=[notice.pk])).url == f"/track/{code}/"


def test_nobody_reads_or_marks_anothers_message(come_in, told):
    [notice] = told("clerk", data={"number": "20261122-424242"})
    other = come_in("dispatcher")
    assert "20261122-424242" not in other.get(reverse("inbox:index") + "?all=1").content.decode()
    assert other.get(reverse("inbox:open", args=[notice.pk])).status_code == 404
    assert other.post(reverse("inbox:read", args=[notice.pk])).status_code == 404
    other.post(reverse("inbox:read_all"), {"up_to": notice.pk})
    assert Notice.objects.filter(read_at=None).count() == 1


def test_marking_all_leaves_what_came_since(come_in, told):
    shown = told("clerk", 3)
    [later] = told("clerk")
    come_in("clerk").post(reverse("inbox:read_all"), {"up_to": shown[-1].pk})
    assert list(Notice.objects.filter(read_at=None)) == [later]


def test_the_list_goes_on_where_it_stopped(come_in, told):
    notices = told("clerk", queries.PAGE + 5)
    client = come_in("clerk")
    last_of_page = notices[5].pk
    part = client.get(reverse("inbox:index") + f"?before={last_of_page}", headers={"HX-Request": "true"})
    text = part.content.decode()
    assert text.count('class="inbox-item') == 5 and "<html" not in text


def test_the_bell_counts_and_stops_counting(come_in, told):
    client = come_in("clerk")
    assert "ll-bell-count" not in client.get(reverse("desk:worklist")).content.decode()
    told("clerk", 120)
    assert ">99+</span>" in client.get(reverse("desk:worklist")).content.decode()
    assert "ll-bell" not in Client().get("/").content.decode()


def test_what_was_chosen_is_kept_and_shown(come_in, town):
    open_channel("mail", NOON, host="h", port=25, security="none", sender="a@example.cn")
    client = come_in("clerk")
    page = client.get(reverse("inbox:choices"))
    assert "pick:todo:mail" in page.content.decode() and "pick:todo:wecom" not in page.content.decode()
    typed = {
        "pick:todo:mail": "on",
        "quiet": "on",
        "quiet_from": "22:00",
        "quiet_to": "06:00",
        "digest": "daily",
        "digest_at": "09:00",
    }
    assert client.post(reverse("inbox:choices"), typed).status_code == 302
    choice = Choice.objects.get(account=town.accounts["clerk"])
    assert choice.picks["todo"] == {"inbox": False, "mail": True} and choice.digest == "daily"
    assert choice.quiet_from.hour == 22
    bad = client.post(reverse("inbox:choices"), {**typed, "quiet_from": ""})
    assert bad.status_code == 422 and "请填从几点到几点" in bad.content.decode()


def test_a_mail_address_counts_once_its_reader_says_so(come_in, town):
    open_channel("mail", NOON, host="h", port=25, security="none", sender="a@example.cn")
    client = come_in("clerk")
    assert client.post(reverse("inbox:address", args=["mail"]), {"address": "nonsense"}).status_code == 422
    client.post(reverse("inbox:address", args=["mail"]), {"address": "clerk@example.cn"})
    address = Address.objects.get()
    assert address.confirmed_at is None and b"clerk" not in bytes(address.sealed)
    assert Delivery.objects.get().notice.kind == "address.confirm"
    url = reverse("inbox:confirm", args=[stopping.confirmation(address.pk)])
    assert Client().get(url).status_code == 200
    assert Address.objects.get().confirmed_at is None  # looking is not saying
    assert Client().post(url).status_code == 200
    assert Address.objects.get().confirmed_at is not None
    client.post(reverse("inbox:address", args=["mail"]), {"drop": "1"})
    assert not Address.objects.exists() and Client().post(url).status_code == 404


def test_confirmations_cannot_be_used_to_write_to_strangers_all_day(come_in):
    open_channel("mail", NOON, host="h", port=25, security="none", sender="a@example.cn")
    client = come_in("clerk")
    for number in range(5):
        client.post(reverse("inbox:address", args=["mail"]), {"address": f"a{number}@example.cn"})
    assert client.post(reverse("inbox:address", args=["mail"]), {"address": "b@example.cn"}).status_code == 422
    assert Delivery.objects.count() == 5


def test_the_end_of_a_mail_stops_them_with_one_press(town):
    account = town.accounts["resident"]
    row = Address(account=account, channel="mail", confirmed_at=NOON)
    seal_into(row, "r@example.cn")
    row.save()
    url = reverse("inbox:stop", args=[stopping.token(account.pk)])
    strict = Client(enforce_csrf_checks=True)
    assert strict.get(url).status_code == 200 and not Choice.objects.exists()
    assert strict.post(url, {"List-Unsubscribe": "One-Click"}).status_code == 204
    assert Choice.objects.get(account=account).picks["result"]["mail"] is False
    assert strict.post(url).status_code == 403 and Client().post(url).status_code == 200
    for wrong in ("x", stopping.confirmation(account.pk)):
        assert Client().post(reverse("inbox:stop", args=[wrong])).status_code == 404


def test_a_reporter_without_account_may_wish_for_an_sms(town, client):
    report = reported(town, phone="13800000001").reports.get()
    page = reverse("portal:follow", args=[report.tracking_code])
    assert "短信告诉我结果" not in client.get(page).content.decode()
    open_channel("sms", NOON, url="https://sms.example.cn/", secret=outgoing.new_secret())
    assert "短信告诉我结果" in client.get(page).content.decode()
    client.post(reverse("inbox:wish", args=[report.tracking_code]), {"wanted": "1"})
    assert Wish.objects.filter(report=report).exists()
    assert "不用短信了" in client.get(page).content.decode()
    client.post(reverse("inbox:wish", args=[report.tracking_code]), {"wanted": "0"})
    assert not Wish.objects.exists()
    assert seal.decrypt(bytes(report.phone_sealed), f"cases_report:phone:{report.uid}") == "13800000001"
