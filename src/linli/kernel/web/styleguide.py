"""The style guide: every component with data that looks real. Only in demo homes and while developing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from linli.kernel import clock

PAGES = ("portal", "field", "desk", "command", "admin", "entrance", "map", "forms", "409", "500", "empty")
_PHOTOS = (("#9CB4A8", "#5E7B6B"), ("#B9A88A", "#7C6A4C"), ("#9DB1C4", "#566E85"))
_CENTRE = (113.1400, 27.7000)


class SampleForm(forms.Form):
    """One of every kind of control."""

    words = forms.CharField(
        label=_("发生了什么"),
        help_text=_("写清在哪里、是什么，一两句话就够。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    phone = forms.CharField(label=_("手机号"), required=False, help_text=_("只用来告诉您结果，不公开。"))
    kind = forms.ChoiceField(
        label=_("是哪一类"),
        choices=[("", _("请选择")), ("road", _("道路破损")), ("light", _("路灯不亮")), ("cover", _("窨井盖缺失"))],
    )
    urgency = forms.ChoiceField(
        label=_("急不急"),
        widget=forms.RadioSelect,
        choices=[("danger", _("有危险，请尽快")), ("plain", _("一般"))],
        initial="plain",
    )
    again = forms.BooleanField(label=_("以前报过，没有解决"), required=False)
    photo = forms.FileField(label=_("照片"), required=False)


def _only_here() -> None:
    if not (settings.DEBUG or getattr(settings, "DEMO", False) or getattr(settings, "STYLE_GUIDE", False)):
        raise Http404


def _photo(number: int, caption: Any) -> dict[str, Any]:
    url = f"/design/data/photo-{number}.svg"
    return {
        "url": url,
        "thumb_url": url,
        "caption": caption,
        "taken_at": clock.now() - timedelta(hours=30 - 9 * number),
    }


def _cases() -> list[dict[str, Any]]:
    now = clock.now()
    rows = [
        ("overdue", _("窨井盖破损，行人绊倒"), _("伏波大道与渌湘路口东南角人行道"), -3.2, _("区市政中心"), _("处置中")),
        ("near", _("路灯连续三盏不亮"), _("向阳路 46 号楼前"), 1.6, _("区路灯所"), _("待接收")),
        ("on_track", _("电动自行车飞线充电"), _("春天里小区 3 栋 2 单元"), 26, _("伏波社区"), _("处置中")),
        (
            "suspended",
            _("老旧小区雨污管网改造前反复堵塞"),
            _("胜利新村 12 栋北侧化粪池"),
            400,
            _("区住建局"),
            _("挂账"),
        ),
        ("done", _("楼道堆放杂物已清理"), _("湘渌花园 8 栋 1 单元三楼平台"), -40, _("物业公司"), _("已结案")),
    ]
    return [
        {
            "number": f"20261122-{10240 + 7 * at:05d}",
            "light": light,
            "title": title,
            "place": place,
            "due": now + timedelta(hours=hours),
            "left": abs(hours) * 3600,
            "late": hours < 0,
            "unit": unit,
            "state": state,
            "reported": now - timedelta(hours=5 + 17 * at),
            "distance": 80 + 260 * at,
        }
        for at, (light, title, place, hours, unit, state) in enumerate(rows)
    ]


def _story() -> list[dict[str, Any]]:
    now = clock.now()
    return [
        {
            "at": now - timedelta(hours=29),
            "title": _("居民上报"),
            "words": _("人行道上的井盖裂成两半，昨天晚上有位老人绊倒了。旁边是小学，孩子多。"),
            "photos": [_photo(0, _("井盖裂开"))],
            "tone": "info",
            "icon": "message-report",
        },
        {
            "at": now - timedelta(hours=28, minutes=40),
            "title": _("受理并立案"),
            "who": "刘晓芸",
            "post": _("伏波社区 · 派遣员"),
            "took": 1200,
            "words": _("属市政井盖破损，4 工作时内处置。"),
            "note": _("和上周的 20261115-10021 不是同一处。"),
            "tone": "brand",
            "icon": "clipboard-check",
        },
        {
            "at": now - timedelta(minutes=42),
            "title": _("已更换井盖"),
            "who": "张建国",
            "post": _("区市政中心 · 维修班长"),
            "took": timedelta(hours=27, minutes=58),
            "photos": [_photo(1, _("换上新井盖")), _photo(2, _("周围已清扫"))],
            "tone": "on_track",
            "icon": "tools",
        },
        {"title": _("等待现场核查"), "words": _("由没有参与处置的网格员核查。"), "ahead": True, "icon": "eye-check"},
    ]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All components on one page."""
    _only_here()
    return render(request, "web/design/index.html", _context(request))


def _context(request: HttpRequest) -> dict[str, Any]:
    wrong = SampleForm({"phone": "1380013", "kind": "", "words": "", "urgency": "plain"})
    wrong.is_valid()
    wrong.add_error("phone", _("手机号应为 11 位，现在是 7 位。"))
    return {
        "pages": PAGES,
        "cases": _cases(),
        "story": _story(),
        "form": SampleForm(initial={"urgency": "plain"}),
        "wrong_form": wrong,
        "photos": [
            _photo(number, caption) for number, caption in enumerate([_("井盖裂开"), _("换上新井盖"), _("周围已清扫")])
        ],
        "before": [_photo(0, _("井盖裂开"))],
        "after": [_photo(1, _("换上新井盖"))],
        "places": [
            {"name_zh": "渌口镇", "name_en": "Lukou Town"},
            {"name_zh": "伏波社区", "name_en": "Fubo Community"},
            {"name_zh": "第三网格", "name_en": "Grid 3"},
        ],
        "moments": [clock.now() + timedelta(minutes=minutes) for minutes in (-0.2, -7, -190, 55, 1500, 60 * 24 * 40)],
        "page": Paginator(range(436), 50).get_page(request.GET.get("page", 3)),
        "changes": [
            {
                "what": _("状态"),
                "before": _("待派遣"),
                "after": _("处置中"),
                "by": "刘晓芸",
                "at": clock.now() - timedelta(minutes=2),
            },
            {
                "what": _("处置单位"),
                "before": "",
                "after": _("区市政中心"),
                "by": "刘晓芸",
                "at": clock.now() - timedelta(minutes=2),
            },
        ],
        "typed": {str(_("处置说明")): str(_("已现场查看，井盖属于电信，联系电信公司处理。"))},
        "message": _("刘晓芸刚才已经派遣了这件。"),
        "what_next": _("看看改动了什么，再决定要不要继续。"),
        "status": request.GET.get("status", ""),
        "centre": _CENTRE,
    }


@require_safe
def frame(request: HttpRequest, page: str) -> HttpResponse:
    """A sample page of one door."""
    _only_here()
    if page not in PAGES:
        raise Http404
    context = _context(request)
    if page in {"409", "500"}:
        context |= {"status": int(page)}
        if page == "500":
            context |= {"message": "", "what_next": "", "changes": [], "typed": {}}
        return render(request, f"web/errors/{page}.html", context, status=int(page))
    return render(request, f"web/design/{page}.html", context)


@require_safe
def data(request: HttpRequest, name: str) -> JsonResponse:
    """GeoJSON and suggestions for the samples."""
    _only_here()
    if name == "items":
        words = [
            (_("窨井盖破损"), _("部件 · 公用设施")),
            (_("窨井盖缺失"), _("部件 · 公用设施")),
            (_("路灯不亮"), _("部件 · 照明")),
        ]
        query = request.GET.get("q", "")
        rows = [{"value": at, "label": str(label), "hint": str(hint)} for at, (label, hint) in enumerate(words)]
        return JsonResponse(rows if len(query) < 12 else [], safe=False)
    return JsonResponse({"type": "FeatureCollection", "features": _grids() if name == "grids" else _points()})


def _grids() -> list[dict[str, Any]]:
    english = (get_language() or "").startswith("en")
    west, south, step = _CENTRE[0] - 0.009, _CENTRE[1] - 0.006, 0.006
    found = []
    for at in range(6):
        x, y = west + step * (at % 3), south + step * (at // 3)
        ring = [[x, y], [x + step, y], [x + step, y + step], [x, y + step], [x, y]]
        properties: dict[str, Any] = {
            "code": f"43021210000100{at + 1}",
            "name": f"Grid {at + 1}" if english else f"第{at + 1}网格",
        }
        if at in {1, 4}:
            properties |= {"light": "near" if at == 1 else "overdue", "count": 3 + at}
        found.append(
            {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        )
    return found


def _points() -> list[dict[str, Any]]:
    lights = ("on_track", "near", "overdue", "suspended", "done")
    features = []
    for at in range(40):
        light = lights[(at * 7) % 5] if at % 4 else "on_track"
        lng = _CENTRE[0] - 0.008 + 0.016 * ((at * 37) % 40) / 40
        lat = _CENTRE[1] - 0.005 + 0.010 * ((at * 23) % 40) / 40
        title = str(_cases()[lights.index(light)]["title"])
        features.append(
            {
                "type": "Feature",
                "properties": {"id": at, "light": light, "title": title, "number": f"20261122-{at:05d}"},
                "geometry": {"type": "Point", "coordinates": [round(lng, 6), round(lat, 6)]},
            }
        )
    return features


@require_safe
def photo(request: HttpRequest, number: int) -> HttpResponse:
    """A drawn stand-in for a photo."""
    _only_here()
    ground, figure = _PHOTOS[number % len(_PHOTOS)]
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300">'
        f'<rect width="400" height="300" fill="{ground}"/>'
        f'<path d="M0 210 400 160V300H0Z" fill="{figure}" opacity=".5"/>'
        f'<ellipse cx="200" cy="220" rx="92" ry="34" fill="{figure}"/>'
        f'<path d="M110 220h180M200 188v64" stroke="{ground}" stroke-width="6"/></svg>'
    )
    return HttpResponse(svg, content_type="image/svg+xml")
