"""What an administrator does about endpoints: only with the right, on record, and never showing a secret again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook

from linli.kernel import clock, seal
from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.kernel.journal.models import Entry
from linli.kernel.outgoing import client
from linli.rooms.webhooks import actions, queries, sending
from linli.rooms.webhooks.models import Delivery, Endpoint
from linli.rooms.webhooks.tests.conftest import HOUSE, genuine, waiting

pytestmark = pytest.mark.django_db


def test_the_secret_is_sealed_and_nowhere_on_record(endpoint):
    endpoint.refresh_from_db()
    assert endpoint.plain.encode() not in bytes(endpoint.secret)
    assert seal.decrypt(endpoint.secret, sending.secret_context(endpoint.pk)) == endpoint.plain
    actions.rotate_secret(HOUSE, endpoint.pk)
    for entry in Entry.objects.filter(object_type="webhook"):
        assert "whsec_" not in str((entry.before, entry.after, entry.note))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "outgoing.address"),
        ("ftp://x.example/", "outgoing.address"),
        ("https://user:pw@x.example/", "outgoing.address"),
        ("https://169.254.169.254/", "outgoing.forbidden"),
        ("http://10.0.0.1/", "outgoing.forbidden"),
        ("https://[::1]/", "outgoing.forbidden"),
        ("http://1.1.1.1/", "outgoing.plain"),
        ("https://x.example/" + "a" * 500, "webhook.url"),
    ],
)
def test_an_address_the_house_may_not_go_to_is_refused_with_its_reason(url, code):
    with pytest.raises(Refused) as caught:
        actions.create_endpoint(HOUSE, url=url)
    assert (caught.value.code, caught.value.field) == (code, "url")
    assert Endpoint.objects.count() == 0


def test_a_name_that_is_not_known_yet_is_taken_in(monkeypatch):
    def unknown(_host: str, _port: int) -> list[str]:
        raise OSError

    monkeypatch.setattr(client, "resolve", unknown)
    assert actions.create_endpoint(HOUSE, url="https://later.example/")[0].pk


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"kinds": ["case.exploded"]}, "webhook.kind"),
        ({"place_id": 0}, "webhook.place"),
        ({"language": "fr"}, "webhook.language"),
    ],
)
def test_wishes_that_mean_nothing_are_refused(receiver, given, code):
    with pytest.raises(Refused) as caught:
        actions.create_endpoint(HOUSE, url=receiver.url, **given)
    assert caught.value.code == code


def test_while_the_secrets_overlap_messages_carry_both_signatures(endpoint, receiver):
    _same, fresh = actions.rotate_secret(HOUSE, endpoint.pk)
    waiting(endpoint)
    sending.send_due()
    (got,) = receiver.got
    assert genuine(got, endpoint.plain)
    assert Webhook(fresh).verify(got.body, got.headers)
    Endpoint.objects.update(old_secret_until=clock.now() - timedelta(seconds=1))
    waiting(endpoint)
    sending.send_due()
    assert receiver.got[1].headers["webhook-signature"].count("v1,") == 1
    assert genuine(receiver.got[1], fresh)


def test_a_secret_that_leaked_ends_at_once(endpoint, receiver):
    _same, fresh = actions.rotate_secret(HOUSE, endpoint.pk, overlap=timedelta())
    waiting(endpoint)
    sending.send_due()
    assert receiver.got[0].headers["webhook-signature"].count("v1,") == 1
    assert genuine(receiver.got[0], fresh)
    with pytest.raises(Refused):
        actions.rotate_secret(HOUSE, endpoint.pk, overlap=timedelta(days=8))


def test_a_test_message_shows_the_answer_at_once_even_of_a_paused_endpoint(endpoint, receiver):
    actions.pause_endpoint(HOUSE, endpoint.pk)
    receiver.status = 418
    sent = actions.send_test(HOUSE, endpoint.pk)
    assert (sent.state, sent.status, sent.words) == ("dead", 418, "说不行")
    assert genuine(receiver.got[0], endpoint.plain)
    receiver.status = 204
    assert actions.send_test(HOUSE, endpoint.pk).state == "done"


def test_messages_are_sent_again_one_by_one_or_all_since_a_moment(endpoint, receiver):
    done, dead, other = waiting(endpoint, 3, state="done")
    Delivery.objects.filter(pk=dead.pk).update(state="dead")
    assert actions.replay(HOUSE, endpoint.pk, [done.pk]) == 1
    assert sending.send_due() == 1
    assert receiver.got[0].id == done.message_id
    since = clock.now() - timedelta(hours=1)
    assert actions.replay_since(HOUSE, endpoint.pk, since) == 1
    sending.send_due()
    assert receiver.got[1].id == dead.message_id
    assert actions.replay_since(HOUSE, endpoint.pk, since, all_states=True) == 3
    sending.send_due()
    with pytest.raises(Conflict):
        actions.replay_since(HOUSE, endpoint.pk, clock.now() + timedelta(hours=1))
    other.refresh_from_db()
    assert other.replays == 1


def test_messages_of_another_endpoint_are_not_sent_again(endpoint, receiver):
    second, _secret = actions.create_endpoint(HOUSE, url=receiver.url)
    (foreign,) = waiting(second, state="dead")
    with pytest.raises(Conflict):
        actions.replay(HOUSE, endpoint.pk, [foreign.pk])


def test_pausing_twice_and_what_is_gone_are_said_so(endpoint):
    actions.pause_endpoint(HOUSE, endpoint.pk)
    with pytest.raises(Conflict):
        actions.pause_endpoint(HOUSE, endpoint.pk)
    actions.delete_endpoint(HOUSE, endpoint.pk)
    with pytest.raises(NotFound):
        actions.pause_endpoint(HOUSE, endpoint.pk)


def test_a_change_is_on_record_with_before_and_after(endpoint, receiver):
    actions.change_endpoint(HOUSE, endpoint.pk, url=receiver.url + "2", kinds=["case.closed"], language="en")
    entry = Entry.objects.get(action="webhook.changed")
    assert entry.before["kinds"] == []
    assert entry.after["kinds"] == ["case.closed"]
    assert entry.after["url"].endswith("2")


def test_only_the_system_administrator_sees_and_changes_endpoints(town, endpoint):
    assert queries.endpoint(town.viewer("system"), endpoint.pk).waiting == 0
    for name in ("nobody", "resident", "dispatcher", "leader", "security", "audit"):
        viewer = town.viewer(name)
        with pytest.raises(NotAllowed):
            queries.endpoints(viewer)
        with pytest.raises(NotAllowed):
            queries.deliveries(viewer, endpoint.pk)
        with pytest.raises(NotAllowed):
            actions.send_test(viewer, endpoint.pk)
