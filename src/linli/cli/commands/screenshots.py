"""`screenshots [name …]`: draws the pictures listed in `docs/screenshots.json` from a running demo.

Each entry: `file` (below `docs/`), `path`, and if wanted `role` (of `manage accounts --json`), `width`,
`height`, `language` (zh-hans, en), `theme` (light, dark), `wait_for` (CSS selector), `full` (whole page).
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from linli.cli.main import Trouble
from linli.cli.running import environment
from linli.cli.session import say
from linli.house.home import SOURCE, Home
from linli.kernel.database.files import free_port

LIST = SOURCE / "docs" / "screenshots.json"
READY = "Linli is ready at "
# Maps are drawn with WebGL in software; nothing is asked of the network.
FLAGS = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
MAPS_DRAWN = """() => [...document.querySelectorAll("linli-map")].every(
    (map) => map.hasAttribute("tap") || map.offsetParent === null || "ready" in map.dataset)"""


def run(home: Home, words: list[str]) -> int:
    chromium = shutil.which("chromium")
    if not chromium:
        raise Trouble("`screenshots` needs Debian's chromium: apt-get install chromium fonts-noto-cjk")
    if not LIST.is_file():
        raise Trouble(f"there is no list of pictures: {LIST.relative_to(SOURCE)}.")
    shots = [shot for shot in json.loads(LIST.read_text()) if not words or shot["file"] in words]
    with demo(home) as address:
        draw(address, shots, accounts(home), chromium)
    return 0


@contextlib.contextmanager
def demo(home: Home) -> Iterator[str]:
    """A demo of this home on a port of its own; yields its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "linli.cli", "demo", "--port", str(free_port())],
        env=environment(home, "linli demo"),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(READY):
                yield line.removeprefix(READY).strip()
                return
        raise Trouble("the demo did not start (see above).")
    finally:
        process.terminate()
        process.wait()


def accounts(home: Home) -> dict[str, dict[str, str]]:
    """The demo's accounts by role."""
    done = subprocess.run(
        [sys.executable, "-m", "linli.cli", "manage", "accounts", "--json"],
        env=environment(home, "linli"),
        capture_output=True,
        text=True,
        check=True,
    )
    return {row["role"]: row for row in json.loads(done.stdout)}


def draw(address: str, shots: list[dict[str, Any]], people: dict[str, dict[str, str]], chromium: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for shot in shots:
            language = shot.get("language", "zh-hans")
            context = browser.new_context(
                base_url=address,
                viewport={"width": shot.get("width", 1440), "height": shot.get("height", 900)},
                device_scale_factor=2 if shot.get("width", 1440) < 600 else 1,
                locale="zh-CN" if language == "zh-hans" else "en-GB",
                timezone_id="Asia/Shanghai",
                color_scheme=shot.get("theme", "light"),
                reduced_motion="reduce",
            )
            context.add_cookies([{"name": "linli_language", "value": language, "url": address}])
            page = context.new_page()
            if role := shot.get("role"):
                if role not in people:
                    raise Trouble(f"{shot['file']}: the demo has no account of the role {role}.")
                page.goto("/accounts/login/")
                page.fill("input[name=login]", people[role]["username"])
                page.fill("input[name=password]", people[role]["password"])
                page.press("input[name=password]", "Enter")
                page.wait_for_load_state("networkidle")
            page.goto(shot["path"])
            page.wait_for_load_state("networkidle")
            if selector := shot.get("wait_for"):
                page.wait_for_selector(selector)
            page.wait_for_function(MAPS_DRAWN, timeout=60_000)
            target = SOURCE / "docs" / shot["file"]
            target.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(target), full_page=bool(shot.get("full")))
            lighten(target)
            say(str(target.relative_to(SOURCE)))
            context.close()
        browser.close()


def lighten(picture: Path) -> None:
    """Make a drawn page light enough to live in the repository: 256 colours are plenty for it."""
    from PIL import Image

    with Image.open(picture) as image:
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(picture, optimize=True)
