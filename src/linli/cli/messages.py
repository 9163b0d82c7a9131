"""Translations: Chinese is written in the source, English in each package's own `locale` folder.

Works without the gettext tools, for whoever runs or changes Linli has only Python.
"""

from __future__ import annotations

import ast
import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from linli.house.home import SOURCE

if TYPE_CHECKING:
    import polib

PACKAGE = SOURCE / "src" / "linli"
LANGUAGE = "en"
# Name of the function: positions of context, message and plural among its arguments.
FUNCTIONS: dict[str, tuple[int | None, int, int | None]] = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
_QUOTED = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_TEMPLATE_CALL = re.compile(rf"(?<!\w)(n?p?gettext|_)\(((?:\s*u?{_QUOTED}\s*,?)+)", re.S)
_LITERAL = re.compile(rf"u?({_QUOTED})", re.S)
_NAMED_PLACE = re.compile(r"%\(\w+\)[sd]")


class Message(NamedTuple):
    """One text of the interface."""

    context: str | None
    text: str
    plural: str | None


def packages() -> list[Path]:
    """The folders that keep their own translations: kernel parts, rooms, doors, demo, house."""
    found = [PACKAGE / "demo", PACKAGE / "house"]
    for floor in ("kernel", "rooms", "doors"):
        found += [path for path in sorted((PACKAGE / floor).iterdir()) if (path / "__init__.py").is_file()]
    return found


def po_file(package: Path) -> Path:
    return package / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def texts_in(package: Path) -> dict[Message, list[tuple[str, str]]]:
    """Every text of one package with the places (file, line) it is written at."""
    found: dict[Message, list[tuple[str, str]]] = {}
    for path in sorted(package.rglob("*")):
        inside = path.relative_to(package)
        if {"tests", "static", "migrations", "locale"} & set(inside.parts):
            continue
        if path.suffix == ".py":
            messages = _python(path)
        elif path.suffix in {".html", ".txt"} and "templates" in inside.parts:
            messages = _template(path)
        else:
            continue
        for line, message in messages:
            found.setdefault(message, []).append((inside.as_posix(), str(line)))
    return found


def _python(path: Path) -> Iterator[tuple[int, Message]]:
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in FUNCTIONS:
            continue
        words = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
        message = _message(name, [word if isinstance(word, str) else None for word in words])
        if message:
            yield node.lineno, message


def _template(path: Path) -> Iterator[tuple[int, Message]]:
    from django.utils.translation import templatize

    source = templatize(path.read_text(), origin=str(path))
    for call in _TEMPLATE_CALL.finditer(source):
        words = [ast.literal_eval(literal) for literal in _LITERAL.findall(call.group(2))]
        message = _message(call.group(1), words)
        if message:
            yield source.count("\n", 0, call.start()) + 1, message


def _message(function: str, words: list[str | None]) -> Message | None:
    context_at, text_at, plural_at = FUNCTIONS[function]
    at = [position for position in (context_at, text_at, plural_at) if position is not None]
    if max(at) >= len(words) or any(words[position] is None for position in at):
        return None
    text = words[text_at]
    if not text:
        return None
    context = None if context_at is None else words[context_at]
    return Message(context, text, None if plural_at is None else words[plural_at])


def update(package: Path) -> tuple[int, int, int] | None:
    """Bring the package's .po file up to date: (new, gone, still to translate); None without any text."""
    import polib

    texts = texts_in(package)
    path = po_file(package)
    if not texts and not path.exists():
        return None
    catalogue = polib.pofile(str(path), wrapwidth=100) if path.exists() else _empty()
    known = {Message(e.msgctxt, e.msgid, e.msgid_plural or None): e for e in catalogue if not e.obsolete}
    before = path.read_text() if path.exists() else ""
    gone = [entry for message, entry in known.items() if message not in texts]
    for entry in gone:
        catalogue.remove(entry)
    fresh = [message for message in texts if message not in known]
    for message in fresh:
        catalogue.append(_entry(message))
    for entry in catalogue:
        message = Message(entry.msgctxt, entry.msgid, entry.msgid_plural or None)
        if message in texts:
            # Files without lines: else every edit above a text would change the .po file.
            entry.occurrences = sorted({(name, "") for name, _ in texts[message]})
    path.parent.mkdir(parents=True, exist_ok=True)
    if str(catalogue) != before.rstrip("\n"):
        catalogue.save(str(path))
    return len(fresh), len(gone), sum(not _translated(entry) for entry in catalogue)


def _empty() -> polib.POFile:
    import polib

    catalogue = polib.POFile(wrapwidth=100)
    catalogue.metadata = {
        "Language": LANGUAGE,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    return catalogue


def _entry(message: Message) -> polib.POEntry:
    import polib

    entry = polib.POEntry(msgctxt=message.context, msgid=message.text, msgstr="")
    if message.plural:
        entry.msgid_plural = message.plural
        entry.msgstr_plural = {0: "", 1: ""}
    if re.search(r"%\(\w+\)[sd]|%[sd]", message.text):
        entry.flags = ["python-format"]
    return entry


def _translated(entry: polib.POEntry) -> bool:
    if "fuzzy" in entry.flags:
        return False
    if entry.msgid_plural:
        return all(entry.msgstr_plural.get(number) for number in (0, 1))
    return bool(entry.msgstr)


def complaints() -> list[str]:
    """What is missing in the translations, one sentence each; empty when every text has its English."""
    import polib

    found: list[str] = []
    for package in packages():
        path = po_file(package)
        name = package.relative_to(PACKAGE).as_posix()
        texts = texts_in(package)
        known: dict[Message, polib.POEntry] = {}
        if path.exists():
            for entry in polib.pofile(str(path)):
                if not entry.obsolete:
                    known[Message(entry.msgctxt, entry.msgid, entry.msgid_plural or None)] = entry
        for message, places in texts.items():
            entry = known.get(message)
            if entry is None or not _translated(entry):
                found.append(f"{name}/{places[0][0]}:{places[0][1]}: no English for “{message.text}”")
            elif set(_NAMED_PLACE.findall(message.text)) != _places_of(entry):
                found.append(f"{name}: the English of “{message.text}” has other %(…)s")
        found += [f"{name}: “{message.text}” is used nowhere" for message in known if message not in texts]
    return found


def _places_of(entry: polib.POEntry) -> set[str]:
    words = [entry.msgstr, *entry.msgstr_plural.values()]
    return {place for word in words for place in _NAMED_PLACE.findall(word)}


def compile_messages() -> int:
    """Compile what is newer than its compiled form; the number of files written.

    Where the source is read-only it is left as it is. The .mo file gets the .po file's time, so that a
    checkout of an older .po counts as changed too.
    """
    written = 0
    for source in (po_file(package) for package in packages()):
        target = source.with_suffix(".mo")
        with contextlib.suppress(OSError):
            found = source.stat()
            if target.exists() and target.stat().st_mtime_ns == found.st_mtime_ns:
                continue
            import polib

            part = target.with_suffix(f".mo.{os.getpid()}")
            polib.pofile(str(source)).save_as_mofile(str(part))
            os.utime(part, ns=(found.st_mtime_ns, found.st_mtime_ns))
            part.replace(target)
            written += 1
    return written
