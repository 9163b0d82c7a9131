"""Vector tiles and their archive: what is cut can be read again, and a file is never half there."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
import shapely
from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import tileid_to_zxy
from shapely.geometry import LineString, Point, Polygon, box

from linli.kernel.geo.archive import About, NothingToDraw, write_archive
from linli.kernel.geo.tiling import EXTENT, Feature, cut

ABOUT = About("test", "nobody", (113.0, 27.6, 113.2, 27.8), (113.1, 27.7, 12), 10, 13)


def decoded(layers: dict[str, list[Feature]], zoom: int) -> dict[tuple[int, int], dict[str, Any]]:
    made = {}
    for tile_id, data in cut(layers, zoom):
        _zoom, x, y = tileid_to_zxy(tile_id)
        made[x, y] = mapbox_vector_tile.decode(data)
    return made


def test_tiles_come_in_the_order_of_the_archive_and_hold_their_layers_in_order() -> None:
    layers = {
        "land": [Feature(box(113.0, 27.6, 113.2, 27.8), {"kind": "park", "name": "公园"}, 9)],
        "roads": [Feature(LineString([(113.0, 27.7), (113.2, 27.7)]), {"kind": "main", "bridge": 1}, 12)],
    }
    ids = [tile_id for tile_id, _data in cut(layers, 13)]
    assert ids == sorted(set(ids))
    assert len(ids) == 35
    tiles = decoded(layers, 13)
    assert {tuple(tile) for tile in tiles.values()} == {("land",), ("land", "roads")}
    assert all("roads" not in tile for tile in decoded(layers, 11).values())
    road = next(tile["roads"]["features"][0] for tile in tiles.values() if "roads" in tile)
    assert road["properties"] == {"kind": "main", "bridge": 1}


def test_a_hole_stays_a_hole_and_a_speck_is_left_out() -> None:
    ring = Polygon(box(113.10, 27.70, 113.12, 27.72).exterior, [box(113.105, 27.705, 113.115, 27.715).exterior])
    speck = box(113.1, 27.7, 113.10001, 27.70001)
    tiles = decoded({"a": [Feature(ring, {}, 0), Feature(speck, {}, 0)]}, 9)
    (tile,) = tiles.values()
    (feature,) = tile["a"]["features"]
    assert feature["geometry"]["type"] == "Polygon"
    assert len(feature["geometry"]["coordinates"]) == 2


def test_a_polygon_crossing_itself_does_not_stop_the_cutting() -> None:
    bow = Polygon([(113.0, 27.6), (113.2, 27.8), (113.2, 27.6), (113.0, 27.8)])
    tiles = decoded({"a": [Feature(bow, {}, 0)]}, 13)
    assert tiles
    for tile in tiles.values():
        for feature in tile["a"]["features"]:
            assert "Polygon" in feature["geometry"]["type"]


def test_a_point_lies_where_it_was() -> None:
    tiles = decoded({"a": [Feature(Point(113.1339, 27.8274), {"rank": 2}, 0)]}, 14)
    ((x, _y), tile) = next(iter(tiles.items()))
    px, py = tile["a"]["features"][0]["geometry"]["coordinates"]
    west = (x + px / EXTENT) / 2**14 * 360 - 180
    assert west == pytest.approx(113.1339, abs=1e-5)
    assert shapely.Point(px, py).within(box(0, 0, EXTENT, EXTENT))


def test_an_archive_reads_back_and_says_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "maps" / "base.pmtiles"
    seen: list[tuple[int, int]] = []
    layers = {"land": [Feature(box(113.0, 27.6, 113.2, 27.8), {"kind": "park"}, 0)]}
    size = write_archive(path, layers, ABOUT, progress=lambda zoom, tiles: seen.append((zoom, tiles)))
    assert size == path.stat().st_size
    assert [zoom for zoom, _tiles in seen] == [10, 11, 12, 13]
    with path.open("rb") as file:
        reader = Reader(MmapSource(file))
        assert (reader.header()["min_zoom"], reader.header()["max_zoom"]) == (10, 13)
        assert reader.metadata()["vector_layers"][0]["fields"] == {"kind": "String"}
        data = reader.get(13, int((113.1 + 180) / 360 * 2**13), 3440)
        assert data is not None
        assert mapbox_vector_tile.decode(gzip.decompress(data))["land"]["features"]


def test_the_old_archive_stays_when_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "base.pmtiles"
    path.write_bytes(b"old")
    with pytest.raises(NothingToDraw):
        write_archive(path, {"land": []}, ABOUT)

    def full(zoom: int, tiles: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError):
        write_archive(path, {"land": [Feature(box(113.0, 27.6, 113.2, 27.8), {}, 0)]}, ABOUT, progress=full)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["base.pmtiles"]
