"""What a resident may ask for without asking anybody: a copy of the own data, and the end of the account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate, logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from linli.doors.common.copies import as_file
from linli.kernel.errors import NotAllowed
from linli.rooms.cases.actions.personal import forget_me, my_copy

REMEMBERED = "linli_mine"
"""The cookie with the tracking codes that this phone has seen (the residents' door sets it)."""


class ForgetForm(forms.Form):
    password = forms.CharField(
        label=gettext_lazy("密码"),
        strip=False,
        error_messages={"required": gettext_lazy("请输入密码，确认是您本人。")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    sure = forms.BooleanField(
        label=gettext_lazy("我知道删除后不能恢复"),
        error_messages={"required": gettext_lazy("请先勾选。")},
    )


@never_cache
@require_GET
@login_required
def own_data(request: HttpRequest) -> HttpResponse:
    """The page with both."""
    _residents_only(request)
    return _page(request, ForgetForm())


@require_POST
@login_required
def take_copy(request: HttpRequest) -> HttpResponse:
    """Everything as a ZIP."""
    _residents_only(request)
    return as_file(my_copy(request.viewer), "linli-data")  # type: ignore[attr-defined]


@sensitive_post_parameters("password")
@require_POST
@login_required
def forget(request: HttpRequest) -> HttpResponse:
    """Delete the account, after the password once more; a wrong one counts towards the lockout."""
    _residents_only(request)
    form = ForgetForm(request.POST)
    if form.is_valid():
        credentials: dict[str, Any] = {
            "username": request.user.get_username(),
            "password": form.cleaned_data["password"],
        }
        if authenticate(request, **credentials) is None:
            form.add_error("password", _("密码不对，请再输一次。"))
    if not form.is_valid():
        return _page(request, form, 422)
    forget_me(request.viewer)  # type: ignore[attr-defined]
    logout(request)
    messages.success(request, _("账号已删除。您上报的事情会继续办理，但不再与您有关联。"))
    answer = redirect("portal:home")
    answer.delete_cookie(REMEMBERED)
    return answer


def _residents_only(request: HttpRequest) -> None:
    if request.viewer.kind != "resident":  # type: ignore[attr-defined]
        raise NotAllowed(
            _("这一页是给居民的。"),
            "person.not_a_resident",
            what_next=_("工作人员的账号由本单位的安全管理员处理。"),
        )


def _page(request: HttpRequest, form: ForgetForm, status: int = 200) -> HttpResponse:
    return render(request, "entrance/own_data.html", {"form": form}, status=status)
