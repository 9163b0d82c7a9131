"""Choices of the browser, and the map's files with HTTP Range."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings as SettingsWrapper

from linli.kernel.web import tiles
from linli.kernel.web.tests import basemaps

pytestmark = pytest.mark.urls("linli.kernel.web.tests.urls")

ADDRESS = "/map/base.pmtiles"


@pytest.fixture
def base_map(tmp_path: Path, settings: SettingsWrapper) -> bytes:
    settings.MAPS_ROOT = tmp_path
    basemaps.write(tmp_path / "base.pmtiles")
    return (tmp_path / "base.pmtiles").read_bytes()


def body(response: object) -> bytes:
    return b"".join(response) if getattr(response, "streaming", False) else response.content  # type: ignore


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-126", 0, 127), ("bytes=100-", 100, None), ("bytes=-50", -50, None), ("bytes=0-99999999", 0, None)],
)
def test_it_answers_a_range_with_exactly_these_bytes(
    client: Client, base_map: bytes, asked: str, first: int, last: int | None
) -> None:
    response = client.get(ADDRESS, headers={"Range": asked})
    assert response.status_code == 206
    assert body(response) == base_map[first:last]
    start = first if first >= 0 else len(base_map) + first
    end = (last or len(base_map)) - 1
    assert response["Content-Range"] == f"bytes {start}-{end}/{len(base_map)}"
    assert response["Content-Length"] == str(end - start + 1)


def test_it_gives_the_whole_file_without_a_range(client: Client, base_map: bytes) -> None:
    response = client.get(ADDRESS)
    assert (response.status_code, response["Accept-Ranges"]) == (200, "bytes")
    assert body(response) == base_map


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=5-2"])
def test_it_refuses_a_range_beyond_the_end(client: Client, base_map: bytes, asked: str) -> None:
    response = client.get(ADDRESS, headers={"Range": asked})
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(base_map)}"


@pytest.mark.parametrize("asked", ["lines=1-2", "bytes=-", "bytes=1-2,5-6", "bytes=a-b"])
def test_a_range_it_does_not_understand_is_ignored(client: Client, base_map: bytes, asked: str) -> None:
    assert client.get(ADDRESS, headers={"Range": asked}).status_code == 200


def test_it_knows_the_copy_that_the_browser_has(client: Client, base_map: bytes) -> None:
    etag = client.get(ADDRESS)["ETag"]
    assert not etag.startswith("W/")
    assert client.get(ADDRESS, headers={"If-None-Match": etag}).status_code == 304
    changed = client.get(ADDRESS, headers={"Range": "bytes=0-9", "If-Range": '"older"'})
    assert changed.status_code == 200


def test_head_has_no_body(client: Client, base_map: bytes) -> None:
    response = client.head(ADDRESS, headers={"Range": "bytes=0-9"})
    assert (response.status_code, response["Content-Length"], response.content) == (206, "10", b"")


def test_without_a_base_map_there_is_still_a_style(client: Client, tmp_path: Path, settings: SettingsWrapper) -> None:
    settings.MAPS_ROOT = tmp_path
    assert client.get(ADDRESS).status_code == 404
    made = client.get("/map/style.json?theme=nonsense").json()
    assert made["metadata"] == {"linli:base": "none"}
    assert made["layers"][0]["type"] == "background"


def test_a_file_that_is_no_archive_is_no_base_map(tmp_path: Path) -> None:
    (tmp_path / "base.pmtiles").write_bytes(b"not a map" * 100)
    assert tiles.archive(tmp_path) is None


def test_the_style_points_to_the_archive_and_needs_no_fonts(client: Client, base_map: bytes) -> None:
    made = client.get("/map/style.json?theme=dark").json()
    assert made["sources"]["base"]["url"].startswith("pmtiles:///map/base.pmtiles?v=")
    assert "glyphs" not in made
    assert made["center"] == [pytest.approx(113.14), pytest.approx(27.7)]


def test_the_map_says_whose_it_is(client: Client, tmp_path: Path, settings: SettingsWrapper) -> None:
    settings.MAPS_ROOT = tmp_path
    basemaps.write(tmp_path / "base.pmtiles", attribution="© 贡献者 <img src=x>")
    made = client.get("/map/style.json").json()
    assert made["sources"]["base"]["attribution"] == "© 贡献者 &lt;img src=x&gt;"


@pytest.mark.parametrize(
    ("said", "layers", "host"),
    [
        ({"kind": "tianditu", "key": "k"}, 2, "https://t0.tianditu.gov.cn"),
        ({"kind": "xyz", "tiles": ["https://tiles.example/{z}/{x}/{y}.png"]}, 1, "https://tiles.example"),
        ({"kind": "tianditu"}, 0, None),
        ({"kind": "xyz", "tiles": "x"}, 0, None),
    ],
)
def test_a_tile_service_takes_the_place_of_the_archive(
    client: Client, base_map: bytes, settings: SettingsWrapper, said: dict[str, object], layers: int, host: str | None
) -> None:
    folder = Path(settings.MAPS_ROOT)
    (folder / "source.json").write_text(json.dumps(said))
    assert len(tiles.raster_layers(folder)) == layers
    assert (host in tiles.hosts(folder)) is bool(host)
    made = client.get("/map/style.json").json()
    assert made["metadata"]["linli:base"] == ("raster" if layers else "pmtiles")
    for source in made["sources"].values():
        assert all("{z}" in tile for tile in source.get("tiles", []))


def test_choices_are_kept_in_cookies_and_lead_back(client: Client) -> None:
    response = client.post("/choice/elder", {"elder": "1", "next": "/offline/?x=1"})
    assert (response.status_code, response["Location"]) == (302, "/offline/?x=1")
    assert response.cookies["linli_elder"].value == "1"
    assert client.post("/choice/theme", {"theme": "night"}).cookies["linli_theme"].value == "night"
    assert client.post("/choice/theme", {"theme": "<x>"}).cookies["linli_theme"].value == "auto"
    assert client.post("/choice/elder", {"next": "https://evil.example/"})["Location"] == "/"
    assert client.get("/choice/theme").status_code == 405


def test_the_page_follows_the_choices(client: Client) -> None:
    client.cookies["linli_theme"] = "night"
    client.cookies["linli_language"] = "en"
    page = client.get("/offline/").content.decode()
    assert 'lang="en"' in page
    assert 'data-bs-theme="dark"' in page
    assert "No connection" in page


def test_the_shell_holds_no_pages_of_people(client: Client) -> None:
    worker = client.get("/service-worker.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert worker["Service-Worker-Allowed"] == "/field/"
    shell = worker.content.decode().split("const SHELL = [")[1].split("]")[0]
    assert all(part.strip(' "').startswith(("/static/", "/offline/")) for part in shell.split(",") if part.strip())


def test_the_manifest_makes_the_field_door_installable(client: Client) -> None:
    answer = client.get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    assert (answer.json()["start_url"], answer.json()["scope"]) == ("/field/", "/field/")


def test_the_style_guide_is_closed_outside_of_demo_homes(client: Client) -> None:
    assert client.get("/design/").status_code == 404
