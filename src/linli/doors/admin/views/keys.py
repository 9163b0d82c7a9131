"""Keys for machines: who may come in by interface, for what, how long. The secret is shown once."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.admin.forms.keys import KeyForm, RotateForm
from linli.doors.common.formwork import carry_out, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.kernel import clock
from linli.rooms.people import actions, queries
from linli.rooms.people.keys import SCOPES
from linli.rooms.people.models import AccessKey

PAGE = 50
FIELDS = {"expires": "expires_days"}


@require_GET
@opens("keys.edit")
def index(request: HttpRequest) -> HttpResponse:
    """All keys, those in use first."""
    page = Paginator(queries.access_keys(viewer_of_request(request)), PAGE).get_page(request.GET.get("page"))
    now = clock.now()
    rows = [
        {
            "key": key,
            "scopes": [SCOPES[scope] for scope in key.scopes],
            "over": key.expires_at is not None and key.expires_at <= now,
            "old_until": key.old_until if key.old_until and key.old_until > now else None,
        }
        for key in page.object_list
    ]
    return render(request, "admin_door/keys.html", {"page": page, "rows": rows})


@require_http_methods(["GET", "POST"])
@opens("keys.edit")
def create(request: HttpRequest) -> HttpResponse:
    """A new key."""
    form = KeyForm(typed(request), initial={"scopes": ["report", "read"]})
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        place, unit = given.pop("place"), given.pop("unit")
        done = carry_out(
            form,
            lambda: actions.create_key(
                viewer_of_request(request),
                **given,
                place_id=place.pk if place else None,
                unit_id=unit.pk if unit else None,
            ),
            FIELDS,
        )
        if done:
            return _secret(request, *done.value, _("密钥已建好"))
    context = {
        "form": form,
        "title": _("添加密钥"),
        "lead": _("建好后给出密钥，只显示一次；它等于一把钥匙，请当面或用加密的方式交给对方。"),
        "submit": _("建密钥"),
        "back_url": reverse("admin_door:keys"),
    }
    return render(request, "admin_door/form.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
@opens("keys.edit")
def rotate(request: HttpRequest, key_id: int) -> HttpResponse:
    """A new secret; the old one stays good for a while."""
    viewer = viewer_of_request(request)
    key = queries.access_key(viewer, key_id)
    form = RotateForm(typed(request))
    if request.method == "POST" and form.is_valid():
        done = carry_out(form, lambda: actions.rotate_key(viewer, key_id, **form.cleaned_data))
        if done:
            return _secret(request, *done.value, _("新的密钥"))
    context = {
        "form": form,
        "title": _("给“%(name)s”换密钥") % {"name": key.name},
        "submit": _("换密钥"),
        "back_url": reverse("admin_door:keys"),
        "one_column": True,
    }
    return render(request, "admin_door/form.html", context, status=status_of(form))


@require_POST
@opens("keys.edit")
def revoke(request: HttpRequest, key_id: int) -> HttpResponse:
    """From now on the key opens nothing."""
    viewer = viewer_of_request(request)
    key = queries.access_key(viewer, key_id)
    if key.revoked_at is None:
        actions.revoke_key(viewer, key_id)
        messages.success(request, _("“%(name)s”的密钥已撤销，马上不能用。") % {"name": key.name})
    return redirect("admin_door:keys")


def _secret(request: HttpRequest, key: AccessKey, secret: str, title: str) -> HttpResponse:
    context = {"title": title, "key": key, "secret": secret, "back_url": reverse("admin_door:keys")}
    answer = render(request, "admin_door/key_secret.html", context)
    answer["Cache-Control"] = "no-store"
    return answer
