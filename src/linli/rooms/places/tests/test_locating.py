"""A point finds the grid of its day, or the division that answers for it."""

import datetime as dt

import numpy as np
import pytest

from linli.rooms.places import actions, atlas, queries
from linli.rooms.places.models import Place, Revision
from linli.rooms.places.tests.land import (
    BY,
    LONG_AGO,
    WEST0,
    divisions,
    feature,
    four_tiles,
    grids,
    middle,
    published,
    tile,
)

pytestmark = pytest.mark.django_db


def test_a_point_finds_its_grid_and_all_its_ancestors():
    land = divisions()
    published(*four_tiles())
    here = queries.locate(*middle(0, 0))
    assert here.kind == "inside"
    assert here.place_id == grids()["西南"].id
    assert here.lineage == (
        land["430212"].id,
        land["430212100"].id,
        land["430212100003"].id,
        here.place_id,
    )
    assert here.division == land["430212100003"].id


def test_the_micro_grid_wins_over_its_grid():
    divisions()
    published(
        *four_tiles(),
        feature(tile(0, 0, 1, 1), community="430212100003", kind="micro", name="一号微网格", parent="西南"),
    )
    assert queries.locate(*middle(0, 0)).place_id == grids()["一号微网格"].id
    assert grids()["一号微网格"].parent_id == grids()["西南"].id
    assert queries.locate(*middle(1, 1)).place_id == grids()["西南"].id


def test_near_a_border_the_candidates_are_named_nearest_first():
    divisions()
    published(*four_tiles())
    lng, lat = middle(1.45, 0.2)  # a hand's breadth of 10 m west of the border between 西南 and 东南
    assert queries.locate(lng, lat).kind == "inside"
    near = queries.locate(lng, lat, accuracy_m=30)
    assert near.kind == "near_border"
    assert [item.name for item in near.candidates] == ["西南", "东南"]
    assert near.candidates[0].distance_m == 0
    assert near.candidates[1].distance_m == pytest.approx(9.9, abs=0.3)
    assert queries.locate(lng, lat, accuracy_m=5).kind == "inside"


def test_a_grid_is_no_candidate_beside_its_own_micro_grid():
    divisions()
    published(
        *four_tiles(),
        feature(tile(0, 0, 1, 1), community="430212100003", kind="micro", name="一号微网格", parent="西南"),
    )
    near = queries.locate(*middle(0, 0), accuracy_m=50)
    assert [item.name for item in near.candidates] == ["一号微网格"]


def test_a_point_in_no_grid_falls_to_the_community_around_it():
    land = divisions()
    published(*four_tiles())
    here = queries.locate(*middle(5, 1))
    assert here.kind == "no_grid"
    assert here.grid_id is None
    assert here.place_id == here.division == land["430212100009"].id
    assert here.lineage[-1] == here.place_id
    assert here.distance_m == 0


def test_without_community_borders_it_falls_to_the_community_of_the_nearest_grid():
    land = divisions(borders=False)
    actions.set_boundary(BY, land["430212"].id, tile(-50, -50, 100, 100), valid_from=LONG_AGO)
    published(*four_tiles())
    here = queries.locate(*middle(4, 0))
    assert (here.kind, here.place_id) == ("no_grid", land["430212100003"].id)
    assert here.distance_m == pytest.approx(98.7, abs=1)
    far = queries.locate(*middle(30, 0))
    assert (far.kind, far.place_id) == ("no_grid", land["430212"].id)


def test_a_gap_between_grids_still_shows_the_candidates():
    divisions()
    published(*four_tiles()[1:])
    here = queries.locate(*middle(1.4, 0.2), accuracy_m=40)
    assert here.kind == "no_grid"
    assert [item.name for item in here.candidates] == ["东南"]


def test_outside_the_district_the_distance_is_told():
    divisions()
    published(*four_tiles())
    here = queries.locate(WEST0 + 0.5, 27.6)
    assert (here.kind, here.place_id, here.lineage) == ("outside", None, ())
    assert here.distance_m is not None
    assert 40_000 < here.distance_m < 50_000


def test_just_outside_still_belongs_to_the_district():
    land = divisions()
    here = queries.locate(*middle(-5.9, 0))  # the district begins at column −5
    assert here.kind == "no_grid"
    assert here.lineage[0] == land["430212"].id


def test_swapped_numbers_are_recognised():
    divisions()
    here = queries.locate(27.6, 113.1)
    assert here.kind == "outside"
    assert here.swapped


def test_a_house_without_a_map_gives_everything_to_the_district():
    district = actions.create_division(BY, code="430212", name_zh="渌口区", valid_from=LONG_AGO)
    here = queries.locate(113, 27)
    assert (here.kind, here.place_id) == ("no_grid", district.id)


def test_an_empty_house_says_outside():
    assert queries.locate(113, 27).kind == "outside"


def test_old_cases_keep_the_grid_of_their_day():
    divisions()
    published(*four_tiles())
    before = grids()["西南"].id
    tomorrow = atlas.today() + dt.timedelta(days=1)
    published(
        feature(tile(0, 0, 4, 2), community="430212100003", name="南"),
        feature(tile(0, 2, 4, 2), community="430212100003", name="北"),
        on=tomorrow,
    )
    spot = middle(0, 0)
    assert queries.locate(*spot).place_id == before
    assert queries.locate(*spot, at=tomorrow).place_id == grids()["南"].id
    assert queries.locate(*spot, at=LONG_AGO).place_id == before
    assert [p.name_zh for p in queries.successors_of(before, at=tomorrow)] == ["南"]


def test_many_points_are_located_at_once():
    divisions()
    published(*four_tiles())
    found = queries.locate_many(np.array([middle(0, 0), middle(3, 3), (100.0, 20.0)]))
    assert found.tolist() == [grids()["西南"].id, grids()["东北"].id, -1]


def test_locating_asks_the_database_at_most_once_a_second(django_assert_num_queries):
    divisions()
    published(*four_tiles())
    queries.locate(*middle(0, 0))
    with django_assert_num_queries(0):
        for _round in range(100):
            queries.locate(*middle(0, 0), accuracy_m=20)


def test_every_publishing_gives_a_new_revision():
    divisions()
    before = Revision.objects.get().number
    published(*four_tiles())
    assert Revision.objects.get().number > before


def test_lineage_follows_when_a_place_moves():
    land = divisions(borders=False)
    published(*four_tiles())
    other = actions.create_division(BY, code="430212101", name_zh="朱亭镇", valid_from=LONG_AGO)
    community = land["430212100003"]
    Place.objects.filter(id=community.id).update(parent=other)
    grid = grids()["西南"]
    assert grid.lineage == [land["430212"].id, other.id, community.id, grid.id]
