"""The life of one issue of a bulletin as one table: what runs, what the documents show, what the tests walk."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from linli.kernel.flow import START, STAY, Field, Flow, State, Step, publish
from linli.rooms.people.rules import CAPABILITIES

GUARDS = {
    "others_draft": _("自己起草或改过的通报，要由别人签发"),
    "newest": _("同一期只能有一份更正"),
}
_REASON = _("原因")

BULLETIN = publish(
    Flow(
        code="bulletin",
        label=_("通报的一生"),
        capabilities=CAPABILITIES,
        guards=GUARDS,
        states=(
            State("draft", _("起草中"), "open", _("数字已由系统按时取好，等人修改文字、配照片")),
            State("submitted", _("待签发"), "open", _("已送签，等另一个人签发或退回")),
            State("issued", _("已印发"), "ended", _("有了文号，按印发时的样子保存，不再改动")),
            State("withdrawn", _("已撤回"), "ended", _("不再有效，文号和原文保留")),
            State("dropped", _("不发"), "ended", _("这一期没有印发，没有文号")),
        ),
        steps=(
            # The worker makes the draft; who corrects an issue makes one by hand.
            Step("make", _("起草"), (START,), "draft", "bulletin.draft", event="bulletin.drafted"),
            Step("edit", _("修改"), ("draft",), STAY, "bulletin.draft", event="bulletin.edited"),
            Step("recount", _("重新取数"), ("draft", "submitted"), STAY, "bulletin.draft", event="bulletin.recounted"),
            Step("submit", _("送签"), ("draft",), "submitted", "bulletin.draft", event="bulletin.submitted"),
            Step(
                "send_back",
                _("退回修改"),
                ("submitted",),
                "draft",
                "bulletin.approve",
                needs=(Field("why", "text", label=_REASON),),
                event="bulletin.sent_back",
            ),
            Step(
                "issue",
                _("签发"),
                ("submitted",),
                "issued",
                "bulletin.approve",
                guards=("others_draft",),
                event="bulletin.issued",
                confirm=_("签发后有文号，发给选定的人，不能再改，只能撤回或另发更正。"),
            ),
            Step(
                "drop",
                _("本期不发"),
                ("draft",),
                "dropped",
                "bulletin.draft",
                needs=(Field("why", "text", label=_REASON),),
                event="bulletin.dropped",
            ),
            Step(
                "withdraw",
                _("撤回"),
                ("issued",),
                "withdrawn",
                "bulletin.approve",
                needs=(Field("why", "text", label=_REASON),),
                event="bulletin.withdrawn",
                confirm=_("撤回后读者会看到“已撤回”和原因，原文和文号保留。"),
            ),
            Step(
                "correct",
                _("另发更正"),
                ("issued", "withdrawn"),
                STAY,
                "bulletin.draft",
                guards=("newest",),
                event="bulletin.correcting",
            ),
        ),
    )
)
