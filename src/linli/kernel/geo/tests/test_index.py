"""From a point to the polygon around it."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.kernel.geo.index import Entry, LocateIndex

DISTRICT = Entry(1, 1, shapely.box(113.0, 27.0, 113.1, 27.1))
WEST = Entry(2, 4, shapely.box(113.00, 27.0, 113.05, 27.1))
EAST = Entry(3, 4, shapely.box(113.05, 27.0, 113.10, 27.1))
MICRO = Entry(4, 6, shapely.box(113.01, 27.01, 113.02, 27.02))
INDEX = LocateIndex([MICRO, DISTRICT, EAST, WEST], revision=7)


def test_the_most_specific_polygon_wins():
    assert INDEX.locate_one(113.015, 27.015) == 4
    assert INDEX.locate_one(113.03, 27.05) == 2
    assert INDEX.locate_one(113.07, 27.05) == 3
    assert INDEX.locate_one(113.2, 27.05) is None
    assert INDEX.containing(113.015, 27.015) == [4, 2, 1]


def test_a_point_on_a_border_belongs_to_one_of_the_two_always_the_same():
    assert {INDEX.locate_one(113.05, 27.05) for _round in range(5)} in ({2}, {3})


def test_among_equals_the_smaller_polygon_wins():
    small = Entry(9, 4, shapely.box(113.06, 27.01, 113.07, 27.02))
    assert LocateIndex([EAST, small]).locate_one(113.065, 27.015) == 9


def test_distances_are_metres():
    # 0.001° of longitude at 27.05° is 99.2 m
    near = INDEX.within(113.049, 27.05, 150, min_rank=4)
    assert [item.key for item in near] == [2, 3]
    assert near[0].distance_m == 0
    assert near[1].distance_m == pytest.approx(99.2, abs=0.3)
    assert INDEX.border_m(2, 113.049, 27.05) == pytest.approx(99.2, abs=0.3)
    assert [item.key for item in INDEX.within(113.049, 27.05, 90, min_rank=4)] == [2]
    nearest = INDEX.nearest(113.101, 27.05)
    assert nearest is not None
    assert nearest.distance_m == pytest.approx(99.2, abs=0.3)


def test_an_empty_index_finds_nothing():
    empty = LocateIndex([])
    assert empty.locate_one(113, 27) is None
    assert empty.nearest(113, 27) is None
    assert empty.containing(113, 27) == []
    assert empty.within(113, 27, 100) == []
    assert empty.locate_many(np.array([[113.0, 27.0]])).tolist() == [-1]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(113, 113.1), st.floats(27, 27.1), st.floats(0.001, 0.05), st.integers(1, 6)),
        min_size=1,
        max_size=20,
    ),
    st.lists(st.tuples(st.floats(113, 113.1), st.floats(27, 27.1)), min_size=1, max_size=30),
)
def test_one_by_one_and_in_batch_agree_with_looking_at_every_polygon(boxes, points):
    entries = [
        Entry(key, rank, shapely.box(x, y, x + size, y + size)) for key, (x, y, size, rank) in enumerate(boxes, 1)
    ]
    index = LocateIndex(entries)
    batch = index.locate_many(np.array(points)).tolist()
    for (lng, lat), found in zip(points, batch, strict=True):
        one = index.locate_one(lng, lat)
        assert found == (one if one is not None else -1)
        around = [e for e in entries if shapely.intersects_xy(e.polygon, lng, lat)]
        if one is None:
            assert all(e.polygon.boundary.distance(shapely.Point(lng, lat)) < 1e-9 for e in around)
        elif around:
            chosen = entries[one - 1]
            assert all(
                e.rank <= chosen.rank or e.polygon.boundary.distance(shapely.Point(lng, lat)) < 1e-9 for e in around
            )
