"""The page of life cycles, written anew from the flow tables: `./linli manage lifecycles`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from linli.house.home import SOURCE
from linli.kernel.flow import published
from linli.kernel.flow.diagram import render

PAGE = SOURCE / "docs" / "life-cycles.md"


def life_cycles() -> str:
    """What `docs/life-cycles.md` has to say."""
    return "\n\n".join(render(flow).strip("\n") for flow in published()) + "\n"


class Command(BaseCommand):
    help = "Write docs/life-cycles.md from the flow tables; --check only compares."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="fail if the page is not what the tables say")

    def handle(self, *args: Any, **options: Any) -> None:
        words = life_cycles()
        if options["check"]:
            if not PAGE.is_file() or PAGE.read_text("utf-8") != words:
                raise CommandError("docs/life-cycles.md is not what the tables say: ./linli manage lifecycles")
            return
        PAGE.write_text(words, "utf-8")
        self.stdout.write(str(PAGE.relative_to(SOURCE)))
