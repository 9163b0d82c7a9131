"""Checks of grids find what is wrong, and nothing where nothing is."""

import json
import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.rooms.places.checks import Piece, Surroundings, check
from linli.rooms.places.tests.land import STEP, tile

METRE = 1 / 98_700  # degrees of longitude at 27.6°


def pieces(*polygons, kind="grid", community=1):
    return [Piece(n, f"g{n}", kind, polygon, community) for n, polygon in enumerate(polygons, 1)]


def found(problems):
    return sorted(problem.code for problem in problems)


def moved(polygon, by):
    """Shifted a little and rounded to a tenth of a metre, as drawing programs do."""
    return shapely.transform(polygon, lambda coords: np.round(coords + by, 6))


def quilt(xs, ys, wiggle=0.0, points=6):
    """A tiling with crooked inner borders, each shared by both neighbours point by point."""

    def across(i, j):
        t = np.linspace(0, 1, points + 1)
        bend = wiggle * np.sin(t * 7) * np.sin(t * np.pi) * (0 < j < len(ys) - 1)
        return np.column_stack([xs[i] + t * (xs[i + 1] - xs[i]), ys[j] + bend])

    def up(i, j):
        t = np.linspace(0, 1, points + 1)
        bend = wiggle * np.sin(t * 5) * np.sin(t * np.pi) * (0 < i < len(xs) - 1)
        return np.column_stack([xs[i] + bend, ys[j] + t * (ys[j + 1] - ys[j])])

    return [
        shapely.Polygon(np.vstack([across(i, j), up(i + 1, j)[1:], across(i, j + 1)[::-1][1:], up(i, j)[::-1][1:]]))
        for i in range(len(xs) - 1)
        for j in range(len(ys) - 1)
    ]


steps = st.lists(st.floats(0.001, 0.005), min_size=1, max_size=5)


def edges(start, sizes):
    return np.round(start + np.cumsum([0, *sizes]), 9)


@settings(max_examples=40, deadline=None)
@given(steps, steps, st.floats(0, 0.0002))
def test_a_tiling_has_neither_gap_nor_overlap(widths, heights, wiggle):
    xs, ys = edges(113.1, widths), edges(27.6, heights)
    home = {1: shapely.box(xs[0], ys[0], xs[-1], ys[-1])}
    assert found(check(pieces(*quilt(xs, ys, wiggle)))) == []
    assert found(check(pieces(*quilt(xs, ys, wiggle)), Surroundings(home, {1: "象石"}))) == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(0.002, 0.005), min_size=2, max_size=4),
    st.lists(st.floats(0.002, 0.005), min_size=2, max_size=4),
    st.data(),
    st.floats(0.0002, 0.0008),
)
def test_a_shifted_polygon_is_found_with_its_overlap_and_its_gap(widths, heights, data, shift):
    xs, ys = edges(113.1, widths), edges(27.6, heights)
    tiles = quilt(xs, ys)
    k = data.draw(st.integers(0, len(tiles) - 1))
    tiles[k] = shapely.transform(tiles[k], lambda coords: coords + np.array([shift, 0]))
    home = Surroundings({1: shapely.box(xs[0], ys[0], xs[-1], ys[-1])}, {1: "象石"})
    problems = check(pieces(*tiles), home)
    assert {"overlap", "outside_community"} & set(found(problems))
    assert {"gap", "uncovered"} & set(found(problems))
    for problem in problems:
        if problem.code in ("overlap", "outside_community"):
            assert k + 1 in problem.numbers


def test_a_missing_tile_is_a_gap_with_its_area_and_place():
    tiles = [tile(x, y) for x in range(3) for y in range(3) if (x, y) != (1, 1)]
    problems = check(pieces(*tiles))
    assert found(problems) == ["gap"]
    hole = shapely.from_geojson(json.dumps(problems[0].shape))
    assert hole.symmetric_difference(tile(1, 1)).area < 1e-9
    assert "43," in problems[0].params["area"]
    assert problems[0].severity == "warning"


def test_a_hole_that_leaks_between_rounded_corners_is_still_found():
    tiles = [tile(x, y) for x in range(3) for y in range(3) if (x, y) != (1, 1)]
    rounded = [moved(t, 1.3e-6 * k) for k, t in enumerate(tiles)]
    assert "gap" in found(check(pieces(*rounded)))


def test_a_missing_corner_is_seen_where_the_community_border_is_known():
    tiles = [tile(x, y) for x in range(3) for y in range(3) if (x, y) != (2, 2)]
    assert found(check(pieces(*tiles))) == []
    home = Surroundings({1: tile(0, 0, 3, 3)}, {1: "象石"})
    problems = check(pieces(*tiles), home)
    assert found(problems) == ["uncovered"]
    assert "象石" in problems[0].message


def test_two_outlines_side_by_side_are_slivers_not_errors():
    left, right = tile(0, 0), shapely.transform(tile(1, 0), lambda c: c - [0.3 * METRE, 0])
    problems = check(pieces(left, right))
    assert found(problems) == ["sliver_overlap"]
    assert problems[0].params["width"].startswith("0.3")
    assert problems[0].severity == "warning"


def test_a_slit_open_at_one_end_is_found_without_any_border():
    right = shapely.Polygon(
        [
            (tile(1, 0).bounds[0] + 0.6 * METRE, tile(1, 0).bounds[1]),
            (tile(1, 0).bounds[2], tile(1, 0).bounds[1]),
            (tile(1, 0).bounds[2], tile(1, 0).bounds[3]),
            (tile(1, 0).bounds[0], tile(1, 0).bounds[3]),
        ]
    )
    assert found(check(pieces(tile(0, 0), right))) == ["sliver_gap"]


def test_rounding_of_a_centimetre_is_not_mentioned():
    tiles = quilt(edges(113.1, [0.002] * 3), edges(27.6, [0.002] * 3), 0.0001)
    rounded = [shapely.transform(t, lambda c: np.round(c, 7)) for t in tiles]
    assert found(check(pieces(*rounded))) == []


def test_a_real_overlap_is_an_error_with_both_names():
    problems = check(pieces(tile(0, 0), tile(0.5, 0)))
    assert found(problems) == ["overlap"]
    assert problems[0].names == ["g1", "g2"]
    assert problems[0].severity == "error"


def test_the_same_polygon_twice_is_named_as_such():
    assert found(check(pieces(tile(0, 0), tile(0, 0)))) == ["duplicate_shape"]


def test_a_special_grid_over_a_general_one_is_only_mentioned():
    both = [Piece(1, "网格", "grid", tile(0, 0, 2, 2)), Piece(2, "学校", "special", tile(0.5, 0.5))]
    problems = check(both)
    assert found(problems) == ["overlap_special"]
    assert problems[0].severity == "warning"


def test_a_micro_grid_lies_inside_its_grid():
    grid = Piece(1, "网格", "grid", tile(0, 0, 2, 2))
    inside = Piece(2, "微一", "micro", tile(0, 0), parent=1)
    beyond = Piece(3, "微二", "micro", tile(1.5, 1), parent=1)
    assert found(check([grid, inside])) == []
    problems = check([grid, inside, beyond])
    assert found(problems) == ["outside_parent"]
    assert problems[0].numbers == [3]


def test_a_self_intersection_is_found_mended_as_a_suggestion_and_checked_on():
    x, y, _x, _y = tile(0, 0).bounds
    bow = shapely.Polygon([(x, y), (x + STEP, y + STEP), (x + STEP, y), (x, y + STEP)])
    problems = check(pieces(bow, tile(3, 0)))
    assert found(problems) == ["self_intersection", "several_parts"]
    crossing = next(p for p in problems if p.code == "self_intersection")
    assert crossing.shape["type"] == "Point"
    assert crossing.mended["type"] == "MultiPolygon"


def test_an_unreadable_feature_is_named():
    problems = check([Piece(4, "四", "grid", None, reason="没有边界")])
    assert found(problems) == ["unreadable"]
    assert "没有边界" in problems[0].message


def test_grids_of_another_community_are_not_overlapped():
    around = Surroundings(neighbours=[("松西子 1 号网格", tile(1, 0))])
    problems = check(pieces(tile(0.5, 0)), around)
    assert found(problems) == ["overlap"]
    assert "松西子 1 号网格" in problems[0].message


def test_a_crumb_is_noticed():
    assert "tiny" in found(check(pieces(tile(0, 0, 0.01, 0.01))))


@pytest.mark.parametrize("border", [True, False])
def test_three_hundred_grids_of_five_hundred_points_take_less_than_three_seconds(border):
    xs, ys = edges(113.0, [0.004] * 20), edges(27.6, [0.004] * 15)
    tiles = quilt(xs, ys, 0.0003, points=125)
    assert shapely.get_num_coordinates(tiles[30]) == 501
    home = Surroundings({1: shapely.box(xs[0], ys[0], xs[-1], ys[-1])} if border else {}, {1: "象石"})
    start = time.process_time()
    assert found(check(pieces(*tiles), home)) == []
    assert time.process_time() - start < 3
