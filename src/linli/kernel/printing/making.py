"""Sets a template with its data and pictures, by compilers that are kept."""

from __future__ import annotations

import io
import json
import tempfile
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from linli.kernel.printing import typefaces

COMMON = Path(__file__).parent / "typst"
_ONE_AT_A_TIME = threading.Lock()
_compilers: dict[bool, Any] = {}


class PrintingTrouble(RuntimeError):
    """A template that cannot be set: a mistake in it, or data it does not expect. The text says where."""


def pdf(template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes] | None = None) -> bytes:
    """The document as PDF (tagged, with its own type faces). See the package's text. Raises PrintingTrouble."""
    return cast(bytes, _set(template, data, pictures or {}, format="pdf", timestamp=0))


def png(
    template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes] | None = None, *, ppi: float = 96
) -> list[bytes]:
    """Each page as a picture, for looking at it."""
    found = _set(template, data, pictures or {}, format="png", ppi=ppi)
    return [found] if isinstance(found, bytes) else list(found)


def qr(words: str) -> bytes:
    """A QR code of these words (an address) as SVG."""
    import segno

    out = io.BytesIO()
    segno.make(words, error="m", micro=False).save(out, kind="svg", border=0, xmldecl=False, svgns=True)
    return out.getvalue()


def _set(template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes], **how: Any) -> bytes | list[bytes]:
    label, _slash, name = template.partition("/")
    texts = {**_texts("printing"), **_texts(label)}
    if template not in texts:
        raise PrintingTrouble(f"there is no template {template}")
    missing: set[str] = set()
    words = json.dumps(_printable(data, missing), ensure_ascii=False, default=str)
    entry = f'#include "/{template}"'.encode()
    files = {**texts, "data.json": words.encode("utf-8"), "main.typ": entry}
    # Texts go in from memory, pictures have to lie somewhere: in a folder of this call, the only one it can read.
    with _ONE_AT_A_TIME, tempfile.TemporaryDirectory(dir=typefaces.folder(), prefix="page-") as root:
        for file, picture in pictures.items():
            _lay(Path(root), file, picture)
        try:
            return cast("bytes | list[bytes]", _compiler(bool(missing)).compile(input=files, root=root, **how))
        except Exception as error:
            if type(error).__module__.partition(".")[0] not in ("typst", "builtins"):
                raise
            raise PrintingTrouble(f"{name}: {error}") from error


def _lay(root: Path, name: str, data: bytes) -> None:
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()):
        raise PrintingTrouble(f"a picture cannot be called {name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _compiler(system_fonts: bool) -> Any:
    """The compiler of the vendored faces; another one knows the system's fonts as well and is slower to begin."""
    if system_fonts not in _compilers:
        import typst

        folder = typefaces.folder()
        _compilers[system_fonts] = typst.Compiler(  # type: ignore[misc]
            input={"main.typ": b""},
            root=folder / "root",
            font_paths=[folder],
            ignore_system_fonts=not system_fonts,
            package_path=folder / "root",
            package_cache_path=folder / "root",
        )
    return _compilers[system_fonts]


@cache
def _texts(label: str) -> dict[str, bytes]:
    """The templates of an app by the name under which they are imported."""
    if label == "printing":
        folder = COMMON
    else:
        from django.apps import apps

        try:
            folder = Path(apps.get_app_config(label).path) / "typst"
        except LookupError:
            raise PrintingTrouble(f"there is no app {label}") from None
    return {f"{label}/{path.name}": path.read_bytes() for path in sorted(folder.glob("*.typ"))}


def _printable(value: Any, missing: set[str]) -> Any:
    """The data with every character either printable or written as its number; `missing` gathers what needs a
    font of the system."""
    if isinstance(value, str):
        if typefaces.covers(value):
            return value
        return "".join(_character(character, missing) for character in value)
    if isinstance(value, Mapping):
        return {str(key): _printable(each, missing) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(each, missing) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _printable(str(value), missing)


# Marks that have no shape of their own: they join or direct others.
_SHAPELESS = frozenset([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10)])


def _character(character: str, missing: set[str]) -> str:
    code = ord(character)
    if typefaces.covers(character):
        return character
    if code in _SHAPELESS or code == 0xFEFF:
        return ""
    if code < 0x20 or 0x7F <= code < 0xA0:
        return " "
    if not 0xD800 <= code < 0xE000 and typefaces.system_has(code):
        missing.add(character)
        return character
    return f"〔U+{code:04X}〕"
