"""`install`: get everything ready that a service may not write beside the source: packages, translations, byte code."""

from __future__ import annotations

import argparse
import compileall

from linli.cli import messages
from linli.house.home import SOURCE, Home


def run(home: Home, words: list[str]) -> int:
    argparse.ArgumentParser("./linli install", description=__doc__).parse_args(words)
    # The packages themselves were installed by ./linli before it came here.
    written = messages.compile_messages()
    compileall.compile_dir(SOURCE / "src", quiet=2)
    print(f"{SOURCE} is ready ({written} translations compiled).")
    return 0
