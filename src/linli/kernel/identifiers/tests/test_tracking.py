import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.errors import Refused
from linli.kernel.identifiers import (
    normalise_tracking_code,
    read_tracking_code,
    show_tracking_code,
    tracking_code,
)


def test_codes_do_not_repeat_and_have_no_letters_that_look_alike():
    codes = {tracking_code() for _each in range(5000)}
    assert len(codes) == 5000
    assert all(len(code) == 12 and not set(code) & set("ILOU") for code in codes)


def test_a_code_is_shown_in_fours_and_read_back_however_it_is_typed():
    code = tracking_code()
    shown = show_tracking_code(code)
    assert shown == f"{code[:4]}-{code[4:8]}-{code[8:]}"
    for typed in (code, shown, shown.lower(), f" {shown.replace('-', ' – ')} "):
        assert read_tracking_code(typed) == code


def test_letters_that_look_like_digits_are_read_as_digits():
    assert read_tracking_code("OoIi-lL00-1111") == "001111001111"


@pytest.mark.parametrize("typed", ["", "ABC", "7K2M-9QXD-4TBNX", "7K2M-9QXD-4TBU", "查询码", "x" * 10_000])
def test_what_cannot_be_a_code_is_refused(typed):
    with pytest.raises(Refused) as refusal:
        read_tracking_code(typed)
    assert refusal.value.what_next


@given(st.text(max_size=300))
def test_normalising_never_fails_and_is_short(typed):
    code = normalise_tracking_code(typed)
    assert len(code) <= 40 and normalise_tracking_code(code) == code
