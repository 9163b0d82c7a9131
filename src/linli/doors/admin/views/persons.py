"""For the security administrator: people who ask for their data, and how long data is kept."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from linli.doors.admin.forms.persons import PersonForm, RetentionForm
from linli.doors.common.copies import as_file
from linli.doors.common.formwork import carry_out, put_into, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.kernel.errors import NotFound
from linli.kernel.retention.actions import keep_for
from linli.kernel.retention.queries import in_force
from linli.rooms.cases.actions.personal import copy_for_person, forget_person


@sensitive_post_parameters("phone", "code")
@require_http_methods(["GET", "POST"])
@opens("persons.serve")
def index(request: HttpRequest) -> HttpResponse:
    """A copy for, or the end of the data of, somebody without an account."""
    form = PersonForm(typed(request))
    if request.method == "POST" and form.is_valid():
        answer = _serve(request, form)
        if answer is not None:
            return answer
    context = {
        "form": form,
        "title": _("个人信息请求"),
        "lead": _(
            "没有账号的人凭查询码和当时留的手机号查阅或删除自己的信息。请先核对本人身份；每次办理都记入操作日志。"
            "有账号的居民在“我的账号 › 我的数据”里自己办。"
        ),
        "submit": _("办理"),
        "one_column": True,
    }
    return render(request, "admin_door/form.html", context, status=status_of(form))


def _serve(request: HttpRequest, form: PersonForm) -> HttpResponse | None:
    viewer, given = viewer_of_request(request), form.cleaned_data
    asked: tuple[Any, ...] = (viewer, given["code"], given["phone"], given["purpose"])
    try:
        if given["what"] == "copy":
            copied = carry_out(form, lambda: copy_for_person(*asked), {"phone": "phone"})
            return as_file(copied.value, "linli-data") if copied else None
        forgotten = carry_out(form, lambda: forget_person(*asked))
    except NotFound as error:
        put_into(form, error)
        form.status = 422
        return None
    if forgotten is None:
        return None
    words = ngettext(
        "已删除，%(n)d 条上报不再与本人有关联。", "已删除，%(n)d 条上报不再与本人有关联。", forgotten.value
    )
    messages.success(request, words % {"n": forgotten.value})
    return redirect("admin_door:persons")


@require_http_methods(["GET", "POST"])
@opens("retention.edit")
def retention(request: HttpRequest) -> HttpResponse:
    """The days of each rule, and how much is due."""
    held = in_force()
    form = RetentionForm(held, typed(request))
    if (
        request.method == "POST"
        and form.is_valid()
        and carry_out(form, lambda: keep_for(viewer_of_request(request), form.days()))
    ):
        messages.success(request, _("已保存。到期的数据在一小时内清除。"))
        return redirect("admin_door:retention")
    context = {
        "form": form,
        "title": _("数据保留"),
        "lead": _("超过天数的数据每小时自动清除，每次清除的数量记入操作日志。操作日志和个人信息访问记录一直保留。"),
        "submit": _("保存"),
        "one_column": True,
    }
    return render(request, "admin_door/form.html", context, status=status_of(form))
