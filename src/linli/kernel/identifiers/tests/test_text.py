import re
import unicodedata

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.errors import Refused
from linli.kernel.identifiers import clean_text

KEPT = [
    "小区门口路灯不亮",
    "家人 👨‍👩‍👧 和 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "<script>alert(1)</script> & 'quotes'",
    "第一行\n第二行",
    "ئۇيغۇرچە",
    "a\tb",
]
CLEANED = [
    ("  两头空格\n\n", "两头空格"),
    ("a\x00b\x08c\x1b[31m", "abc[31m"),
    ("photo\u202egpj.exe", "photogpj.exe"),
    ("\u2066x\u2069\u200f\ufeff", "x"),
    ("e\u0301", "é"),
    ("一\r\n二\r三\u2028四", "一\n二\n三\n四"),
    ("half \ud800 pair", "half  pair"),
]


@pytest.mark.parametrize("text", KEPT)
def test_what_people_write_stays_as_they_wrote_it(text):
    assert clean_text(text, 100) == text


@pytest.mark.parametrize(("typed", "kept"), CLEANED)
def test_what_nobody_types_on_purpose_goes(typed, kept):
    assert clean_text(typed, 100) == kept


def test_one_line_is_one_line():
    assert clean_text(" 渌口区\n\t 某某路  3 号 ", 100, one_line=True) == "渌口区 某某路 3 号"


def test_a_text_of_exactly_the_limit_is_taken_and_one_more_is_refused():
    assert len(clean_text("字" * 4000, 4000)) == 4000
    with pytest.raises(Refused) as refusal:
        clean_text("字" * 4001, 4000, "words")
    assert refusal.value.field == "words"
    assert re.search(r"多了 1 字", str(refusal.value))


@pytest.mark.parametrize(("length", "words"), [(10_000, "6000 characters"), (4001, "1 character ")])
def test_a_long_text_is_told_how_much_too_long_it_is(length, words):
    with override("en"), pytest.raises(Refused) as refusal:
        clean_text("字" * length, 4000)
    assert words in str(refusal.value) + " "
    assert refusal.value.what_next


@given(st.text(st.characters(), max_size=200))
def test_cleaned_text_can_be_stored_and_cleaning_twice_changes_nothing(text):
    cleaned = clean_text(text, 1000)
    assert clean_text(cleaned, 1000) == cleaned
    cleaned.encode()
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not re.search("[\x00\u202a-\u202e\u2066-\u2069]", cleaned)
