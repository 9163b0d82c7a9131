"""A file is read whole or refused with the reason; a bad feature is kept with its own."""

import json

import pytest
import shapely

from linli.kernel.errors import Refused
from linli.kernel.geo import shapes

SQUARE = {"type": "Polygon", "coordinates": [[[113, 27], [113.1, 27], [113.1, 27.1], [113, 27.1], [113, 27]]]}


def collection(*geometries, **more):
    features = [{"type": "Feature", "properties": {}, "geometry": g} for g in geometries]
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "geojson.empty"),
        (b"  \n", "geojson.empty"),
        (b"{", "geojson.broken"),
        (b'{"type": "FeatureCollection", "features": [', "geojson.broken"),
        (b"\x89PNG\r\n\x1a\n\xff\xff", "geojson.not_text"),
        (b"[1, 2]", "geojson.not_geojson"),
        (b'{"type": "Point", "coordinates": [1, 2]}', "geojson.no_polygons"),
        (b'{"type": "FeatureCollection", "features": []}', "geojson.no_features"),
        (b"[" * 100_000, "geojson.broken"),
    ],
)
def test_an_unusable_file_is_refused(data, code):
    with pytest.raises(Refused) as refusal:
        shapes.read_geojson(data)
    assert refusal.value.code == code


def test_the_place_of_a_broken_file_is_named():
    with pytest.raises(Refused, match="第 2 行第 11 个字符"):
        shapes.read_geojson(b'{\n  "type": x}')


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {"type": "Point", "coordinates": [113, 27]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[113, 27], [113.1, 27]]]},
        {"type": "Polygon", "coordinates": [[["a", "b"], [113.1, 27], [113, 27.1]]]},
        {"type": "Polygon", "coordinates": [[[113], [113.1, 27], [113, 27.1]]]},
        {"type": "Polygon", "coordinates": [[[float("nan"), 27], [113.1, 27], [113, 27.1]]]},
        {"type": "Polygon", "coordinates": "everything"},
        {"type": "MultiPolygon", "coordinates": [7]},
    ],
)
def test_a_bad_feature_is_kept_with_its_reason(geometry):
    raw = shapes.read_geojson(collection(SQUARE, geometry))
    assert raw.features[0].shape is not None
    assert raw.features[1].shape is None
    assert str(raw.features[1].reason)


def test_open_rings_are_closed_and_heights_dropped():
    ring = [[113, 27, 50], [113.1, 27, 51], [113.1, 27.1, 52]]
    raw = shapes.read_geojson(collection({"type": "Polygon", "coordinates": [ring]}))
    assert raw.features[0].shape.wkt.startswith("POLYGON ((")
    assert shapely.get_num_coordinates(raw.features[0].shape) == 4


def test_a_file_of_older_software_in_gb18030_is_read():
    text = json.dumps({"type": "Feature", "properties": {"名称": "一号网格"}, "geometry": SQUARE}, ensure_ascii=False)
    raw = shapes.read_geojson(text.encode("gb18030"))
    assert raw.features[0].properties["名称"] == "一号网格"


def test_the_reference_system_a_file_names_is_noted():
    raw = shapes.read_geojson(collection(SQUARE, crs={"properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}))
    assert raw.crs_name == "urn:ogc:def:crs:EPSG::4490"


def test_a_bow_tie_is_found_where_it_crosses_and_a_mended_shape_is_offered():
    bow = shapely.Polygon([(113, 27), (113.1, 27.1), (113.1, 27), (113, 27.1)])
    flaw = shapes.flaw_of(bow)
    assert flaw is not None
    assert flaw.kind == "self_intersection"
    assert (flaw.lng, flaw.lat) == pytest.approx((113.05, 27.05))
    assert shapely.is_valid(flaw.mended)
    assert shapes.flaw_of(shapely.box(113, 27, 114, 28)) is None


def test_stored_polygons_come_back_as_they_were():
    box = shapely.box(113, 27, 113.1, 27.1)
    assert shapes.from_wkb(memoryview(shapes.to_wkb(box))).equals(box)
    assert shapes.to_geojson(box)["type"] == "Polygon"
