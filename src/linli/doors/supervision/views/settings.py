"""What operators set of supervision: limits, the rule of recurring places, lights, how numbers begin."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from linli.doors.common.formwork import carry_out, status_of
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.supervision.forms import LightForms, PrefixForm, RulesForm
from linli.kernel import clock
from linli.kernel.clock import TimeLimit
from linli.kernel.errors import Conflict, LinliError, Refused
from linli.rooms.oversight.actions.numbering import set_prefix
from linli.rooms.oversight.actions.parts import rules_in_force
from linli.rooms.oversight.actions.settings import LightWords, RuleWords, set_lights, set_rules
from linli.rooms.oversight.models import Light, Register
from linli.rooms.oversight.rules import civil_year
from linli.rooms.places.queries import tree


@require_http_methods(["GET", "HEAD", "POST"])
@opens("oversight.edit")
def rules(request: HttpRequest) -> HttpResponse:
    """Limits and rules, and the prefixes of numbers."""
    by = viewer_of_request(request)
    wanted = request.POST.get("form", "") if request.method == "POST" else ""
    form = RulesForm(request.POST if wanted == "rules" else None, initial=_of_rules())
    districts = [(str(place.pk), place.name) for place in tree(kinds=["district"])]
    prefix = PrefixForm(
        request.POST if wanted == "prefix" else None, initial={"year": civil_year(clock.now())}, prefix="number"
    )
    prefix.fields["district"].choices = districts  # type: ignore[attr-defined]
    if wanted == "rules" and form.is_valid():
        given = dict(form.cleaned_data)
        version = given.pop("version")
        given["levels"] = form.level_pairs()
        if carry_out(form, lambda: set_rules(by, RuleWords(**given), version=version)):
            messages.success(request, _("已保存。"))
            return redirect("supervision:settings")
    if wanted == "prefix" and prefix.is_valid():
        facts = prefix.cleaned_data
        done = carry_out(
            prefix, lambda: set_prefix(by, int(facts["district"]), facts["series"], facts["year"], facts["prefix"])
        )
        if done:
            messages.success(request, _("已保存。"))
            return redirect("supervision:settings")
    registers = Register.objects.select_related("district").order_by("-year", "district", "series")
    context = {"form": form, "prefix": prefix, "registers": registers}
    return render(request, "supervision/settings.html", context, status=max(status_of(form), status_of(prefix)))


def _of_rules() -> dict[str, Any]:
    row = rules_in_force()
    limits = {
        name: _written(getattr(row, f"{name}_amount"), getattr(row, f"{name}_unit"))
        for name in ("sign", "answer", "check", "rating")
    }
    names = ("version", "rating_level", "recurring_cases", "recurring_metres", "recurring_days")
    levels = [f"{zh} | {en}" for zh, en in zip(row.levels_zh, row.levels_en or row.levels_zh, strict=True)]
    return {**limits, **{name: getattr(row, name) for name in names}, "levels": "\n".join(levels)}


def _written(amount: int, unit: Any) -> str:
    return str(TimeLimit(amount, unit))


@require_http_methods(["GET", "HEAD", "POST"])
@opens("oversight.edit")
def lights(request: HttpRequest) -> HttpResponse:
    """All lights at once; an empty row is none."""
    names = ("code", "kind", "share", "name_zh", "name_en", "colour", "shape", "proposes")
    now = list(Light.objects.values(*names))
    forms = LightForms(request.POST if request.method == "POST" else None, initial=now)
    error, status = "", 200
    if request.method == "POST":
        status = 422
        if forms.is_valid():
            wanted = [
                LightWords(
                    **_facts(form),
                )
                for form in forms
                if form.cleaned_data.get("code")
            ]
            try:
                set_lights(viewer_of_request(request), wanted)
            except (Refused, Conflict) as refused:
                error = _words(refused)
            else:
                messages.success(request, _("督办灯已换，在办的督办单按新的亮灯。"))
                return redirect("supervision:lights")
    return render(request, "supervision/lights.html", {"forms": forms, "error": error}, status=status)


def _facts(form: Any) -> dict[str, Any]:
    """One light as its row has it."""
    return {**form.cleaned_data, "share": form.cleaned_data.get("share") or 100}


def _words(error: LinliError) -> str:
    return " ".join(str(part) for part in (error.message, error.what_next) if part)
