"""The two life cycles of 吹哨报到 as tables (LK-7: 社区吹哨、部门报到): the whistle, and each department called by it.

They are what runs, what `docs/life-cycles.md` shows, and the oracle of the tests. What a step does beside moving
the thing is in `actions`; whether it may be taken is judged in `judgement`.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from linli.kernel.flow import START, STAY, Field, Flow, State, Step
from linli.rooms.people.rules import CAPABILITIES

CONFIRM = "confirm"
TASK = "task"

WHO = {
    **{name: CAPABILITIES[name] for name in ("whistle.blow", "whistle.answer", "whistle.decide")},
    "whistler": _("吹哨人（本人或同岗位的代理人）"),
    "system": _("系统"),
}

GUARDS = {
    "on_site": _("这次吹哨不用到现场，在这里答复就行"),
    "in_window": _("还没到签到时间，集合前 2 小时起可以签到"),
    "there": _("请先到现场签到，再说做什么"),
    "not_decided": _("派遣员已经裁定须到场，不能再称不属本单位"),
    "not_party": _("吹哨人和被叫单位的人不能裁定自己的事"),
    "not_scored": _("已经评价过"),
    "no_open_tasks": _("还有单位的任务没有完成"),
    "nobody_came": _("已有单位报到，不能撤销，请结束吹哨"),
}

_REASON = _("理由")

WHISTLE = Flow(
    code="whistle",
    label=pgettext_lazy("whistle", "吹哨"),
    capabilities=WHO,
    guards=GUARDS,
    states=(
        State("blown", _("已吹哨"), "open", _("已叫部门，等各单位确认、到场、承诺")),
        State("working", _("联合处置中"), "waiting", _("到场的单位都说了做什么、何时做完，正在做")),
        State("scoring", _("待评价"), "open", _("各单位都做完或已结束，等吹哨人逐个评价")),
        State("ended", _("已结束"), "ended", _("已评价，结果留存")),
        State("cancelled", pgettext_lazy("whistle", "已撤销"), "ended", _("没有单位报到就撤销了，说明了理由")),
    ),
    steps=(
        Step("blow", pgettext_lazy("whistle", "吹哨"), (START,), "blown", "whistle.blow", event="whistle.blown"),
        Step(
            "call",
            _("再叫单位"),
            ("blown", "working"),
            "blown",
            "whistler",
            needs=(
                Field("unit", "unit", label=_("单位")),
                Field("words", "text", required=False, label=_("请它做什么")),
            ),
            event="whistle.called",
        ),
        Step(
            "move",
            _("改时间地点"),
            ("blown",),
            STAY,
            "whistler",
            needs=(Field("at", "text", label=_("时间")), Field("words", "text", label=_REASON)),
            event="whistle.moved",
        ),
        Step("settle", _("各单位都已承诺"), ("blown",), "working", "system", event="whistle.settled"),
        Step("finish", _("各单位都已做完"), ("blown", "working"), "scoring", "system", event="whistle.finished"),
        Step(
            "end",
            _("结束吹哨"),
            ("blown", "working"),
            "scoring",
            "whistler",
            guards=("no_open_tasks",),
            needs=(Field("words", "text", label=_("结果")),),
            event="whistle.finished",
            confirm=_("还没有报到的单位会记为未到场。确定结束？"),
        ),
        Step(
            "cancel",
            _("撤销吹哨"),
            ("blown", "working"),
            "cancelled",
            "whistler",
            guards=("nobody_came",),
            needs=(Field("words", "text", label=_REASON),),
            event="whistle.cancelled",
            confirm=_("被叫的单位会收到撤销通知。确定撤销？"),
        ),
        Step("close", _("评价完毕"), ("scoring",), "ended", "system", event="whistle.ended"),
    ),
)

CALL = Flow(
    code="whistle_call",
    label=_("被叫单位的报到"),
    capabilities=WHO,
    guards=GUARDS,
    clocks={CONFIRM: _("确认时限"), TASK: _("承诺期限")},
    states=(
        State("called", _("待确认"), "open", _("已叫到，单位要在确认时限内答复")),
        State("confirmed", _("已确认"), "open", _("单位答应来，等到场签到或远程答复")),
        State("present", _("已到场"), "open", _("人到了现场，还没有说做什么、何时做完")),
        State("refused", _("待裁定"), "open", _("单位称不属本单位，等派遣员裁定")),
        State("promised", _("处置中"), "waiting", _("任务和期限已定，作为主办或协办事件办理")),
        State("done", pgettext_lazy("whistle", "已完成"), "ended", _("承诺的任务做完了，或会商即可")),
        State("absent", _("未到场"), "ended", _("到吹哨结束也没有来")),
        State("replaced", _("已改叫"), "ended", _("裁定不属该单位，或单位已撤销，由另一单位接替")),
        State("withdrawn", pgettext_lazy("whistle", "已撤回"), "ended", _("吹哨撤销，或不再需要这个单位")),
    ),
    steps=(
        Step("call", _("叫到"), (START,), "called", "system", starts=(CONFIRM,)),
        Step(
            "confirm",
            _("确认报到"),
            ("called",),
            "confirmed",
            "whistle.answer",
            stops=(CONFIRM,),
            event="whistle.confirmed",
        ),
        Step(
            "arrive",
            _("到场签到"),
            ("called", "confirmed"),
            "present",
            "whistle.answer",
            guards=("on_site", "in_window"),
            stops=(CONFIRM,),
            event="whistle.arrived",
        ),
        Step(
            "vouch",
            _("登记到场"),
            ("called", "confirmed"),
            "present",
            "whistler",
            guards=("on_site", "in_window"),
            stops=(CONFIRM,),
            needs=(Field("words", "text", label=_("谁来的")),),
            event="whistle.arrived",
        ),
        Step(
            "promise",
            _("承诺任务"),
            ("called", "confirmed", "present"),
            "promised",
            "whistle.answer",
            guards=("there",),
            starts=(TASK,),
            stops=(CONFIRM,),
            needs=(Field("task", "text", label=_("做什么")), Field("due", "text", label=_("何时做完"))),
            event="whistle.promised",
        ),
        Step(
            "refuse",
            _("不属本单位"),
            ("called", "confirmed"),
            "refused",
            "whistle.answer",
            guards=("not_decided",),
            stops=(CONFIRM,),
            needs=(
                Field("words", "text", label=_("为什么不属本单位")),
                Field("unit", "unit", label=_("应当是哪个单位")),
            ),
            event="whistle.refused",
        ),
        Step(
            "must_come",
            _("须到场"),
            ("refused",),
            "called",
            "whistle.decide",
            guards=("not_party",),
            starts=(CONFIRM,),
            needs=(Field("words", "text", label=_REASON),),
            event="whistle.decided",
        ),
        Step(
            "stands",
            _("确不属该单位，改叫"),
            ("refused",),
            "replaced",
            "whistle.decide",
            guards=("not_party",),
            needs=(Field("words", "text", label=_REASON), Field("unit", "unit", label=_("改叫哪个单位"))),
            event="whistle.decided",
        ),
        Step(
            "release",
            _("会商即可"),
            ("confirmed", "present"),
            "done",
            "whistler",
            guards=("there",),
            needs=(Field("words", "text", label=_("会商结果")),),
            event="whistle.released",
        ),
        Step("finish", _("任务完成"), ("promised",), "done", "system", stops=(TASK,), event="whistle.kept"),
        Step(
            "withdraw",
            _("不再需要"),
            ("called", "confirmed", "present", "refused"),
            "withdrawn",
            "whistler",
            stops=(CONFIRM,),
            needs=(Field("words", "text", label=_REASON),),
            event="whistle.withdrawn",
        ),
        Step("miss", _("没有到场"), ("called", "confirmed", "refused"), "absent", "system", stops=(CONFIRM,)),
        Step(
            "succeed",
            _("由承接单位接替"),
            ("called", "confirmed", "present", "refused", "promised"),
            "replaced",
            "system",
            stops=(CONFIRM, TASK),
            event="whistle.succeeded",
        ),
        Step(
            "score",
            pgettext_lazy("whistle", "评价"),
            ("done", "absent"),
            STAY,
            "whistler",
            guards=("not_scored",),
            needs=(
                Field("came", "choice", label=_("到场"), choices=("yes", "no")),
                Field("in_time", "choice", label=_("及时"), choices=("yes", "no")),
                Field("solved", "choice", label=_("解决"), choices=("yes", "partly", "no")),
                Field("words", "text", required=False, label=pgettext_lazy("whistle", "说明")),
            ),
            event="whistle.scored",
        ),
    ),
)
