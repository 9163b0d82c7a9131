"""The demo's photos: each scene drawn once, kept once for each use, with the time and place of that use."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import random
from dataclasses import replace
from functools import cache

from PIL import Image, ImageEnhance

from linli.demo.photos import KINDS, draw
from linli.kernel.imaging import THUMB_EDGE, Picture
from linli.rooms.cases.actions.photos import keep_picture
from linli.rooms.people.rights import Viewer

_SIZE = (960, 720)


@cache
def _drawn(kind: str, scene: int, after: bool) -> Image.Image:
    image = Image.open(io.BytesIO(draw(kind if kind in KINDS else "paving", scene, after=after)))
    return image.convert("RGB")


@cache
def picture(kind: str, scene: int, phase: str) -> Picture:
    """A drawn scene in the form in which the house keeps photos (`imaging.take_in` is for those of strangers).

    phase: before | after | verify (after, from another angle).
    """
    image = _drawn(kind, scene, phase != "before")
    if phase == "verify":
        rng = random.Random(f"{kind}-{scene}-verify")
        wide, high = image.size
        left, top = rng.randint(40, 150), rng.randint(30, 110)
        image = image.crop((left, top, left + int(wide * 0.84), top + int(high * 0.84)))
        image = ImageEnhance.Brightness(image).enhance(rng.choice((0.9, 1.06)))
    image = image.resize(_SIZE, Image.Resampling.BILINEAR)
    thumb = image.reduce(2)
    thumb.thumbnail((THUMB_EDGE, THUMB_EDGE))
    data = _jpeg(image, 82)
    return Picture(
        image=data,
        thumb=_jpeg(thumb, 76),
        width=_SIZE[0],
        height=_SIZE[1],
        taken_at=None,
        lng=None,
        lat=None,
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def keep(kind: str, scene: int, phase: str, moment: dt.datetime, lng: float, lat: float, viewer: Viewer) -> str:
    """Keep the picture as taken at a moment and a point; returns the uid a form would name."""
    taken = replace(picture(kind, scene, phase), taken_at=moment, lng=lng, lat=lat)
    return str(keep_picture(taken, viewer=viewer).uid)


def forget() -> None:
    """Let go of the drawn pictures when the town is built."""
    picture.cache_clear()
    _drawn.cache_clear()
