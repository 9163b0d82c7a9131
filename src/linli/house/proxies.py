"""Who a request comes from, when a web server stands before Linli.

`LINLI_PROXIES` lists the addresses or networks of those servers (with LINLI_HTTPS=1 this machine's own by default).
Only what comes from them may speak for others: X-Forwarded-For then gives the visitor's address (the last one that
is no proxy of ours), X-Forwarded-Proto the protocol. From anybody else X-Forwarded-Proto is dropped.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(words: Iterable[str]) -> list[Network]:
    """The networks of a setting. Raises ValueError with the word that is none."""
    return [ipaddress.ip_network(word, strict=False) for word in words]


class ProxyMiddleware:
    """First of all: whatever counts by address must see the visitor's, not the proxy's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.trusted = networks(settings.LINLI_PROXIES)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        meta = request.META
        if not self._is_ours(meta.get("REMOTE_ADDR", "")):
            meta.pop("HTTP_X_FORWARDED_PROTO", None)
            return self.get_response(request)
        for hop in reversed(meta.get("HTTP_X_FORWARDED_FOR", "").split(",")):
            hop = hop.strip()
            if not _is_address(hop):
                break
            meta["REMOTE_ADDR"] = hop
            if not self._is_ours(hop):
                break
        return self.get_response(request)

    def _is_ours(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self.trusted if network.version == found.version)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
