"""Things that stand about, and the colours they come in: trees, lamps, cars."""

from __future__ import annotations

import random

from linli.demo.photos.canvas import Canvas, Colour, mix

WALLS: tuple[Colour, ...] = (
    (226, 208, 180), (208, 186, 164), (196, 205, 201), (222, 198, 178), (188, 197, 208), (214, 213, 196),
    (204, 178, 158), (232, 222, 202),
)  # fmt: skip
AWNINGS: tuple[Colour, ...] = (
    (92, 138, 122),
    (190, 104, 84),
    (96, 124, 158),
    (206, 158, 84),
    (140, 110, 140),
)
GREENS: tuple[Colour, ...] = ((104, 146, 98), (124, 160, 104), (90, 132, 100), (136, 162, 96))
CARS: tuple[Colour, ...] = ((216, 220, 224), (82, 100, 126), (156, 66, 62), (58, 66, 76), (126, 150, 158))
ASPHALT: Colour = (122, 126, 134)
PAVING: Colour = (202, 196, 186)
GLASS: Colour = (150, 178, 192)


def tree(canvas: Canvas, rng: random.Random, x: float, z: float, tall: float = 5.2) -> None:
    canvas.shadow(x, z, 1.7, 0.22, 50)
    canvas.poly(
        [
            canvas.at(x - 0.13, z),
            canvas.at(x + 0.13, z),
            canvas.at(x + 0.08, z, tall * 0.6),
            canvas.at(x - 0.08, z, tall * 0.6),
        ],
        (118, 94, 76),
    )
    green = rng.choice(GREENS)
    cx, cy = canvas.at(x, z, tall * 0.78)
    size = 900 / z
    for dark, dx, dy, scale in (
        (0.22, -0.1, 0.25, 1.5),
        (0.1, 0.55, 0.1, 1.05),
        (0.04, -0.6, 0.0, 1.1),
        (-0.1, 0.0, -0.5, 1.15),
    ):
        tone = mix(green, (30, 44, 52), dark) if dark > 0 else mix(green, (246, 240, 190), -dark * 1.6)
        canvas.blob(rng, cx + dx * size, cy + dy * size, scale * size, scale * size * 0.8, tone)


def lamp_post(canvas: Canvas, x: float, z: float, reach: float = -1.1) -> tuple[float, float]:
    """A street lamp; returns where its head appears."""
    canvas.poly(
        [
            canvas.at(x - 0.06, z),
            canvas.at(x + 0.06, z),
            canvas.at(x + 0.04, z, 6.1),
            canvas.at(x - 0.04, z, 6.1),
        ],
        (96, 104, 112),
    )
    head = canvas.at(x + reach, z, 6.25)
    canvas.curve([canvas.at(x, z, 6.0), canvas.at(x + reach * 0.2, z, 6.6), head], (96, 104, 112), max(2.0, 70 / z))
    size = 900 / z
    canvas.oval(head[0], head[1], 0.34 * size, 0.09 * size, (84, 92, 100))
    return head


def car(canvas: Canvas, rng: random.Random, x: float, z: float, colour: Colour) -> None:
    """A car from behind, 1.8 m wide; no plate is drawn."""
    canvas.shadow(x, z, 1.25, 0.2, 120)
    dark, light = mix(colour, (20, 24, 34), 0.32), mix(colour, (255, 255, 255), 0.35)
    w = 0.9
    side = -1 if x > canvas.pan else 1
    far = z + 3.6
    edge = x + side * w
    canvas.poly(
        [
            canvas.at(edge, z, 0.3),
            canvas.at(edge, far, 0.3),
            canvas.at(edge, far, 0.85),
            canvas.at(edge, z + 0.1, 0.95),
        ],
        dark,
    )
    roof = [
        canvas.at(x - 0.68, z + 0.5, 1.5),
        canvas.at(x + 0.68, z + 0.5, 1.5),
        canvas.at(x + 0.66, far - 1.4, 1.48),
        canvas.at(x - 0.66, far - 1.4, 1.48),
    ]
    canvas.poly(
        [
            canvas.at(edge, z + 0.2, 0.95),
            canvas.at(edge, far - 0.7, 0.9),
            canvas.at(x + side * 0.66, far - 1.4, 1.46),
            canvas.at(x + side * 0.68, z + 0.55, 1.48),
        ],
        mix(GLASS, (40, 52, 64), 0.55),
    )
    canvas.poly(roof, light)
    for dx in (-0.72, 0.72):
        cx, cy = canvas.at(x + dx, z, 0.26)
        r = 900 / z * 0.27
        canvas.oval(cx, cy, r * 0.5, r, (38, 40, 46))
    p0, p1 = canvas.at(x - w, z, 1.0), canvas.at(x + w, z, 0.3)
    canvas.rect(p0[0], p0[1], p1[0], p1[1], colour, radius=900 / z * 0.12)
    canvas.poly(
        [
            canvas.at(x - 0.84, z, 0.98),
            canvas.at(x + 0.84, z, 0.98),
            canvas.at(x + 0.68, z + 0.45, 1.5),
            canvas.at(x - 0.68, z + 0.45, 1.5),
        ],
        colour,
    )
    canvas.poly(
        [
            canvas.at(x - 0.72, z, 1.02),
            canvas.at(x + 0.72, z, 1.02),
            canvas.at(x + 0.6, z + 0.4, 1.42),
            canvas.at(x - 0.6, z + 0.4, 1.42),
        ],
        mix(GLASS, (44, 58, 72), 0.5),
    )
    for dx in (-0.74, 0.74):
        a, b = canvas.at(x + dx - 0.14, z, 0.84), canvas.at(x + dx + 0.14, z, 0.66)
        canvas.rect(a[0], a[1], b[0], b[1], (186, 62, 52), radius=4)
    a, b = canvas.at(x - 0.3, z, 0.68), canvas.at(x + 0.3, z, 0.5)
    canvas.rect(a[0], a[1], b[0], b[1], mix(colour, (255, 255, 255), 0.5), radius=3)
    a, b = canvas.at(x - w, z, 0.42), canvas.at(x + w, z, 0.28)
    canvas.rect(a[0], a[1], b[0], b[1], dark, radius=6)
