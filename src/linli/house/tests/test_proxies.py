"""A web server before Linli speaks for its visitors; nobody else does."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse

from linli.house.proxies import ProxyMiddleware


def seen(settings, trusted: list[str], remote: str, **headers: str) -> dict[str, str]:
    settings.LINLI_PROXIES = trusted
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": remote, **headers}
    ProxyMiddleware(lambda _: HttpResponse())(request)
    return request.META


@pytest.mark.parametrize(
    ("remote", "forwarded", "found"),
    [
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "1.2.3.4, 203.0.113.7", "203.0.113.7"),  # what the visitor wrote before is not believed
        ("127.0.0.1", "203.0.113.7, 10.0.0.5", "203.0.113.7"),  # two proxies of ours
        ("10.0.0.9", "2001:db8::7", "2001:db8::7"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7, nonsense", "127.0.0.1"),
        ("198.51.100.1", "203.0.113.7", "198.51.100.1"),  # no proxy of ours
    ],
)
def test_the_visitor_is_the_last_address_that_is_no_proxy(settings, remote: str, forwarded: str, found: str) -> None:
    meta = seen(settings, ["127.0.0.1", "10.0.0.0/8"], remote, HTTP_X_FORWARDED_FOR=forwarded)
    assert meta["REMOTE_ADDR"] == found


def test_the_protocol_is_believed_from_our_proxy_only(settings) -> None:
    trusted = seen(settings, ["127.0.0.1"], "127.0.0.1", HTTP_X_FORWARDED_PROTO="https")
    assert trusted["HTTP_X_FORWARDED_PROTO"] == "https"
    stranger = seen(settings, ["127.0.0.1"], "198.51.100.1", HTTP_X_FORWARDED_PROTO="https")
    assert "HTTP_X_FORWARDED_PROTO" not in stranger


def test_without_proxies_nobody_is_believed(settings) -> None:
    meta = seen(settings, [], "127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.7", HTTP_X_FORWARDED_PROTO="https")
    assert meta["REMOTE_ADDR"] == "127.0.0.1" and "HTTP_X_FORWARDED_PROTO" not in meta
