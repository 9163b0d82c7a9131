"""The set-up, step by step. Each page shows what is there, takes one more thing in, and leads on."""

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
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.common import divisions as sheets
from linli.doors.common import waiting
from linli.doors.common.formwork import carry_out, put_into, sent, status_of, typed
from linli.doors.common.gate import viewer_of_request
from linli.doors.setup import keeper, rows, steps
from linli.doors.setup.forms import (
    AdministratorsForm,
    DistrictForm,
    DivisionsForm,
    PostRows,
    SheetForm,
    UnitRows,
)
from linli.kernel import clock
from linli.kernel.clock import actions as clock_actions
from linli.kernel.clock import queries as calendar_queries
from linli.kernel.clock.published import published_years
from linli.kernel.errors import Conflict, LinliError, NotAllowed, NotFound, Refused
from linli.rooms.catalogue import queries as catalogue_queries
from linli.rooms.people import actions as people_actions
from linli.rooms.people import queries as people_queries
from linli.rooms.people.actions.first import FirstAdministrator, create_first_administrators
from linli.rooms.people.models import SheetDraft, Unit
from linli.rooms.places import actions as places_actions
from linli.rooms.places import atlas
from linli.rooms.places import queries as places_queries
from linli.rooms.places.models import GRID_KINDS, Kind
from linli.rooms.places.sheets import shipped_codes

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
HOLDS_LINK = "linli_setup"
BACK = "setup_back"
TYPED = "typed.csv"
AWAY = {"grids_import", "grids", "division_borders", "rules_import", "calendar"}
TERRITORIAL = {Kind.DISTRICT: "district", Kind.STREET: "street", Kind.COMMUNITY: "community"}


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


def _page(request: HttpRequest, key: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
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
        return _page(request, "administrators", {"form": None})
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
                return _page(request, "administrators", {"form": None, "passwords": passwords})
            messages.success(request, _("您已登录为系统管理员。"))
            return redirect("setup:district")
    return _page(request, "administrators", {"form": form}, status_of(form))


@require_http_methods(["GET", "POST"])
@goes_on
def district(request: HttpRequest) -> HttpResponse:
    """Name and code of the district."""
    by = keeper.authority(viewer_of_request(request))
    present = steps.district()
    initial = {"code": present.code[:6], "name_zh": present.name_zh, "name_en": present.name_en} if present else {}
    form = DistrictForm(typed(request), initial=initial)
    if present is not None:
        form.fields["code"].disabled = True
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def save() -> Any:
            if present is None:
                return places_actions.create_division(by, **given)
            return places_actions.edit_place(
                by, present.id, name_zh=given["name_zh"], name_en=given["name_en"], local_code=present.local_code
            )

        if carry_out(form, save):
            return redirect("setup:divisions")
    return _page(request, "district", {"form": form, "shipped": shipped_codes(), "present": present}, status_of(form))


@require_http_methods(["GET", "POST"])
@goes_on
def divisions(request: HttpRequest) -> HttpResponse:
    """Streets and communities: shipped, from a sheet, or typed; looked at before they are taken in."""
    viewer = viewer_of_request(request)
    root = steps.district()
    if root is None:
        return redirect("setup:district")
    form = DivisionsForm(typed(request), sent(request))
    found: sheets.DivisionPreview | None = None
    key = ""
    if request.method == "POST":
        what = request.POST.get("what", "")
        try:
            if what == "shipped":
                form = DivisionsForm()
                found = sheets.shipped(root.code[:6])
            elif what == "confirm":
                return _take_divisions(request, root.code[:6])
            elif form.is_valid():
                name, data = form.cleaned_data["file"] or (TYPED, rows.divisions_sheet(form.cleaned_data["typed"]))
                found = _read_divisions(name, data, root.code)
                key = "" if found.problems else waiting.keep(str(viewer.account_id), name, data)
        except (Refused, Conflict) as error:
            form = form if form.is_bound else DivisionsForm({"typed": " "})
            form.is_valid()
            put_into(form, error)
    context = {
        "form": form,
        "found": found,
        "key": key,
        "root": root,
        "ships": root.code[:6] in {code for code, _name in shipped_codes()},
        "streets": places_queries.valid().filter(kind=Kind.STREET).count(),
        "communities": places_queries.valid().filter(kind=Kind.COMMUNITY).count(),
    }
    status = 422 if found is not None and found.problems else status_of(form)
    return _page(request, "divisions", context, status)


def _read_divisions(name: str, data: bytes, code: str) -> sheets.DivisionPreview:
    return (sheets.read_lines if name == TYPED else sheets.read)(name, data, code[:6])


def _take_divisions(request: HttpRequest, code: str) -> HttpResponse:
    viewer = viewer_of_request(request)
    if request.POST.get("key"):
        kept = waiting.fetch(str(viewer.account_id), request.POST["key"])
        found = _read_divisions(kept.name, kept.data, code)
        if found.problems:
            raise Refused(found.problems[0].message, "sheet.problems", "file")
    else:
        found = sheets.shipped(code)
    counts = places_actions.import_divisions(keeper.authority(viewer), found.rows)
    waiting.drop(request.POST.get("key", ""))
    messages.success(request, _("区划已导入：新建 %(created)d，改名 %(renamed)d，不变 %(unchanged)d。") % counts)
    return redirect("setup:grids")


@require_GET
@goes_on
def grids(request: HttpRequest) -> HttpResponse:
    """Grids are imported or drawn in the administrators' door; this page leads there and back."""
    here = atlas.current()
    kinds = [facts.kind for facts in here.places.values()]
    context = {
        "grids": sum(kind in GRID_KINDS for kind in kinds),
        "communities": sum(kind == Kind.COMMUNITY for kind in kinds),
        "bordered": sum(here.places[key].kind == Kind.COMMUNITY for key in here.shapes),
        "district_border": any(here.places[key].kind == Kind.DISTRICT for key in here.shapes),
    }
    return _page(request, "grids", context)


def _take_sheet(
    request: HttpRequest, kind: str, name: str, data: bytes
) -> tuple[SheetDraft | None, dict[str, Any] | None, LinliError | None]:
    """Read and confirm a sheet in one go; with problems nothing is taken in."""
    by = keeper.authority(viewer_of_request(request))
    draft: SheetDraft | None = None
    try:
        draft = people_actions.read_sheet(by, kind, name, data)
        if draft.problems:
            people_actions.discard_sheet(by, draft.pk)
            return draft, None, None
        return draft, people_actions.confirm_sheet(by, draft.pk), None
    except (Refused, Conflict) as error:
        return draft, None, error


@require_http_methods(["GET", "POST"])
@goes_on
def units(request: HttpRequest) -> HttpResponse:
    """Units: one for each division as the fallback, a few by hand, or a sheet."""
    what = request.POST.get("what", "")
    formset = UnitRows(request.POST if what == "rows" else None, prefix="units")
    sheet = SheetForm(request.POST if what == "sheet" else None, request.FILES if what == "sheet" else None)
    problems: list[dict[str, Any]] = []
    error: LinliError | None = None
    data = b""
    if what == "territory":
        made = _territorial_units(request)
        words = ngettext("已为 %(n)d 个区划各建一个单位。", "已为 %(n)d 个区划各建一个单位。", made) % {"n": made}
        messages.success(request, words)
        return redirect("setup:units")
    name = _("手写")
    if what == "rows" and formset.is_valid():
        data = rows.units_sheet(formset)
    elif what == "sheet" and sheet.is_valid():
        name, data = sheet.cleaned_data["file"]
    if data:
        draft, done, error = _take_sheet(request, "units", name, data)
        if done:
            words = ngettext("已添加 %(n)d 个单位。", "已添加 %(n)d 个单位。", done["rows"]) % {"n": done["rows"]}
            messages.success(request, words)
            return redirect("setup:units")
        problems = list(draft.problems) if draft else []
    found = people_queries.units()
    context = {
        "formset": formset,
        "sheet": sheet,
        "problems": problems,
        "error": error,
        "units": list(found[:12]),
        "count": found.count(),
        "without": _without_unit(),
    }
    bad = bool(problems or error or (what and (sheet.errors or (formset.is_bound and not formset.is_valid()))))
    return _page(request, "units", context, 422 if bad else 200)


def _without_unit() -> int:
    covered = set(people_queries.units().filter(kind__in=TERRITORIAL.values()).values_list("place_id", flat=True))
    return places_queries.valid().filter(kind__in=list(TERRITORIAL)).exclude(id__in=covered).count()


def _territorial_units(request: HttpRequest) -> int:
    """One unit for each division that has none: it answers for what nobody else does (属地兜底)."""
    covered = set(people_queries.units().filter(kind__in=TERRITORIAL.values()).values_list("place_id", flat=True))
    wanted = [
        [place.code, place.name_zh, place.name_en, TERRITORIAL[Kind(place.kind)], place.code]
        for place in places_queries.tree(kinds=[str(kind) for kind in TERRITORIAL])
        if place.id not in covered
    ]
    if not wanted:
        return 0
    data = rows.as_sheet(["编号", "名称", "英文名称", "类别", "地方编码"], wanted)
    _draft, done, error = _take_sheet(request, "units", _("属地单位"), data)
    if error is not None:
        raise error
    return int(done["rows"]) if done else 0


@require_http_methods(["GET", "POST"])
@goes_on
def posts(request: HttpRequest) -> HttpResponse:
    """Who does what: a clerk, a dispatcher, a verifier and a grid worker at least."""
    what = request.POST.get("what", "")
    formset = PostRows(request.POST if what == "rows" else None, prefix="posts", initial=_suggested_posts())
    sheet = SheetForm(request.POST if what == "sheet" else None, request.FILES if what == "sheet" else None)
    problems: list[dict[str, Any]] = []
    error: LinliError | None = None
    passwords: list[tuple[str, str]] = []
    name, data = _("手写"), b""
    if what == "rows" and formset.is_valid():
        data = rows.posts_sheet(formset)
    elif what == "sheet" and sheet.is_valid():
        name, data = sheet.cleaned_data["file"]
    if data:
        draft, done, error = _take_sheet(request, "posts", name, data)
        if done:
            passwords = sorted(done["passwords"].items())
            if not passwords:
                messages.success(request, _("已任命。"))
                return redirect("setup:posts")
        problems = list(draft.problems) if draft and not done else []
    names = {kind.code: kind.name for kind in people_queries.kinds()}
    context = {
        "formset": formset,
        "sheet": sheet,
        "problems": problems,
        "error": error,
        "passwords": passwords,
        "held": [(names.get(code, code), count) for code, count in steps.posts_held().items()],
        "missing": steps.missing_posts(),
    }
    bad = bool(problems or error or (what and (sheet.errors or (formset.is_bound and not formset.is_valid()))))
    return _page(request, "posts", context, 422 if bad else 200)


def _suggested_posts() -> list[dict[str, Any]]:
    """Rows to begin with: what is still needed, for the district or the first grid."""
    root = steps.district()
    known = steps.posts_held()
    small = (
        places_queries.valid().filter(kind__in=("grid", "special")).order_by("sort_key").first()
        or places_queries.valid().filter(kind=Kind.COMMUNITY).order_by("sort_key").first()
        or root
    )
    unit = people_queries.units().exclude(kind__in=TERRITORIAL.values()).first() or people_queries.units().first()
    home = Unit.objects.filter(place_id__in=small.lineage).order_by("-place__level").first() if small else None
    wanted: list[dict[str, Any]] = [
        {"kind": code, "place": root} for code in ("intake_clerk", "dispatcher", "verifier") if code not in known
    ]
    if "grid_worker" not in known:
        wanted.append({"kind": "grid_worker", "place": small, "unit": home})
    wanted += [{"kind": code, "unit": unit} for code in ("unit_contact", "unit_handler") if code not in known]
    return wanted or [{"kind": "grid_worker", "place": small, "unit": home}]


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
    return _page(request, "catalogue", context)


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
    return _page(request, "calendar", context)


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
    return _page(request, "finish", {"open_steps": open_steps, "root": root})
