"""Searching by bigrams: what people type is found, whatever the script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.text import fold, grams, matches, query_grams


def test_a_two_character_word_is_found():
    assert set(query_grams("路灯")) <= set(grams("门口的路灯坏了"))


def test_digits_and_characters_side_by_side_form_one_run():
    assert set(query_grams("3栋2")) <= set(grams("惠民小区3栋2单元"))


def test_full_width_and_case_make_no_difference():
    assert grams("ＷiFi坏了") == grams("wifi坏了")


def test_invisible_marks_do_not_hide_a_word():
    assert fold("路\u200b灯\u202e") == "路灯"


def test_signs_part_runs():
    assert grams("路,灯") == []


def test_a_single_character_has_no_bigram_to_look_up():
    assert query_grams("狗") == []
    assert matches("流浪狗追人", "狗")


@pytest.mark.parametrize("query", ["", "  ", "，。", "🙂"])
def test_a_query_without_words_matches_nothing(query):
    assert not matches("路灯不亮", query)


def test_matches_wants_every_word():
    assert matches("3栋路灯不亮", "路灯 3栋")
    assert not matches("3栋路灯不亮", "路灯 4栋")


@given(st.text(max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_every_part_of_a_text_is_findable_in_it(text, start, end):
    part = fold(text)[start:end]
    if query_grams(part):
        assert set(query_grams(part)) <= set(grams(text)) or fold(part) != part
