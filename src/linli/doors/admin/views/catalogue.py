"""The catalogue: items by class, one item with its rules and its history."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.admin.forms.matters import ItemForm, NewItemForm, RetireItemForm
from linli.doors.common.formwork import carry_out, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.kernel.journal import queries as journal
from linli.rooms.catalogue import actions, queries
from linli.rooms.catalogue.models import STANDARD
from linli.rooms.catalogue.snapshot import ItemEntry


@require_GET
@opens("catalogue.edit")
def index(request: HttpRequest) -> HttpResponse:
    """Classes with their items, or what a search finds."""
    kind = "component" if request.GET.get("kind") == "component" else "matter"
    words = request.GET.get("q", "").strip()[:60]
    inactive = request.GET.get("inactive") == "1"
    chosen = request.GET.get("class", "")[:3]
    found = queries.search(words, kind=kind, limit=60, inactive=True) if words else []
    branches = [] if words else queries.tree(kind, inactive=inactive)
    return render(
        request,
        "admin_door/catalogue.html",
        {
            "kind": kind,
            "words": words,
            "inactive": inactive,
            "chosen": chosen,
            "found": found,
            "branches": branches,
            "open_branch": next((branch for branch in branches if branch.matter_class.key == chosen), None),
            "standard": STANDARD,
            "rule_counts": {entry.key: len(queries.rules_for(entry.key)) for b in branches for entry in b.items},
        },
    )


@require_http_methods(["GET", "POST"])
@opens("catalogue.edit")
def item(request: HttpRequest, key: str) -> HttpResponse:
    """One item: its words can be changed, the name of an item of the standard stays."""
    entry = queries.item(key)
    form = ItemForm(typed(request), initial=_initial(entry))
    if not entry.local:
        form.fields["name_zh"].disabled = True
        form.fields["name_zh"].help_text = _("标准里的名称不能改；可以加俗称。")
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        version = given.pop("version")
        if carry_out(form, lambda: actions.change_item(viewer_of_request(request), key, version, **given)):
            messages.success(request, _("“%(name)s”已保存。") % {"name": entry.name})
            return redirect("admin_door:item", key)
    return _item(request, entry, form=form, status=status_of(form))


def _initial(entry: ItemEntry) -> dict[str, Any]:
    return {
        "name_zh": entry.name_zh,
        "name_en": entry.name_en,
        "synonyms": "、".join(entry.synonyms),
        "urgency": entry.urgency,
        "danger": entry.danger,
        "version": entry.version,
    }


def _item(request: HttpRequest, entry: ItemEntry, status: int = 200, **forms: Any) -> HttpResponse:
    present = queries.catalogue()
    context = {
        "item": entry,
        "concerns": present.items.get(entry.concerns or ""),
        "successor": present.items.get(entry.successor or ""),
        "rules": queries.rules_for(entry.key),
        "history": list(reversed(journal.of("item", entry.key))),
        "form": ItemForm(initial=_initial(entry)),
        "retire": RetireItemForm(),
    }
    return render(request, "admin_door/item.html", context | forms, status=status)


@require_http_methods(["GET", "POST"])
@opens("catalogue.edit")
def create(request: HttpRequest) -> HttpResponse:
    """A local item."""
    initial = {"class_key": request.GET.get("class", "")[:3], "urgency": "routine"}
    form = NewItemForm(typed(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        done = carry_out(form, lambda: actions.add_item(viewer_of_request(request), **form.cleaned_data))
        if done:
            words = {"name": done.value.name_zh, "key": done.value.key}
            messages.success(request, _("“%(name)s”已添加，编码 %(key)s。下一步给它写立案规则。") % words)
            return redirect("admin_door:item", done.value.key)
    context = {
        "form": form,
        "title": _("添加本地事项"),
        "lead": _("标准里没有的事项，从 999 往下编号。"),
        "submit": _("添加"),
        "back_url": reverse("admin_door:catalogue"),
    }
    return render(request, "admin_door/form.html", context, status=status_of(form))


@require_POST
@opens("catalogue.edit")
def retire(request: HttpRequest, key: str) -> HttpResponse:
    """Take an item out of use; cases that name it keep it."""
    entry = queries.item(key)
    form = RetireItemForm(request.POST)
    if form.is_valid():
        heir = form.cleaned_data["successor"] or None
        if carry_out(form, lambda: actions.retire_item(viewer_of_request(request), key, successor=heir)):
            messages.success(request, _("“%(name)s”已停用，旧案件不变。") % {"name": entry.name})
            return redirect("admin_door:item", key)
    return _item(request, entry, retire=form, status=status_of(form))


@require_POST
@opens("catalogue.edit")
def restore(request: HttpRequest, key: str) -> HttpResponse:
    """Bring a retired item back."""
    actions.restore_item(viewer_of_request(request), key)
    messages.success(request, _("已恢复使用。"))
    return redirect("admin_door:item", key)
