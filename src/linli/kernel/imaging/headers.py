"""What a file says it is, read from its first bytes without decoding anything."""

import re
import struct
from dataclasses import dataclass
from typing import Literal

Kind = Literal["jpeg", "png", "webp", "heic"]

#: More segments, chunks or scans than any camera or editor writes: such a file is only made to keep us busy.
MOST_PARTS = 20_000
MOST_SCANS = 64


class BadHeader(Exception):
    """The file begins like a picture and goes on like none."""


@dataclass(frozen=True, slots=True)
class Header:
    """Kind and size in pixels; size 0 × 0 when only the decoder can tell (HEIC)."""

    kind: Kind
    width: int = 0
    height: int = 0
    progressive: bool = False


_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_OTHERS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"GIF8[79]a"), "gif"),
    (re.compile(rb"%PDF-"), "pdf"),
    (re.compile(rb"PK(?:\x03\x04|\x05\x06)|Rar!\x1a|7z\xbc\xaf\x27\x1c|\x1f\x8b"), "archive"),
    (re.compile(rb"\xd0\xcf\x11\xe0"), "document"),
    (re.compile(rb"BM.{4}\x00{4}", re.DOTALL), "bmp"),
    (re.compile(rb"II\*\x00|MM\x00\*"), "tiff"),
    (re.compile(rb".{4}ftypavi[fs]", re.DOTALL), "avif"),
    (re.compile(rb".{4}ftyp|\x1aE\xdf\xa3|RIFF.{4}AVI |\x00\x00\x01[\xb3\xba]", re.DOTALL), "video"),
    (re.compile(rb"MZ|\x7fELF|\xca\xfe\xba\xbe"), "program"),
)


def sniff(data: bytes) -> Kind | None:
    """The kind of picture by content; the name of a file says nothing."""
    if data[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp":
        size = min(struct.unpack(">I", data[:4])[0], 256)
        brands = {data[8:12], *(data[at : at + 4] for at in range(16, size - 3, 4))}
        if brands & _HEIC_BRANDS and data[8:12] not in (b"avif", b"avis"):
            return "heic"
    return None


def other_kind(data: bytes) -> str:
    """What a file that is no picture for us is instead: "gif", "pdf", …, or "unknown"."""
    for pattern, name in _OTHERS:
        if pattern.match(data):
            return name
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in start:
        return "svg"
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script")):
        return "html"
    if start and not re.search(rb"[\x00-\x08\x0e-\x1f]", start):
        return "text"
    return "unknown"


def read_header(data: bytes) -> Header | None:
    """Kind and size of a picture, None for anything else. Raises `BadHeader` when it is damaged at once."""
    kind = sniff(data)
    try:
        if kind == "jpeg":
            return _jpeg(data)
        if kind == "png":
            return _png(data)
        if kind == "webp":
            return _webp(data)
    except (struct.error, IndexError) as error:
        raise BadHeader("cut short") from error
    return Header("heic") if kind == "heic" else None


_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def _jpeg(data: bytes) -> Header:
    width = height = scans = 0
    progressive = False
    at = 2
    for _part in range(MOST_PARTS):
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1
        if data[at] != 0xFF:
            raise BadHeader("no marker where one belongs")
        marker = data[at + 1]
        if marker == 0xD9:
            break
        (length,) = struct.unpack_from(">H", data, at + 2)
        if marker in _FRAMES:
            if width:
                raise BadHeader("two frames")
            height, width = struct.unpack_from(">HH", data, at + 5)
            progressive = marker in (0xC2, 0xC6, 0xCA, 0xCE)
        at += 2 + max(length, 2)
        if marker == 0xDA:
            scans += 1
            found = _NEXT_MARKER.search(data, at)
            if found is None:
                break  # cut short: the decoder says whether too much is missing
            at = found.start()
        if scans > MOST_SCANS:
            raise BadHeader("too many scans")
    else:
        raise BadHeader("too many parts")
    if not width or not height or not scans:
        raise BadHeader("no image in it")
    return Header("jpeg", width, height, progressive)


def _png(data: bytes) -> Header:
    if data[12:16] != b"IHDR":
        raise BadHeader("no header")
    width, height = struct.unpack_from(">II", data, 16)
    at = 8
    for _part in range(MOST_PARTS):
        (length,) = struct.unpack_from(">I", data, at)
        if data[at + 4 : at + 8] == b"IEND":
            break
        at += 12 + length
    else:
        raise BadHeader("too many parts")
    if not width or not height:
        raise BadHeader("no image in it")
    return Header("png", width, height)


def _webp(data: bytes) -> Header:
    (size,) = struct.unpack_from("<I", data, 4)
    if size + 8 > len(data):
        raise BadHeader("cut short")
    form = data[12:16]
    if form == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
    elif form == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif form == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    else:
        raise BadHeader("unknown form")
    if not width or not height:
        raise BadHeader("no image in it")
    return Header("webp", width, height)
