"""Posts: who holds which, appointing, replacing, ending, standing in; what each kind of post may do."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.admin.forms.people import (
    AppointForm,
    DeputyForm,
    EndPostForm,
    KindForm,
    PostForm,
    ReplaceForm,
)
from linli.doors.common.formwork import carry_out, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.common.picks import PlaceField, UnitField
from linli.kernel import clock
from linli.kernel.errors import NotFound
from linli.rooms.people import actions, queries
from linli.rooms.people.models import Post
from linli.rooms.people.rules import CAPABILITIES
from linli.rooms.places.atlas import today

PAGE = 50


@require_GET
@opens("posts.edit")
def index(request: HttpRequest) -> HttpResponse:
    """Posts by place, unit, kind and person."""
    viewer = viewer_of_request(request)
    words = request.GET.get("q", "").strip()[:60]
    kind = request.GET.get("kind", "")
    past = request.GET.get("past") == "1"
    place = _pick(PlaceField(required=False), request, "place")
    unit = _pick(UnitField(required=False), request, "unit")
    rows = queries.posts(
        viewer,
        place_id=place.id if place else None,
        unit_id=unit.pk if unit else None,
        kind=kind,
        words=words,
        past=past,
    )
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "words": words,
        "kind": kind,
        "past": past,
        "kinds": queries.kinds(),
        "place_field": _widget(PlaceField(), "place", place),
        "unit_field": _widget(UnitField(), "unit", unit),
        "today": today(),
        "now": clock.now(),
    }
    return render(request, "admin_door/posts.html", context)


def _widget(field: Any, name: str, thing: Any) -> SafeString:
    value = (str(thing.pk), thing.name) if thing else ""
    rendered: SafeString = field.widget.render(name, value, {"id": f"f-{name}", "class": "form-control"})
    return rendered


def _pick(field: Any, request: HttpRequest, name: str) -> Any:
    """What a filter names; nothing when it names nothing."""
    try:
        return field.clean((request.GET.get(f"{name}_id", ""), request.GET.get(name, "").strip()))
    except ValidationError:
        return None


@require_http_methods(["GET", "POST"])
@opens("posts.edit")
def appoint(request: HttpRequest) -> HttpResponse:
    """Give somebody a post."""
    viewer = viewer_of_request(request)
    initial = {"kind": request.GET.get("kind", ""), "holder": ("", request.GET.get("holder", "")[:64])}
    form = AppointForm(typed(request), initial=initial, viewer=viewer)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        holder, place, unit = given.pop("holder"), given.pop("place"), given.pop("unit")
        done = carry_out(
            form,
            lambda: actions.appoint(
                viewer,
                holder_id=holder.pk,
                place_id=place.id if place else None,
                unit_id=unit.pk if unit else None,
                **given,
            ),
        )
        if done:
            messages.success(request, _("%(name)s已任职。") % {"name": holder.name})
            return redirect("admin_door:post", done.value.pk)
    context = {
        "form": form,
        "title": _("任命"),
        "submit": _("任命"),
        "back_url": reverse("admin_door:posts"),
    }
    return render(request, "admin_door/form.html", context, status=status_of(form))


def _post(request: HttpRequest, post_id: int) -> Post:
    found = queries.posts(viewer_of_request(request), past=True).filter(pk=post_id).first()
    if found is None:
        raise NotFound(_("没有这个岗位"), "people.post_not_found")
    return found


@require_http_methods(["GET", "POST"])
@opens("posts.edit")
def show(request: HttpRequest, post_id: int) -> HttpResponse:
    """One post."""
    post = _post(request, post_id)
    form = PostForm(
        typed(request),
        initial={"phone": post.phone, "phone_public": post.phone_public, "matters": post.matters},
    )
    if (
        request.method == "POST"
        and form.is_valid()
        and carry_out(form, lambda: actions.edit_post(viewer_of_request(request), post_id, **form.cleaned_data))
    ):
        messages.success(request, _("已保存。"))
        return redirect("admin_door:post", post_id)
    return _show(request, post, status_of(form), form=form)


def _show(request: HttpRequest, post: Post, status: int = 200, **forms: Any) -> HttpResponse:
    viewer = viewer_of_request(request)
    context = {
        "post": post,
        "form": PostForm(initial={"phone": post.phone, "phone_public": post.phone_public, "matters": post.matters}),
        "replace": ReplaceForm(initial={"since": today()}, viewer=viewer),
        "end": EndPostForm(initial={"valid_to": today()}),
        "deputy": DeputyForm(initial={"since": today()}, viewer=viewer),
        "over": post.valid_to is not None and post.valid_to <= today(),
        "duties": [CAPABILITIES[duty] for duty in post.kind.duties if duty in CAPABILITIES],
    }
    return render(request, "admin_door/post.html", context | forms, status=status)


@require_POST
@opens("posts.edit")
def change(request: HttpRequest, post_id: int, what: str) -> HttpResponse:
    """Replace the holder, end the post, let somebody stand in or no longer."""
    viewer = viewer_of_request(request)
    post = _post(request, post_id)
    form: Any
    if what == "replace":
        form = ReplaceForm(request.POST, viewer=viewer)
        if form.is_valid():
            given = form.cleaned_data
            done = carry_out(
                form,
                lambda: actions.replace_holder(viewer, post_id, given["holder"].pk, since=given["since"]),
                {"valid_from": "since"},
            )
            if done:
                messages.success(request, _("已由%(name)s接任。") % {"name": given["holder"].name})
                return redirect("admin_door:post", done.value.pk)
    elif what == "end":
        form = EndPostForm(request.POST)
        if form.is_valid() and carry_out(form, lambda: actions.end_post(viewer, post_id, **form.cleaned_data)):
            messages.success(request, _("岗位已结束；做过的事仍记在案。"))
            return redirect("admin_door:post", post_id)
    elif what == "deputy":
        form = DeputyForm(request.POST, viewer=viewer)
        if form.is_valid():
            since, until = form.span()
            done = carry_out(
                form,
                lambda: actions.deputise(viewer, post_id, form.cleaned_data["deputy"].pk, since=since, until=until),
                {"deputy_to": "until"},
            )
            if done:
                messages.success(request, _("已由%(name)s代理。") % {"name": form.cleaned_data["deputy"].name})
                return redirect("admin_door:post", post_id)
    elif what == "back":
        actions.undeputise(viewer, post_id)
        messages.success(request, _("代理已结束。"))
        return redirect("admin_door:post", post_id)
    else:
        raise Http404
    return _show(request, post, status_of(form), **{what: form})


# ── kinds of post ──────────────────────────────────────────────────────────────────────────────────


@require_GET
@opens("posts.edit")
def kinds(request: HttpRequest) -> HttpResponse:
    """Every kind of post and what it may do."""
    rows = [(kind, [CAPABILITIES[duty] for duty in kind.duties if duty in CAPABILITIES]) for kind in queries.kinds()]
    return render(request, "admin_door/kinds.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@opens("posts.edit")
def kind(request: HttpRequest, code: str) -> HttpResponse:
    """Change what a kind of post may do."""
    found = next((one for one in queries.kinds() if one.code == code), None)
    if found is None:
        raise NotFound(_("没有这种岗位"), "people.kind_not_found")
    names = ("name_zh", "name_en", "duties", "door", "shown_to_residents", "phone_public", "two_factor")
    form = KindForm(typed(request), initial={name: getattr(found, name) for name in names})
    if (
        request.method == "POST"
        and form.is_valid()
        and carry_out(form, lambda: actions.edit_post_kind(viewer_of_request(request), code, **form.cleaned_data))
    ):
        messages.success(request, _("“%(name)s”已保存，马上对任职的人生效。") % {"name": found.name})
        return redirect("admin_door:kinds")
    context = {
        "form": form,
        "title": found.name,
        "lead": _("改动马上对所有担任这种岗位的人生效。"),
        "submit": _("保存"),
        "one_column": True,
        "back_url": reverse("admin_door:kinds"),
    }
    return render(request, "admin_door/form.html", context, status=status_of(form))
