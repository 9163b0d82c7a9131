"""The kinds of bulletins for the operator: rhythm, parts, readers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from linli.doors.common.formwork import carry_out, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.gazette.forms import KindForm
from linli.kernel.errors import NotFound
from linli.rooms.bulletins.actions.kinds import add_kind, change_kind
from linli.rooms.bulletins.queries import issues

RIGHT = "oversight.edit"


@require_safe
@opens(RIGHT)
def index(request: HttpRequest) -> HttpResponse:
    """Every kind with its rhythm in words and when the next draft is made."""
    rows = [{"kind": kind, "rhythm": str(kind.rhythm)} for kind in issues.kinds()]
    return render(request, "gazette/kinds.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@opens(RIGHT)
def new(request: HttpRequest) -> HttpResponse:
    """A new kind."""
    viewer = viewer_of_request(request)
    form = KindForm(typed(request))
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        code = given.pop("code")
        if carry_out(form, lambda: add_kind(viewer, code, given)):
            messages.success(request, _("已添加。"))
            return redirect("gazette:kinds")
    return _form(request, form, _("新的通报"))


@require_http_methods(["GET", "HEAD", "POST"])
@opens(RIGHT)
def change(request: HttpRequest, code: str) -> HttpResponse:
    """Change one kind."""
    viewer = viewer_of_request(request)
    kind = next((each for each in issues.kinds() if each.code == code), None)
    if kind is None:
        raise NotFound(_("没有这种通报。"), code="bulletin.kind_unknown")
    form = KindForm(typed(request), kind=kind)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        version = given.pop("version")
        if carry_out(form, lambda: change_kind(viewer, code, given, version=version)):
            messages.success(request, _("已保存。已经起草的不受影响。"))
            return redirect("gazette:kinds")
    return _form(request, form, kind.name)


def _form(request: HttpRequest, form: KindForm, title: str) -> HttpResponse:
    return render(request, "gazette/kind.html", {"form": form, "title": title}, status=status_of(form))
