import random

from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.identifiers import number_grids

STEP = 0.003


def lattice(rows, columns, jitter=0.0, seed=1):
    shake = random.Random(seed)

    def off():
        return shake.uniform(-jitter, jitter)

    return [
        (f"{row}/{column}", (113.1 + column * STEP + off(), 27.7 - row * STEP + off()))
        for row in range(rows)
        for column in range(columns)
    ]


def test_numbers_go_from_west_to_east_and_from_north_to_south():
    assert number_grids(lattice(3, 4)) == [(f"{n // 4}/{n % 4}", n + 1) for n in range(12)]


def test_crooked_rows_are_still_rows():
    crooked = lattice(4, 5, jitter=STEP * 0.1)
    random.Random(2).shuffle(crooked)
    assert [key for key, _number in number_grids(crooked)] == [f"{n // 5}/{n % 5}" for n in range(20)]


def test_a_single_row_is_one_row_and_numbering_can_go_on():
    street = lattice(1, 6, jitter=STEP * 0.2)
    assert number_grids(street, first=33) == [(f"0/{n}", 33 + n) for n in range(6)]
    assert number_grids([]) == []
    assert number_grids([("only", (113.1, 27.7))]) == [("only", 1)]


CENTROIDS = st.tuples(st.floats(113, 114), st.floats(27, 28))


@given(st.lists(st.tuples(st.integers(), CENTROIDS), max_size=30, unique_by=lambda each: each[0]), st.randoms())
def test_every_grid_gets_one_number_whatever_the_order_of_the_input(grids, shake):
    numbers = number_grids(grids)
    assert sorted(number for _key, number in numbers) == list(range(1, len(grids) + 1))
    shuffled = grids[:]
    shake.shuffle(shuffled)
    assert number_grids(shuffled) == numbers
