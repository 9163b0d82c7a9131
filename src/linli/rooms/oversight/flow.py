"""The life of a supervision order (督办单) as one table: what runs, what the documents show, what the tests walk.

What a step does beside moving the order is in `actions.effects`; whether it may be taken, in `judgement`.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from linli.kernel.flow import START, STAY, Field, Flow, State, Step
from linli.rooms.people.rules import CAPABILITIES

SIGNING = "signing"
ANSWERING = "answering"
CHECKING = "checking"

GUARDS = {
    "not_answerer": _("核查人不能是回复人，也不能来自承办单位"),
    "level_left": _("已经是最高一级督办"),
    "contested": _("单位没有申请改派"),
    "not_contested": _("单位申请改派，先决定由谁承办"),
}

_REASON = _("理由")
_LIMIT = _("时限（如 3个工作日）")

ORDER = Flow(
    code="order",
    label=_("督办单的一生"),
    capabilities=CAPABILITIES,
    guards=GUARDS,
    clocks={SIGNING: _("签收时限"), ANSWERING: _("回复时限"), CHECKING: _("核查时限")},
    states=(
        State("drafted", _("草拟"), "open", _("还没有发出，没有编号")),
        State("issued", _("待签收"), "open", _("已发给承办单位，等单位签收")),
        State("signed", _("办理中"), "open", _("单位已签收，正在办理，等回复")),
        State("answered", _("待核查"), "open", _("单位已回复，等另一个人核查")),
        State("closed", _("已销号"), "ended", _("核查通过，督办结束")),
        State("revoked", _("已撤销"), "ended", _("不再督办，编号保留")),
        State("dropped", _("未发出"), "ended", _("草稿没有发出")),
    ),
    steps=(
        Step("draft", _("草拟"), (START,), "drafted", "case.supervise", event="order.drafted"),
        Step(
            "issue",
            _("发出督办单"),
            (START, "drafted"),
            "issued",
            "case.supervise",
            starts=(SIGNING, ANSWERING),
            event="order.issued",
        ),
        Step("drop", _("不发了"), ("drafted",), "dropped", "case.supervise", event="order.dropped"),
        Step(
            "sign",
            _("签收"),
            ("issued",),
            "signed",
            "order.sign",
            guards=("not_contested",),
            stops=(SIGNING,),
            event="order.signed",
        ),
        Step(
            "answer",
            _("回复办理情况"),
            ("signed",),
            "answered",
            "order.sign",
            guards=("not_contested",),
            starts=(CHECKING,),
            stops=(ANSWERING,),
            needs=(
                Field("words", "text", label=_("办了什么，结果怎样")),
                Field("photos", "photo", required=False, label=_("照片")),
            ),
            event="order.answered",
        ),
        Step(
            "contest",
            _("申请改派"),
            ("issued", "signed"),
            STAY,
            "order.sign",
            guards=("not_contested",),
            needs=(
                Field("reason", "text", label=_("为什么不该由本单位办")),
                Field("whose", "unit", required=False, label=_("应由哪个单位办")),
            ),
            event="order.contested",
        ),
        Step(
            "reassign",
            _("改派单位"),
            ("issued", "signed"),
            "issued",
            "case.supervise",
            starts=(SIGNING, ANSWERING),
            needs=(Field("unit", "unit", label=_("改由哪个单位承办")), Field("reason", "text", label=_REASON)),
            event="order.issued",
        ),
        Step(
            "uphold",
            _("维持原派"),
            ("issued", "signed"),
            STAY,
            "case.supervise",
            guards=("contested",),
            needs=(Field("reason", "text", label=_REASON),),
            event="order.upheld",
        ),
        Step(
            "pass",
            _("核查通过，销号"),
            ("answered",),
            "closed",
            "order.check",
            guards=("not_answerer",),
            stops=(CHECKING,),
            needs=(Field("words", "text", required=False, label=_("核查情况")),),
            event="order.closed",
        ),
        Step(
            "back",
            _("退回重办"),
            ("answered",),
            "signed",
            "order.check",
            guards=("not_answerer",),
            starts=(ANSWERING,),
            stops=(CHECKING,),
            needs=(
                Field("reason", "text", label=_("哪里没有办好")),
                Field("limit", "text", required=False, label=_LIMIT),
            ),
            event="order.returned",
        ),
        Step(
            "raise",
            _("升级督办"),
            ("issued", "signed", "answered"),
            "issued",
            "case.supervise",
            guards=("level_left",),
            starts=(SIGNING, ANSWERING),
            needs=(
                Field("reason", "text", label=_("为什么升级")),
                Field("limit", "text", required=False, label=_LIMIT),
            ),
            event="order.raised",
            confirm=_("编号不变，督办级别升一级，单位要重新签收。"),
        ),
        Step(
            "extend",
            _("延长时限"),
            ("issued", "signed"),
            STAY,
            "case.supervise",
            needs=(
                Field("limit", "text", label=_("延长多少（如 2个工作日）")),
                Field("reason", "text", label=_REASON),
            ),
            event="order.extended",
        ),
        Step(
            "remind",
            _("催办"),
            ("issued", "signed"),
            STAY,
            "case.supervise",
            needs=(Field("words", "text", required=False, label=_("要说的话")),),
            event="order.reminded",
        ),
        Step(
            "revoke",
            _("撤销督办"),
            ("issued", "signed", "answered"),
            "revoked",
            "case.supervise",
            stops=(SIGNING, ANSWERING, CHECKING),
            needs=(Field("reason", "text", label=_REASON),),
            event="order.revoked",
            confirm=_("撤销后不再督办，编号保留在登记簿上。"),
        ),
        Step(
            "note",
            _("备注"),
            ("issued", "signed", "answered"),
            STAY,
            "case.supervise",
            needs=(Field("words", "text", label=_("备注")),),
            event="order.noted",
        ),
    ),
)
