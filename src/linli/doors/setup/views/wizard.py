"""The way through the set-up: the link, the administrators, what ships, the end. Each page leads on."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.common.formwork import carry_out, status_of, typed
from linli.doors.common.gate import viewer_of_request
from linli.doors.setup import keeper, steps
from linli.doors.setup.forms import (
    AdministratorsForm,
)
from linli.kernel import clock
from linli.kernel.clock import actions as clock_actions
from linli.kernel.clock import queries as calendar_queries
from linli.kernel.clock.published import published_years
from linli.kernel.errors import NotAllowed, NotFound
from linli.rooms.catalogue import queries as catalogue_queries
from linli.rooms.people.actions.first import FirstAdministrator, create_first_administrators

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
HOLDS_LINK = "linli_setup"
BACK = "setup_back"
AWAY = {"grids_import", "grids", "division_borders", "rules_import", "calendar"}


def goes_on(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """A page of the set-up: for the holder of the link, then for the system administrator; closed for ever after."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not keeper.is_open():
            raise NotFound(
                _("首次设置已经完成。"), "setup.closed", what_next=_("请用管理员账号登录，在管理页里继续调整。")
            )
        viewer = viewer_of_request(request)
        if keeper.is_empty_house():
            if not request.session.get(HOLDS_LINK):
                raise NotAllowed(
                    _("请打开启动时给出的设置链接。"),
                    "setup.link",
                    what_next=_("运行 ./linli serve 的窗口里，“Set it up at”后面就是。"),
                )
            if view.__name__ != "administrators":
                return redirect("setup:administrators")
        elif not viewer.signed_in:
            return redirect_to_login(request.path)
        elif viewer.admin_role != "system":
            raise NotAllowed(_("首次设置由系统管理员完成。"), "setup.system_administrator")
        request.session.pop(BACK, None)
        return view(request, *args, **kwargs)

    return guarded


@never_cache
@require_GET
def home(request: HttpRequest) -> HttpResponseBase:
    """The printed link leads here: the token is exchanged for the session and leaves the address."""
    token = request.GET.get("token", "")
    if token:
        if not keeper.token_fits(token):
            raise NotFound(
                _("这个设置链接已经用过，或不完整。"),
                "setup.token",
                what_next=_("请从启动窗口重新复制整条链接；已建好管理员的，请直接登录。"),
            )
        request.session.cycle_key()
        request.session[HOLDS_LINK] = True
        return redirect("setup:administrators")
    return _onwards(request)


@goes_on
def _onwards(request: HttpRequest) -> HttpResponse:
    return redirect(f"setup:{steps.first_open()}")


def show(request: HttpRequest, key: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The page of a step, with all steps and the ways back and on."""
    known = steps.standings(key)
    keys = [step.key for step in steps.STEPS]
    at = keys.index(key)
    more = {
        "standings": known,
        "step": steps.BY_KEY[key],
        "number": at + 1,
        "previous": keys[at - 1] if at > 1 else "",
        "next": keys[at + 1] if at + 1 < len(keys) else "",
        "is_done": known[at].state == "done",
    }
    return render(request, f"setup/{key}.html", more | context, status=status)


@require_POST
@goes_on
def skip(request: HttpRequest, key: str) -> HttpResponse:
    """Leave a step out for now."""
    if key not in steps.BY_KEY or not steps.BY_KEY[key].skipping:
        raise Http404
    keeper.skip(key)
    return redirect(f"setup:{steps.next_after(key)}")


@require_GET
@goes_on
def away(request: HttpRequest, key: str) -> HttpResponse:
    """A page of the administrators' door that belongs to a step; it shows the way back."""
    if key not in AWAY:
        raise Http404
    came_from = request.GET.get("from", "")
    request.session[BACK] = reverse(f"setup:{came_from if came_from in steps.BY_KEY else 'home'}")
    return redirect(f"admin_door:{key}")


# ── the steps ──────────────────────────────────────────────────────────────────────────────────────


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
@goes_on
def administrators(request: HttpRequest) -> HttpResponse:
    """The first administrator chooses a password; the two others get one-time ones."""
    if not keeper.is_empty_house():
        return show(request, "administrators", {"form": None})
    form = AdministratorsForm(typed(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        wanted = [FirstAdministrator("system", given["username"], given["name"], given["password"])]
        wanted += [
            FirstAdministrator(role, given[f"{role}_username"], given[f"{role}_name"])
            for role in ("security", "audit")
            if given[f"{role}_username"]
        ]
        language = getattr(request, "LANGUAGE_CODE", "zh-hans")
        done = carry_out(form, lambda: create_first_administrators(wanted, language=language))
        if done:
            keeper.begin()
            first = done.value[0][0]
            login(request, first, backend=BACKEND)
            passwords = [(account.username, password) for account, password in done.value[1:]]
            if passwords:
                return show(request, "administrators", {"form": None, "passwords": passwords})
            messages.success(request, _("您已登录为系统管理员。"))
            return redirect("setup:district")
    return show(request, "administrators", {"form": form}, status_of(form))


@require_http_methods(["GET", "POST"])
@goes_on
def catalogue(request: HttpRequest) -> HttpResponse:
    """The shipped catalogue and rules; a city's own rules if wanted."""
    if request.method == "POST":
        keeper.saw("catalogue")
        return redirect("setup:calendar")
    present = catalogue_queries.catalogue()
    context = {
        "matters": sum(entry.active and entry.kind == "matter" for entry in present.items.values()),
        "components": sum(entry.active and entry.kind == "component" for entry in present.items.values()),
        "rule_set": catalogue_queries.active_rule_set(),
        "drafts": list(catalogue_queries.drafts()),
    }
    return show(request, "catalogue", context)


@require_http_methods(["GET", "POST"])
@goes_on
def calendar(request: HttpRequest) -> HttpResponse:
    """The shipped official years."""
    official = {item.year for item in calendar_queries.years() if item.official}
    if request.method == "POST":
        if set(published_years()) - official:
            clock_actions.seed_years(keeper.authority(viewer_of_request(request)))
        keeper.saw("calendar")
        return redirect("setup:finish")
    hours = "，".join(
        f"{opens // 60:02d}:{opens % 60:02d}–{closes // 60:02d}:{closes % 60:02d}"
        for opens, closes in calendar_queries.hours()[-1][1]
    )
    context = {
        "years": [item for item in calendar_queries.years() if item.official][:4],
        "shipped": published_years(),
        "unknown": calendar_queries.unknown_years(clock.now()),
        "hours": hours,
    }
    return show(request, "calendar", context)


@require_http_methods(["GET", "POST"])
@goes_on
def finish(request: HttpRequest) -> HttpResponse:
    """What is there and what is missing; closing leads to the first report."""
    root = steps.district()
    if root is None:
        return redirect("setup:district")
    open_steps = [item for item in steps.standings("finish") if item.state != "done" and item.step.key != "finish"]
    if request.method == "POST":
        keeper.close()
        address = request.build_absolute_uri(reverse("portal:report"))
        return render(request, "setup/closed.html", {"root": root, "address": address})
    return show(request, "finish", {"open_steps": open_steps, "root": root})
