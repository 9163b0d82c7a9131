"""The browser parts lie as published, and every icon that a page names is in the sprite."""

from __future__ import annotations

import re
from pathlib import Path

from linli.kernel.web import vendoring

PACKAGE = Path(vendoring.__file__).resolve().parents[2]
_IN_TEMPLATES = re.compile(r"""\{%\s*icon\s+["']([a-z0-9-]+)["']""")
_EMPTY_STATE = re.compile(r"""\{%\s*empty_state\s+["']([a-z0-9-]+)["']""")
_IN_PYTHON = re.compile(r"""\bicon(?:_name)?["']?\s*[=:]\s*["']([a-z0-9-]+)["']""")
_IN_SCRIPTS = re.compile(r"""\bicon\(["']([a-z0-9-]+)["']""")


def test_vendored_files_are_as_published() -> None:
    assert list(vendoring.differences()) == []


def test_lock_names_no_download_address() -> None:
    assert "http" not in vendoring.LOCK.read_text("utf-8")


def test_sprite_holds_exactly_the_listed_icons() -> None:
    sprite = (vendoring.STATIC / "tabler-icons" / "sprite.svg").read_text("utf-8")
    assert re.findall(r'<symbol id="([^"]+)"', sprite) == vendoring.icon_names()


def test_every_icon_named_on_a_page_is_in_the_sprite() -> None:
    known = set(vendoring.icon_names())
    missing = []
    for path in PACKAGE.rglob("*"):
        if path.suffix not in {".html", ".py", ".js"} or {"tests", "vendor", "node_modules"} & set(path.parts):
            continue
        text = path.read_text("utf-8")
        patterns = {".html": (_IN_TEMPLATES, _EMPTY_STATE), ".py": (_IN_PYTHON,), ".js": (_IN_SCRIPTS,)}[path.suffix]
        names = {name for pattern in patterns for name in pattern.findall(text)}
        missing += [f"{path.relative_to(PACKAGE)}: {name}" for name in sorted(names - known)]
    assert missing == []
