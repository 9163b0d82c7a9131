import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.clock.limits import UNITS, Convention, TimeLimit
from linli.kernel.errors import Refused

from .examples import limits

READ = [
    ("2紧急工作时", 2, "urgent_hours"),
    ("1紧急工作时\n", 1, "urgent_hours"),
    ("1紧急工作时制止", 1, "urgent_hours"),
    ("1紧急工作日", 24, "urgent_hours"),
    ("2紧急工作日", 48, "urgent_hours"),
    ("4小时", 4, "working_hours"),
    ("4工作时", 4, "working_hours"),
    ("4个工作小时内", 4, "working_hours"),
    ("2天", 2, "working_days"),
    ("2日", 2, "working_days"),
    ("5个工作日", 5, "working_days"),
    ("5 个 工作日内办结", 5, "working_days"),
    ("２　天", 2, "working_days"),
    ("15自然日", 15, "calendar_days"),
    ("十五日", 15, "working_days"),
    ("二十四小时", 24, "working_hours"),
    ("一百二十天", 120, "working_days"),
    ("两个工作日", 2, "working_days"),
    ("半天", 4, "working_hours"),
    ("1.5个工作日", 12, "working_hours"),
    ("0.5自然日", 12, "urgent_hours"),
    ("1周", 7, "calendar_days"),
    ("不超过3天", 3, "working_days"),
    ("4.0小时", 4, "working_hours"),
    ("2 urgent hours", 2, "urgent_hours"),
    ("3 working days", 3, "working_days"),
    ("4 working_hours", 4, "working_hours"),
    ("15 Calendar Days", 15, "calendar_days"),
]
REFUSED = [
    ("", "limit_empty"),
    ("  \n", "limit_empty"),
    ("立即", "limit_at_once"),
    ("立即处置", "limit_at_once"),
    ("30分钟", "limit_unit"),
    ("1个月", "limit_unit"),
    ("0天", "limit_amount"),
    ("1.5小时", "limit_amount"),
    ("99999天", "limit_amount"),
    ("-2天", "limit_unreadable"),
    ("2-4小时", "limit_unreadable"),
    ("3", "limit_unreadable"),
    ("按规定", "limit_unreadable"),
    ("一半天", "limit_unreadable"),
]


@pytest.mark.parametrize(("text", "amount", "unit"), READ)
def test_every_published_form_is_read(text, amount, unit):
    assert TimeLimit.parse(text) == TimeLimit(amount, unit)


@pytest.mark.parametrize(("text", "code"), REFUSED)
def test_what_is_no_limit_is_refused_with_its_reason(text, code):
    with pytest.raises(Refused) as refusal:
        TimeLimit.parse(text)
    assert refusal.value.code == code
    assert refusal.value.field == "limit"
    assert str(refusal.value)


def test_a_convention_says_what_bare_hours_and_days_mean():
    hotline = Convention(hours="urgent_hours", days="calendar_days", at_once=TimeLimit(1, "urgent_hours"))
    assert TimeLimit.parse("24小时", hotline) == TimeLimit(24, "urgent_hours")
    assert TimeLimit.parse("7天", hotline) == TimeLimit(7, "calendar_days")
    assert TimeLimit.parse("7个工作日", hotline) == TimeLimit(7, "working_days")
    assert TimeLimit.parse("立即", hotline) == TimeLimit(1, "urgent_hours")


@given(limits, st.sampled_from(["zh-hans", "en"]))
def test_what_a_limit_says_of_itself_is_read_back(limit, language):
    with override(language):
        assert TimeLimit.parse(str(limit)) == limit


@given(st.text(max_size=60))
def test_no_text_does_anything_but_parse_or_be_refused(text):
    try:
        assert TimeLimit.parse(text).amount > 0
    except Refused as refusal:
        assert refusal.code.startswith("limit_")


def test_limits_say_themselves_in_both_languages():
    said = {}
    for language in ("zh-hans", "en"):
        with override(language):
            said[language] = [str(TimeLimit(amount, unit)) for unit in UNITS for amount in (1, 2)]
    assert said["zh-hans"][::2] == ["1紧急工作时", "1工作时", "1个工作日", "1个自然日"]
    assert said["en"] == [
        "1 urgent hour", "2 urgent hours", "1 working hour", "2 working hours",
        "1 working day", "2 working days", "1 calendar day", "2 calendar days",
    ]  # fmt: skip


def test_lengths_compare():
    assert [TimeLimit(2, unit).minutes for unit in UNITS] == [120, 120, 960, 2880]
    assert [TimeLimit(2, unit).round_the_clock for unit in UNITS] == [True, False, False, True]


@pytest.mark.parametrize(("amount", "unit"), [(0, "working_days"), (10_001, "working_days"), (1, "weeks")])
def test_impossible_limits_cannot_be_made(amount, unit):
    with pytest.raises(Refused):
        TimeLimit(amount, unit)
