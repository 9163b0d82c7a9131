"""Times and lengths in words, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from linli.kernel.web.when import duration_words, near_words

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # Sunday 10:00 in Shanghai


@pytest.mark.parametrize(
    ("distance", "chinese"),
    [
        (timedelta(seconds=-20), "刚刚"),
        (timedelta(seconds=20), "马上"),
        (timedelta(minutes=-5), "5 分钟前"),
        (timedelta(minutes=59), "59 分钟后"),
        (timedelta(hours=-3), "今天 07:00"),
        (timedelta(hours=-11), "昨天 23:00"),
        (timedelta(hours=14), "明天 00:00"),
        (timedelta(days=3, hours=8), "11 月 25 日 18:00"),
        (timedelta(days=60), "2027 年 1 月 21 日 10:00"),
    ],
)
def test_it_says_times_near_now_relatively_and_far_ones_as_dates(distance: timedelta, chinese: str) -> None:
    with translation.override("zh-hans"):
        assert near_words(NOW + distance, NOW) == chinese


def test_it_names_the_day_in_english() -> None:
    with translation.override("en"):
        assert near_words(NOW + timedelta(days=3, hours=8), NOW) == "25 Nov 18:00"
        assert near_words(NOW + timedelta(days=60), NOW) == "21 Jan 2027 10:00"


@pytest.mark.parametrize(
    ("length", "chinese"),
    [
        (30, "不到 1 分钟"),
        (timedelta(minutes=15), "15 分钟"),
        (timedelta(hours=2, minutes=15), "2 小时 15 分钟"),
        (timedelta(days=3, hours=4, minutes=5), "3 天 4 小时"),
        (-7200, "−2 小时"),
    ],
)
def test_it_says_a_length_in_its_two_largest_units(length: timedelta | float, chinese: str) -> None:
    with translation.override("zh-hans"):
        assert duration_words(length) == chinese
