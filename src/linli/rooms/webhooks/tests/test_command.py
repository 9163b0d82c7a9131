"""The operator's command: what it prints can be kept by a script, what it refuses it says."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from linli.rooms.webhooks import sending
from linli.rooms.webhooks.models import Endpoint
from linli.rooms.webhooks.tests.conftest import genuine, waiting

pytestmark = pytest.mark.django_db


def test_create_prints_the_secret_alone(receiver, town, capsys):
    call_command(
        *("webhook", "create", "--url", receiver.url, "--events", "case.closed, case.rated"),
        *("--place", town.one.code, "--language", "en", "--description", "热线"),
    )
    secret = capsys.readouterr().out.strip()
    made = Endpoint.objects.get()
    assert (made.kinds, made.place_id) == (["case.closed", "case.rated"], town.one.pk)
    call_command("webhook", "test", str(made.pk))
    assert "HTTP 204" in capsys.readouterr().out
    assert genuine(receiver.got[0], secret)
    call_command("webhook", "list")
    listed = capsys.readouterr().out
    assert receiver.url in listed and secret not in listed
    call_command("webhook", "rotate", str(made.pk), "--overlap", "0")
    fresh = capsys.readouterr().out.strip()
    call_command("webhook", "test", str(made.pk))
    assert genuine(receiver.got[1], fresh)


def test_failed_messages_are_sent_again(endpoint, receiver, capsys):
    waiting(endpoint, 2, state="dead")
    call_command("webhook", "pause", str(endpoint.pk))
    call_command("webhook", "resume", str(endpoint.pk))
    call_command("webhook", "replay", str(endpoint.pk), "--since", "2020-01-01")
    assert "2 messages" in capsys.readouterr().out
    assert sending.send_due() == 2
    call_command("webhook", "delete", str(endpoint.pk))
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize(
    "words",
    [
        ["create", "--url", "https://169.254.169.254/"],
        ["create", "--url", "https://1.1.1.1/", "--events", "case.exploded"],
        ["create", "--url", "https://1.1.1.1/", "--place", "0"],
        ["test", "0"],
        ["replay", "0", "--since", "morgen"],
        ["replay", "0", "--since", "2020-01-01"],
    ],
)
def test_what_cannot_be_done_is_said(words):
    with pytest.raises(CommandError):
        call_command("webhook", *words)


def test_a_receiver_that_refuses_the_test_is_said(endpoint, receiver):
    receiver.status = 500
    with pytest.raises(CommandError, match="HTTP 500"):
        call_command("webhook", "test", str(endpoint.pk))
