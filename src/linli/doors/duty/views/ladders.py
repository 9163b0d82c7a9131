"""The operator's pages: editions, a new draft from a preset, one edition with everything about it, putting it in
force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.common.formwork import carry_out, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.duty.forms import ActivateForm, LadderForm
from linli.kernel import clock
from linli.kernel.errors import Conflict, LinliError, NotFound
from linli.kernel.web.when import exact
from linli.rooms.ladder import editing, starting
from linli.rooms.ladder.coverage import coverage
from linli.rooms.ladder.models import Ladder, Stay, Tier
from linli.rooms.ladder.presets import PRESETS, Preset
from linli.rooms.people.models import PostKind, in_language
from linli.rooms.places.models import Place

TONES = {"draft": "info", "active": "brand", "retired": "plain"}
VERBS = {
    "ladder.edited": gettext_lazy("改了名称、日常小事或标记规则"),
    "ladder.tier_added": gettext_lazy("添了一层"),
    "ladder.tier_edited": gettext_lazy("改了一层"),
    "ladder.tier_removed": gettext_lazy("去掉一层"),
    "ladder.tiers_ordered": gettext_lazy("换了次序"),
    "ladder.planned": gettext_lazy("约定了启用时间"),
    "ladder.called_off": gettext_lazy("取消了启用时间"),
    "ladder.activated": gettext_lazy("启用了"),
    "ladder.retired": gettext_lazy("停用了"),
    "ladder.not_started": gettext_lazy("到时没有启用"),
}


@dataclass(frozen=True, slots=True)
class Rung:
    """A tier as it is drawn, of a ladder or of a preset."""

    level: int
    name: str
    bearer: str
    limit: str
    receipt: str
    everyday: bool
    climbs_alone: bool
    top: bool
    tier: Tier | None = None


def drawn(tiers: list[Tier]) -> list[Rung]:
    """A ladder as a picture, the top first."""
    return [
        Rung(
            tier.level,
            tier.name,
            bearer_of(tier),
            str(tier.limit or ""),
            str(tier.receipt or ""),
            tier.for_everyday,
            tier.climbs_alone,
            number == 0,
            tier,
        )
        for number, tier in enumerate(sorted(tiers, key=lambda tier: -tier.level))
    ]


def bearer_of(tier: Tier) -> str:
    """Who bears a tier, in words."""
    if tier.post_kind is not None:
        return tier.post_kind.name
    return tier.unit.name if tier.unit is not None else tier.get_unit_by_display()


def _drawn_preset(preset: Preset, kinds: dict[str, str]) -> list[Rung]:
    labels = {str(code): str(label) for code, label in Tier.UnitBy.choices}
    return [
        Rung(
            seed.level,
            in_language(seed.name_zh, seed.name_en),
            kinds.get(seed.post, seed.post) if seed.post else labels[seed.unit_by],
            str(seed.limit or ""),
            str(seed.receipt),
            seed.for_everyday,
            seed.climbs_alone,
            number == 0,
        )
        for number, seed in enumerate(sorted(preset.tiers, key=lambda seed: -seed.level))
    ]


def tiers_of(ladder: Ladder) -> list[Tier]:
    """The tiers from the lowest, with who bears them."""
    return list(ladder.tiers.select_related("post_kind", "unit").order_by("level"))


def ladder_or_404(ladder_id: int) -> Ladder:
    found = Ladder.objects.select_related("district").filter(pk=ladder_id).first()
    if found is None:
        raise NotFound(_("没有这一版层级"), "ladder.not_found")
    return found


@require_GET
@opens("ladder.edit")
def index(request: HttpRequest) -> HttpResponse:
    """All editions; the one in force is drawn."""
    ladders = list(Ladder.objects.select_related("district").order_by("district_id", "-edition"))
    active = next((ladder for ladder in ladders if ladder.state == Ladder.State.ACTIVE), None)
    context = {
        "ladders": [{"ladder": ladder, "tone": TONES[ladder.state]} for ladder in ladders],
        "active": active,
        "rungs": drawn(tiers_of(active)) if active else [],
    }
    return render(request, "duty/ladders.html", context)


@require_http_methods(["GET", "POST"])
@opens("ladder.edit")
def create(request: HttpRequest) -> HttpResponse:
    """Choose what to start from: the ladder in force, a preset, an older edition, or nothing."""
    districts = list(Place.objects.filter(kind="district", valid_to=None).order_by("code"))
    error, status = "", 200
    if request.method == "POST":
        district = request.POST.get("district", "")
        try:
            draft = editing.draft_ladder(
                viewer_of_request(request),
                int(district) if district.isdecimal() and len(district) < 19 else 0,
                name_zh=request.POST.get("name_zh", "")[:200],
                source=request.POST.get("source", "")[:20],
            )
        except LinliError as refused:
            if refused.status not in (409, 422):
                raise
            error, status = f"{refused.message}", refused.status
        else:
            messages.success(request, _("第 %(n)d 版草稿已建好，改好再启用。") % {"n": draft.edition})
            return redirect("duty:ladder", draft.pk)
    active = Ladder.objects.filter(state=Ladder.State.ACTIVE).first()
    kinds = {kind.code: kind.name for kind in PostKind.objects.all()}
    english = (get_language() or "zh").startswith("en")
    sources: list[dict[str, Any]] = [
        {
            "code": preset.code,
            "name": in_language(preset.name_zh, preset.name_en),
            "about": preset.about_en if english else preset.about_zh,
            "rungs": _drawn_preset(preset, kinds),
        }
        for preset in PRESETS.values()
    ]
    if active is not None:
        about = _("在用的第 %(n)d 版，改几处再启用。") % {"n": active.edition}
        sources.insert(0, {"code": "active", "name": active.name, "about": about, "rungs": drawn(tiers_of(active))})
    sources.append({"code": "empty", "name": _("从空白开始"), "about": _("自己一层一层加。"), "rungs": []})
    chosen = request.POST.get("source") or sources[0]["code"]
    context = {
        "sources": sources,
        "chosen": chosen,
        "districts": districts,
        "error": error,
        "name_zh": request.POST.get("name_zh", ""),
        "back_url": reverse("duty:ladders"),
        "back_label": _("层级联动"),
    }
    return render(request, "duty/ladder_new.html", context, status=status)


@require_GET
@opens("ladder.edit")
def ladder(request: HttpRequest, ladder_id: int) -> HttpResponse:
    """One edition: drawn, checked, and what may be done with it."""
    return show(request, ladder_or_404(ladder_id))


def show(request: HttpRequest, found: Ladder, form: ActivateForm | None = None, status: int = 200) -> HttpResponse:
    """The page of an edition; `form` is the one to put it in force as it came back."""
    now = clock.now()
    tiers = tiers_of(found)
    is_draft = found.state == Ladder.State.DRAFT
    problems = starting.findings(found) if is_draft else []
    held = coverage(tiers, found.district_id, now) if found.state != Ladder.State.RETIRED else {}
    active = (
        found
        if found.state == Ladder.State.ACTIVE
        else Ladder.objects.filter(district_id=found.district_id, state=Ladder.State.ACTIVE).first()
    )
    names = {tier.code: tier.name for tier in tiers}
    from linli.doors.common.step_forms import item_label

    context = {
        "ladder": found,
        "tone": TONES[found.state],
        "rungs": drawn(tiers),
        "problems": [{"tier": names.get(p.tier, ""), "words": p.words, "stops": p.stops} for p in problems],
        "stops": any(problem.stops for problem in problems),
        "holes": [one for one in held.values() if one.empty],
        "held": held,
        "is_draft": is_draft,
        "can_edit": is_draft and found.starts_at is None,
        "active": active,
        "running": Stay.objects.filter(left_at=None, ladder__district_id=found.district_id).count() if is_draft else 0,
        "everyday": [item_label(key) or key for key in found.everyday],
        "form": form or ActivateForm(initial={"version": found.version}),
        "back_url": reverse("duty:ladders"),
        "back_label": _("层级联动"),
    }
    return render(request, "duty/ladder.html", context, status=status)


@require_http_methods(["GET", "POST"])
@opens("ladder.edit")
def edit(request: HttpRequest, ladder_id: int) -> HttpResponse:
    """Name, everyday matters and marks of a draft."""
    found = ladder_or_404(ladder_id)
    form = LadderForm(typed(request), initial=LadderForm.initial_of(found))
    changes: list[dict[str, Any]] = []
    if request.method == "POST" and form.is_valid():
        done, form, changes = with_version(
            request,
            form,
            found,
            lambda: editing.edit_ladder(
                viewer_of_request(request), ladder_id, form.words(), version=form.cleaned_data["version"]
            ),
        )
        if done:
            messages.success(request, _("已保存。"))
            return redirect("duty:ladder", ladder_id)
    context = {
        "form": form,
        "title": _("第 %(n)d 版：名称、日常小事和标记") % {"n": found.edition},
        "changes": changes,
        "submit": _("保存"),
        "back_url": reverse("duty:ladder", args=[ladder_id]),
        "back_label": found.name,
    }
    return render(request, "duty/ladder_form.html", context, status=status_of(form))


def with_version(request: HttpRequest, form: Any, ladder: Ladder, act: Any) -> tuple[Any, Any, list[dict[str, Any]]]:
    """Carry an action out; after a conflict the form comes back with what was typed, what changed, and the version
    that is now."""
    changes: list[dict[str, Any]] = []

    def run() -> Any:
        try:
            return act()
        except Conflict as conflict:
            changes.extend(told(conflict.changes))
            raise

    done = carry_out(form, run)
    if done is None and changes:
        data = request.POST.copy()
        data["version"] = str(Ladder.objects.values_list("version", flat=True).get(pk=ladder.pk))
        errors = form.errors
        form = type(form)(data, initial=form.initial)
        form.is_valid()
        for words in errors.get("__all__", []):
            form.add_error(None, words)
        form.status = 409
    return done, form, changes


def told(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What changed meanwhile in words."""
    rows = []
    for row in changes:
        facts = row["after"] or row["before"]
        words = facts.get("name_zh") or facts.get("tier") or ""
        rows.append({**row, "what": VERBS.get(row["what"], row["what"]), "before": "", "after": words})
    return rows


@require_POST
@opens("ladder.edit")
def activate(request: HttpRequest, ladder_id: int) -> HttpResponse:
    """Put a draft in force, now or from a moment on."""
    found = ladder_or_404(ladder_id)
    form = ActivateForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        done = carry_out(
            form,
            lambda: starting.activate_ladder(
                viewer_of_request(request), ladder_id, at=given["at"], version=given["version"]
            ),
        )
        if done:
            if done.value.starts_at is None or done.value.state == Ladder.State.ACTIVE:
                messages.success(request, _("第 %(n)d 版已启用。") % {"n": found.edition})
            else:
                words = _("第 %(n)d 版将在 %(at)s 启用。")
                messages.success(request, words % {"n": found.edition, "at": exact(done.value.starts_at)})
            return redirect("duty:ladder", ladder_id)
    fresh = ladder_or_404(ladder_id)
    if getattr(form, "status", 422) == 409:
        data = request.POST.copy()
        data["version"] = str(fresh.version)
        errors = form.non_field_errors()
        form = ActivateForm(data)
        form.is_valid()
        for text in errors:
            form.add_error(None, str(text))
        form.status = 409
    return show(request, fresh, form, status_of(form))


@require_POST
@opens("ladder.edit")
def call_off(request: HttpRequest, ladder_id: int) -> HttpResponse:
    """Take the agreed moment back."""
    starting.call_off_ladder(viewer_of_request(request), ladder_id)
    messages.success(request, _("约定的启用时间已取消，可以继续修改。"))
    return redirect("duty:ladder", ladder_id)


@require_POST
@opens("ladder.edit")
def retire(request: HttpRequest, ladder_id: int) -> HttpResponse:
    """Take the ladder out of force."""
    starting.retire_ladder(viewer_of_request(request), ladder_id)
    messages.success(request, _("已停用：事件不再自动上升，已在层级上的留在原处。"))
    return redirect("duty:ladder", ladder_id)


@require_POST
@opens("ladder.edit")
def discard(request: HttpRequest, ladder_id: int) -> HttpResponse:
    """Throw a draft away."""
    editing.discard_ladder(viewer_of_request(request), ladder_id)
    messages.success(request, _("草稿已放弃，在用的层级不变。"))
    return redirect("duty:ladders")
