"""From an extract to a base map: what it holds, and what is refused without touching the old one."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
import shapely
from pmtiles.reader import MmapSource, Reader

from linli.house.basemaps import build
from linli.house.basemaps.lines import joined, sea
from linli.house.basemaps.tests.extracts import BBOX, CENTRE, Extract, town
from linli.kernel.errors import Refused
from linli.kernel.geo.tiling import to_mercator
from linli.kernel.web import tiles
from linli.kernel.web.base_layers import LAYERS

WINDOW = build.read_bbox(BBOX)


def tile_of(path: Path, zoom: int) -> dict[str, list[dict[str, Any]]]:
    """Layer → properties of its features, in the tile of CENTRE."""
    point = to_mercator(shapely.Point(*CENTRE))
    with path.open("rb") as file:
        data = Reader(MmapSource(file)).get(zoom, int(point.x * 2**zoom), int(point.y * 2**zoom))
    assert data is not None
    decoded = mapbox_vector_tile.decode(gzip.decompress(data))
    return {name: [feature["properties"] for feature in layer["features"]] for name, layer in decoded.items()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("maps")
    said: list[str] = []
    source = town().write(folder / "town.osm.pbf")
    build.build_from_extract(source, WINDOW, folder / "base.pmtiles", said.append)
    assert any("15" in words for words in said)
    return folder / "base.pmtiles"


def test_the_tiles_hold_all_layers_in_drawing_order(made: Path) -> None:
    assert tuple(tile_of(made, 14)) == LAYERS


def test_the_house_serves_it(made: Path) -> None:
    archive = tiles.archive(made.parent)
    assert archive is not None and archive.vector
    assert (archive.min_zoom, archive.max_zoom) == (9, 15)
    assert archive.bounds == pytest.approx(WINDOW)
    with made.open("rb") as file:
        assert "OpenStreetMap" in Reader(MmapSource(file)).metadata()["attribution"]


def test_a_road_in_pieces_becomes_one_line_with_its_name(made: Path) -> None:
    roads = tile_of(made, 14)["roads"]
    assert [road for road in roads if road["kind"] == "main"] == [
        {"kind": "main", "name": "伏波大道", "name_en": "Fubo Avenue"}
    ]
    assert {"kind": "street", "bridge": 1} in roads
    assert [road["kind"] for road in roads][-1] == "main"
    assert {road["kind"] for road in tile_of(made, 9)["roads"]} == {"main", "rail"}


def test_a_school_mapped_twice_has_one_name(made: Path) -> None:
    names = [label["name"] for label in tile_of(made, 15)["labels"]]
    assert names.count("渌口一小") <= 1
    wide = [label["name"] for label in tile_of(made, 13)["labels"]]
    assert wide.count("渌口一小") == 1
    assert {"渌口镇", "渌水", "青龙湖"} <= set(wide)


def test_buildings_come_late_and_know_their_height(made: Path) -> None:
    assert {"kind": "home", "height": 18.0} in tile_of(made, 13)["buildings"]
    assert {"kind": "shed", "height": 2.5} in tile_of(made, 14)["buildings"]
    assert {"kind": "shed", "height": 2.5} not in tile_of(made, 13)["buildings"]
    assert "buildings" not in tile_of(made, 12)


def test_a_border_shared_by_two_levels_is_the_higher_one(made: Path) -> None:
    assert {"level": "town"} in tile_of(made, 9)["boundary"]
    assert {border["level"] for border in tile_of(made, 13)["boundary"]} == {"town", "community"}


def test_a_river_mapped_as_a_line_gets_its_width_and_a_lake_keeps_its_island(made: Path) -> None:
    kinds = [(water["kind"], water.get("name")) for water in tile_of(made, 13)["water"]]
    assert {("river", "渌水"), ("lake", "青龙湖")} <= set(kinds)


def test_what_lies_outside_is_left_out(tmp_path: Path) -> None:
    source = town().write(tmp_path / "town.osm.pbf")
    small = (113.1399, 27.6999, 113.1401, 27.7001)
    build.build_from_extract(source, small, tmp_path / "base.pmtiles", lambda words: None, max_zoom=13)
    found = tile_of(tmp_path / "base.pmtiles", 13)
    assert set(found) <= {"roads", "boundary", "labels"}
    assert {label["name"] for label in found["labels"]} == {"渌口镇"}


def test_a_way_cut_off_by_the_extract_does_not_stop_it(tmp_path: Path) -> None:
    extract = town()
    extract.way_through([1, 999_999], {"highway": "primary"})
    extract.way_through([999_998, 999_999], {"highway": "primary"})
    source = extract.write(tmp_path / "town.osm.pbf")
    assert build.build_from_extract(source, WINDOW, tmp_path / "base.pmtiles", lambda words: None, max_zoom=12)


def _refused(source: Path, target: Path) -> str:
    with pytest.raises(Refused) as refusal:
        build.build_from_extract(source, WINDOW, target, lambda words: None)
    assert target.read_bytes() == b"the old one"
    assert sorted(entry.name for entry in target.parent.iterdir() if entry.suffix == ".part") == []
    return refusal.value.code


def test_bad_files_are_refused_and_the_old_map_stays(tmp_path: Path) -> None:
    target = tmp_path / "base.pmtiles"
    target.write_bytes(b"the old one")
    whole = town().write(tmp_path / "town.osm.pbf").read_bytes()
    cases = {
        "basemap.missing": None,
        "basemap.empty": b"",
        "basemap.broken": b"<html>not found</html>" * 50,
    }
    for code, content in cases.items():
        source = tmp_path / f"{code}.osm.pbf"
        if content is not None:
            source.write_bytes(content)
        assert _refused(source, target) == code
    cut = tmp_path / "cut.osm.pbf"
    cut.write_bytes(whole[: len(whole) * 2 // 3])
    assert _refused(cut, target) == "basemap.broken"
    assert _refused(tmp_path, target) == "basemap.no_file"


def test_an_extract_of_another_place_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "base.pmtiles"
    target.write_bytes(b"the old one")
    away = town().write(tmp_path / "said.osm.pbf", box=(9.4, 47.0, 9.7, 47.3))
    assert _refused(away, target) == "basemap.elsewhere"
    silent = Extract()
    silent.way([(90_000, 0), (91_000, 0)], {"highway": "primary"})
    assert _refused(silent.write(tmp_path / "silent.osm.pbf"), target) == "basemap.elsewhere"


def test_a_full_disk_leaves_the_old_map(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "base.pmtiles"
    target.write_bytes(b"the old one")
    monkeypatch.setattr("linli.kernel.geo.archive.os.fsync", _no_space)
    assert _refused(town().write(tmp_path / "town.osm.pbf"), target) == "basemap.disk"


def _no_space(handle: int) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "113.2,27.6,113.1,27.9", "113,27.9,113.2,27.6", "0,0,50,50"])
def test_a_box_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        build.read_bbox(text)


def test_the_margin_is_in_metres() -> None:
    west, _south, _east, north = build.with_margin((113.1, 27.6, 113.2, 27.8))
    assert (113.1 - west) * 98_600 == pytest.approx(2000, rel=0.01)
    assert (north - 27.8) * 110_800 == pytest.approx(2000, rel=0.01)


def test_the_sea_lies_to_the_right_of_its_coast() -> None:
    window = shapely.box(0, 0, 10, 10)
    north = shapely.LineString([(0, 6), (10, 6)])  # drawn eastwards: land in the north
    island = shapely.LineString([(4, 2), (5, 2), (5, 3), (4, 3), (4, 2)])  # land inside
    (water,) = sea([north, island], window)
    assert water.contains(shapely.Point(1, 1))
    assert not water.contains(shapely.Point(4.5, 2.5))
    assert not water.contains(shapely.Point(5, 8))
    assert sea([], window) == []


def test_lines_are_joined_only_where_two_meet() -> None:
    star = [shapely.LineString([(0, 0), end]) for end in ((1, 0), (0, 1), (-1, 0))]
    assert len(joined(star)) == 3
    assert len(joined([star[0], star[2], star[0]])) == 1
