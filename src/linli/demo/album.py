"""The demo's photos: each scene drawn once, kept once for each use, with the time and place of that use."""

from __future__ import annotations

import datetime as dt
import io
import random
from dataclasses import replace
from functools import cache

from PIL import Image, ImageEnhance

from linli.demo.photos import KINDS, draw
from linli.kernel.imaging import Picture, take_in
from linli.rooms.cases.actions.photos import keep_picture
from linli.rooms.people.rights import Viewer

_SIZE = (960, 720)


@cache
def picture(kind: str, scene: int, phase: str) -> Picture:
    """A drawn scene as the house keeps photos. phase: before | after | verify (after, from another angle)."""
    drawn = draw(kind if kind in KINDS else "paving", scene, after=phase != "before")
    image: Image.Image = Image.open(io.BytesIO(drawn))
    if phase == "verify":
        rng = random.Random(f"{kind}-{scene}-verify")
        wide, high = image.size
        left, top = rng.randint(40, 150), rng.randint(30, 110)
        image = image.crop((left, top, left + int(wide * 0.84), top + int(high * 0.84)))
        image = ImageEnhance.Brightness(image).enhance(rng.choice((0.9, 1.06)))
    out = io.BytesIO()
    image.convert("RGB").resize(_SIZE, Image.Resampling.BILINEAR).save(out, "JPEG", quality=84)
    return take_in(out.getvalue(), f"{kind}.jpg")


def keep(kind: str, scene: int, phase: str, moment: dt.datetime, lng: float, lat: float, viewer: Viewer) -> str:
    """Keep the picture as taken at a moment and a point; returns the uid a form would name."""
    taken = replace(picture(kind, scene, phase), taken_at=moment, lng=lng, lat=lat)
    return str(keep_picture(taken, viewer=viewer).uid)
