from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from linli.kernel.errors import Refused
from linli.kernel.identifiers import credit_code, phone, resident_id

# Made up: the place code 999999 exists nowhere.
BODY = "99999919900307301"
NUMBER = BODY + ric.calc_check_digit(BODY + "0")


def with_check(body):
    return body + ric.calc_check_digit(body + "0")


@pytest.mark.parametrize("typed", [NUMBER, f" {NUMBER[:6]} {NUMBER[6:14]}-{NUMBER[14:]} ", f"'{NUMBER}"])
def test_a_resident_id_says_birth_and_sex_and_its_place_is_not_looked_up(typed):
    read = resident_id(typed)
    assert str(read) == NUMBER
    assert (read.birth, read.sex, read.county) == (date(1990, 3, 7), "male", "999999")


def test_the_check_letter_may_be_small_wide_or_a_cross():
    number = next(number for n in range(999) if (number := with_check(f"99999919900307{n:03d}")).endswith("X"))
    for typed in (number, number.lower(), number[:-1] + "Ｘ", number[:-1] + "×"):
        assert str(resident_id(typed)) == number
    assert resident_id(number).sex in ("female", "male")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "resident_id_empty"),
        (None, "resident_id_empty"),
        (NUMBER[:-1], "resident_id_length"),
        ("999999900307301", "resident_id_old"),
        (NUMBER[:10] + "A" + NUMBER[11:], "resident_id_characters"),
        ("0" + NUMBER[1:], "resident_id_characters"),
        (with_check("99999919900231301"), "resident_id_birth"),
        (with_check("99999900000101301"), "resident_id_birth"),
        (NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2"), "resident_id_check"),
        (float(NUMBER.replace("X", "0")), "resident_id_lost_digits"),
        (999999199003073000, "resident_id_lost_digits"),
        ("9.99999199003073e+17", "resident_id_lost_digits"),
        ("9.99999E+17", "resident_id_lost_digits"),
        ("999999199003073000.0", "resident_id_lost_digits"),
    ],
)
def test_wrong_resident_ids_are_refused_with_their_reason(typed, code):
    with pytest.raises(Refused) as refusal:
        resident_id(typed)
    assert refusal.value.code == code
    assert code.endswith("empty") or refusal.value.what_next


def test_a_tail_of_zeros_gets_the_hint_that_a_spreadsheet_did_it():
    body = "999999199003070"
    with pytest.raises(Refused, match="校验位") as refusal:
        resident_id(next(n for t in "123456789" if (n := body[:-1] + t + "000") != with_check(n[:-1])))
    assert "000" in str(refusal.value.what_next)


def test_a_birth_after_today_is_refused_when_today_is_known():
    number = with_check("99999920300101301")
    assert resident_id(number).birth == date(2030, 1, 1)
    with pytest.raises(Refused):
        resident_id(number, today=date(2026, 11, 22))


CREDIT_BODY = "54999999MF0000001"
CREDIT = CREDIT_BODY + uscc.calc_check_digit(CREDIT_BODY)
COLLECTIVE_BODY = "N2999999MF0000001"
COLLECTIVE = COLLECTIVE_BODY + uscc.calc_check_digit(COLLECTIVE_BODY)


@pytest.mark.parametrize("code", [CREDIT, COLLECTIVE], ids=["committee", "rural collective"])
def test_credit_codes_are_read_with_the_letters_people_mistype(code):
    assert credit_code(code) == code
    assert credit_code(f" {code.lower()[:9]} {code[9:]} ") == code
    assert credit_code(code.replace("0", "O").replace("1", "I")) == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "credit_code_empty"),
        (CREDIT[:-1], "credit_code_length"),
        ("5" + "S" + CREDIT[2:], "credit_code_characters"),
        (CREDIT[:-1] + ("A" if CREDIT[-1] != "A" else "B"), "credit_code_check"),
        (914302116890000000.0, "credit_code_lost_digits"),
    ],
)
def test_wrong_credit_codes_are_refused_with_their_reason(typed, code):
    with pytest.raises(Refused) as refusal:
        credit_code(typed)
    assert refusal.value.code == code


PHONES = [
    ("13800000000", "13800000000"),
    (13800000000, "13800000000"),
    (13800000000.0, "13800000000"),
    ("138 0000 0000", "13800000000"),
    ("138-0000-0000", "13800000000"),
    ("+86 138 0000 0000", "13800000000"),
    ("+8613800000000", "13800000000"),
    ("008613800000000", "13800000000"),
    ("8613800000000", "13800000000"),
    ("１３８００００００００", "13800000000"),
    ("手机：13800000000", "13800000000"),
    ("0731-22000000", "0731-22000000"),
    ("073122000000", "0731-22000000"),
    ("(0731) 2200 0000", "0731-22000000"),
    ("（0731）22000000", "0731-22000000"),
    ("+86 731 22000000", "0731-22000000"),
    ("0734-8200000", "0734-8200000"),
    ("010-62000000", "010-62000000"),
    ("0731-22000000-801", "0731-22000000-801"),
    ("0731-22000000转801", "0731-22000000-801"),
    ("0731 22000000 ext. 801", "0731-22000000-801"),
    ("400-812-3123", "4008123123"),
    ("+852 5123 4567", "+85251234567"),
]


@pytest.mark.parametrize(("typed", "number"), PHONES)
def test_a_phone_number_has_one_form_however_it_is_typed(typed, number):
    assert phone(typed) == number
    assert phone(number) == number


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("", "没有填写"),
        ("1380000000", "10 位"),
        ("138000000000", "12 位"),
        ("12000000000", "不是可用"),
        ("22000000", "区号"),
        ("电话问居委会", "不能识别"),
        ("13800000000<script>", "不能识别"),
        ("010-6200000", "不是可用"),
        ("0" * 5000, "不是可用"),
    ],
)
def test_wrong_phone_numbers_are_refused_with_their_reason(typed, hint):
    with pytest.raises(Refused, match=hint) as refusal:
        phone(typed)
    assert refusal.value.field == "phone"


@given(st.one_of(st.text(max_size=40), st.floats(), st.integers(), st.none(), st.from_regex(r"[0-9X]{15,18}")))
def test_whatever_is_typed_is_read_or_refused(typed):
    for read in (resident_id, credit_code, phone):
        try:
            assert str(read(typed))
        except Refused as refusal:
            assert str(refusal)
