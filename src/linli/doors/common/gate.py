"""Who may come in: one decorator for pages that need a capability."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from linli.kernel.errors import NotAllowed
from linli.rooms.people.rights import Viewer

View = Callable[..., HttpResponseBase]


def viewer_of_request(request: HttpRequest) -> Viewer:
    """Who is looking."""
    return request.viewer  # type: ignore[attr-defined, no-any-return]


def opens(*capabilities: str) -> Callable[[View], View]:
    """A page for whoever holds one of the capabilities: strangers are led to the sign-in, others get a 403."""

    def decorate(view: View) -> View:
        @never_cache
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            viewer = viewer_of_request(request)
            if not viewer.signed_in:
                return redirect_to_login(request.get_full_path() if request.method == "GET" else request.path)
            if not any(viewer.has(capability) for capability in capabilities):
                raise NotAllowed(
                    _("这一页不在您的职责范围内。"),
                    what_next=_("系统、安全、审计三种管理员各看各的页面；需要时请对应的管理员办理。"),
                )
            return view(request, *args, **kwargs)

        guarded.capabilities = capabilities  # type: ignore[attr-defined]
        return guarded

    return decorate
