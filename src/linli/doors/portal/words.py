"""How a case is told to residents: what happened, what comes next and by when, instead of the names of states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.doors.common.templatetags.cases import as_strip
from linli.kernel import clock
from linli.kernel.web.templatetags.linli import exact_time, named
from linli.rooms.cases.models import Case
from linli.rooms.cases.queries.public import PublicCase

# What stands beside the light in lists: a resident's word for each state.
STATE_WORDS = {
    "reported": gettext_lazy("已收到"),
    "checking": gettext_lazy("正在核实"),
    "accepted": gettext_lazy("已受理"),
    "registered": gettext_lazy("正在派人"),
    "dispatched": gettext_lazy("已派人"),
    "handling": gettext_lazy("正在处理"),
    "suspended": gettext_lazy("暂缓"),
    "confirming": gettext_lazy("已处理"),
    "verifying": gettext_lazy("等核查"),
    "closing": gettext_lazy("核查通过"),
    "closed": gettext_lazy("已办结"),
    "refused": gettext_lazy("不受理"),
    "withdrawn": gettext_lazy("已撤回"),
    "merged": gettext_lazy("已合并"),
}


def state_words(state: str) -> str:
    """The resident's word for a state."""
    return str(STATE_WORDS.get(state, state))


def now_words(case: Case, place: str) -> str:
    """One sentence: where the matter stands and what comes next by when. place: the grid or community it lies in."""
    suspended = case.state == "suspended"
    due = case.due_at if case.state in _TOWARDS_RESULT else case.step_due_at
    due = case.suspended_until if suspended else due
    facts = {
        "place": place,
        "unit": named(case.unit) if case.unit else _("责任单位"),
        "due": exact_time(due),
    }
    known = _SENTENCES.get(case.state)
    if known is None:
        return str(_ENDED.get(case.state, ""))
    in_time, open_end = known
    if due is None:
        return str(open_end) % facts
    if due < clock.now() and not suspended:
        return str(open_end) % facts + _("原定 %(due)s 前，现在晚了。") % facts
    return str(in_time) % facts


# States in which a resident waits for the result, not for the next look.
_TOWARDS_RESULT = frozenset({"dispatched", "handling", "confirming"})
# By state: with a time that still lies ahead, and without one.
_SENTENCES = {
    "reported": (
        gettext_lazy("%(place)s的工作人员会在 %(due)s 前查看。"),
        gettext_lazy("%(place)s的工作人员会来查看。"),
    ),
    "checking": (gettext_lazy("网格员正在到现场核实，%(due)s 前有结果。"), gettext_lazy("网格员正在到现场核实。")),
    "accepted": (gettext_lazy("已受理，%(due)s 前定下由谁办。"), gettext_lazy("已受理，正在定由谁办。")),
    "registered": (gettext_lazy("已立案，%(due)s 前派给责任单位。"), gettext_lazy("已立案，正在派给责任单位。")),
    "dispatched": (gettext_lazy("已转给%(unit)s，%(due)s 前处理好。"), gettext_lazy("已转给%(unit)s处理。")),
    "handling": (gettext_lazy("%(unit)s正在处理，%(due)s 前处理好。"), gettext_lazy("%(unit)s正在处理。")),
    "suspended": (
        gettext_lazy("现在还处理不了，%(due)s 恢复处理。"),
        gettext_lazy("现在还处理不了，条件具备后恢复处理。"),
    ),
    "confirming": (
        gettext_lazy("已处理，%(unit)s正在确认，%(due)s 前完成。"),
        gettext_lazy("已处理，%(unit)s正在确认。"),
    ),
    "verifying": (
        gettext_lazy("已处理，另一位工作人员会在 %(due)s 前到现场核查。"),
        gettext_lazy("已处理，等另一位工作人员到现场核查。"),
    ),
    "closing": (gettext_lazy("现场核查通过，%(due)s 前结案。"), gettext_lazy("现场核查通过，等结案。")),
}
_ENDED = {
    "closed": gettext_lazy("已经办结。"),
    "refused": gettext_lazy("没有受理，理由和该找谁写在下面。"),
    "withdrawn": gettext_lazy("上报人已撤回，不再办理。"),
    "merged": gettext_lazy("和另一件是同一个问题，合在一起办。"),
}


# The dot of each step on the story's line: icon, tone.
_DOTS = {
    "report": ("message-2", "info"),
    "join": ("user-plus", "info"),
    "request_check": ("map-search", "plain"),
    "accept": ("check", "brand"),
    "refuse": ("x", "suspended"),
    "register": ("file-check", "brand"),
    "dispatch": ("send", "brand"),
    "receive": ("user-check", "brand"),
    "return": ("arrow-back-up", "near"),
    "handle": ("tool", "brand"),
    "confirm": ("checks", "brand"),
    "verify_pass": ("eye-check", "on_track"),
    "verify_fail": ("rotate", "near"),
    "close": ("circle-check", "done"),
    "rate": ("heart-handshake", "info"),
    "reopen": ("refresh", "near"),
    "withdraw": ("arrow-back-up", "suspended"),
    "merge": ("arrow-merge", "suspended"),
    "suspend": ("player-pause", "suspended"),
    "resume": ("player-play", "brand"),
}


def story(public: PublicCase) -> list[dict[str, Any]]:
    """The line of the story, newest first, with what comes next on top of it: rows for the `timeline` tag."""
    rows = [
        {
            "at": moment.at,
            "title": moment.label,
            "who": moment.unit,
            "words": moment.words,
            "photos": as_strip(moment.photos),
            "icon": _DOTS.get(moment.code, ("circle-dot", "plain"))[0],
            "tone": _DOTS.get(moment.code, ("circle-dot", "plain"))[1],
        }
        for moment in public.moments
    ]
    if public.case.is_open:
        place = public.place.rsplit(" › ", 1)[-1]
        rows.append(
            {"title": _("接下来"), "words": now_words(public.case, place), "ahead": True, "icon": "hourglass"}
        )
    return rows[::-1]


_STAGES = (
    gettext_lazy("收到"),
    gettext_lazy("派人"),
    gettext_lazy("处理"),
    gettext_lazy("核查"),
    gettext_lazy("办结"),
)


def progress(stage: int) -> Sequence[tuple[str, str]]:
    """The five stages as (word, "done" | "now" | ""); none for what ended otherwise."""
    if stage < 0:
        return ()
    last = len(_STAGES) - 1
    return [
        (str(word), "done" if at < stage or at == stage == last else "now" if at == stage else "")
        for at, word in enumerate(_STAGES)
    ]
