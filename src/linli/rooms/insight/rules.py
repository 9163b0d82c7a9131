"""The indicators as data: what is divided by what, in words that stand beside every figure. Pure.

Definitions follow DOMAIN §3 (in docs/mechanisms.md): the base is always published with the rate, what is carried over
counts as due, and what was left out of the statistics is told with its reasons.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import get_language

from linli.rooms.insight.measures import NOTHING, POPULATIONS, Counts, place_of

__all__ = ["CLOSING_ALLOWANCE", "INDICATORS", "NOTHING", "Counts", "Figure", "Indicator", "figure", "total"]

CLOSING_ALLOWANCE = dt.timedelta(days=5)
"""How long after the handling deadline a case ought to be checked and closed (2 + 1 working days and a weekend)."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator: names, definition, and the populations above and below the line.

    better: "up" when a high rate is good, "down" when a low one is. per: what one of the base brings at most.
    timed: cases left out of the statistics (upheld appeals, weather) are not in it.
    """

    code: str
    label_zh: str
    label_en: str
    definition_zh: str
    definition_en: str
    numerator: str
    base: str
    better: str
    group: str = "handling"
    per: int = 1
    timed: bool = False

    @property
    def label(self) -> str:
        return self.label_en if _english() else self.label_zh

    @property
    def definition(self) -> str:
        return self.definition_en if _english() else self.definition_zh


def _english() -> bool:
    return (get_language() or "zh").startswith("en")


GROUPS: dict[str, tuple[str, str]] = {
    "handling": ("处置", "Handling"),
    "closing": ("结案", "Closing"),
    "intake": ("受理与派遣", "Intake and dispatch"),
    "voice": ("群众评价", "What residents say"),
    "duty": ("层级与吹哨", "Tiers and whistles"),
    "rounds": ("巡查", "Rounds"),
}

_DUE_ZH = (
    "应处置：处置时限落在本期内的，加上期初还没处置完的（结转）。处置以单位确认为准；延期、挂账、返工后的新时限算数。"
)
_DUE_EN = (
    "Due: the handling deadline lies in the period, or lay before it and the case was still open at its start (carried"
    " over). Handling ends when the unit confirms; extensions, suspensions and rework move the deadline."
)
_CLOSE_ZH = "应结案：处置时限后 5 个自然日落在本期内的，加上期初还没结案的。"
_CLOSE_EN = (
    "Due to be closed: five days after the handling deadline lie in the period, or lay before it and it was open."
)

_ALL: tuple[Indicator, ...] = (
    Indicator(
        "in_time",
        "按期处置率",
        "Handled in time",
        f"按期处置 ÷ 应处置。{_DUE_ZH}",
        f"Handled by the deadline ÷ due. {_DUE_EN}",
        "in_time",
        "due",
        "up",
        timed=True,
    ),
    Indicator(
        "handled",
        "处置率",
        "Handled",
        f"期末前已处置 ÷ 应处置，不论是否超期。{_DUE_ZH}",
        f"Handled before the period's end, in time or late ÷ due. {_DUE_EN}",
        "handled",
        "due",
        "up",
        timed=True,
    ),
    Indicator(
        "overdue",
        "超期未处置率",
        "Overdue, not handled",
        f"期末仍未处置 ÷ 应处置。{_DUE_ZH}",
        f"Still not handled at the period's end ÷ due. {_DUE_EN}",
        "overdue",
        "due",
        "down",
        timed=True,
    ),
    Indicator(
        "extended",
        "延期率",
        "Extended",
        f"批准过延期的 ÷ 应处置。{_DUE_ZH}",
        f"Cases with a granted extension ÷ due. {_DUE_EN}",
        "extended",
        "due",
        "down",
        timed=True,
    ),
    Indicator(
        "closed_in_time",
        "按期结案率",
        "Closed in time",
        f"按期结案 ÷ 应结案。{_CLOSE_ZH}",
        f"Closed within five days after the handling deadline ÷ due to be closed. {_CLOSE_EN}",
        "closed_in_time",
        "to_close",
        "up",
        "closing",
        timed=True,
    ),
    Indicator(
        "reworked",
        "返工率",
        "Reworked",
        f"核查没有通过、要求返工过的 ÷ 应结案。{_CLOSE_ZH}",
        f"Cases that failed the check on site at least once ÷ due to be closed. {_CLOSE_EN}",
        "reworked",
        "to_close",
        "down",
        "closing",
        timed=True,
    ),
    Indicator(
        "reopened",
        "重开率",
        "Reopened",
        "本期被上报人要求重开的 ÷ 本期结案的。",
        "Reopened by the reporter in the period ÷ closed in the period.",
        "reopened",
        "closed",
        "down",
        "closing",
    ),
    Indicator(
        "valid",
        "有效上报率",
        "Valid reports",
        "本期上报的事件中已立案的 ÷ 本期上报的事件。还在受理中的算在分母里；协办事件不另计。",
        "Of the cases reported in the period, those registered so far ÷ reported. Those still being looked at count in"
        " the base; sub-cases of assisting units are not counted again.",
        "valid",
        "reported",
        "up",
        "intake",
    ),
    Indicator(
        "accurate",
        "准确派遣率",
        "Dispatched to the right unit",
        "本期首次派遣、从未被回退的 ÷ 本期首次派遣的。",
        "First dispatched in the period and never returned ÷ first dispatched in the period.",
        "accurate",
        "dispatched",
        "up",
        "intake",
    ),
    Indicator(
        "responded",
        "响应率",
        "Responded in time",
        "本期首次派遣的事件中，责任单位在接收时限内接收并联系的 ÷ 本期首次派遣的。还没接收的算未响应。",
        "Of the cases first dispatched in the period, those the unit took up within its limit ÷ first dispatched. Not"
        " yet taken up counts as not responded.",
        "responded",
        "dispatched",
        "up",
        "intake",
    ),
    Indicator(
        "solved",
        "解决率",
        "Solved",
        "上报人说“解决了”的 ÷ 上报人有回音的（回访）。只听上报人的，不听单位的；按评价的日子算。",
        "Reporters who said it was solved ÷ reporters who answered. Taken from the reporter, never from the unit;"
        " counted on the day of the answer.",
        "solved",
        "answered",
        "up",
        "voice",
    ),
    Indicator(
        "satisfied",
        "满意率",
        "Satisfied",
        "评“非常满意”“满意”“基本满意”的 ÷ 评过满意度的。自愿评价，不得要求；评价人不公开。",
        "Ratings of fair or better ÷ ratings given. Rating is voluntary and the rater is never named.",
        "satisfied",
        "levelled",
        "up",
        "voice",
    ),
    Indicator(
        "bad_called",
        "差评回访率",
        "Bad ratings called back",
        "差评（不满意、非常不满意）后联系过上报人的 ÷ 本期差评。要求 100%。",
        "Bad ratings after which the reporter was called back ÷ bad ratings in the period. Ought to be 100 %.",
        "bad_called",
        "bad",
        "up",
        "voice",
    ),
    Indicator(
        "righted",
        "差评整改率",
        "Bad ratings put right",
        "15 个工作日内整改的差评（重新处置并确认，或上报人改评）÷ 整改期限落在本期内的差评。",
        "Bad ratings put right within 15 working days (handled again and confirmed, or rated anew) ÷ bad ratings whose"
        " 15 days end in the period.",
        "righted",
        "right_due",
        "up",
        "voice",
    ),
    Indicator(
        "climbed",
        "上交率",
        "Passed upwards",
        "本期上交到上一层级的事件 ÷ 本期上报的事件。只是分流情况，不是好坏。",
        "Cases that moved up from their first tier in the period ÷ reported. Describes the flow, not how good it is.",
        "climbed",
        "reported",
        "none",
        "duty",
    ),
    Indicator(
        "receipts",
        "层级按时接收率",
        "Received in time by the tiers",
        "每一层在接收时限内接收的 ÷ 接收时限落在本期内的。",
        "Stays received within their limit ÷ stays whose limit to receive ends in the period, tiers together.",
        "receipt_in_time",
        "receipt_due",
        "up",
        "duty",
    ),
    Indicator(
        "whistle_answered",
        "吹哨按时响应率",
        "Whistles answered in time",
        "被吹哨单位在时限内确认或说明的 ÷ 本期被吹哨的次数。",
        "Calls confirmed or answered within the limit ÷ calls in the period.",
        "whistle_answered",
        "whistled",
        "up",
        "duty",
    ),
    Indicator(
        "whistle_came",
        "吹哨到场率",
        "Came when whistled",
        "按约到场（或按约远程答复）的 ÷ 本期被吹哨的次数。",
        "Came (or answered remotely as agreed) ÷ calls in the period.",
        "whistle_came",
        "whistled",
        "up",
        "duty",
    ),
    Indicator(
        "score_came",
        "到场得分",
        "Score: came",
        "吹哨人评为“到场”的 ÷ 吹哨人评过的次数，按评的日子算。",
        "The whistler says they came ÷ calls the whistler has marked, on the day of the marks.",
        "score_came",
        "whistle_scored",
        "up",
        "duty",
    ),
    Indicator(
        "score_prompt",
        "及时得分",
        "Score: promptly",
        "吹哨人评为“及时”的 ÷ 吹哨人评过的次数，按评的日子算。",
        "The whistler says they were prompt ÷ calls the whistler has marked, on the day of the marks.",
        "score_prompt",
        "whistle_scored",
        "up",
        "duty",
    ),
    Indicator(
        "score_solved",
        "解决得分",
        "Score: solved",
        "吹哨人评“解决”得 2 分、“部分解决”得 1 分 ÷ 满分（每次 2 分），按评的日子算。",
        "Two marks for solved, one for partly ÷ the most possible (two for each call marked), on the day of the marks.",
        "score_solved",
        "whistle_scored",
        "up",
        "duty",
        per=2,
    ),
    Indicator(
        "walks",
        "巡查完成率",
        "Rounds walked",
        "按计划走完的巡查 ÷ 本期计划的巡查。",
        "Rounds finished ÷ rounds planned for days of the period.",
        "walk_done",
        "walk_planned",
        "up",
        "rounds",
    ),
)
INDICATORS: dict[str, Indicator] = {indicator.code: indicator for indicator in _ALL}
assert all(i.numerator in POPULATIONS and i.base in POPULATIONS for i in _ALL)


class Figure(NamedTuple):
    """An indicator for one period: "41/53". rate: 0 to 1, None without a base. left_out: cases not counted in it."""

    code: str
    numerator: int
    base: int
    rate: float | None
    left_out: int = 0

    @property
    def indicator(self) -> Indicator:
        return INDICATORS[self.code]

    @property
    def percent(self) -> str:
        """The rate as it is shown: "77.4", "100"; "–" without a base."""
        return "–" if self.rate is None else f"{self.rate * 100:.1f}".removesuffix(".0")


# Tables of hundreds of places ask for thousands of figures: where to look is found out once.
_PLACES = {each.code: (place_of(each.numerator), place_of(each.base), each.per, each.timed) for each in _ALL}
_LEFT_OUT = place_of("left_out")


def figure(code: str, counts: Counts) -> Figure:
    """One indicator from the counts of a period. Raises KeyError for an unknown code."""
    above, below, per, timed = _PLACES[code]
    values = counts.values
    numerator, base = values[above], values[below] * per
    return Figure(code, numerator, base, numerator / base if base else None, values[_LEFT_OUT] if timed else 0)


def total(many: Iterable[Counts]) -> Counts:
    """The sum of several counts."""
    columns = list(zip(*(counts.values for counts in many), strict=True))
    return Counts(tuple(map(sum, columns))) if columns else NOTHING
