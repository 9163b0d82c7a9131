"""The first page: report something, what became of mine, what is being done around me."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from linli.doors.portal import remembered
from linli.rooms.cases.queries.public import my_reports, public_rows, reports_by_codes, thumbs
from linli.rooms.cases.queries.tour import story_to_show
from linli.rooms.people.rights import Viewer


def own_reports(request: HttpRequest) -> list[dict]:
    """The reports of this account, else of this phone."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    if viewer.kind == "resident":
        return my_reports(viewer)
    kept = remembered.codes(request)
    return reports_by_codes(kept) if kept else []


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Three answers on one screen."""
    rows, _cursor = public_rows(state="closed", size=4)
    mine = own_reports(request)
    pictures = thumbs([row["id"] for row in rows])
    for row in rows:
        row["photo"] = pictures.get(row["id"])
    return render(
        request,
        "portal/home.html",
        {"mine": mine[:3], "mine_count": len(mine), "to_rate": [r for r in mine if r["rate"]], "recent": rows},
    )


@require_GET
def tour(request: HttpRequest) -> HttpResponse:
    """The story of one case from report to rating, step by step; only where there is a demo town to look at."""
    if not settings.DEMO:
        raise Http404
    story = story_to_show()
    steps = [(moment, _TOUR.get(moment.code, "")) for moment in story.moments] if story else []
    return render(request, "portal/tour.html", {"story": story, "steps": steps})


# What happens behind each step, in one sentence for somebody who sees it for the first time.
_TOUR = {
    "report": _("居民拍照、点地图、发送，不用注册。系统按位置找到网格，按事项找到责任单位。"),
    "accept": _("受理员看过内容，确认属于哪一类；系统的建议只是建议。"),
    "register": _("派遣员按立案条件立案，处置时限从这一刻算起，只算工作时间。"),
    "dispatch": _("派给责任单位。单位认为不该自己办，可以写明理由回退，由另一位派遣员重派。"),
    "receive": _("责任单位接收，开始处置。"),
    "handle": _("处置人员上传做了什么和处置后的照片。"),
    "confirm": _("单位联络员确认完成，处置时限到此为止。"),
    "verify_pass": _("没有参与处置的另一个人到现场核查，拍照对比。"),
    "close": _("处置单位不能自己结案，由派遣员结案，所有上报人都会收到结果。"),
    "rate": _("上报人说解决没有、满意不满意。没解决可以要求重办一次。"),
}
