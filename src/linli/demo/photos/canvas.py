"""A drawing sheet for illustrative photos: flat shapes, a ground plane in perspective, light and grain.

All coordinates are pixels of the finished 1280 × 960 picture; drawing happens a third larger
and is scaled down, which smooths the edges.
"""

from __future__ import annotations

import io
import math
import random
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1280, 960
_K = 4 / 3

Colour = tuple[int, int, int] | tuple[int, int, int, int]
XY = tuple[float, float]

HORIZON, FOCAL, EYE = 396.0, 900.0, 1.6
"""The camera: horizon line, focal length in pixels, eye height in metres."""


def mix(a: Colour, b: Colour, t: float) -> Colour:
    """The colour `t` of the way from `a` to `b`."""
    return (
        round(a[0] + (b[0] - a[0]) * t),
        round(a[1] + (b[1] - a[1]) * t),
        round(a[2] + (b[2] - a[2]) * t),
    )


def fade(colour: Colour, alpha: int) -> Colour:
    return (*colour[:3], alpha)


class Canvas:
    """One picture being drawn. `shade` tints all colours given: night and dusk darken a whole scene."""

    def __init__(self, background: Colour, shade: Colour = (255, 255, 255), strength: float = 0.0) -> None:
        self.shade, self.strength = shade, strength
        self.image = Image.new("RGB", (int(WIDTH * _K), int(HEIGHT * _K)), self._lit(background)[:3])
        self.pen = ImageDraw.Draw(self.image, "RGBA")

    def _lit(self, colour: Colour) -> Colour:
        if not self.strength:
            return colour
        mixed = mix(colour, self.shade, self.strength)
        return (*mixed[:3], colour[3]) if len(colour) == 4 else mixed

    def lit(self, on: bool) -> None:
        """Switch the tint off for things that shine themselves, and on again."""
        if on:
            self.strength = self._kept
        else:
            self._kept, self.strength = self.strength, 0.0

    _kept = 0.0

    # flat shapes

    def poly(self, points: Iterable[XY], colour: Colour) -> None:
        self.pen.polygon([(x * _K, y * _K) for x, y in points], fill=self._lit(colour))

    def rect(self, x0: float, y0: float, x1: float, y1: float, colour: Colour, radius: float = 0) -> None:
        box = (min(x0, x1) * _K, min(y0, y1) * _K, max(x0, x1) * _K, max(y0, y1) * _K)
        if radius:
            self.pen.rounded_rectangle(box, radius * _K, fill=self._lit(colour))
        else:
            self.pen.rectangle(box, fill=self._lit(colour))

    def oval(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        self.pen.ellipse(((x - rx) * _K, (y - ry) * _K, (x + rx) * _K, (y + ry) * _K), fill=self._lit(colour))

    def ring(self, x: float, y: float, rx: float, ry: float, colour: Colour, width: float) -> None:
        box = ((x - rx) * _K, (y - ry) * _K, (x + rx) * _K, (y + ry) * _K)
        self.pen.ellipse(box, outline=self._lit(colour), width=max(1, round(width * _K)))

    def line(self, points: Sequence[XY], colour: Colour, width: float) -> None:
        self.pen.line(
            [(x * _K, y * _K) for x, y in points],
            fill=self._lit(colour),
            width=max(1, round(width * _K)),
            joint="curve",
        )

    def arc(self, x: float, y: float, radius: float, span: tuple[float, float], colour: Colour, width: float) -> None:
        """Part of a circle; span in degrees, clockwise from the east."""
        box = ((x - radius) * _K, (y - radius) * _K, (x + radius) * _K, (y + radius) * _K)
        self.pen.arc(box, *span, fill=self._lit(colour), width=max(1, round(width * _K)))

    def curve(self, points: Sequence[XY], colour: Colour, width: float, steps: int = 14) -> None:
        """A quadratic Bézier through three control points."""
        (ax, ay), (bx, by), (cx, cy) = points
        run = []
        for k in range(steps + 1):
            t = k / steps
            s = 1 - t
            run.append((s * s * ax + 2 * s * t * bx + t * t * cx, s * s * ay + 2 * s * t * by + t * t * cy))
        self.line(run, colour, width)

    def gradient(self, y0: float, y1: float, top: Colour, low: Colour) -> None:
        """A full-width vertical gradient between two heights."""
        top, low = self._lit(top), self._lit(low)
        rows = max(2, int((y1 - y0) * _K))
        ramp = np.linspace(np.array(top[:3]), np.array(low[:3]), rows).astype(np.uint8)
        strip = Image.fromarray(ramp[:, None, :], "RGB")
        self.image.paste(strip.resize((self.image.width, rows)), (0, int(y0 * _K)))

    def blob(
        self, rng: random.Random, x: float, y: float, rx: float, ry: float, colour: Colour, wild: float = 0.14
    ) -> None:
        """An uneven rounded patch."""
        phases = [(rng.uniform(0, math.tau), k) for k in (2, 3, 5)]
        points = []
        for n in range(30):
            a = math.tau * n / 30
            r = 1 + sum(wild / k * 1.6 * math.sin(k * a + phase) for phase, k in phases)
            points.append((x + rx * r * math.cos(a), y + ry * r * math.sin(a)))
        self.poly(points, colour)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: int = 60) -> None:
        """Light around a lamp."""
        rings = 9
        for k in range(rings, 0, -1):
            self.pen.ellipse(
                (
                    (x - radius * k / rings) * _K,
                    (y - radius * k / rings) * _K,
                    (x + radius * k / rings) * _K,
                    (y + radius * k / rings) * _K,
                ),
                fill=(*colour[:3], max(1, strength // rings)),
            )

    # the ground plane: x metres right of the eye, z metres ahead, y metres above ground

    pan = 0.0
    """How far the eye stands to the right of the scene's middle, in metres."""

    def at(self, x: float, z: float, y: float = 0.0) -> XY:
        """Where a point of the scene appears on the picture."""
        z = max(z, 0.35)
        return WIDTH / 2 + FOCAL * (x - self.pan) / z, HORIZON + FOCAL * (EYE - y) / z

    def ground(self, points: Iterable[XY], colour: Colour) -> None:
        """A polygon lying on the ground: (x, z) in metres."""
        self.poly([self.at(x, z) for x, z in points], colour)

    def disc(self, x: float, z: float, radius: float, colour: Colour, y: float = 0.0) -> None:
        """A circle lying flat."""
        self.poly(
            [
                self.at(x + radius * math.cos(a), z + radius * math.sin(a), y)
                for a in (math.tau * k / 40 for k in range(40))
            ],
            colour,
        )

    def patch(self, rng: random.Random, x: float, z: float, radius: float, colour: Colour, wild: float = 0.22) -> None:
        """An uneven patch lying on the ground."""
        phases = [(rng.uniform(0, math.tau), k) for k in (2, 3, 4)]
        points = []
        for n in range(36):
            a = math.tau * n / 36
            r = radius * (1 + sum(wild / k * 1.6 * math.sin(k * a + phase) for phase, k in phases))
            points.append((x + r * math.cos(a), z + r * math.sin(a)))
        self.ground(points, colour)

    def side(self, x: float, z0: float, z1: float, y0: float, y1: float, colour: Colour) -> None:
        """An upright rectangle parallel to the street (a wall at distance x)."""
        self.poly([self.at(x, z0, y0), self.at(x, z1, y0), self.at(x, z1, y1), self.at(x, z0, y1)], colour)

    def front(self, x0: float, x1: float, z: float, y0: float, y1: float, colour: Colour) -> None:
        """An upright rectangle facing the eye."""
        self.poly([self.at(x0, z, y0), self.at(x1, z, y0), self.at(x1, z, y1), self.at(x0, z, y1)], colour)

    def box(self, x0: float, x1: float, z0: float, z1: float, y0: float, y1: float, colour: Colour) -> None:
        """A box: front, the side turned to the eye, and the top when seen from above."""
        dark, light = mix(colour, (30, 34, 44), 0.24), mix(colour, (255, 250, 238), 0.25)
        if x0 > self.pan:
            self.side(x0, z0, z1, y0, y1, dark)
        if x1 < self.pan:
            self.side(x1, z0, z1, y0, y1, dark)
        if y1 < EYE:
            self.poly([self.at(x0, z0, y1), self.at(x1, z0, y1), self.at(x1, z1, y1), self.at(x0, z1, y1)], light)
        self.front(x0, x1, z0, y0, y1, colour)

    def shadow(self, x: float, z: float, radius: float, depth: float = 0.35, alpha: int = 60) -> None:
        """A soft shadow on the ground under a thing."""
        for k in (1.0, 0.8, 0.6):
            cx, cy = self.at(x, z)
            self.oval(cx, cy, FOCAL * radius / z * k, FOCAL * radius / z * k * depth, (24, 28, 40, alpha // 3))

    # finish

    def finish(self, stamp: str, grain: int, quality: int = 84) -> bytes:
        """Scale down, add light fall-off, grain and the burnt-in time, and encode as JPEG."""
        small = self.image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
        pixels = np.asarray(small, dtype=np.uint16) * _film(grain % 4)[:, :, None] >> 8
        done = Image.fromarray(pixels.astype(np.uint8), "RGB")
        if stamp:
            pen, font = ImageDraw.Draw(done), _font()
            left = WIDTH - 28 - pen.textlength(stamp, font=font)
            pen.text((left + 2, HEIGHT - 50), stamp, font=font, fill=(40, 24, 8))
            pen.text((left, HEIGHT - 52), stamp, font=font, fill=(255, 186, 92))
        out = io.BytesIO()
        done.save(out, "JPEG", quality=quality, subsampling=2)
        return out.getvalue()


@cache
def _film(number: int) -> Any:
    """Vignette and grain as one factor (256 = unchanged)."""
    rng = np.random.default_rng(number)
    y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    vignette = 1 - 0.2 * np.clip(np.sqrt(x * x + y * y) - 0.45, 0, None) ** 1.6
    coarse = rng.normal(0, 1, (HEIGHT // 2, WIDTH // 2)).repeat(2, 0).repeat(2, 1)
    grain = rng.normal(0, 1, (HEIGHT, WIDTH)) * 3.0 + coarse * 2.0
    return np.clip(vignette * 252 + grain, 0, 256).astype(np.uint16)


@cache
def _font() -> Any:
    return ImageFont.load_default(size=30)
