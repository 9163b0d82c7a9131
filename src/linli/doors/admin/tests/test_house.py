"""Operations and audit: deliveries are seen and sent again, the journal is read, exported and verified."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.urls import reverse

from linli.doors.admin import running
from linli.kernel import clock
from linli.kernel.journal.jobs import seal
from linli.kernel.outbox.models import Delivery, OutboxEvent
from linli.rooms.cases.tests.fixtures import reported
from linli.rooms.people.models import Account

pytestmark = pytest.mark.django_db


def test_a_dead_delivery_is_seen_with_its_error_and_sent_again(town, as_):
    reported(town)
    delivery = Delivery.objects.create(
        event=OutboxEvent.objects.order_by("-id").first(),
        subscriber="tests.somebody",
        lane="case:1",
        state="dead",
        tries=12,
        last_error="boom: <b>wrong</b>",
        next_try_at=clock.now(),
    )
    system = as_("system")
    page = system.get(reverse("admin_door:deliveries"), {"state": "dead"}).content.decode()
    assert "boom: &lt;b&gt;wrong" in page
    assert system.post(reverse("admin_door:deliveries_retry"), {"delivery": [delivery.pk]}).status_code == 302
    delivery.refresh_from_db()
    assert delivery.state == "pending" and delivery.tries == 0
    assert system.post(reverse("admin_door:deliveries_retry"), {"delivery": [delivery.pk]}).status_code == 409
    assert system.post(reverse("admin_door:deliveries_retry"), {"delivery": ["x", "9" * 40]}).status_code == 409


def test_operations_show_what_the_checks_of_the_house_find(town, as_, monkeypatch):
    monkeypatch.setattr(running, "_source", lambda: [("disk", "error", "Only 3 MB are free.", "Free some room.")])
    page = as_("system").get(reverse("admin_door:operations"), {"check": 1}).content.decode()
    assert "Only 3 MB are free." in page and "Free some room." in page


def test_the_journal_is_searched_by_words_action_and_day_and_exported(town, as_):
    case = reported(town)
    audit = as_("audit")
    page = audit.get(reverse("admin_door:journal"), {"action": "case."}).content.decode()
    assert "case.report" in page
    answer = audit.get(reverse("admin_door:journal"), {"object_type": "case", "object_id": str(case.pk)})
    assert len(answer.context["page"].entries) == 1
    assert audit.get(reverse("admin_door:journal"), {"since": "2399-01-01"}).context["page"].entries == []
    answer = audit.get(reverse("admin_door:journal"), {"since": "morgen"})
    assert answer.status_code == 422
    body = b"".join(audit.get(reverse("admin_door:journal_export"), {"action": "case."}).streaming_content).decode()
    assert body.startswith("\ufeffid,at") and "case.report" in body
    for odd in ({"before": "x"}, {"before": "9" * 30}, {"words": "\x00'%"}, {"place": "不存在"}):
        assert audit.get(reverse("admin_door:journal"), odd).status_code in (200, 422)


def test_a_cell_of_the_export_is_never_a_formula():
    from linli.doors.admin.views.audit import _safe

    assert _safe("=1+1") == "'=1+1" and _safe("@x") == "'@x" and _safe("路灯") == "路灯"


def test_verifying_says_whether_anything_was_touched(town, as_):
    reported(town)
    seal()
    audit = as_("audit")
    page = audit.post(reverse("admin_door:journal_verify")).content.decode()
    assert "日志完好" in page
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE journal_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE journal_entry SET words = 'x' WHERE id = (SELECT max(id) FROM journal_entry)")
        cursor.execute("ALTER TABLE journal_entry ENABLE TRIGGER USER")
    page = audit.post(reverse("admin_door:journal_verify")).content.decode()
    assert "日志被动过" in page


def test_an_administrator_can_be_made_on_the_server_when_nobody_is_left(town, capsys):
    call_command("administrator", "security", "rescue", "老张")
    password = capsys.readouterr().out.split()[1]
    account = Account.objects.get(username="rescue")
    assert account.admin_role == "security" and account.check_password(password) and account.must_change_password
    with pytest.raises(CommandError):
        call_command("administrator", "security", "clerk")
