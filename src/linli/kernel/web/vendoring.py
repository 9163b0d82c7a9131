"""Vendors the browser parts as published, and checks that nobody changed them since.

The pages run without a bundler and without Node: what the browser needs from others lies in
``static/vendor/<part>/`` exactly as its publisher built it, with its licence beside it, and
``static/vendor/vendor.lock.json`` names package, version, file, SHA-256 and licence of each.

``python -m linli.kernel.web.vendoring``          fetches the pinned packages with ``npm pack`` and lays
them out again.
``python -m linli.kernel.web.vendoring --check``  compares the files that are there with the lock (no
network).

The icons are one sprite, made from the names in ``icons.txt``: 5,000 files are too many to serve
and one would be too large.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
STATIC = HERE / "static" / "vendor"
TEST_VENDOR = HERE / "tests" / "vendor"
LOCK = STATIC / "vendor.lock.json"
ICON_NAMES = HERE / "icons.txt"


@dataclass(frozen=True)
class Part:
    """One published package: which of its files go where. ``files`` maps package path → our name."""

    package: str
    version: str
    folder: str
    licence: str
    files: dict[str, str] = field(default_factory=dict)
    root: Path = STATIC


PARTS = (
    # No LICENSE file inside the package of Tabler itself: its licence text is the one of its icons (same
    # holder), written out in static/vendor/tabler/LICENSE by this script.
    Part("@tabler/core", "1.6.1", "tabler", "MIT", {"dist/css/tabler.min.css": "tabler.min.css"}),
    Part("@tabler/icons", "3.51.0", "tabler-icons", "MIT", {"LICENSE": "LICENSE"}),
    Part("htmx.org", "2.0.11", "htmx", "0BSD", {"dist/htmx.min.js": "htmx.min.js", "LICENSE": "LICENSE"}),
    Part("@alpinejs/csp", "3.17.4", "alpine", "MIT", {"dist/module.esm.min.js": "alpine-csp.esm.min.js"}),
    Part(
        "maplibre-gl",
        "6.17.0",
        "maplibre",
        "BSD-3-Clause",
        {
            "dist/maplibre-gl.mjs": "maplibre-gl.mjs",
            "dist/maplibre-gl-worker.mjs": "maplibre-gl-worker.mjs",
            "dist/maplibre-gl.css": "maplibre-gl.css",
            "LICENSE.txt": "LICENSE",
        },
    ),
    # The script build: the module build imports "fflate" by a bare name, which needs an import map.
    Part("pmtiles", "4.5.0", "pmtiles", "BSD-3-Clause", {"dist/pmtiles.js": "pmtiles.js"}),
    Part("idb", "8.0.4", "idb", "ISC", {"build/index.js": "idb.js", "LICENSE": "LICENSE"}),
    # Script builds for the same reason: the adapter imports "terra-draw" by a bare name.
    Part("terra-draw", "1.35.0", "terra-draw", "MIT", {"dist/terra-draw.umd.js": "terra-draw.umd.js"}),
    Part(
        "terra-draw-maplibre-gl-adapter",
        "1.4.1",
        "terra-draw",
        "MIT",
        {"dist/terra-draw-maplibre-gl-adapter.umd.js": "terra-draw-maplibre-gl-adapter.umd.js"},
    ),
    # The "common" build: lines, bars, pies, scatter, with axes, legend and tooltips; a third lighter than the whole.
    Part(
        "echarts",
        "6.1.0",
        "echarts",
        "Apache-2.0",
        {"dist/echarts.common.min.js": "echarts.common.min.js", "LICENSE": "LICENSE", "NOTICE": "NOTICE"},
    ),
    Part(
        "axe-core",
        "4.14.1",
        "axe",
        "MPL-2.0",
        {"axe.min.js": "axe.min.js", "LICENSE": "LICENSE"},
        root=TEST_VENDOR,
    ),
)

_MIT = """MIT License

Copyright (c) {holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction, including
without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the
following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO
EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER
IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR
THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
_BSD3 = """BSD 3-Clause License

Copyright (c) {holder}

Redistribution and use in source and binary forms, with or without modification, are permitted provided
that the following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions and the
   following disclaimer.
2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and
   the following disclaimer in the documentation and/or other materials provided with the distribution.
3. Neither the name of the copyright holder nor the names of its contributors may be used to endorse or
   promote products derived from this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED
WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A
PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY
DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO,
PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION)
HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING
NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE
POSSIBILITY OF SUCH DAMAGE.
"""
# Packages that name their licence but carry no text of it: the standard text is laid beside them.
LICENCE_TEXTS = {
    "tabler": _MIT.format(holder="2018-2026 The Tabler Authors"),
    "alpine": _MIT.format(holder="2019-2026 Caleb Porzio and contributors"),
    "pmtiles": _BSD3.format(holder="2021-2026 Protomaps LLC"),
    "terra-draw": _MIT.format(holder="2022-2026 James Milner and contributors"),
}


def icon_names() -> list[str]:
    """The icons the sprite holds, in the order of ``icons.txt``."""
    lines = (line.strip() for line in ICON_NAMES.read_text("utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _symbol(name: str, svg: str) -> str:
    body = svg[svg.index(">") + 1 : svg.rindex("</svg>")]
    body = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", body)
    body = re.sub(r"\s*\n\s*", "", body)
    paint = (
        'fill="currentColor"'
        if name.endswith("-filled")
        else 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    )
    return f'<symbol id="{name}" viewBox="0 0 24 24" {paint}>{body}</symbol>'


def build_sprite(icons: Path) -> str:
    """One SVG with a ``<symbol>`` for each listed icon; raises FileNotFoundError for a name nobody drew."""
    symbols = []
    for name in icon_names():
        kind, stem = ("filled", name[: -len("-filled")]) if name.endswith("-filled") else ("outline", name)
        symbols.append(_symbol(name, (icons / kind / f"{stem}.svg").read_text("utf-8")))
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _entry(part: Part, path: Path) -> dict[str, str]:
    return {
        "package": part.package,
        "version": part.version,
        "file": path.relative_to(HERE).as_posix(),
        "sha256": _sha256(path),
        "licence": part.licence,
    }


def fetch(part: Part, into: Path) -> Path:
    """Packs one pinned package with npm and unpacks it under ``into``; gives its root folder."""
    done = subprocess.run(
        ["npm", "pack", "--silent", f"{part.package}@{part.version}"],
        cwd=into,
        check=True,
        capture_output=True,
        text=True,
    )
    target = into / part.package.replace("/", "-")
    with tarfile.open(into / done.stdout.strip().splitlines()[-1]) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def lay_out() -> list[dict[str, str]]:
    """Fetches all parts, writes the files, the sprite and the lock; gives the lock's entries."""
    entries: list[dict[str, str]] = []
    with tempfile.TemporaryDirectory() as temporary:
        for part in PARTS:
            root = fetch(part, Path(temporary))
            folder = part.root / part.folder
            folder.mkdir(parents=True, exist_ok=True)
            for source, name in part.files.items():
                (folder / name).write_bytes((root / source).read_bytes())
                entries.append(_entry(part, folder / name))
            if text := LICENCE_TEXTS.get(part.folder):
                (folder / "LICENSE").write_text(text, "utf-8")
            if part.package == "@tabler/icons":
                sprite = folder / "sprite.svg"
                sprite.write_text(build_sprite(root / "icons"), "utf-8")
                entries.append(_entry(part, sprite))
    LOCK.write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return entries


def differences() -> Iterator[str]:
    """One line for each vendored file that is missing, changed or not in the lock."""
    known = set()
    for entry in json.loads(LOCK.read_text("utf-8")):
        path = HERE / entry["file"]
        known.add(path)
        if not path.is_file():
            yield f"{entry['file']}: missing"
        elif _sha256(path) != entry["sha256"]:
            yield f"{entry['file']}: changed since it was vendored"
    for root in (STATIC, TEST_VENDOR):
        for path in sorted(root.rglob("*")):
            if path.is_file() and path not in known and path != LOCK and path.name != "LICENSE":
                yield f"{path.relative_to(HERE).as_posix()}: not in the lock"


def main(arguments: list[str]) -> int:
    """Command line: see the module's text."""
    if "--check" in arguments:
        found = list(differences())
        sys.stdout.write("\n".join(found) + "\n" if found else "vendored files are as published\n")
        return 1 if found else 0
    entries = lay_out()
    sys.stdout.write(f"{len(entries)} files laid out\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
