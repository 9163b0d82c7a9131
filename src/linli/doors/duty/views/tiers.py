"""One tier of a draft: add, change, move, take out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from linli.doors.common.formwork import status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.duty.forms import TierForm
from linli.doors.duty.views.ladders import ladder_or_404, with_version
from linli.kernel.errors import NotFound
from linli.rooms.ladder import editing
from linli.rooms.ladder.models import Ladder, Tier


def _tier(tier_id: int) -> Tier:
    found = Tier.objects.select_related("ladder", "post_kind", "unit").filter(pk=tier_id).first()
    if found is None:
        raise NotFound(_("没有这一层，可能已被删除"), "ladder.tier_not_found")
    return found


@require_http_methods(["GET", "POST"])
@opens("ladder.edit")
def add(request: HttpRequest, ladder_id: int) -> HttpResponse:
    """One more tier on top."""
    ladder = ladder_or_404(ladder_id)
    form = TierForm(typed(request), initial=TierForm.blank(ladder.version))
    changes: list[dict[str, Any]] = []
    if request.method == "POST" and form.is_valid():
        viewer = viewer_of_request(request)
        done, form, changes = with_version(
            request,
            form,
            ladder,
            lambda: editing.add_tier(viewer, ladder_id, form.words(), version=form.cleaned_data["version"]),
        )
        if done:
            messages.success(request, _("添了“%(name)s”一层。") % {"name": done.value.name})
            return redirect("duty:ladder", ladder_id)
    return _show(request, form, ladder, _("在最上面添一层"), changes)


@require_http_methods(["GET", "POST"])
@opens("ladder.edit")
def edit(request: HttpRequest, tier_id: int) -> HttpResponse:
    """Change one tier."""
    tier = _tier(tier_id)
    form = TierForm(typed(request), initial=TierForm.initial_of(tier))
    changes: list[dict[str, Any]] = []
    if request.method == "POST" and form.is_valid():
        viewer = viewer_of_request(request)
        done, form, changes = with_version(
            request,
            form,
            tier.ladder,
            lambda: editing.edit_tier(viewer, tier_id, form.words(), version=form.cleaned_data["version"]),
        )
        if done:
            messages.success(request, _("“%(name)s”已保存。") % {"name": done.value.name})
            return redirect("duty:ladder", tier.ladder_id)
    return _show(request, form, tier.ladder, tier.name, changes)


def _show(
    request: HttpRequest, form: TierForm, ladder: Ladder, title: str, changes: list[dict[str, Any]]
) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "changes": changes,
        "submit": _("保存"),
        "is_tier": True,
        "back_url": reverse("duty:ladder", args=[ladder.pk]),
        "back_label": ladder.name,
    }
    return render(request, "duty/ladder_form.html", context, status=status_of(form))


@require_POST
@opens("ladder.edit")
def move(request: HttpRequest, tier_id: int) -> HttpResponse:
    """One place up or down."""
    ladder = editing.move_tier(viewer_of_request(request), tier_id, up=request.POST.get("up") == "1")
    return redirect("duty:ladder", ladder.pk)


@require_POST
@opens("ladder.edit")
def remove(request: HttpRequest, tier_id: int) -> HttpResponse:
    """Take a tier out of the draft."""
    ladder = editing.remove_tier(viewer_of_request(request), tier_id)
    messages.success(request, _("已去掉这一层。"))
    return redirect("duty:ladder", ladder.pk)
