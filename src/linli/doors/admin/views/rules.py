"""Filing rules: the sets, a city's sheet before it is confirmed, single rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.admin.forms.matters import RuleForm, RuleSheetForm
from linli.doors.common.formwork import carry_out, sent, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.kernel.errors import Conflict, Refused
from linli.rooms.catalogue import actions, preview, queries

PAGE = 100


@require_GET
@opens("catalogue.edit")
def index(request: HttpRequest) -> HttpResponse:
    """Rule sets, sheets that wait for a decision, and the way to bring one in."""
    active = queries.active_rule_set()
    context = {
        "sets": list(queries.rule_sets()),
        "drafts": list(queries.drafts()),
        "active": active,
        "without": sum(not queries.rules_for(entry.key) for entry in queries.catalogue().matters if entry.active),
    }
    return render(request, "admin_door/rules.html", context)


@require_GET
@opens("catalogue.edit")
def rule_set(request: HttpRequest, set_id: int) -> HttpResponse:
    """The rules of one set."""
    found = get_object_or_404(queries.rule_sets(), pk=set_id)
    words = request.GET.get("q", "").strip()[:60]
    rows = queries.rules_of_set(set_id).filter(active=True)
    if words:
        rows = rows.filter(
            Q(item__name_zh__icontains=words) | Q(item__key__istartswith=words) | Q(condition__icontains=words)
        )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"set": found, "page": page, "words": words, "is_active": found.state == "active" or found.shipped}
    return render(request, "admin_door/rule_set.html", context)


@require_http_methods(["GET", "POST"])
@opens("catalogue.edit")
def import_sheet(request: HttpRequest) -> HttpResponse:
    """Read a sheet into a draft."""
    form = RuleSheetForm(typed(request), sent(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        name, data = given["file"]
        done = carry_out(
            form,
            lambda: actions.preview_rules(
                viewer_of_request(request), data, name, convention=given["convention"], name=given["name"]
            ),
        )
        if done:
            return redirect("admin_door:rules_draft", done.value.pk)
    context = {
        "form": form,
        "title": _("导入立案规则"),
        "lead": _("按本市公布的表原样上传。读不懂的行会指出在哪个单元格；确认之前，现行规则不变。"),
        "submit": _("读入并比较"),
        "one_column": True,
        "back_url": reverse("admin_door:rules"),
    }
    return render(request, "admin_door/form.html", context, status=status_of(form))


@require_GET
@opens("catalogue.edit")
def draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    """A sheet that was read: refusals, matches, what would change."""
    return _draft(request, draft_id)


def _draft(
    request: HttpRequest, draft_id: int, typed: dict[int, dict[str, str]] | None = None, error: Any = None
) -> HttpResponse:
    found = queries.draft(draft_id)
    view = preview.view(found)
    rows: list[dict[str, Any]] = [
        {"entry": entry, "choice": "", "other": "", "name_en": "", **(typed or {}).get(entry.number, {})}
        for entry in view.entries
    ]
    rows.sort(key=lambda row: (row["entry"].item is not None, not row["entry"].unsure, row["entry"].number))
    context = {
        "view": view,
        "draft": found,
        "rows": rows,
        "to_look_at": sum(row["entry"].item is None or row["entry"].unsure for row in rows),
        "changed": view.changed[:100],
        "error": error,
        "is_open": found.confirmed_as_id is None and found.discarded_at is None,
    }
    return render(request, "admin_door/rules_draft.html", context, status=error.status if error else 200)


@require_POST
@opens("catalogue.edit")
def confirm(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Put the sheet in force as a whole, with the matches as corrected."""
    choices: dict[int, str] = {}
    names: dict[int, str] = {}
    typed: dict[int, dict[str, str]] = {}
    for field, value in request.POST.items():
        what, _dash, number = field.partition("-")
        if not number.isdecimal() or len(number) > 6:
            continue
        value = str(value).strip()[:160]
        typed.setdefault(int(number), {})[what] = value
        if what == "choice" and value in ("new", "skip"):
            choices[int(number)] = value
        elif what == "name_en" and value:
            names[int(number)] = value
    for entry, given in typed.items():
        if given.get("other") and given.get("choice") == "other":
            choices[entry] = given["other"].split()[0].upper()
    try:
        made = actions.confirm_rules(
            viewer_of_request(request),
            draft_id,
            choices=choices,
            names_en=names,
            accept_refusals=request.POST.get("accept_refusals") == "on",
        )
    except (Refused, Conflict) as error:
        return _draft(request, draft_id, typed, error)
    messages.success(request, _("规则集“%(name)s”已启用；已立案的案件仍按原来的规则。") % {"name": made.title})
    return redirect("admin_door:rule_set", made.pk)


@require_POST
@opens("catalogue.edit")
def discard(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Put a sheet aside."""
    actions.discard_draft(viewer_of_request(request), draft_id)
    messages.success(request, _("规则表已放弃，现行规则不变。"))
    return redirect("admin_door:rules")


def _text(form: forms.Form) -> actions.RuleText:
    return actions.RuleText(**form.cleaned_data)


@require_http_methods(["GET", "POST"])
@opens("catalogue.edit")
def rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Correct one rule: the old one stays for the cases that name it."""
    found = queries.rule(rule_id)
    entry = queries.item(found.item_key)
    form = RuleForm(
        typed(request),
        initial={
            "condition": found.condition_zh,
            "closing_condition": found.closing_zh,
            "condition_en": found.condition_en,
            "closing_condition_en": found.closing_en,
            "limit": str(found.limit),
        },
    )
    if request.method == "POST" and form.is_valid():
        done = carry_out(form, lambda: actions.correct_rule(viewer_of_request(request), rule_id, _text(form)))
        if done:
            messages.success(request, _("规则已更正；已立案的案件仍按原来的规则。"))
            return redirect("admin_door:item", entry.key)
    context = {
        "form": form,
        "rule": found,
        "item": entry,
        "title": _("更正立案规则"),
        "submit": _("保存更正"),
        "back_url": reverse("admin_door:item", args=[entry.key]),
        "back_label": f"{entry.key} {entry.name}",
    }
    return render(request, "admin_door/rule.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
@opens("catalogue.edit")
def create(request: HttpRequest, key: str) -> HttpResponse:
    """One more rule for an item."""
    entry = queries.item(key)
    form = RuleForm(typed(request))
    if request.method == "POST" and form.is_valid():
        done = carry_out(form, lambda: actions.add_rule(viewer_of_request(request), key, _text(form)))
        if done:
            messages.success(request, _("规则已添加。"))
            return redirect("admin_door:item", key)
    context = {
        "form": form,
        "item": entry,
        "title": _("添加立案规则"),
        "submit": _("添加"),
        "back_url": reverse("admin_door:item", args=[key]),
        "back_label": f"{entry.key} {entry.name}",
    }
    return render(request, "admin_door/rule.html", context, status=status_of(form))


@require_POST
@opens("catalogue.edit")
def retire(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Take a rule out of force."""
    found = queries.rule(rule_id)
    actions.retire_rule(viewer_of_request(request), rule_id)
    messages.success(request, _("规则已停用；已立案的案件仍按它办。"))
    return redirect("admin_door:item", found.item_key)
