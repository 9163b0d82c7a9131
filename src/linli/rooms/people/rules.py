"""What posts may do, as tables. Pure: no database, no clock.

A capability is a verb on a thing (`case.accept`). Kinds of post carry capabilities; which things they reach
is decided by the place subtree or the unit the post is held for, and by the kinds of matter it covers
(`rights.Viewer.may`). The default kinds are in `kinds`.
"""

from __future__ import annotations

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
    "case.mark": _("标记历史遗留和重大问题"),
    "duty.bear": _("承担本层级责任（接收、上交）"),
    "duty.assign": _("交办、下派"),
    "whistle.blow": _("吹哨"),
    "whistle.answer": _("报到（确认、签到、承诺）"),
    "whistle.decide": _("裁定吹哨推诿"),
    "patrol.plan": _("安排巡查"),
    "patrol.walk": _("巡查"),
    "inspection.plan": _("安排专项检查和联合检查"),
    "inspection.check": _("现场检查"),
    "order.sign": _("签收和回复督办单"),
    "order.check": _("核查督办单"),
    "meeting.hold": _("召集和主持会议"),
    "task.edit": _("维护改革和项目任务"),
    "task.report": _("报告任务进展"),
    "insight.view": _("查看指标"),
    "scorecard.edit": _("起草考核办法"),
    "scorecard.approve": _("批准考核办法"),
    "appeal.ask": _("提出超时申诉"),
    "appeal.review": _("审核超时申诉"),
    "bulletin.draft": _("起草通报"),
    "bulletin.approve": _("签发通报"),
    "command.view": _("查看指挥图"),
    "matrix.view": _("查看责任清单"),
    "places.edit_divisions": _("维护区划"),
    "places.edit_grids": _("编辑网格草稿"),
    "places.publish_grids": _("发布网格"),
    "places.edit_buildings": _("维护楼栋"),
    "catalogue.edit": _("维护事项与立案条件"),
    "clock.edit_calendar": _("维护工作日历和环节时限"),
    "ladder.edit": _("维护层级联动规则"),
    "oversight.edit": _("维护督办灯和工作节奏"),
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
            "ladder.edit",
            "oversight.edit",
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
UNIT_BOUND = frozenset(
    {
        "case.receive",
        "case.handle",
        "case.confirm",
        "whistle.answer",
        "order.sign",
        "task.report",
        "appeal.ask",
    }
)
