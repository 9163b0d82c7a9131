"""The addresses of Open311. Each is served with `.xml`, with `.json`, or without ending by what the client accepts."""

from __future__ import annotations

from django.urls import URLPattern, re_path

from linli.doors.open311 import gate
from linli.doors.open311.views import discovery, requests, services, updates

app_name = "open311"
_FORM = r"(?:\.(?P<form>xml|json))?/?$"


def _address(path: str, view: object, name: str) -> URLPattern:
    return re_path(f"^{path}{_FORM}", view, name=name)  # type: ignore[call-overload, no-any-return]


urlpatterns = [
    _address("discovery", discovery.discovery, "discovery"),
    _address("v2/discovery", discovery.discovery, "discovery_v2"),
    _address("v2/services", services.services, "services"),
    _address(r"v2/services/(?P<code>[^/.]{1,40})", services.service, "service"),
    _address("v2/requests", requests.requests, "requests"),
    _address(r"v2/requests/(?P<number>[^/.]{1,40})", requests.request, "request"),
    _address(r"v2/tokens/(?P<token>[^/.]{1,40})", requests.token, "token"),
    _address("v2/servicerequestupdates", updates.updates, "updates"),
    re_path(r"^.*$", gate.unknown, name="unknown"),
]
