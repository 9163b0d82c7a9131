import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.errors import Refused
from linli.kernel.identifiers import component, division, grid, grid_code, matter

DIVISIONS = [
    # typed, code, level, kind, parent
    ("430212001005", "430212001005", "community", "residents_committee", "430212001000"),
    ("430212100201", "430212100201", "community", "villagers_committee", "430212100000"),
    ("430212001", "430212001000", "street", "subdistrict", "430212000000"),
    ("430212100000", "430212100000", "street", "town", "430212000000"),
    ("430212200000", "430212200000", "street", "township", "430212000000"),
    ("430212400000", "430212400000", "street", "like_street", "430212000000"),
    ("430212", "430212000000", "county", "", "430200000000"),
    ("4302", "430200000000", "city", "", "430000000000"),
    ("43", "430000000000", "province", "", None),
    ("441900003000", "441900003000", "street", "subdistrict", "441900000000"),
    (" ４３０２１２ 001-005 ", "430212001005", "community", "residents_committee", "430212001000"),
    (430212001005.0, "430212001005", "community", "residents_committee", "430212001000"),
    (430212001005, "430212001005", "community", "residents_committee", "430212001000"),
    ("999999999999", "999999999999", "community", "like_community", "999999999000"),
]


@pytest.mark.parametrize(("typed", "code", "level", "kind", "parent"), DIVISIONS)
def test_a_division_says_its_level_kind_and_parent(typed, code, level, kind, parent):
    read = division(typed)
    assert (str(read), read.level, read.kind) == (code, level, kind)
    assert (read.parent.code if read.parent else None) == parent
    assert read.within(read) and (read.parent is None or read.within(read.parent))


def test_a_division_lies_in_all_above_it_and_in_no_other():
    community = division("430212001005")
    assert all(community.within(division(code)) for code in ("430212001", "430212", "4302", "43"))
    assert not any(community.within(division(code)) for code in ("430212002", "430211", "44"))


def test_codes_are_taken_apart():
    read = grid("430212001005012")
    assert (read.community.code, read.sequence) == ("430212001005", 12)
    part = component("43021201001000123")
    assert (part.county, part.class_code, part.item_code, part.sequence) == ("430212", "01", "01001", 123)
    kind = matter("43021202007")
    assert (kind.county, kind.class_code, kind.item_code) == ("430212", "02", "02007")


REFUSED = [
    (division, "", "division_empty"),
    (division, None, "division_empty"),
    (division, "43021200100", "division_length"),
    (division, "4302120010051", "division_length"),
    (division, "43021200100A", "division_not_digits"),
    (division, "<script>", "division_not_digits"),
    (division, "030212001005", "division_start"),
    (division, "430212000005", "division_gap"),
    (division, float("nan"), "division_not_digits"),
    (grid, "430212001005", "grid_length"),
    (grid, "430212001005000", "grid_sequence"),
    (grid, "430212001000001", "grid_community"),
    (component, "43021201001000000", "component_sequence"),
    (component, "43021200001000001", "component_item"),
    (component, 43021201001000123.0, "component_lost_digits"),
    (component, "4.3021201001e+16", "component_lost_digits"),
    (matter, "43021201000", "matter_item"),
    (matter, "4302120100", "matter_length"),
]


@pytest.mark.parametrize(("read", "typed", "code"), REFUSED)
def test_wrong_codes_are_refused_with_their_reason(read, typed, code):
    with pytest.raises(Refused) as refusal:
        read(typed)
    assert refusal.value.code == code
    assert refusal.value.field == code.split("_")[0]
    assert str(refusal.value)


def test_a_grid_number_from_a_number_cell_is_still_whole():
    assert str(grid(430212001005012.0)) == "430212001005012"


@given(st.integers(-5, 1200))
def test_a_community_has_at_most_999_grids(number):
    if 1 <= number <= 999:
        assert grid_code(division("430212001005"), number).sequence == number
    else:
        with pytest.raises(Refused):
            grid_code("430212001005", number)


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.none(), st.from_regex(r"[0-9]{9,18}")))
def test_whatever_is_typed_is_read_or_refused(typed):
    for read in (division, grid, component, matter):
        try:
            assert str(read(typed)).isdigit()
        except Refused as refusal:
            assert str(refusal)
