"""Accounts, the three administrators, and the sign-in policy."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.admin.forms.people import AccountForm, EditAccountForm, PolicyForm, RoleForm
from linli.doors.common.formwork import carry_out, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.rooms.people import actions, queries
from linli.rooms.people.middleware import has_second_factor
from linli.rooms.people.models import Account, AdminRole

PAGE = 50


@require_GET
@opens("accounts.edit")
def index(request: HttpRequest) -> HttpResponse:
    """Accounts by words, kind and state."""
    viewer = viewer_of_request(request)
    words = request.GET.get("q", "").strip()[:60]
    kind = request.GET.get("kind", "staff")
    if kind == "admins":
        rows = queries.accounts(viewer, words=words, admin_role="")
    else:
        rows = queries.accounts(viewer, words=words, kind=kind if kind in Account.Kind.values else "staff")
    if request.GET.get("locked") == "1":
        rows = rows.filter(is_active=False)
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "words": words,
        "kind": kind,
        "locked": request.GET.get("locked") == "1",
        "kinds": [("staff", _("工作人员")), ("admins", _("管理员")), ("resident", _("居民"))],
    }
    return render(request, "admin_door/accounts.html", context)


@sensitive_post_parameters("phone")
@require_http_methods(["GET", "POST"])
@opens("accounts.edit")
def create(request: HttpRequest) -> HttpResponse:
    """A new account; its one-time password is shown once."""
    form = AccountForm(typed(request))
    if request.method == "POST" and form.is_valid():
        done = carry_out(form, lambda: actions.create_account(viewer_of_request(request), **form.cleaned_data))
        if done:
            account, password = done.value
            return _password(request, account, password, _("账号已建好"))
    context = {
        "form": form,
        "title": _("添加账号"),
        "lead": _("建好后给出一次性密码，只显示一次；本人首次登录时改成自己的密码。"),
        "submit": _("建账号"),
        "back_url": reverse("admin_door:accounts"),
    }
    return render(request, "admin_door/form.html", context, status=status_of(form))


def _password(request: HttpRequest, account: Account, password: str, title: str) -> HttpResponse:
    context = {
        "title": title,
        "account": account,
        "passwords": [(account.username, password)],
        "back_url": reverse("admin_door:account", args=[account.pk]),
    }
    return render(request, "admin_door/passwords.html", context)


@sensitive_post_parameters("phone")
@require_http_methods(["GET", "POST"])
@opens("accounts.edit")
def show(request: HttpRequest, account_id: int) -> HttpResponse:
    """One account."""
    account = queries.account(viewer_of_request(request), account_id)
    form = EditAccountForm(typed(request), initial={"name": account.name})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        phone = "" if request.POST.get("remove_phone") == "on" else given["phone"] or None
        done = carry_out(
            form,
            lambda: actions.edit_account(viewer_of_request(request), account_id, name=given["name"], phone=phone),
        )
        if done:
            messages.success(request, _("已保存。"))
            return redirect("admin_door:account", account_id)
    return _show(request, account, status_of(form), form=form)


def _show(request: HttpRequest, account: Account, status: int = 200, **forms: Any) -> HttpResponse:
    viewer = viewer_of_request(request)
    held = (
        queries.posts(viewer, words=account.username).filter(holder_id=account.pk) if viewer.has("posts.edit") else []
    )
    context = {
        "account": account,
        "role": AdminRole(account.admin_role).label if account.admin_role else "",
        "second_factor": has_second_factor(account),
        "held": list(held),
        "oneself": viewer.account_id == account.pk,
        "form": EditAccountForm(initial={"name": account.name}),
        "role_form": RoleForm(initial={"admin_role": account.admin_role}),
    }
    return render(request, "admin_door/account.html", context | forms, status=status)


@require_POST
@opens("accounts.edit")
def change(request: HttpRequest, account_id: int, what: str) -> HttpResponse:
    """Lock, unlock, new password, second factors, admin role."""
    viewer = viewer_of_request(request)
    account = queries.account(viewer, account_id)
    form = RoleForm(request.POST if what == "role" else {"admin_role": account.admin_role})
    form.is_valid()
    if what == "lock":
        if carry_out(form, lambda: actions.set_active(viewer, account_id, False)):
            messages.success(request, _("%(name)s不能再登录，正在用的会话也已结束。") % {"name": account.name})
            return redirect("admin_door:account", account_id)
    elif what == "unlock":
        if carry_out(form, lambda: actions.set_active(viewer, account_id, True)):
            messages.success(request, _("%(name)s可以登录了。") % {"name": account.name})
            return redirect("admin_door:account", account_id)
    elif what == "password":
        return _password(request, account, actions.reset_password(viewer, account_id), _("新的一次性密码"))
    elif what == "factors":
        actions.drop_second_factors(viewer, account_id)
        messages.success(request, _("两步验证已清除，本人下次登录时重新设置。"))
        return redirect("admin_door:account", account_id)
    elif what == "role":
        role = form.cleaned_data.get("admin_role", "") if form.is_valid() else ""
        if form.is_valid() and carry_out(form, lambda: actions.set_admin_role(viewer, account_id, role)):
            messages.success(request, _("管理角色已改。"))
            return redirect("admin_door:account", account_id)
    else:
        raise Http404
    return _show(request, account, status_of(form), role_form=form)


@require_http_methods(["GET", "POST"])
@opens("policy.edit")
def policy(request: HttpRequest) -> HttpResponse:
    """Switches about signing in."""
    present = queries.sign_in_policy()
    names = tuple(PolicyForm.base_fields)
    form = PolicyForm(typed(request), initial={name: getattr(present, name) for name in names})
    if (
        request.method == "POST"
        and form.is_valid()
        and carry_out(form, lambda: actions.change_policy(viewer_of_request(request), **form.cleaned_data))
    ):
        messages.success(request, _("登录策略已保存，两秒内对所有人生效。"))
        return redirect("admin_door:policy")
    context = {
        "form": form,
        "title": _("登录策略"),
        "lead": _("连续 5 次输错密码，账号锁 5 分钟。密码至少 8 位，含三类字符。这些是固定的。"),
        "submit": _("保存"),
        "one_column": True,
    }
    return render(request, "admin_door/form.html", context, status=status_of(form))
