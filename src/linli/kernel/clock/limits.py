"""A time limit: an amount and one of four units, read from every form that cities publish.

| unit | 中文 | runs |
|---|---|---|
| urgent_hours | 紧急工作时 | round the clock |
| working_hours | 工作时 | in the calendar's working hours |
| working_days | 工作日 | a day is a day's working hours, so Friday 16:00 + 1 = Monday 16:00 |
| calendar_days | 自然日 | round the clock, 24 hours each |
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from linli.kernel.errors import Refused

Unit = Literal["urgent_hours", "working_hours", "working_days", "calendar_days"]
UNITS: tuple[Unit, ...] = ("urgent_hours", "working_hours", "working_days", "calendar_days")
ROUND_THE_CLOCK: frozenset[str] = frozenset({"urgent_hours", "calendar_days"})

#: Larger amounts are taken for mistakes (10,000 working days are forty years).
MOST = 10_000

_MINUTES: dict[str, int] = {
    "urgent_hours": 60,
    "working_hours": 60,
    "working_days": 8 * 60,
    "calendar_days": 24 * 60,
}


@dataclass(frozen=True, slots=True)
class Convention:
    """What a sheet means by a bare 小时 and a bare 天, and by 立即 (None: refuse it and ask for a number)."""

    hours: Unit = "working_hours"
    days: Unit = "working_days"
    at_once: "TimeLimit | None" = None


@dataclass(frozen=True, slots=True, order=False)
class TimeLimit:
    """How long something may take. `amount` is a whole number from 1 to 10,000.

    str() gives it in the active language: "2个工作日", "2 working days".
    """

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.unit not in _MINUTES:
            raise Refused(
                _("时限单位“%(unit)s”不认识。") % {"unit": self.unit},
                "limit_unit",
                "limit",
                what_next=_("请使用紧急工作时、工作时、工作日或自然日。"),
            )
        if not isinstance(self.amount, int) or not 1 <= self.amount <= MOST:
            raise Refused(_("时限必须是 1 到 %(most)s 之间的整数。") % {"most": MOST}, "limit_amount", "limit")

    @classmethod
    def parse(cls, text: str, convention: Convention = Convention()) -> "TimeLimit":
        """Read a published limit, for example "2紧急工作时", "4小时", "5个工作日", "15自然日".

        A bare 小时/时 and 天/日 mean what `convention` says: by default working hours and working days, as in
        the published city sheets. 紧急工作日 is 24 urgent hours; half days become hours ("半天" = 4 working
        hours); a week is seven calendar days. Words after the limit that only repeat that something has to
        be done in it (内, 办结, 制止 …) are ignored. Raises `Refused` with the reason.
        """
        return _parse(cls, text, convention)

    @property
    def round_the_clock(self) -> bool:
        """Whether the limit runs outside working hours too (and so needs no calendar)."""
        return self.unit in ROUND_THE_CLOCK

    @property
    def minutes(self) -> int:
        """Its nominal length: clock minutes round the clock, working minutes (8-hour days) otherwise.

        Good for comparing and sorting limits; when one runs out is `rules.deadline`'s business.
        """
        return self.amount * _MINUTES[self.unit]

    def __str__(self) -> str:
        count = self.amount
        if self.unit == "urgent_hours":
            text = ngettext("%(count)d紧急工作时", "%(count)d紧急工作时", count)
        elif self.unit == "working_hours":
            text = ngettext("%(count)d工作时", "%(count)d工作时", count)
        elif self.unit == "working_days":
            text = ngettext("%(count)d个工作日", "%(count)d个工作日", count)
        else:
            text = ngettext("%(count)d个自然日", "%(count)d个自然日", count)
        return text % {"count": count}


_URGENT_DAYS = "urgent_days"
_WEEKS = "weeks"
_BARE_HOURS = "hours"
_BARE_DAYS = "days"

_WORDS: dict[str, str] = {
    "紧急工作时": "urgent_hours",
    "紧急工作小时": "urgent_hours",
    "紧急小时": "urgent_hours",
    "紧急时": "urgent_hours",
    "自然小时": "urgent_hours",
    "自然时": "urgent_hours",
    "urgenthours": "urgent_hours",
    "urgenthour": "urgent_hours",
    "紧急工作日": _URGENT_DAYS,
    "紧急工作天": _URGENT_DAYS,
    "紧急日": _URGENT_DAYS,
    "urgentdays": _URGENT_DAYS,
    "urgentday": _URGENT_DAYS,
    "工作小时": "working_hours",
    "工作时": "working_hours",
    "workinghours": "working_hours",
    "workinghour": "working_hours",
    "工作日": "working_days",
    "工作天": "working_days",
    "workingdays": "working_days",
    "workingday": "working_days",
    "businessdays": "working_days",
    "businessday": "working_days",
    "自然日": "calendar_days",
    "自然天": "calendar_days",
    "日历日": "calendar_days",
    "日历天": "calendar_days",
    "calendardays": "calendar_days",
    "calendarday": "calendar_days",
    "星期": _WEEKS,
    "周": _WEEKS,
    "weeks": _WEEKS,
    "week": _WEEKS,
    "小时": _BARE_HOURS,
    "时": _BARE_HOURS,
    "hours": _BARE_HOURS,
    "hour": _BARE_HOURS,
    "h": _BARE_HOURS,
    "天": _BARE_DAYS,
    "日": _BARE_DAYS,
    "days": _BARE_DAYS,
    "day": _BARE_DAYS,
    "d": _BARE_DAYS,
}
_UNIT_PATTERN = "|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True))
_DIGITS = "零一二三四五六七八九"
_LIMIT = re.compile(
    rf"(?:不超过|限时|限|最长|≤)?(?P<amount>\d{{1,6}}(?:\.\d{{1,3}})?|[{_DIGITS}两十百半]{{1,7}})个?"
    rf"(?P<unit>{_UNIT_PATTERN})(?:以内|之内|内)?"
    r"(?:办结|完成|处置|处理|制止|恢复|修复|整改|清理|清除|更换|回复|答复|到位|完毕)*[。.;;]?"
)
_AT_ONCE = re.compile(r"(?:立即|立刻|即时|马上|随即|immediately|atonce).*")
_TOO_FINE_OR_VAGUE = re.compile(r".*(?:分钟|分|秒|月|季度|年|minutes?|months?|years?)(?:以内|之内|内)?")


def _amount(text: str) -> Decimal | None:
    """A number in digits or in Chinese words up to 999, 半 for a half; None when it is neither."""
    if text[0].isdigit():
        return Decimal(text)
    if text == "半":
        return Decimal("0.5")
    total, digit = 0, None
    for sign in text.replace("两", "二"):
        if sign in "十百":
            total += (1 if digit is None else digit) * (10 if sign == "十" else 100)
            digit = None
        elif sign == "半" or digit:
            return None
        else:
            digit = _DIGITS.index(sign)
    return Decimal(total + (digit or 0))


def _parse(cls: type[TimeLimit], text: str, convention: Convention) -> TimeLimit:
    # Excel pads with odd blanks, line breaks and full-width digits.
    plain = re.sub(r"[\s_\u200b\ufeff]+", "", unicodedata.normalize("NFKC", str(text))).lower()
    example = _("请写成“2紧急工作时”“4工作时”“3个工作日”或“15自然日”。")
    shown = str(text).strip()[:40]
    if not plain:
        raise Refused(_("没有写时限。"), "limit_empty", "limit", what_next=example)
    found = _LIMIT.fullmatch(plain)
    amount = _amount(found["amount"]) if found else None
    if found is None or amount is None:
        if _AT_ONCE.fullmatch(plain):
            if convention.at_once is not None:
                return convention.at_once
            raise Refused(
                _("“%(text)s”没有可以计算的时间。") % {"text": shown},
                "limit_at_once",
                "limit",
                what_next=_("请写明时限，例如“1紧急工作时”。"),
            )
        if _TOO_FINE_OR_VAGUE.fullmatch(plain):
            raise Refused(
                _("时限“%(text)s”的单位不能用：时限只按小时或天计算。") % {"text": shown},
                "limit_unit",
                "limit",
                what_next=example,
            )
        raise Refused(_("看不懂时限“%(text)s”。") % {"text": shown}, "limit_unreadable", "limit", what_next=example)

    unit = _WORDS[found["unit"]]
    if unit == _BARE_HOURS:
        unit = convention.hours
    elif unit == _BARE_DAYS:
        unit = convention.days
    elif unit == _URGENT_DAYS:
        amount, unit = amount * 24, "urgent_hours"
    elif unit == _WEEKS:
        amount, unit = amount * 7, "calendar_days"
    if amount % 1 and unit == "working_days":
        amount, unit = amount * 8, "working_hours"
    elif amount % 1 and unit == "calendar_days":
        amount, unit = amount * 24, "urgent_hours"
    if amount % 1:
        raise Refused(_("时限“%(text)s”不是整小时。") % {"text": shown}, "limit_amount", "limit", what_next=example)
    return cls(int(amount), unit)  # type: ignore[arg-type]
