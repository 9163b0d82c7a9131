"""Responsible units and who works for them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.admin.forms.people import EndUnitForm, UnitForm
from linli.doors.common.formwork import carry_out, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.rooms.people import actions, queries
from linli.rooms.people.models import Unit
from linli.rooms.places.atlas import today

PAGE = 50
FIELDS = {"place": "place", "parent": "parent"}


@require_GET
@opens("units.edit")
def index(request: HttpRequest) -> HttpResponse:
    """Units by words and kind."""
    words = request.GET.get("q", "").strip()[:60]
    kind = request.GET.get("kind", "")
    past = request.GET.get("past") == "1"
    rows = queries.units(words, kind=kind if kind in Unit.Kind.values else "", past=past)
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "words": words,
        "kind": kind,
        "past": past,
        "kinds": Unit.Kind.choices,
        "today": today(),
    }
    return render(request, "admin_door/units.html", context)


def _facts(form: UnitForm) -> dict[str, Any]:
    given = dict(form.cleaned_data)
    place, parent = given.pop("place"), given.pop("parent")
    return given | {"place_id": place.id if place else None, "parent_id": parent.pk if parent else None}


@require_http_methods(["GET", "POST"])
@opens("units.edit")
def create(request: HttpRequest) -> HttpResponse:
    """A new unit."""
    form = UnitForm(typed(request), initial={"kind": "department"})
    if request.method == "POST" and form.is_valid():
        done = carry_out(form, lambda: actions.create_unit(viewer_of_request(request), **_facts(form)), FIELDS)
        if done:
            messages.success(request, _("“%(name)s”已添加。") % {"name": done.value.name})
            return redirect("admin_door:unit", done.value.pk)
    context = {"form": form, "title": _("添加单位"), "submit": _("添加"), "back_url": reverse("admin_door:units")}
    return render(request, "admin_door/form.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
@opens("units.edit")
def show(request: HttpRequest, unit_id: int) -> HttpResponse:
    """One unit: its facts, its people, its end."""
    unit = queries.unit(unit_id)
    form = _form(typed(request), unit)
    if (
        request.method == "POST"
        and form.is_valid()
        and carry_out(form, lambda: actions.edit_unit(viewer_of_request(request), unit_id, **_facts(form)), FIELDS)
    ):
        messages.success(request, _("已保存。"))
        return redirect("admin_door:unit", unit_id)
    return _show(request, unit, status_of(form), form=form)


def _form(data: Any, unit: Unit) -> UnitForm:
    names = ("name_zh", "name_en", "kind", "credit_code", "place", "parent", "phone")
    form = UnitForm(data, initial={name: getattr(unit, name) for name in names})
    del form.fields["code"]
    return form


def _show(request: HttpRequest, unit: Unit, status: int = 200, **forms: Any) -> HttpResponse:
    context = {
        "unit": unit,
        "staff": queries.staff_of(unit.pk),
        "ended": unit.valid_to is not None and unit.valid_to <= today(),
        "form": None,
        "end": EndUnitForm(initial={"valid_to": today()}),
    }
    return render(request, "admin_door/unit.html", context | {"form": _form(None, unit)} | forms, status=status)


@require_POST
@opens("units.edit")
def end(request: HttpRequest, unit_id: int) -> HttpResponse:
    """End a unit; the posts held for it end too."""
    unit = queries.unit(unit_id)
    form = EndUnitForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        heir = given["successor"].pk if given["successor"] else None
        done = carry_out(
            form,
            lambda: actions.end_unit(
                viewer_of_request(request), unit_id, valid_to=given["valid_to"], successor_id=heir
            ),
        )
        if done:
            words = {"name": unit.name, "day": given["valid_to"].isoformat()}
            messages.success(request, _("“%(name)s”从 %(day)s 起不再存在，它的岗位同日结束。") % words)
            return redirect("admin_door:unit", unit_id)
    return _show(request, unit, status_of(form), end=form)
