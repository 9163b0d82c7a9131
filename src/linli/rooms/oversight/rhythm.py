"""When meetings that recur are held: `monthly 1 thu 15:00` (the first Thursday), `weekly mon 09:00`. Pure."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.kernel.clock import Calendar
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import Refused

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_WORDS = (
    gettext_lazy("星期一"),
    gettext_lazy("星期二"),
    gettext_lazy("星期三"),
    gettext_lazy("星期四"),
    gettext_lazy("星期五"),
    gettext_lazy("星期六"),
    gettext_lazy("星期日"),
)
_RHYTHM = re.compile(r"(?:(weekly)|(monthly) ([1-4]|last)) (mon|tue|wed|thu|fri|sat|sun) (\d{2}):(\d{2})\Z")

# LK-7: the leading group meets on the spot each month; EQ-3: grid and micro-grid each week; LS-5: called by hand.
DEFAULT_KINDS: tuple[dict[str, Any], ...] = (
    {"code": "leading", "name_zh": "领导小组现场会", "name_en": "Leading group's on-site meeting", "level": "district",
     "rhythm": "monthly 1 thu 15:00", "prepare_days": 7, "minutes_per_item": 10, "items_at_most": 12,
     "sources": ["ladder", "hard"], "sort": 10},
    {"code": "grid", "name_zh": "网格周例会", "name_en": "Weekly grid meeting", "level": "grid",
     "rhythm": "weekly mon 09:00", "prepare_days": 2, "minutes_per_item": 5, "items_at_most": 8,
     "sources": ["hard", "legacy", "open"], "sort": 20},
    {"code": "micro", "name_zh": "微网格周例会", "name_en": "Weekly micro-grid meeting", "level": "micro",
     "rhythm": "weekly fri 16:00", "prepare_days": 1, "minutes_per_item": 5, "items_at_most": 5,
     "sources": ["legacy", "open"], "sort": 30},
    {"code": "opinion", "name_zh": "“请进来”座谈会", "name_en": "Opinion meeting", "level": "community",
     "rhythm": "", "prepare_days": 3, "minutes_per_item": 5, "items_at_most": 30, "sources": ["hard"], "sort": 40},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A rhythm that was read. nth: 1–4, 5 for the last, 0 for every week."""

    nth: int
    weekday: int
    at: dt.time

    @classmethod
    def parse(cls, text: str) -> Rhythm:
        """Raises Refused with how it has to be written."""
        found = _RHYTHM.match(" ".join(text.lower().split()))
        try:
            if found is None:
                raise ValueError
            at = dt.time(int(found[5]), int(found[6]))
        except ValueError:
            raise Refused(
                gettext_lazy("看不懂这个会期。"),
                "meeting.rhythm",
                "rhythm",
                what_next=gettext_lazy(
                    "请写成“monthly 1 thu 15:00”（每月第一个星期四）或“weekly mon 09:00”（每周一）。"
                ),
            ) from None
        nth = 0 if found[1] else 5 if found[3] == "last" else int(found[3])
        return cls(nth, DAYS.index(found[4]), at)

    def __str__(self) -> str:
        """In words: 每月第 1 个星期四 15:00."""
        facts = {"day": DAY_WORDS[self.weekday], "at": f"{self.at:%H:%M}", "nth": self.nth}
        if self.nth == 0:
            return _("每周%(day)s %(at)s") % facts
        if self.nth == 5:
            return _("每月最后一个%(day)s %(at)s") % facts
        return _("每月第 %(nth)s 个%(day)s %(at)s") % facts

    def next_after(self, moment: dt.datetime, calendar: Calendar) -> dt.datetime:
        """The first meeting after a moment. On a day off it is held on the next working day."""
        day = moment.astimezone(CIVIL).date() - dt.timedelta(days=40)
        while True:
            day = self._planned_from(day)
            held = day
            while not calendar.is_workday(held):
                held += dt.timedelta(days=1)
            found = dt.datetime.combine(held, self.at, CIVIL)
            if found > moment:
                return found.astimezone(dt.UTC)
            day += dt.timedelta(days=1)

    def _planned_from(self, day: dt.date) -> dt.date:
        """The first day of the rhythm on or after a day, working or not."""
        while True:
            if day.weekday() == self.weekday and self._is_nth(day):
                return day
            day += dt.timedelta(days=1)

    def _is_nth(self, day: dt.date) -> bool:
        if self.nth == 0:
            return True
        if self.nth == 5:
            return (day + dt.timedelta(days=7)).month != day.month
        return (day.day - 1) // 7 + 1 == self.nth
