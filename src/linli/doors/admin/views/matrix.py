"""The responsibility matrix: editions, rules, gaps and conflicts, a dry run, putting a draft in force."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.admin.forms.people import WEEKDAYS, MatrixRuleForm
from linli.doors.common.formwork import carry_out, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.common.picks import PlaceField, UnitField
from linli.kernel.errors import Conflict, NotFound
from linli.rooms.cases.queries.dry_run import past_cases_for_dry_run
from linli.rooms.catalogue import queries as catalogue
from linli.rooms.people import actions, queries
from linli.rooms.people.actions.matrix import discard_draft
from linli.rooms.people.models import MatrixVersion, Responsibility, Unit
from linli.rooms.places import queries as places

DRY_RUN_CASES = 5000
SHOWN = 200
FIELDS = {"place": "place", "unit": "unit"}


@require_GET
@opens("matrix.edit")
def index(request: HttpRequest) -> HttpResponse:
    """All editions."""
    viewer = viewer_of_request(request)
    context = {"editions": list(queries.editions(viewer)), "active": queries.in_force()}
    return render(request, "admin_door/matrix.html", context)


@require_POST
@opens("matrix.edit")
def draft(request: HttpRequest) -> HttpResponse:
    """A new draft with a copy of the rules in force."""
    made = actions.draft_matrix(viewer_of_request(request), request.POST.get("note", "")[:200])
    messages.success(request, _("第 %(number)d 版草稿已建好，生效前不影响派遣。") % {"number": made.number})
    return redirect("admin_door:matrix_edition", made.number)


@require_GET
@opens("matrix.edit")
def edition(request: HttpRequest, number: int) -> HttpResponse:
    """The rules of an edition, filtered."""
    viewer = viewer_of_request(request)
    found = queries.edition(viewer, number)
    page = request.GET.get("page", "")
    place, unit = _pick(PlaceField(), request, "place"), _pick(UnitField(), request, "unit")
    words, matter = request.GET.get("q", "").strip()[:60], request.GET.get("matter", "").strip().upper()[:6]
    rules = queries.rules(
        viewer,
        found.pk,
        matter=matter,
        place_id=place.id if place else None,
        unit_id=unit.pk if unit else None,
        words=words,
        page=int(page) if page.isdecimal() and len(page) < 7 else 1,
    )
    context = _head(found, "rules") | {
        "rules": rules,
        "rows": [said(rule) for rule in rules.rows],
        "words": words,
        "matter": matter,
        "place_field": _widget(PlaceField(), "place", place),
        "unit_field": _widget(UnitField(), "unit", unit),
        "pages": _pages(request, rules.page, rules.pages, rules.total),
    }
    return render(request, "admin_door/matrix_edition.html", context)


def _head(found: MatrixVersion, tab: str) -> dict[str, Any]:
    return {
        "edition": found,
        "is_draft": found.state == MatrixVersion.State.DRAFT,
        "active": queries.in_force(),
        "tab": tab,
    }


def _pick(field: Any, request: HttpRequest, name: str) -> Any:
    """What a filter names; nothing when it names nothing."""
    field.required = False
    try:
        return field.clean((request.GET.get(f"{name}_id", ""), request.GET.get(name, "").strip()))
    except ValidationError:
        return None


def _widget(field: Any, name: str, thing: Any) -> SafeString:
    value = (str(thing.pk), thing.name) if thing else ""
    rendered: SafeString = field.widget.render(name, value, {"id": f"f-{name}", "class": "form-control"})
    return rendered


def _pages(request: HttpRequest, page: int, pages: int, total: int) -> dict[str, str]:
    query = request.GET.copy()

    def address(number: int) -> str:
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    return {
        "previous": address(page - 1) if page > 1 else "",
        "next": address(page + 1) if page < pages else "",
        "shown": _("第 %(page)d 页，共 %(pages)d 页，%(all)d 条") % {"page": page, "pages": pages, "all": total},
    }


def said(rule: Responsibility) -> dict[str, Any]:
    """A rule in words."""
    present = catalogue.catalogue()
    thing: Any = present.items.get(rule.matter) or present.classes.get(rule.matter)
    return {
        "rule": rule,
        "matter": f"{rule.matter} {thing.name}" if thing else rule.matter or _("所有事项"),
        "when": _when(rule),
    }


def _when(rule: Responsibility) -> str:
    """When a rule holds, "" for always."""
    parts = []
    if rule.weekdays:
        names = dict(WEEKDAYS)
        parts.append("、".join(str(names[day]) for day in rule.weekdays))
    if rule.from_time and rule.to_time:
        parts.append(f"{rule.from_time:%H:%M}–{rule.to_time:%H:%M}")
    if rule.valid_from or rule.valid_to:
        parts.append(f"{rule.valid_from or '…'} – {rule.valid_to or '…'}")
    return " · ".join(parts)


def _draft(request: HttpRequest, number: int) -> MatrixVersion:
    return queries.edition(viewer_of_request(request), number)


def _words(form: MatrixRuleForm) -> actions.RuleWords:
    given = form.cleaned_data
    return actions.RuleWords(
        matter=given["matter"],
        place_id=given["place"].id,
        unit_id=given["unit"].pk,
        post_kind_id=int(given["post_kind"]) if given["post_kind"] else None,
        valid_from=given["valid_from"],
        valid_to=given["valid_to"],
        weekdays=tuple(int(day) for day in given["weekdays"]),
        from_time=given["from_time"],
        to_time=given["to_time"],
        note=given["note"],
    )


@require_http_methods(["GET", "POST"])
@opens("matrix.edit")
def add_rule(request: HttpRequest, number: int) -> HttpResponse:
    """One more rule for a draft."""
    found = _draft(request, number)
    back = reverse("admin_door:matrix_edition", args=[number])
    form = MatrixRuleForm(typed(request))
    if (
        request.method == "POST"
        and form.is_valid()
        and carry_out(form, lambda: actions.add_rule(viewer_of_request(request), found.pk, _words(form)), FIELDS)
    ):
        messages.success(request, _("规则已添加。"))
        return redirect(back)
    context = {
        "form": form,
        "title": _("添加责任规则"),
        "lead": _("写得越具体越优先：事项先于大类，网格先于社区，限定时间的先于一直有效的。"),
        "submit": _("添加"),
        "back_url": back,
        "back_label": _("第 %(number)d 版") % {"number": number},
    }
    return render(request, "admin_door/form.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
@opens("matrix.edit")
def rule(request: HttpRequest, number: int, rule_id: int) -> HttpResponse:
    """Change a rule of a draft."""
    found = _draft(request, number)
    row = Responsibility.objects.select_related("place", "unit").filter(pk=rule_id, matrix=found).first()
    if row is None:
        raise NotFound(_("没有这条规则，可能已被删除"), "people.rule_not_found")
    names = ("place", "unit", "valid_from", "valid_to", "from_time", "to_time", "note")
    initial = {name: getattr(row, name) for name in names} | {
        "matter": ("", row.matter),
        "post_kind": str(row.post_kind_id or ""),
        "weekdays": [str(day) for day in row.weekdays],
    }
    form = MatrixRuleForm(typed(request), initial=initial)
    back = reverse("admin_door:matrix_edition", args=[number])
    if (
        request.method == "POST"
        and form.is_valid()
        and carry_out(form, lambda: actions.edit_rule(viewer_of_request(request), rule_id, _words(form)), FIELDS)
    ):
        messages.success(request, _("规则已改好。"))
        return redirect(back)
    context = {
        "form": form,
        "edition": found,
        "rule": row,
        "is_draft": found.state == MatrixVersion.State.DRAFT,
        "title": _("责任规则"),
        "submit": _("保存"),
        "back_url": back,
        "back_label": _("第 %(number)d 版") % {"number": number},
    }
    return render(request, "admin_door/matrix_rule.html", context, status=status_of(form))


@require_POST
@opens("matrix.edit")
def remove_rule(request: HttpRequest, number: int, rule_id: int) -> HttpResponse:
    """Take a rule out of a draft."""
    actions.remove_rule(viewer_of_request(request), rule_id)
    messages.success(request, _("规则已删除。"))
    return redirect("admin_door:matrix_edition", number)


@require_GET
@opens("matrix.edit")
def report(request: HttpRequest, number: int) -> HttpResponse:
    """Gaps and conflicts."""
    viewer = viewer_of_request(request)
    found = queries.edition(viewer, number)
    outcome = queries.gaps_and_conflicts(viewer, found.pk)
    by_place: dict[str, list[Any]] = {}
    for gap in outcome.gaps:
        by_place.setdefault(gap.place_name, []).append(gap)
    rows = {key: said(row) for key, row in outcome.rows.items()}
    context = _head(found, "report") | {
        "report": outcome,
        "gaps": list(by_place.items())[:SHOWN],
        "never": [
            (why_words(item.why), rows.get(item.rule_id), rows.get(item.by or 0)) for item in outcome.never[:SHOWN]
        ],
        "clashes": [(rows.get(item.rule_id), rows.get(item.other_id)) for item in outcome.clashes[:SHOWN]],
        "unknown": [rows.get(rule_id) for rule_id in outcome.unknown_matters[:SHOWN]],
    }
    return render(request, "admin_door/matrix_report.html", context)


def why_words(why: str) -> str:
    """Why a rule can never win."""
    return {
        "unit_ended": _("单位已停用"),
        "place_ended": _("地方已停用"),
        "expired": _("已过期"),
        "older_rule": _("另一条更早的规则总是先用到"),
        "all_items_named": _("这一类的每个事项都另有规则"),
        "all_classes_named": _("每一类都另有规则"),
    }.get(why, why)


@require_GET
@opens("matrix.edit")
def dry_run(request: HttpRequest, number: int) -> HttpResponse:
    """Where past cases would go under this edition."""
    found = _draft(request, number)
    cases = list(past_cases_for_dry_run(DRY_RUN_CASES))
    changed = list(queries.dry_run(found.pk, cases))
    by_id = {case.case_id: case for case in cases}
    units = Unit.objects.in_bulk(
        {row.unit_id_before for row in changed if row.unit_id_before}
        | {row.unit_id_after for row in changed if row.unit_id_after}
    )
    moves: dict[tuple[int | None, int | None], int] = {}
    for row in changed:
        pair = (row.unit_id_before, row.unit_id_after)
        moves[pair] = moves.get(pair, 0) + 1
    present = catalogue.catalogue()
    names = places.names(by_id[row.case_id].lineage[-1] for row in changed[:SHOWN] if by_id[row.case_id].lineage)

    def unit_name(key: int | None) -> str:
        return units[key].name if key in units else _("没有单位")

    context = _head(found, "dry_run") | {
        "looked_at": len(cases),
        "changed": len(changed),
        "moves": [
            (unit_name(before), unit_name(after), count)
            for (before, after), count in sorted(moves.items(), key=lambda item: -item[1])
        ][:50],
        "rows": [
            {
                "case": by_id[row.case_id],
                "item": present.items[by_id[row.case_id].item_key].name
                if by_id[row.case_id].item_key in present.items
                else "",
                "place": names.get(by_id[row.case_id].lineage[-1], "") if by_id[row.case_id].lineage else "",
                "before": unit_name(row.unit_id_before),
                "after": unit_name(row.unit_id_after),
            }
            for row in changed[:SHOWN]
        ],
    }
    return render(request, "admin_door/matrix_dry_run.html", context)


@require_POST
@opens("matrix.edit")
def activate(request: HttpRequest, number: int) -> HttpResponse:
    """Put a draft in force."""
    viewer = viewer_of_request(request)
    found = queries.edition(viewer, number)
    replacing = request.POST.get("replacing", "")
    try:
        actions.activate_matrix(
            viewer, found.pk, replacing=int(replacing) if replacing.isdecimal() and len(replacing) < 9 else None
        )
    except Conflict as conflict:
        messages.warning(request, str(conflict.message))
        return redirect("admin_door:matrix_edition", number)
    messages.success(request, _("第 %(number)d 版责任清单已生效，新派遣按它走。") % {"number": number})
    return redirect("admin_door:matrix_edition", number)


@require_POST
@opens("matrix.edit")
def discard(request: HttpRequest, number: int) -> HttpResponse:
    """Throw a draft away."""
    viewer = viewer_of_request(request)
    discard_draft(viewer, queries.edition(viewer, number).pk)
    messages.success(request, _("草稿已放弃，生效的版本不变。"))
    return redirect("admin_door:matrix")
