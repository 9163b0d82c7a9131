"""Looks at a page as a person would and keeps the picture.

    python -m linli.kernel.web.shots URL OUT.png [--width 390] [--height 844] [--lang en] [--theme dark] [--elder]
                                     [--login USER:PASS] [--click CSS] [--wait CSS] [--full] [--axe]

Several OUT:URL pairs are not needed: call it again; starting takes about a second. Maps are waited for: every
``linli-map`` that is on the screen must have ``data-ready`` (at most 20 s). ``--axe`` also prints what axe-core finds.
``browser()`` and ``take()`` serve tests and the command that makes the documentation's pictures.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    # WebGL without a graphics card, for the map.
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-gpu-compositing",
]
AXE = Path(__file__).parent / "tests" / "vendor" / "axe" / "axe.min.js"
WIRED = '''() => !document.querySelector("script[src*='js/app.js']")
  || document.documentElement.dataset.wiring === "0"'''
MAPS_READY = """() => [...document.querySelectorAll('linli-map')].every((map) => {
  const box = map.getBoundingClientRect();
  const seen = box.width > 0 && box.top < innerHeight && box.bottom > 0;
  return !seen || map.hasAttribute('tap') && !map.loading || map.hasAttribute('data-ready');
})"""


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        try:
            yield running
        finally:
            running.close()


def context(
    running: Browser,
    base: str,
    *,
    width: int = 390,
    height: int = 844,
    lang: str = "zh-hans",
    theme: str = "light",
    elder: bool = False,
    still: bool = True,
) -> BrowserContext:
    """A visitor with these choices; ``base`` is any address of the server."""
    made = running.new_context(
        viewport={"width": width, "height": height},
        locale="en-GB" if lang == "en" else "zh-CN",
        timezone_id="Asia/Shanghai",
        is_mobile=width < 700,
        has_touch=width < 700,
        color_scheme="dark" if theme in {"dark", "night"} else "light",
        reduced_motion="reduce" if still else "no-preference",
    )
    root = "{0.scheme}://{0.netloc}".format(urlsplit(base))
    made.on("page", watch)
    choices = {"linli_language": lang, "linli_theme": theme, "linli_elder": "1" if elder else "0"}
    made.add_cookies([{"name": name, "value": value, "url": root} for name, value in choices.items()])
    return made


def sign_in(page: Page, base: str, username: str, password: str) -> None:
    """Signs in through the page that people use."""
    page.goto(urljoin(base, "/accounts/login/"))
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state("networkidle")


class Traffic:
    """What a visitor is still waiting for. Chromium's own idea of an idle network needs half a second of silence."""

    QUIET = 0.15

    def __init__(self) -> None:
        self.open: set[Request] = set()
        self.last = time.monotonic()

    def began(self, request: Request) -> None:
        self.open.add(request)
        self.last = time.monotonic()

    def ended(self, request: Request) -> None:
        self.open.discard(request)
        self.last = time.monotonic()

    @property
    def quiet(self) -> bool:
        return not self.open and time.monotonic() - self.last > self.QUIET


_traffic: WeakKeyDictionary[Page, Traffic] = WeakKeyDictionary()


def watch(page: Page) -> None:
    """Count from now on what this page asks for, so that `settle` knows when it has come."""
    traffic = _traffic[page] = Traffic()
    page.on("request", traffic.began)
    page.on("requestfinished", traffic.ended)
    page.on("requestfailed", traffic.ended)
    # What the page before had asked for is nobody's business any more.
    page.on("framenavigated", lambda frame: traffic.open.clear() if frame == page.main_frame else None)


def settle(page: Page, wait: str = "") -> None:
    """Until the network is quiet, the scripts have wired the page, the maps are drawn and the fonts are there."""
    page.wait_for_load_state("load")
    try:
        _quiet(page)
        page.wait_for_function(WIRED, timeout=20000)
        _quiet(page)
        if wait:
            page.wait_for_selector(wait, timeout=10000)
        page.wait_for_function(MAPS_READY, timeout=20000)
    except Exception as late:  # a picture of the unfinished page says more than none
        sys.stderr.write(f"not settled: {late}\n")
    page.evaluate("() => document.fonts.ready.then(() => null)")


def _quiet(page: Page, patience: float = 8.0) -> None:
    """Until nothing has been asked for or come in for a moment; a page that never rests is not waited for."""
    traffic, until = _traffic.get(page), time.monotonic() + patience
    if traffic is None:
        page.wait_for_load_state("networkidle", timeout=patience * 1000)
        return
    while not traffic.quiet and time.monotonic() < until:
        page.wait_for_timeout(25)


def axe(page: Page, skip: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """What axe-core finds (WCAG 2.2 AA and best practice), one dict a rule with the nodes' selectors.

    Evaluated through the debugger, so that the page's own content security policy stays as it is.
    """
    page.evaluate(AXE.read_text("utf-8") + "; null")
    options = {"resultTypes": ["violations"], "rules": {rule: {"enabled": False} for rule in skip}}
    found = page.evaluate("(options) => axe.run(document, options)", options)
    return [
        {
            "rule": item["id"],
            "impact": item["impact"],
            "help": item["help"],
            "nodes": [f"{' '.join(map(str, node['target']))} :: {node['html'][:140]}" for node in item["nodes"]],
        }
        for item in found["violations"]
    ]


def take(page: Page, url: str, out: Path, *, full: bool = False, click: str = "", wait: str = "") -> None:
    """Opens a page, waits until it stands still and keeps its picture."""
    page.goto(url)
    settle(page, wait)
    for selector in filter(None, click.split(" && ")):
        page.click(selector)
        settle(page, wait)
    out.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(out), full_page=full, animations="disabled")


def main(arguments: list[str] | None = None) -> int:
    """Command line: see the module's text."""
    parser = argparse.ArgumentParser(prog="shots")
    parser.add_argument("url")
    parser.add_argument("out", type=Path)
    parser.add_argument("--width", type=int, default=390)
    parser.add_argument("--height", type=int, default=0)
    parser.add_argument("--lang", choices=("zh-hans", "en"), default="zh-hans")
    parser.add_argument("--theme", choices=("auto", "light", "dark", "sun", "night"), default="light")
    parser.add_argument("--elder", action="store_true")
    parser.add_argument("--login", default="")
    parser.add_argument("--click", default="", help="CSS selector; several joined by ' && '")
    parser.add_argument("--wait", default="", help="CSS selector that must appear")
    parser.add_argument("--full", action="store_true", help="the whole page, not only the screen")
    parser.add_argument("--axe", action="store_true")
    told = parser.parse_args(arguments)
    height = told.height or (844 if told.width < 700 else 900)
    problems: list[str] = []
    with browser() as running:
        visitor = context(
            running, told.url, width=told.width, height=height, lang=told.lang, theme=told.theme, elder=told.elder
        )
        page = visitor.new_page()
        page.on("console", lambda line: problems.append(line.text) if line.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        if told.login:
            sign_in(page, told.url, *told.login.split(":", 1))
        take(page, told.url, told.out, full=told.full, click=told.click, wait=told.wait)
        wide = page.evaluate("() => document.documentElement.scrollWidth") - told.width
        if wide > 0:
            problems.append(f"the page is {wide} px wider than the screen")
        if told.axe:
            problems += [json.dumps(item, ensure_ascii=False, indent=1) for item in axe(page)]
    sys.stdout.write("".join(f"! {problem}\n" for problem in problems))
    sys.stdout.write(f"{told.out}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
