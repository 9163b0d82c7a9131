"""Write the grids of a day as GeoJSON."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from linli.kernel.errors import LinliError
from linli.kernel.geo import read_system
from linli.rooms.places import queries
from linli.rooms.places.management import files


class Command(BaseCommand):
    help = "Export grids (网格) as GeoJSON in any reference system, of today or of another day."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", default="-", help="default: standard output")
        parser.add_argument("--system", default="wgs84", help="wgs84, cgcs2000, gcj02 or bd09")
        parser.add_argument("--at", type=files.day, default=None, help="the day, YYYY-MM-DD")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            body = queries.export_geojson(read_system(options["system"]), options["at"])
        except LinliError as error:
            raise CommandError(str(error.message)) from error
        data = orjson.dumps(body, option=orjson.OPT_INDENT_2)
        if options["file"] == "-":
            sys.stdout.write(data.decode() + "\n")
        else:
            Path(options["file"]).write_bytes(data)
