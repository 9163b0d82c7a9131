"""`lock`: pin requirements/*.in anew, with hashes. Needs `uv` (https://docs.astral.sh/uv/) on the PATH."""

from __future__ import annotations

import shutil
import subprocess

from linli.cli.main import Trouble
from linli.cli.session import say
from linli.house.home import SOURCE, Home


def run(home: Home, words: list[str]) -> int:
    uv = shutil.which("uv")
    if uv is None:
        raise Trouble("`lock` needs the program `uv`: install it with your package manager or pip.")
    for name in ("base", "dev"):
        say(f"Pinning {name}.in …")
        # --no-build: every package must come as a wheel, so that nothing unpinned is fetched to build it.
        subprocess.run(
            [
                uv, "pip", "compile", "--universal", "--generate-hashes", "--no-build", "--quiet",
                "--python-version", "3.11", "--custom-compile-command", "./linli lock",
                *words, f"{name}.in", "-o", f"{name}.lock",
            ],
            cwd=SOURCE / "requirements",
            check=True,
        )  # fmt: skip
    return 0
