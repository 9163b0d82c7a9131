"""What the commands `import …` and `export_grids` promise."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from linli.rooms.places.models import GridSet, Place
from linli.rooms.places.tests.land import divisions, feature, four_tiles, geojson, grids, middle, tile

pytestmark = pytest.mark.django_db


def run(*words, **options):
    out = io.StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue()


def test_grids_stay_a_draft_until_they_are_published(tmp_path):
    divisions()
    file = tmp_path / "grids.geojson"
    file.write_bytes(geojson(*four_tiles()))
    said = run("import_grids", str(file), system="wgs84")
    assert "新增 4" in said
    assert "还没有生效" in said
    assert not grids()
    said = run("import_grids", str(file), "--publish", "--effective", "2020-01-01", system="wgs84")
    assert "2020-01-01 起生效" in said
    assert len(grids()) == 4
    exported = tmp_path / "out.geojson"
    run("export_grids", str(exported), system="gcj02")
    assert len(json.loads(exported.read_text("utf-8"))["features"]) == 4


def test_errors_are_shown_and_stop_the_publishing(tmp_path):
    divisions()
    file = tmp_path / "grids.geojson"
    file.write_bytes(geojson(*four_tiles(), feature(tile(1, 1), community="430212100003", name="叠")))
    with pytest.raises(CommandError, match="不能发布"):
        run("import_grids", str(file), "--publish", system="wgs84")
    assert GridSet.objects.get().state == "draft"


def test_a_file_that_is_not_there_is_said_plainly():
    with pytest.raises(CommandError, match="读不了"):
        run("import_grids", "/nowhere/grids.geojson", system="wgs84")


def test_divisions_come_from_a_sheet_or_from_the_shipped_list(tmp_path):
    assert "新增 149" in run("import_divisions", shipped="430212")
    sheet = tmp_path / "d.csv"
    sheet.write_text("code,name\n430212,渌口新区\n430212x,坏\n", "utf-8")
    with pytest.raises(CommandError, match="第 3 行 code"):
        run("import_divisions", str(sheet))
    sheet.write_text("code,name\n430212,渌口新区\n", "utf-8")
    assert "改名 1" in run("import_divisions", str(sheet))
    with pytest.raises(CommandError):
        run("import_divisions")


def test_buildings_and_borders_come_from_files(tmp_path):
    divisions()
    lng, lat = middle(0, 0)
    sheet = tmp_path / "b.csv"
    sheet.write_text(f"name,lng,lat\n1栋,{lng},{lat}\n", "utf-8")
    assert "1 栋" in run("import_buildings", str(sheet))
    assert Place.objects.get(kind="building").parent.code == "430212100003"
    borders = tmp_path / "c.geojson"
    borders.write_bytes(geojson(feature(tile(0, 0, 5, 4), code="430212100003")))
    assert "1 个" in run("import_borders", str(borders), system="wgs84")
