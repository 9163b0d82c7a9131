"""What the house signs, any receiver with the Standard Webhooks library can check, and the other way round."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from linli.kernel.outgoing import BadSignature, new_secret, sign, verify_signature

NOW = datetime.now(UTC)
BODY = '{"type":"case.closed","say":"已办结"}'.encode()


def test_the_reference_library_accepts_our_signature():
    secret, now = new_secret(), datetime.now(UTC)
    assert Webhook(secret).verify(BODY, sign(secret, "msg_1", now, BODY))["type"] == "case.closed"


def test_we_accept_the_signature_of_the_reference_library():
    secret, now = new_secret(), datetime.now(UTC)
    headers = {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(int(now.timestamp())),
        "Webhook-Signature": Webhook(secret).sign("msg_1", now, BODY.decode()),
    }
    assert verify_signature(secret, headers, BODY) == "msg_1"


def test_during_a_rotation_the_old_and_the_new_secret_are_good():
    old, new, now = new_secret(), new_secret(), datetime.now(UTC)
    headers = sign([new, old], "msg_1", now, BODY)
    assert headers["webhook-signature"].count("v1,") == 2
    for secret in (old, new):
        assert Webhook(secret).verify(BODY, headers)
    assert verify_signature([new_secret(), old], headers, BODY) == "msg_1"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"webhook-id": "msg_2"}, "no signature"),
        ({"webhook-signature": "v1,AAAA"}, "no signature"),
        ({"webhook-signature": "v1a,é v2,x"}, "no signature"),
        ({"webhook-signature": ""}, "no signature"),
        ({"webhook-timestamp": "later"}, "not a number"),
        ({"webhook-timestamp": "²"}, "not a number"),
        ({"webhook-timestamp": str(int(NOW.timestamp()) - 301)}, "too far"),
        ({"webhook-timestamp": str(int(NOW.timestamp()) + 301)}, "too far"),
        ({"webhook-timestamp": str(int(NOW.timestamp()) - 1)}, "no signature"),
    ],
)
def test_a_changed_message_is_refused(change: dict[str, str], words: str):
    secret = new_secret()
    headers = {**sign(secret, "msg_1", NOW, BODY), **change}
    with pytest.raises(BadSignature, match=words):
        verify_signature(secret, headers, BODY, now=NOW)
    with pytest.raises((WebhookVerificationError, ValueError)):
        Webhook(secret).verify(BODY, headers)


def test_another_body_another_secret_and_missing_headers_are_refused():
    secret = new_secret()
    headers = sign(secret, "msg_1", NOW, BODY)
    with pytest.raises(BadSignature):
        verify_signature(secret, headers, BODY + b" ")
    with pytest.raises(BadSignature):
        verify_signature(new_secret(), headers, BODY)
    with pytest.raises(BadSignature, match="webhook-timestamp is missing"):
        verify_signature(secret, {k: v for k, v in headers.items() if k != "webhook-timestamp"}, BODY)


def test_five_minutes_either_way_are_forgiven():
    secret = new_secret()
    for apart in (-300, 300):
        moment = NOW.replace(microsecond=0) + timedelta(seconds=apart)
        assert verify_signature(secret, sign(secret, "m", moment, BODY), BODY, now=NOW.replace(microsecond=0)) == "m"


@pytest.mark.parametrize("secret", ["whsec_short", "whsec_!!!", "", "whsec_" + "A" * 100])
def test_what_is_no_secret_does_not_sign(secret: str):
    with pytest.raises(ValueError, match="webhook secret"):
        sign(secret, "m", NOW, BODY)
