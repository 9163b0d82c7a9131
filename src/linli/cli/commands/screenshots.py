"""`screenshots [file …]`: draws the pictures listed in `docs/screenshots.json` from a running demo.

Each entry: `file` (below `docs/`), `path`, and if wanted `role` (of `manage accounts --json`), `width`, `height`,
`language` (zh-hans, en), `theme` (light, dark), `elder`, `click` (CSS selectors joined by " && "), `wait_for` (CSS
selector), `full` (whole page). `"path": "follow"` is the page of the first problem that the public list shows as
closed; `case=first` in an address opens the first case of the list.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

from linli.cli.main import Trouble
from linli.cli.running import environment
from linli.cli.session import say
from linli.house.home import SOURCE, Home
from linli.kernel.database.files import free_port

if TYPE_CHECKING:
    from playwright.sync_api import Page

LIST = SOURCE / "docs" / "screenshots.json"
READY = "Linli is ready at "
LARGEST = 250_000  # bytes of one picture


def run(home: Home, words: list[str]) -> int:
    if not shutil.which("chromium"):
        raise Trouble("`screenshots` needs Debian's chromium: apt-get install chromium fonts-noto-cjk")
    if not LIST.is_file():
        raise Trouble(f"there is no list of pictures: {LIST.relative_to(SOURCE)}.")
    shots = [shot for shot in json.loads(LIST.read_text("utf-8")) if not words or shot["file"] in words]
    with demo(home) as address:
        draw(address, shots, accounts(home))
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


def draw(address: str, shots: list[dict[str, Any]], people: dict[str, dict[str, str]]) -> None:
    from linli.kernel.web import shots as camera

    with camera.browser() as browser:
        for shot in shots:
            visitor = camera.context(
                browser,
                address,
                width=shot.get("width", 1440),
                height=shot.get("height", 900),
                lang=shot.get("language", "zh-hans"),
                theme=shot.get("theme", "light"),
                elder=shot.get("elder", False),
            )
            page = visitor.new_page()
            if role := shot.get("role"):
                if role not in people:
                    raise Trouble(f"{shot['file']}: the demo has no account of the role {role}.")
                camera.sign_in(page, address, people[role]["username"], people[role]["password"])
            page.goto(_address(page, address, shot["path"]))
            camera.settle(page, shot.get("wait_for", ""))
            for selector in filter(None, shot.get("click", "").split(" && ")):
                page.click(selector)
                camera.settle(page)
            picture = page.screenshot(full_page=bool(shot.get("full")), animations="disabled")
            target = SOURCE / "docs" / shot["file"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(lighter(picture))
            say(f"{target.relative_to(SOURCE)}  {target.stat().st_size // 1000} kB")
            visitor.close()


def _address(page: Page, address: str, path: str) -> str:
    if path == "follow":
        page.goto(f"{address}/problems/?state=closed")
        return address + str(page.locator("main a[href^='/problems/2']").first.get_attribute("href"))
    if "case=first" in path:
        plain = path.replace("&case=first", "").replace("case=first", "")
        page.goto(address + plain)
        number = page.locator("main tbody a[href*='case=']").first.get_attribute("href") or ""
        return address + plain + ("&" if "?" in plain else "?") + "case=" + number.split("case=")[-1].split("&")[0]
    return address + path


def lighter(picture: bytes) -> bytes:
    """The picture with a palette, and as many colours as fit into LARGEST bytes."""
    from PIL import Image

    for colours in (256, 128, 64, 32):
        out = BytesIO()
        with Image.open(BytesIO(picture)) as image:
            image.convert("RGB").quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= LARGEST:
            break
    return out.getvalue()
