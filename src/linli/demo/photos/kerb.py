"""What goes wrong on the pavement and at building sites, before and after."""

from __future__ import annotations

import random

from linli.demo.photos import props, scenes
from linli.demo.photos.canvas import FOCAL, HEIGHT, HORIZON, WIDTH, Canvas, Colour, mix

PAN = 2.7
"""Where the eye stands to look at the pavement."""


def stall(rng: random.Random, scene: random.Random, after: bool) -> Canvas:
    canvas = scenes.street(scene, scenes.pick_light(scene), pan=PAN)
    if after:
        return canvas
    x, z = rng.uniform(2.7, 3.1), rng.uniform(4.9, 5.6)
    canvas.shadow(x, z, 1.5, 0.3, 110)
    for k in (1, 0):
        _crates(canvas, rng, x - 1.0 + k * 1.5, z + 0.5 * k)
    canvas.box(x - 1.0, x + 0.9, z, z + 1.0, 0.38, 0.86, (120, 142, 132))
    for dx in (-0.7, 0.6):
        cx, cy = canvas.at(x + dx, z, 0.24)
        r = FOCAL / z * 0.24
        canvas.oval(cx, cy, r, r, (52, 54, 60))
        canvas.oval(cx, cy, r * 0.55, r * 0.55, (150, 152, 154))
    fruit = ((226, 140, 60), (198, 70, 62), (226, 190, 84), (122, 158, 84))
    for row in range(4):
        for k in range(11):
            cx, cy = canvas.at(x - 0.9 + k * 0.17 + rng.uniform(-0.02, 0.02), z + 0.85 - row * 0.26, 0.93)
            canvas.oval(
                cx,
                cy,
                FOCAL / z * 0.095,
                FOCAL / z * 0.09,
                mix(fruit[(k // 3 + row) % 4], (255, 255, 255), rng.uniform(0, 0.15)),
            )
    pole_x = x - 0.1
    canvas.poly(
        [
            canvas.at(pole_x - 0.03, z + 0.5, 0.8),
            canvas.at(pole_x + 0.03, z + 0.5, 0.8),
            canvas.at(pole_x + 0.03, z + 0.5, 2.5),
            canvas.at(pole_x - 0.03, z + 0.5, 2.5),
        ],
        (196, 196, 190),
    )
    tones = rng.choice(
        (
            ((196, 84, 72), (240, 232, 218)),
            ((84, 132, 156), (240, 236, 224)),
            ((206, 158, 72), (244, 236, 214)),
        )
    )
    top = canvas.at(pole_x, z + 0.5, 2.95)
    for k in range(8):
        a, b = -1.65 + k * 3.3 / 8, -1.65 + (k + 1) * 3.3 / 8
        p, q = canvas.at(pole_x + a, z + 0.5, 2.32), canvas.at(pole_x + b, z + 0.5, 2.32)
        m = ((p[0] + q[0]) / 2, p[1] + 16)
        canvas.poly([top, p, m, q], tones[k % 2])
    _person(canvas, x + 1.35, z + 0.4, rng.choice(((92, 116, 140), (140, 96, 88), (104, 126, 102))))
    return canvas


def _crates(canvas: Canvas, rng: random.Random, x: float, z: float) -> None:
    canvas.box(x - 0.35, x + 0.35, z - 0.6, z - 0.2, 0, 0.3, (188, 152, 104))
    for k in range(5):
        cx, cy = canvas.at(x - 0.25 + k * 0.125, z - 0.4, 0.33)
        canvas.oval(cx, cy, FOCAL / z * 0.075, FOCAL / z * 0.07, rng.choice(((118, 152, 86), (142, 172, 100))))


def _person(canvas: Canvas, x: float, z: float, coat: Colour) -> None:
    """A figure without a face, seen from behind."""
    s = FOCAL / z
    cx, foot = canvas.at(x, z)
    canvas.shadow(x, z, 0.4, 0.3, 80)
    canvas.rect(cx - 0.15 * s, foot - 0.82 * s, cx - 0.01 * s, foot, (64, 68, 80), radius=6)
    canvas.rect(cx + 0.01 * s, foot - 0.82 * s, cx + 0.15 * s, foot, (58, 62, 74), radius=6)
    canvas.rect(cx - 0.24 * s, foot - 1.42 * s, cx + 0.24 * s, foot - 0.72 * s, coat, radius=0.12 * s)
    canvas.oval(cx, foot - 1.56 * s, 0.12 * s, 0.14 * s, (58, 50, 48))
    canvas.oval(cx, foot - 1.64 * s, 0.2 * s, 0.06 * s, (222, 200, 150))


def rubbish(rng: random.Random, scene: random.Random, after: bool) -> Canvas:
    canvas = scenes.street(scene, scenes.pick_light(scene), pan=PAN)
    x, z = rng.uniform(3.0, 3.5), rng.uniform(5.2, 5.8)
    if after:
        for k, colour in enumerate(((84, 126, 170), (96, 142, 104), (120, 120, 124), (178, 92, 82))):
            _bin(canvas, x - 1.0 + k * 0.72, z + 0.6, colour)
        return canvas
    _bin(canvas, x + 1.2, z + 1.1, (96, 142, 104))
    canvas.shadow(x - 0.2, z, 1.7, 0.3, 120)
    tones: tuple[Colour, ...] = (
        (52, 56, 64),
        (74, 80, 92),
        (232, 230, 224),
        (106, 148, 176),
        (186, 84, 76),
        (206, 176, 128),
    )
    for row, (count, height) in enumerate(((7, 0.42), (6, 0.26), (5, 0.1))):
        for k in range(count):
            depth = z + 0.9 - row * 0.5
            cx, cy = canvas.at(x - 1.5 + (k + rng.uniform(0, 0.5)) * 2.6 / count, depth, height + rng.uniform(0, 0.14))
            s = FOCAL / depth
            tone = rng.choice(tones)
            canvas.blob(rng, cx, cy, s * rng.uniform(0.24, 0.36), s * rng.uniform(0.2, 0.3), tone, 0.16)
            canvas.blob(rng, cx - s * 0.08, cy - s * 0.08, s * 0.1, s * 0.06, mix(tone, (255, 255, 255), 0.25), 0.2)
            canvas.line([(cx, cy - s * 0.22), (cx + s * 0.03, cy - s * 0.3)], tone, 7)
    canvas.box(x - 1.9, x - 1.3, z - 0.5, z - 0.1, 0, 0.42, (196, 158, 112))
    canvas.box(x + 0.6, x + 1.0, z - 0.7, z - 0.4, 0, 0.26, (184, 148, 104))
    for _ in range(26):
        cx, cy = canvas.at(x + rng.uniform(-2.3, 1.8), z - rng.uniform(0.3, 1.5))
        canvas.poly(
            [
                (cx, cy),
                (cx + rng.uniform(8, 26), cy + rng.uniform(-5, 5)),
                (cx + rng.uniform(4, 18), cy + rng.uniform(6, 13)),
            ],
            rng.choice(((240, 238, 230), (216, 206, 186), (122, 152, 168), (196, 108, 90))),
        )
    for _ in range(6):
        cx, cy = canvas.at(x + rng.uniform(-1.4, 1), z, rng.uniform(0.7, 1.3))
        canvas.oval(cx, cy, 3, 3, (40, 40, 44))
    return canvas


def _bin(canvas: Canvas, x: float, z: float, colour: Colour) -> None:
    canvas.shadow(x, z, 0.42, 0.3, 90)
    canvas.poly(
        [
            canvas.at(x - 0.24, z),
            canvas.at(x + 0.24, z),
            canvas.at(x + 0.3, z, 0.95),
            canvas.at(x - 0.3, z, 0.95),
        ],
        colour,
    )
    canvas.poly(
        [
            canvas.at(x - 0.34, z, 0.95),
            canvas.at(x + 0.34, z, 0.95),
            canvas.at(x + 0.3, z + 0.3, 1.1),
            canvas.at(x - 0.3, z + 0.3, 1.1),
        ],
        mix(colour, (30, 36, 44), 0.25),
    )
    canvas.poly(
        [
            canvas.at(x - 0.12, z, 0.42),
            canvas.at(x + 0.12, z, 0.42),
            canvas.at(x + 0.12, z, 0.66),
            canvas.at(x - 0.12, z, 0.66),
        ],
        (244, 244, 238),
    )


def dust(rng: random.Random, scene: random.Random, after: bool) -> Canvas:
    light = scenes.LIGHTS[0]
    canvas = scenes.sheet(light)
    scenes.clouds(canvas, scene, light)
    scenes.skyline(canvas, scene, light)
    soil: Colour = (196, 166, 128)
    canvas.gradient(HORIZON, HEIGHT, mix(soil, (236, 220, 196), 0.5), soil)
    # the house being built, with scaffolding, and a crane
    x0 = scene.uniform(640, 760)
    canvas.rect(x0, 120, x0 + 380, HORIZON + 60, (196, 190, 180))
    for row in range(5):
        for col in range(5):
            canvas.rect(x0 + 22 + col * 72, 140 + row * 62, x0 + 70 + col * 72, 184 + row * 62, (120, 122, 124))
    net: Colour = (92, 142, 112, 150)
    canvas.rect(x0 - 14, 250, x0 + 394, HORIZON + 60, net)
    for k in range(8):
        canvas.line([(x0 - 14 + k * 58, 108), (x0 - 14 + k * 58, HORIZON + 60)], (128, 122, 112), 3)
    for k in range(6):
        canvas.line([(x0 - 14, 130 + k * 56), (x0 + 394, 130 + k * 56)], (128, 122, 112), 3)
    crane: Colour = (214, 158, 62)
    canvas.line([(300, HORIZON + 30), (300, 40)], crane, 13)
    canvas.line([(150, 76), (760, 60)], crane, 9)
    canvas.line([(300, 30), (640, 63)], (150, 120, 70), 2)
    canvas.line([(560, 66), (560, 210)], (90, 90, 92), 2)
    # mounds: bare or under a net
    for cx, rx, ry in ((250, 330, 150), (760, 300, 110)):
        top = mix(soil, (150, 116, 84), 0.35) if not after else (104, 150, 116)
        pts = [
            (cx - rx, 640),
            (cx - rx * 0.5, 640 - ry * 0.8),
            (cx - rx * 0.1, 640 - ry),
            (cx + rx * 0.4, 640 - ry * 0.7),
            (cx + rx, 640),
        ]
        canvas.poly(pts, top)
        canvas.poly([pts[0], pts[1], (cx - rx * 0.2, 640)], mix(top, (255, 244, 220), 0.18))
        if after:
            for k in range(-6, 7):
                canvas.line([(cx + k * rx / 7, 640), (cx + k * rx / 12, 640 - ry * 0.75)], (86, 128, 98, 130), 2)
        else:
            for _ in range(24):
                canvas.oval(
                    cx + rng.uniform(-rx, rx) * 0.8,
                    640 - rng.uniform(0, ry * 0.5),
                    rng.uniform(4, 12),
                    5,
                    mix(top, (110, 84, 62), 0.4),
                )
    # hoarding in front
    for k in range(9):
        x = k * 150 - 20
        tone: Colour = (82, 134, 152) if k % 2 else (226, 228, 226)
        canvas.rect(x, 640, x + 148, 790, tone)
        canvas.rect(x, 640, x + 148, 652, mix(tone, (20, 30, 40), 0.3))
    canvas.gradient(790, HEIGHT, (150, 148, 146), (134, 134, 136))
    if after:
        canvas.rect(0, 790, WIDTH, 800, (96, 98, 102))
        canvas.blob(rng, 640, 880, 520, 46, (118, 120, 126), 0.05)
        canvas.rect(930, 690, 990, 790, (226, 160, 68), radius=6)
        canvas.rect(916, 640, 1004, 700, (214, 214, 210), radius=12)
        for k in range(16):
            canvas.oval(880 - k * 30, 640 - k * 11, 24 + k * 6, 16 + k * 5, (240, 246, 250, 34))
    else:
        canvas.poly(
            [(0, 800), (520, 792), (900, 870), (1280, 850), (1280, 900), (820, 930), (0, 860)],
            (184, 152, 112, 150),
        )
        for _ in range(60):
            y = rng.uniform(280, 820)
            canvas.blob(
                rng,
                rng.uniform(0, WIDTH),
                y,
                rng.uniform(90, 220),
                rng.uniform(36, 90),
                (214, 186, 146, 20 if y < 420 else 28),
                0.2,
            )
    return canvas


def paving(rng: random.Random, scene: random.Random, after: bool) -> Canvas:
    canvas = scenes.street(scene, scenes.pick_light(scene), pan=PAN)
    for row in range(3):
        for col in range(6):
            x0, z0 = 2.96 + col * 0.62, 3.1 + row * 0.62
            if after:
                tone = mix(props.PAVING, (238, 232, 220), 0.35 + 0.2 * ((row + col) % 2))
                if col == 2:
                    tone = (222, 192, 116)
                canvas.ground([(x0, z0), (x0 + 0.58, z0), (x0 + 0.58, z0 + 0.58), (x0, z0 + 0.58)], tone)
                continue
            if rng.random() < 0.42:
                canvas.ground([(x0, z0), (x0 + 0.6, z0), (x0 + 0.6, z0 + 0.6), (x0, z0 + 0.6)], (150, 128, 104))
                canvas.patch(rng, x0 + 0.3, z0 + 0.3, 0.2, (128, 108, 88))
            else:
                tilt = rng.uniform(-0.09, 0.09)
                a, b = canvas.at(x0, z0, 0.02), canvas.at(x0 + 0.56, z0 + tilt, 0.08)
                c, d = canvas.at(x0 + 0.6, z0 + 0.56, 0.06), canvas.at(x0 + 0.04, z0 + 0.58 + tilt, 0.0)
                canvas.poly([(p[0] + 3, p[1] + 7) for p in (a, b, c, d)], (120, 112, 102))
                canvas.poly([a, b, c, d], mix(props.PAVING, (150, 140, 128), rng.random() * 0.4))
    return canvas


def parked_bikes(rng: random.Random, scene: random.Random, after: bool) -> Canvas:
    canvas = scenes.street(scene, scenes.pick_light(scene), pan=PAN)
    if after:
        canvas.ground([(4.8, 3.6), (6.6, 3.6), (6.6, 12), (4.8, 12)], (196, 206, 200))
        for edge in (4.8, 6.6):
            canvas.ground([(edge, 3.6), (edge + 0.06, 3.6), (edge + 0.06, 11), (edge, 11)], (244, 244, 238))
    spots = sorted(
        ((5.6, 4.8 + k * 0.8) if after else (rng.uniform(1.6, 4.8), rng.uniform(4.2, 8.5)) for k in range(8)),
        key=lambda spot: -spot[1],
    )
    for k, (x, z) in enumerate(spots):
        tone = ((92, 148, 172), (222, 176, 70), (108, 158, 112))[k % 3]
        bike(canvas, x, z, tone, fallen=not after and k % 4 == 1)
    return canvas


def bike(canvas: Canvas, x: float, z: float, tone: Colour, fallen: bool = False) -> None:
    """A bicycle seen from its side."""
    s, (cx, cy) = FOCAL / z, canvas.at(x, z)
    r = 0.3 * s
    squash = 0.34 if fallen else 1.0
    y = cy - r * squash
    canvas.shadow(x, z, 0.75, 0.16, 70)
    for dx in (-0.5, 0.5):
        canvas.ring(cx + dx * s, y, r, r * squash, (54, 58, 64), 5)
    frame = [(-0.5, 0), (-0.1, 0.02), (0.32, 0.5), (-0.22, 0.48), (-0.1, 0.02), (-0.22, 0.48), (-0.5, 0)]
    canvas.line([(cx + a * s, y - b * s * squash) for a, b in frame], tone, 8)
    canvas.line(
        [(cx + 0.5 * s, y), (cx + 0.32 * s, y - 0.62 * s * squash), (cx + 0.2 * s, y - 0.68 * s * squash)],
        tone,
        7,
    )
    canvas.line([(cx - 0.32 * s, y - 0.56 * s * squash), (cx - 0.12 * s, y - 0.56 * s * squash)], (50, 50, 54), 11)


KINDS = {
    "stall": stall,
    "rubbish": rubbish,
    "dust": dust,
    "paving": paving,
    "bikes": parked_bikes,
}
