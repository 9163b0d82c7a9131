"""Makes the house's type faces from the published ones, and checks that nobody changed them since.

``python -m linli.kernel.printing.vendoring``          fetches the pinned packages with ``npm pack``, cuts the faces
down to the characters of the house (the whole of Noto Serif SC weighs 15 MB) and packs them. Needs ``fonttools``
(requirements/dev.in).
``python -m linli.kernel.printing.vendoring --check``  compares what is there with the lock (no network).

The characters: all of GB 2312, Latin, the signs that pages use, and, in the text face, the Chinese characters of the
slices that @fontsource publishes for the web (common traditional ones and those of names).
"""

from __future__ import annotations

import hashlib
import json
import lzma
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linli.kernel.printing.typefaces import FONTS, LOCK
from linli.kernel.web.vendoring import Part, fetch

SLICES = Part("@fontsource/noto-serif-sc", "5.3.0", "", "OFL-1.1")
SIGNS = "●▲■✓‖▶◆○△□◇★☆—–‘’“”…•→←↑↓№℃€‰"


@dataclass(frozen=True)
class Face:
    """One face: the package it comes from, its file there, our file, and whether it has the rarer characters."""

    part: Part
    source: str
    file: str
    wide: bool


FACES = (
    Face(
        Part("@expo-google-fonts/noto-serif-sc", "0.4.3", "", "OFL-1.1"),
        "400Regular/NotoSerifSC_400Regular.ttf",
        "NotoSerifSC-Regular.ttf.xz",
        wide=True,
    ),
    Face(
        Part("@expo-google-fonts/noto-sans-sc", "0.4.3", "", "OFL-1.1"),
        "700Bold/NotoSansSC_700Bold.ttf",
        "NotoSansSC-Bold.ttf.xz",
        wide=False,
    ),
)


def gb2312() -> set[str]:
    """Every character of GB 2312."""
    pairs = (bytes([row, cell]) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    return {pair.decode("gb2312") for pair in pairs if pair.decode("gb2312", "ignore")}


def _of_slices(root: Path) -> set[str]:
    """The Chinese characters (from U+2E80 on) named in the package's list of slices."""
    found: set[str] = set()
    for ranges in json.loads((root / "unicode.json").read_text("utf-8")).values():
        for part in ranges.replace("U+", "").split(","):
            first, _dash, last = part.partition("-")
            found.update(chr(code) for code in range(int(first, 16), int(last or first, 16) + 1))
    return {character for character in found if 0x2E80 <= ord(character) < 0xFB00 or ord(character) >= 0x20000}


def cut(source: Path, characters: set[str], into: Path) -> list[list[int]]:
    """The face with these characters only, without hints; gives the covered ranges."""
    from fontTools import subset

    options = subset.Options()
    options.hinting = False
    options.notdef_outline = True
    options.layout_features = ["kern"]
    options.name_IDs = ["*"]
    options.drop_tables += ["vhea", "vmtx", "VORG", "DSIG"]
    options.recalc_timestamp = False
    face = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[ord(character) for character in characters])
    subsetter.subset(face)
    subset.save_font(face, str(into), options)
    ranges: list[list[int]] = []
    for code in sorted(face.getBestCmap()):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return ranges


def lay_out() -> list[dict[str, Any]]:
    """Fetches, cuts and packs all faces and writes the lock; gives its entries."""
    latin = {chr(code) for code in range(0x20, 0x250) if chr(code).isprintable()} | set(SIGNS)
    plain = gb2312() | latin
    entries = []
    FONTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        slices = _of_slices(fetch(SLICES, Path(temporary)))
        for face in FACES:
            root = fetch(face.part, Path(temporary))
            made = Path(temporary) / "face.ttf"
            ranges = cut(root / face.source, plain | slices if face.wide else plain, made)
            (FONTS / face.file).write_bytes(lzma.compress(made.read_bytes(), preset=9 | lzma.PRESET_EXTREME))
            (FONTS / f"LICENSE-{face.file.partition('-')[0]}").write_bytes((root / "LICENSE_FONT").read_bytes())
            entries.append(
                {
                    "file": face.file,
                    "sha256": hashlib.sha256(made.read_bytes()).hexdigest(),
                    "package": face.part.package,
                    "version": face.part.version,
                    "source": face.source,
                    "source_sha256": hashlib.sha256((root / face.source).read_bytes()).hexdigest(),
                    "licence": face.part.licence,
                    "ranges": ranges,
                }
            )
    lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries)
    LOCK.write_text(f"[\n{lines}\n]\n", "utf-8")
    return entries


def differences() -> Iterator[str]:
    """One line for each face that is missing or not the one in the lock."""
    for entry in json.loads(LOCK.read_text("utf-8")):
        path = FONTS / entry["file"]
        if not path.is_file():
            yield f"{entry['file']}: missing"
        elif hashlib.sha256(lzma.decompress(path.read_bytes())).hexdigest() != entry["sha256"]:
            yield f"{entry['file']}: changed since it was made"


def main(arguments: list[str]) -> int:
    """Command line: see the module's text."""
    if "--check" in arguments:
        found = list(differences())
        sys.stdout.write("\n".join(found) + "\n" if found else "the type faces are those of the lock\n")
        return 1 if found else 0
    sys.stdout.write(f"{len(lay_out())} faces made\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
