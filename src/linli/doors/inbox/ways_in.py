"""What a mail or an SMS leads to without signing in: no more mails, this address is mine, tell me by SMS."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from linli.doors.common.gate import viewer_of_request
from linli.kernel.errors import NotFound
from linli.rooms.cases.queries.public import follow
from linli.rooms.messages import actions, stopping


@csrf_exempt
@require_http_methods(["GET", "POST"])
@never_cache
def stop(request: HttpRequest, token: str) -> HttpResponseBase:
    """No more mails. Looking changes nothing: programs look at links before people do."""
    if request.method == "POST" and request.POST.get("List-Unsubscribe") == "One-Click":
        # A mail program presses the button for its reader (RFC 8058): it has no token of a form, and needs none,
        # as the signed word in the address says whose mails.
        actions.stop_mail(token)
        return HttpResponse(status=204)
    return _stop_by_hand(request, token)


@csrf_protect
def _stop_by_hand(request: HttpRequest, token: str) -> HttpResponseBase:
    if stopping.account_of(token) is None:
        raise NotFound(_("这个链接已失效。请登录后在“消息设置”里更改。"), code="notices.token")
    done = request.method == "POST"
    if done:
        actions.stop_mail(token)
    return render(request, "inbox/stop.html", {"done": done})


@require_http_methods(["GET", "POST"])
@never_cache
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """This mail address is mine."""
    if stopping.confirmed_address(token) is None:
        raise NotFound(_("这个链接已失效。请在“消息设置”里重新填写邮箱。"), code="notices.token")
    done = request.method == "POST"
    if done:
        actions.confirm_address(token)
    return render(request, "inbox/confirm.html", {"done": done})


@require_POST
@never_cache
def wish(request: HttpRequest, code: str) -> HttpResponseBase:
    """Whoever follows a report without an account wants to hear by SMS, or no more."""
    found = follow(code, viewer_of_request(request))
    wanted = request.POST.get("wanted") == "1"
    actions.wish(found.report, wanted)
    messages.success(request, _("有结果时会发短信告诉您。") if wanted else _("不再发短信，用查询码随时能看。"))
    return redirect("portal:follow", found.report.tracking_code)
