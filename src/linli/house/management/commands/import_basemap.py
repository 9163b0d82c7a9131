"""The base map: from an OpenStreetMap extract, or from a tile service."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _

from linli.house.basemaps import build, service
from linli.house.basemaps.extract import Box
from linli.kernel.errors import LinliError, Refused
from linli.kernel.geo import read_system
from linli.kernel.web import tiles
from linli.kernel.web.base_layers import MAX_ZOOM
from linli.kernel.web.views import maps_folder
from linli.rooms.places.queries import extent

_LEAST_ZOOM = 12


class Command(BaseCommand):
    help = "Set the base map: an OpenStreetMap extract (FILE.osm.pbf), Tianditu, or any XYZ tile service."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", help="an extract of OpenStreetMap, .osm.pbf")
        parser.add_argument("--bbox", default="", help="W,S,E,N in degrees; else the district and 2 km around it")
        parser.add_argument(
            "--max-zoom", type=int, default=None, help="12 to 15 for a file (15), 1 to 22 for --xyz (18)"
        )
        parser.add_argument("--tianditu-key", default=None, metavar="KEY", help="use Tianditu with this key")
        parser.add_argument("--xyz", action="append", default=None, metavar="URL", help="a template with {z}, {x}, {y}")
        parser.add_argument("--attribution", default="", help="whose map it is, shown in its corner")
        parser.add_argument(
            "--system", default="wgs84", help="of the tiles: wgs84 or cgcs2000; shifted ones are refused"
        )
        parser.add_argument("--show", action="store_true", help="say which base map is used")
        parser.add_argument(
            "--remove",
            nargs="?",
            const="service",
            choices=("service", "file"),
            help="take away the tile service, or the vector base map",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = [
            bool(options["file"]),
            options["tianditu_key"] is not None,
            bool(options["xyz"]),
            options["show"],
            options["remove"] is not None,
        ]
        try:
            if sum(wanted) != 1:
                raise Refused(
                    _("请给一个 .osm.pbf 文件，或 --tianditu-key、--xyz、--show、--remove 中的一个。"), "basemap.what"
                )
            if options["file"]:
                self._from_extract(options)
            elif options["show"]:
                self._show()
            elif options["remove"]:
                self._remove(options["remove"])
            else:
                self._service(options)
        except LinliError as error:
            raise CommandError(str(error.message)) from error

    def _say(self, words: str) -> None:
        self.stderr.write(words)
        self.stderr.flush()

    def _from_extract(self, options: dict[str, Any]) -> None:
        zoom = MAX_ZOOM if options["max_zoom"] is None else options["max_zoom"]
        if not _LEAST_ZOOM <= zoom <= MAX_ZOOM:
            raise Refused(
                _("--max-zoom 在 %(least)d 到 %(most)d 之间。") % {"least": _LEAST_ZOOM, "most": MAX_ZOOM},
                "basemap.max_zoom",
            )
        folder = maps_folder()
        window = build.read_bbox(options["bbox"]) if options["bbox"] else self._district()
        size = build.build_from_extract(
            Path(options["file"]), window, folder / "base.pmtiles", self._say, max_zoom=zoom
        )
        self.stdout.write(
            _("底图已换好（%(size)s MB），刷新页面即可看到。请保留地图角上的“%(attribution)s”。")
            % {"size": f"{size / 1e6:,.1f}", "attribution": build.ATTRIBUTION}
        )
        if tiles.raster_layers(folder):
            self.stdout.write(_("目前用的还是瓦片服务。要改用这张底图，请运行 import basemap --remove。"))

    def _district(self) -> Box:
        try:
            found = extent()
        except DatabaseError:  # a home that was never started has no tables yet
            found = None
        if found is None:
            raise Refused(
                _("还没有区划和网格的边界，不知道本区在哪里。请先导入边界，或用 --bbox 西,南,东,北 指定范围。"),
                "basemap.no_district",
            )
        return build.with_margin(found)

    def _service(self, options: dict[str, Any]) -> None:
        if options["tianditu_key"] is not None:
            source = service.tianditu(options["tianditu_key"])
        else:
            source = service.xyz(
                options["xyz"],
                options["attribution"],
                max_zoom=18 if options["max_zoom"] is None else options["max_zoom"],
                system=read_system(options["system"]),
            )
        folder = maps_folder()
        service.save(folder, source)
        self._show()
        self._restart()
        listed = os.environ.get("LINLI_TILE_HOSTS")
        if listed and not set(tiles.hosts(folder)) <= {host.strip() for host in listed.split(",")}:
            self.stdout.write(_("环境变量 LINLI_TILE_HOSTS 里没有这些主机，请补上，否则浏览器不会去取瓦片。"))

    def _remove(self, what: str) -> None:
        folder = maps_folder()
        name = "source.json" if what == "service" else "base.pmtiles"
        if not service.remove(folder, name):
            self.stdout.write(_("没有可以去掉的：%(name)s 不存在。") % {"name": name})
            return
        self.stdout.write(_("已去掉 %(name)s。") % {"name": name})
        self._show()
        if what == "service":
            self._restart()

    def _restart(self) -> None:
        self.stdout.write(_("请重启邻里：浏览器允许访问哪些主机，在启动时确定。"))

    def _show(self) -> None:
        folder = maps_folder()
        rasters, archive = tiles.raster_layers(folder), tiles.archive(folder)
        if rasters:
            self.stdout.write(
                _("瓦片服务：%(hosts)s（%(attribution)s）")
                % {"hosts": ", ".join(tiles.hosts(folder)), "attribution": rasters[0].attribution}
            )
        if archive:
            words = _("矢量底图：%(size)s MB，第 %(low)d–%(high)d 级，范围 %(bounds)s")
            if rasters:
                words = _("备用的矢量底图：%(size)s MB，第 %(low)d–%(high)d 级，范围 %(bounds)s")
            self.stdout.write(
                words
                % {
                    "size": f"{archive.path.stat().st_size / 1e6:,.1f}",
                    "low": archive.min_zoom,
                    "high": archive.max_zoom,
                    "bounds": ",".join(f"{value:.3f}" for value in archive.bounds),
                }
            )
        if not rasters and not archive:
            self.stdout.write(_("还没有底图。地图上只有网格和案件，没有道路和地名。"))
