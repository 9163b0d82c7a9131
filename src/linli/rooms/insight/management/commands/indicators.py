"""Write docs/indicators.md from the indicators."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from linli.rooms.insight.describing import document


class Command(BaseCommand):
    help = "Print the definitions of all indicators; with a file name, write them there (docs/indicators.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"] is None:
            self.stdout.write(document())
        else:
            options["file"].write_text(document(), "utf-8")
