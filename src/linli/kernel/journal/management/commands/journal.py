"""`manage journal verify | checkpoint | seal`."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from linli.kernel.journal import jobs, verify


class Command(BaseCommand):
    help = "Verify the journal, print a signed checkpoint of it, or seal what waits."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["verify", "checkpoint", "seal"])
        parser.add_argument("--json", action="store_true", help="verify: print the report as JSON")
        parser.add_argument(
            "--checkpoint",
            metavar="FILE",
            action="append",
            default=[],
            help="verify: also against this kept checkpoint, or a folder of them (may be given several times)",
        )
        parser.add_argument("--out", metavar="FILE", help="checkpoint: write it there instead of printing it")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "verify":
            code = verify.main(json=options["json"], checkpoint=options["checkpoint"])
        elif options["what"] == "checkpoint":
            code = verify.print_checkpoint(options["out"])
        else:
            self.stdout.write(str(jobs.seal()))
            code = 0
        if code:
            sys.exit(code)
