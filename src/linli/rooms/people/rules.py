"""What posts may do, as tables. Pure: no database, no clock.

A capability is a verb on a thing (`case.accept`). Kinds of post carry capabilities; which things they reach
is decided by the place subtree or the unit the post is held for, and by the kinds of matter it covers
(`rights.Viewer.may`). The default kinds below are seeded once and then belong to the operator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

CAPABILITIES: dict[str, _StrPromise] = {
    "case.view": _("查看事件"),
    "case.report": _("上报问题"),
    "case.intake": _("代居民登记诉求"),
    "case.check": _("现场核实"),
    "case.accept": _("受理或不予受理"),
    "case.register": _("立案"),
    "case.dispatch": _("派遣"),
    "case.receive": _("接收或回退派遣"),
    "case.handle": _("处置"),
    "case.confirm": _("单位确认处置完成"),
    "case.verify": _("现场核查"),
    "case.close": _("结案"),
    "case.merge": _("合并重复事件"),
    "case.approve": _("审批延期与挂账"),
    "case.note": _("写内部备注"),
    "case.reveal": _("查看上报人联系方式"),
    "case.export": _("导出事件"),
    "case.import": _("导入问题清单"),
    "case.publish": _("决定公开内容"),
    "case.supervise": _("督办"),
    "command.view": _("查看指挥图"),
    "matrix.view": _("查看责任清单"),
    "places.edit_divisions": _("维护区划"),
    "places.edit_grids": _("编辑网格草稿"),
    "places.publish_grids": _("发布网格"),
    "places.edit_buildings": _("维护楼栋"),
    "catalogue.edit": _("维护事项与立案条件"),
    "clock.edit_calendar": _("维护工作日历和环节时限"),
    "units.edit": _("维护责任单位"),
    "matrix.edit": _("维护责任清单"),
    "operations.view": _("查看运行状态"),
    "house.retry_deliveries": _("重新投递失败的消息"),
    "notices.edit": _("维护通知渠道和文字"),
    "accounts.edit": _("维护账号"),
    "posts.edit": _("任免岗位"),
    "policy.edit": _("维护登录策略"),
    "keys.edit": _("管理接口密钥"),
    "retention.edit": _("设定数据保留时间"),
    "persons.serve": _("办理个人信息查阅和删除"),
    "webhooks.edit": _("管理事件推送"),
    "journal.read": _("查阅操作日志"),
    "access.read": _("查阅个人信息访问记录"),
}

# The three administrators exclude one another and hold no posts that act on cases (三员分立).
ADMIN_CAPABILITIES: dict[str, frozenset[str]] = {
    "system": frozenset(
        {
            "places.edit_divisions",
            "places.edit_grids",
            "places.publish_grids",
            "places.edit_buildings",
            "catalogue.edit",
            "clock.edit_calendar",
            "house.retry_deliveries",
            "notices.edit",
            "units.edit",
            "matrix.edit",
            "matrix.view",
            "operations.view",
            "webhooks.edit",
        }
    ),
    "security": frozenset(
        {"accounts.edit", "posts.edit", "policy.edit", "keys.edit", "retention.edit", "persons.serve"}
    ),
    "audit": frozenset({"journal.read", "access.read"}),
}

# These need the post's unit to be the case's unit; a place alone is not enough.
UNIT_BOUND = frozenset({"case.receive", "case.handle", "case.confirm"})

# What a post held for a unit may do anywhere its unit has cases, without holding the place.
_SEE = ("case.view", "case.report", "case.note")


@dataclass(frozen=True)
class KindSeed:
    """A default kind of post (source: LK-2, LK-5 and DOMAIN.md's life cycle roles in docs/mechanisms.md)."""

    code: str
    name_zh: str
    name_en: str
    held_for: str
    door: str
    duties: tuple[str, ...]
    shown: bool = False
    phone_public: bool = False
    two_factor: bool = True


POST_KINDS: tuple[KindSeed, ...] = (
    KindSeed(
        "leader",
        "分管领导",
        "leader",
        "place",
        "command",
        (*_SEE, "command.view", "case.supervise", "case.approve", "case.export", "matrix.view"),
    ),
    KindSeed(
        "supervisor",
        "督办员",
        "supervisor",
        "place",
        "desk",
        (
            *_SEE,
            "command.view",
            "case.supervise",
            "case.approve",
            "case.export",
            "matrix.view",
            "case.reveal",
        ),
    ),
    KindSeed(
        "intake_clerk",
        "受理员",
        "intake clerk",
        "place",
        "desk",
        (
            *_SEE,
            "case.intake",
            "case.import",
            "case.accept",
            "case.merge",
            "case.reveal",
            "case.export",
            "case.publish",
            "matrix.view",
        ),
    ),
    KindSeed(
        "dispatcher",
        "派遣员",
        "dispatcher",
        "place",
        "desk",
        (
            *_SEE,
            "case.intake",
            "case.import",
            "case.accept",
            "case.register",
            "case.dispatch",
            "case.close",
            "case.merge",
            "case.approve",
            "case.reveal",
            "case.export",
            "case.publish",
            "matrix.view",
            "command.view",
        ),
    ),
    KindSeed("verifier", "核查员", "verifier", "place", "field", (*_SEE, "case.check", "case.verify")),
    KindSeed(
        "grid_chief",
        "网格长",
        "grid chief",
        "place",
        "desk",
        (*_SEE, "case.supervise", "command.view", "matrix.view"),
        shown=True,
        phone_public=True,
    ),
    KindSeed(
        "town_cadre",
        "镇（街道）干部",
        "town cadre",
        "place",
        "desk",
        (*_SEE, "case.supervise", "matrix.view"),
        shown=True,
    ),
    KindSeed(
        "community_cadre",
        "社区干部",
        "community cadre",
        "place",
        "desk",
        (
            *_SEE,
            "case.intake",
            "case.import",
            "case.check",
            "case.accept",
            "case.receive",
            "case.handle",
            "case.confirm",
            "case.verify",
            "case.reveal",
            "case.export",
            "matrix.view",
        ),
        shown=True,
        phone_public=True,
    ),
    KindSeed(
        "grid_worker",
        "网格员",
        "grid worker",
        "place",
        "field",
        (*_SEE, "case.check", "case.verify", "case.receive", "case.handle", "case.reveal"),
        shown=True,
        phone_public=True,
    ),
    KindSeed(
        "city_management_liaison",
        "城管联络员",
        "city-management liaison",
        "place",
        "field",
        (*_SEE, "case.receive", "case.handle"),
        shown=True,
    ),
    KindSeed(
        "traffic_liaison",
        "交警联络员",
        "traffic-police liaison",
        "place",
        "field",
        (*_SEE, "case.receive", "case.handle"),
        shown=True,
    ),
    KindSeed("area_head", "片区长", "area head", "place", "field", _SEE, shown=True, two_factor=False),
    KindSeed("building_head", "楼栋长", "building head", "place", "field", _SEE, shown=True, two_factor=False),
    KindSeed("stairwell_head", "单元长", "stairwell head", "place", "field", _SEE, shown=True, two_factor=False),
    KindSeed(
        "unit_contact",
        "责任单位联络员",
        "unit contact",
        "unit",
        "desk",
        (*_SEE, "case.receive", "case.handle", "case.confirm", "case.export"),
    ),
    KindSeed("unit_handler", "处置人员", "unit handler", "unit", "field", (*_SEE, "case.handle")),
)
