"""`import basemap`: what it writes into the home, and what it says."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from linli.house.basemaps.tests.extracts import BBOX, town
from linli.kernel.web import tiles

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def maps(tmp_path: Path, settings) -> Path:
    settings.MAPS_ROOT = tmp_path / "maps"
    return tmp_path / "maps"


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("import_basemap", *words, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def refused(*words: str) -> str:
    with pytest.raises(CommandError) as refusal:
        run(*words)
    return str(refusal.value)


def test_a_file_becomes_the_base_map(maps: Path, tmp_path: Path) -> None:
    source = town().write(tmp_path / "town.osm.pbf")
    said = run(str(source), "--bbox", BBOX, "--max-zoom", "12")
    assert "OpenStreetMap" in said
    archive = tiles.archive(maps)
    assert archive is not None and archive.max_zoom == 12
    assert "113.130" in run("--show")
    run("--remove", "file")
    assert tiles.archive(maps) is None


@pytest.mark.django_db
def test_without_any_boundary_the_box_is_asked_for(maps: Path, tmp_path: Path) -> None:
    assert "--bbox" in refused(str(town().write(tmp_path / "town.osm.pbf")))


def test_the_district_and_two_kilometres_around_it_are_the_usual_window(
    maps: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("linli.house.management.commands.import_basemap.extent", lambda: (113.13, 27.69, 113.15, 27.71))
    run(str(town().write(tmp_path / "town.osm.pbf")), "--max-zoom", "12")
    archive = tiles.archive(maps)
    assert archive is not None
    assert archive.bounds == pytest.approx((113.1097, 27.6719, 113.1703, 27.7281), abs=5e-4)


def test_tianditu_is_set_shown_and_taken_away(maps: Path) -> None:
    said = run("--tianditu-key", KEY.upper())
    assert "重启" in said and "tianditu" in said
    assert json.loads((maps / "source.json").read_text("utf-8")) == {"kind": "tianditu", "key": KEY}
    assert len(tiles.raster_layers(maps)) == 2
    assert "tianditu" in run("--show")
    assert "重启" in run("--remove")
    assert tiles.raster_layers(maps) == []
    assert run("--remove").startswith("没有")


def test_any_tile_service_is_set(maps: Path) -> None:
    first, second = "https://a.tiles.example.cn/{z}/{x}/{y}.png", "https://b.tiles.example.cn/{z}/{x}/{y}.png"
    run("--xyz", first, "--xyz", second, "--attribution", "示例", "--max-zoom", "19", "--system", "CGCS2000")
    (layer,) = tiles.raster_layers(maps)
    assert (layer.tiles, layer.attribution, layer.max_zoom) == ((first, second), "示例", 19)
    assert tiles.hosts(maps) == ["https://a.tiles.example.cn", "https://b.tiles.example.cn"]
    run("--xyz", "http://10.0.3.4:8080/{z}/{x}/{y}.png", "--attribution", "政务内网")
    assert tiles.hosts(maps) == ["http://10.0.3.4:8080"]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ([], "--tianditu-key"),
        (["--show", "--remove"], "一个"),
        (["--tianditu-key", "abc"], "32"),
        (["--xyz", "https://t.example.cn/{z}/{x}/{y}.png"], "--attribution"),
        (["--xyz", "https://t.example.cn/{z}/{x}.png", "--attribution", "a"], "{y}"),
        (["--xyz", "https://t.example.cn/{z}/{x}/{-y}.png", "--attribution", "a"], "{y}"),
        (["--xyz", "https://{s}.example.cn/{z}/{x}/{y}.png", "--attribution", "a"], "--xyz"),
        (["--xyz", "http://t.example.cn/{z}/{x}/{y}.png", "--attribution", "a"], "https"),
        (["--xyz", "ftp://t.example.cn/{z}/{x}/{y}.png", "--attribution", "a"], "https"),
        (["--xyz", "https://me:pw@t.example.cn/{z}/{x}/{y}.png", "--attribution", "a"], "密码"),
        (["--xyz", "https://t.example.cn/{z}/{x}/{y}.png; script-src *", "--attribution", "a"], "https"),
        (["--xyz", "https://webrd01.is.autonavi.com/{z}/{x}/{y}", "--attribution", "a"], "偏移"),
        (["--xyz", "https://t.example.cn/{z}/{x}/{y}", "--attribution", "a", "--system", "gcj02"], "偏移"),
        (["--xyz", "https://t.example.cn/{z}/{x}/{y}", "--attribution", "a", "--max-zoom", "40"], "22"),
        (["x.osm.pbf", "--max-zoom", "16"], "15"),
        (["x.osm.pbf", "--bbox", BBOX], "没有找到"),
    ],
)
def test_what_would_not_work_is_refused_and_nothing_is_written(maps: Path, words: list[str], part: str) -> None:
    assert part in refused(*words)
    assert not (maps / "source.json").exists()


@pytest.mark.parametrize("content", ["[]", "{", '{"kind": "xyz", "tiles": ["https://a/{z}"], "max_zoom": "many"}'])
def test_a_source_written_by_hand_cannot_stop_the_house(maps: Path, content: str) -> None:
    maps.mkdir()
    (maps / "source.json").write_text(content, "utf-8")
    tiles.hosts(maps)
