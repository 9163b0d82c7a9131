"""Pictures the tests make for themselves: honest ones and hostile ones."""

import io
import struct
import zlib

from PIL import Image
from pillow_heif import from_pillow

RED, BLUE = (220, 30, 30), (30, 60, 220)


def two_halves(width=64, height=48):
    """Left half red, right half blue: shows which side is up."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image


def encoded(image, kind, **how):
    file = io.BytesIO()
    if kind == "heic":
        from_pillow(image).save(file, **how)
    else:
        image.save(file, kind, **how)
    return file.getvalue()


def jpeg(image=None, **how):
    return encoded(image or two_halves(), "JPEG", quality=95, subsampling=0, **how)


def exif(orientation=None, taken=None, offset=None, gps=None):
    notes = Image.Exif()
    if orientation is not None:
        notes[0x0112] = orientation
    details = notes.get_ifd(0x8769)
    if taken is not None:
        details[0x9003] = taken
    if offset is not None:
        details[0x9011] = offset
    if gps:
        notes.get_ifd(0x8825).update(gps)
    return notes


def position(lat, lng, lat_ref="N", lng_ref="E"):
    def parts(value):
        return (int(value), int(value % 1 * 60), round(value * 60 % 1 * 60, 4))

    return {1: lat_ref, 2: parts(lat), 3: lng_ref, 4: parts(lng)}


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_bomb(width=60_000, height=60_000):
    """Ten gigabytes of nothing in a few kilobytes."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg_claiming(width, height):
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def webp_claiming(width, height):
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4)
    body += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def jpeg_of_scans(count):
    """A progressive JPEG that repeats its last scan."""
    data = jpeg(progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * count + b"\xff\xd9"
