"""People, units, responsibility and stories of the demo: the figures they are modelled on, nothing real."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from shapely.geometry import Point
from stdnum.cn import uscc

import linli
from linli.demo import names, photos, staffing, stories, units
from linli.demo.town import Town, build_town


@pytest.fixture(scope="module")
def town() -> Town:
    return build_town("district")


@pytest.fixture(scope="module")
def team(town: Town) -> staffing.Staffing:
    return staffing.staff(town)


def _catalogue() -> set[str]:
    folder = Path(linli.__file__).parent / "rooms" / "catalogue" / "data"
    book = json.loads((folder / "catalogue.json").read_text(encoding="utf-8"))
    return {item["key"] for item in book["items"]} | {entry["key"] for entry in book["classes"]}


def test_everybody_works_for_one_of_101_units_with_a_valid_code(team: staffing.Staffing) -> None:
    assert len(team.units) == 101
    codes = [unit.credit_code for unit in team.units]
    assert len(set(codes)) == 101 and all(uscc.is_valid(code) for code in codes)
    assert all(code[8:13] == "00000" for code in codes), "the code must be recognisable as made up"


def test_every_grid_has_its_six_posts(town: Town, team: staffing.Staffing) -> None:
    six = ("grid_chief", "town_cadre", "community_cadre", "grid_worker", "city_management_liaison", "traffic_liaison")
    for grid in town.unit_grids():
        assert all(team.holders(kind, grid.key) for kind in six)
    assert len({post.username for post in team.posts if post.kind == "grid_chief"}) == 36


def test_there_are_1256_heads(team: staffing.Staffing) -> None:
    counts = Counter(post.kind for post in team.posts)
    assert counts["area_head"] + counts["building_head"] + counts["stairwell_head"] == 1256


def test_every_post_points_to_something_that_exists(town: Town, team: staffing.Staffing) -> None:
    places = {d.code for d in town.divisions} | {g.key for g in town.grids} | {b.key for b in town.buildings}
    people, keys = {person.username for person in team.people}, {unit.key for unit in team.units}
    assert len(people) == len(team.people)
    for post in team.posts:
        assert post.username in people and (post.place_key or post.unit_key)
        assert not post.place_key or post.place_key in places
        assert not post.unit_key or post.unit_key in keys


@pytest.mark.parametrize("size", ["small", "district", "city"])
def test_every_showcase_account_exists_in_every_size(size: str) -> None:
    team = staffing.staff(build_town(size))  # type: ignore[arg-type]
    assert {entry.username for entry in staffing.SHOWCASE} <= {p.username for p in team.people if p.showcase}


def test_showcase_posts_belong_to_one_grid(town: Town, team: staffing.Staffing) -> None:
    grid = staffing.showcase_grid(town)
    for kind, username in (("grid_worker", "grid.worker01"), ("grid_chief", "grid.chief01")):
        assert username in team.holders(kind, grid.key)
    house = team.posts[[post.username for post in team.posts].index("head.building001")].place_key
    assert next(b for b in town.buildings if b.key == house).grid_key == grid.key


def test_passwords_are_fixed_by_seed_and_home_and_strong_enough() -> None:
    word = staffing.password("leader01", 1, "/a")
    assert word == staffing.password("leader01", 1, "/a") != staffing.password("leader01", 1, "/b")
    assert len(word) >= 12 and any(c.isdigit() for c in word) and any(c.isupper() for c in word)


def test_all_names_are_made_from_the_town_s_own_characters(team: staffing.Staffing) -> None:
    for person in team.people:
        assert set(person.name[1:]) & set(names.MOTIF), person.name
        assert person.phone.startswith("1540000")
    assert len({person.name for person in team.people}) == len(team.people)


def test_the_matrix_names_known_matters_places_and_units(town: Town, team: staffing.Staffing) -> None:
    known, keys = _catalogue(), {unit.key for unit in team.units}
    places = {division.code for division in town.divisions} | {grid.key for grid in town.grids}
    rows = units.matrix(town)
    for row in rows:
        assert row.matter == "" or row.matter in known, row
        assert row.place_key in places and row.unit_key in keys
    classes = {row.matter for row in rows if row.place_key == "430212"}
    assert {f"M{number:02d}" for number in range(1, 10)} <= classes
    fallback = {row.place_key for row in rows if row.matter == ""}
    assert {d.code for d in town.divisions if d.level == "street"} <= fallback


def test_stories_are_fixed_natural_and_inside_their_grids(town: Town) -> None:
    told = stories.tell(town)
    assert told == stories.tell(town)
    assert (len(told), sum(story.legacy for story in told)) == (450, 90)
    known, grids = _catalogue(), {grid.key: grid.polygon for grid in town.grids}
    for story in told:
        assert story.item in known and story.photo in photos.KINDS
        assert "{" not in story.text + story.done + story.checked + story.unsolved
        assert grids[story.spot.grid_key].contains(Point(story.spot.lng, story.spot.lat))
    assert sum(story.english for story in told) >= 10
    assert len({story.text for story in told}) > 430


def test_the_list_has_436_rows_and_the_meeting_141_demands(town: Town) -> None:
    rows, asked = stories.problem_list(town), stories.demands(town)
    assert (len(rows), len(asked)) == (436, 141)
    assert len({row.text for row in rows}) == 436 and len({row.kind for row in rows}) >= 10
    assert {row.item for row in rows + asked} <= _catalogue()


def test_the_small_town_tells_stories_too() -> None:
    assert len(stories.tell(build_town("small"), count=30, legacy=6)) == 30
