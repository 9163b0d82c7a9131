"""What an object of OpenStreetMap becomes."""

from __future__ import annotations

import pytest

from linli.house.basemaps import tags
from linli.kernel.web.map_style import style
from linli.kernel.web.tiles import Archive


@pytest.mark.parametrize(
    ("found", "kind", "zoom"),
    [
        ({"highway": "motorway_link"}, "main", 9),
        ({"highway": "secondary"}, "main", 11),
        ({"highway": "tertiary"}, "street", 12),
        ({"highway": "living_street"}, "lane", 12),
        ({"highway": "service"}, "lane", 13),
        ({"highway": "steps"}, "path", 14),
        ({"railway": "rail"}, "rail", 9),
        ({"railway": "rail", "service": "yard"}, "rail", 14),
    ],
)
def test_roads_and_railways(found, kind, zoom):
    facts, first = tags.road(found)
    assert (facts["kind"], first) == (kind, zoom)


@pytest.mark.parametrize(
    "found",
    [{}, {"highway": "proposed"}, {"highway": "pedestrian", "area": "yes"}, {"railway": "subway", "tunnel": "yes"}],
)
def test_what_is_no_line_on_the_map(found):
    assert tags.road(found) is None


def test_names_are_chinese_first():
    facts = tags.names({"name": "Fubo Road 伏波路", "name:zh": "伏波路", "name:en": "Fubo Road"})
    assert facts == {"name": "伏波路", "name_en": "Fubo Road"}


@pytest.mark.parametrize(
    ("found", "facts"),
    [
        ({"building": "yes"}, {"kind": "home"}),
        ({"building": "yes", "shop": "mall"}, {"kind": "shop"}),
        ({"building": "yes", "amenity": "school"}, {"kind": "public"}),
        ({"building": "apartments", "building:levels": "6"}, {"kind": "home", "height": 18.0}),
        ({"building": "factory", "height": "12,5 m"}, {"kind": "plant", "height": 12.5}),
        ({"building": "garage", "height": "about 3"}, {"kind": "shed"}),
        ({"building": "no"}, None),
    ],
)
def test_buildings(found, facts):
    assert tags.building(found) == facts


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        ({"natural": "water"}, "lake"),
        ({"natural": "water", "water": "river"}, "river"),
        ({"waterway": "riverbank"}, "river"),
        ({"landuse": "reservoir"}, "lake"),
        ({"natural": "water", "water": "pond"}, "pond"),
    ],
)
def test_water(found, kind):
    assert tags.water_area(found)["kind"] == kind


def test_the_telling_tag_decides_about_land():
    assert tags.land({"landuse": "residential", "amenity": "school"})["kind"] == "school"
    assert tags.land({"landuse": "military"}) is None


def test_only_what_has_a_name_is_labelled():
    assert tags.label({"place": "town"}) is None
    assert tags.label({"place": "town", "name": "渌口镇"}) == {"kind": "town", "name": "渌口镇", "rank": 2}
    assert tags.label({"name": "某处"}) is None


@pytest.mark.parametrize(
    ("level", "expected"), [("4", "county"), ("6", "county"), ("8", "town"), ("10", "community"), ("11", None)]
)
def test_borders(level, expected):
    assert tags.border({"boundary": "administrative", "admin_level": level}) == expected
    assert tags.border({"boundary": "protected_area", "admin_level": level}) is None


def test_every_kind_of_land_and_road_is_drawn_by_the_style(tmp_path):
    archive = Archive(tmp_path, (0, 0, 1, 1), (0, 0, 1), 9, 15, True, "1")
    drawn = str([layer.get("filter") for layer in style("light", archive, [], "/map")["layers"]])
    for kind in {*tags._LAND.values(), *tags._ROADS, "rail"}:
        assert f"'{kind}'" in drawn
