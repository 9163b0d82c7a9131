"""What goes wrong on a street, before and after: covers, holes, water, lamps, stalls, trees."""

from __future__ import annotations

import math
import random

from linli.demo.photos import props, scenes
from linli.demo.photos.canvas import FOCAL, HEIGHT, WIDTH, Canvas, Colour, mix

DARK_ASPHALT: Colour = (92, 96, 104)


def cone(canvas: Canvas, x: float, z: float) -> None:
    canvas.shadow(x, z, 0.3, 0.3, 80)
    canvas.box(x - 0.22, x + 0.22, z - 0.2, z + 0.2, 0, 0.05, (214, 92, 52))
    for low, high, colour in (
        (0.05, 0.28, (226, 104, 58)),
        (0.28, 0.44, (244, 240, 232)),
        (0.44, 0.72, (226, 104, 58)),
    ):
        a, b = 0.19 * (1 - low / 0.85), 0.19 * (1 - high / 0.85)
        canvas.poly(
            [
                canvas.at(x - a, z, low),
                canvas.at(x + a, z, low),
                canvas.at(x + b, z, high),
                canvas.at(x - b, z, high),
            ],
            colour,
        )


def cover(canvas: Canvas, x: float, z: float, radius: float, new: bool) -> None:
    """A manhole cover with its pattern."""
    canvas.disc(x, z, radius + 0.1, (150, 152, 154) if new else (104, 106, 110))
    canvas.disc(x, z, radius, (74, 78, 84))
    canvas.disc(x, z, radius - 0.05, (98, 102, 108))
    for ring in (0.62, 0.36):
        for k in range(12):
            a = math.tau * (k + (0.5 if ring < 0.5 else 0)) / 12
            canvas.disc(x + radius * ring * math.cos(a), z + radius * ring * math.sin(a), radius * 0.085, (66, 70, 76))
    canvas.disc(x, z, radius * 0.14, (66, 70, 76))


def manhole(rng: random.Random, scene: random.Random, after: bool) -> Canvas:
    canvas = scenes.street(scene, scenes.pick_light(scene))
    x, z, r = rng.uniform(-0.5, 0.7), rng.uniform(3.6, 4.3), 0.46
    if after:
        canvas.patch(rng, x, z, r + 0.32, DARK_ASPHALT, 0.06)
        cover(canvas, x, z, r, True)
        return canvas
    canvas.patch(rng, x, z, r + 0.22, (108, 110, 114), 0.2)
    canvas.disc(x, z, r + 0.07, (78, 80, 84))
    canvas.disc(x, z, r, (58, 50, 46))
    canvas.disc(x + 0.02, z - 0.1, r * 0.92, (30, 27, 28))
    canvas.disc(x + 0.03, z - 0.2, r * 0.74, (14, 13, 16))
    for _ in range(7):
        a = rng.uniform(0, math.tau)
        canvas.patch(
            rng,
            x + (r + 0.3) * math.cos(a),
            z + (r + 0.3) * math.sin(a),
            rng.uniform(0.03, 0.08),
            (136, 134, 130),
        )
    lean = rng.choice((-1, 1))
    if rng.random() < 0.6:
        cover(canvas, x + lean * 1.15, z + 0.55, r, False)
    stick = [canvas.at(x - 0.1, z, -0.2), canvas.at(x + 0.5, z + 0.1, 1.15)]
    canvas.line(stick, (146, 112, 78), 11)
    tip = stick[1]
    canvas.poly([(tip[0], tip[1]), (tip[0] + 96, tip[1] + 22), (tip[0] - 8, tip[1] + 70)], (206, 74, 58))
    return canvas


def pothole(rng: random.Random, scene: random.Random, after: bool) -> Canvas:
    canvas = scenes.street(scene, scenes.pick_light(scene))
    spots = [
        (rng.uniform(-0.4, 0.4), rng.uniform(3.7, 4.2), 0.85),
        (rng.uniform(-2.6, -1.6), rng.uniform(5.6, 6.6), 0.7),
    ]
    for x, z, r in spots:
        if after:
            canvas.ground(
                [(x - r * 1.2, z - r), (x + r * 1.2, z - r), (x + r * 1.2, z + r), (x - r * 1.2, z + r)],
                (76, 80, 86),
            )
            edge = [
                (x - r * 1.2, z - r),
                (x + r * 1.2, z - r),
                (x + r * 1.2, z + r),
                (x - r * 1.2, z + r),
                (x - r * 1.2, z - r),
            ]
            canvas.line([canvas.at(*p) for p in edge], (56, 58, 64), 5)
            continue
        canvas.patch(rng, x, z, r * 1.15, (108, 110, 114), 0.3)
        canvas.patch(rng, x, z, r, (88, 84, 80), 0.3)
        canvas.patch(rng, x, z - 0.06, r * 0.82, (72, 68, 66), 0.3)
        canvas.patch(rng, x + 0.06, z - 0.08, r * 0.55, (146, 160, 168), 0.25)
        canvas.patch(rng, x + 0.1, z, r * 0.3, (184, 200, 208), 0.25)
        for _ in range(16):
            a, far = rng.uniform(0, math.tau), rng.uniform(0.9, 1.5) * r
            canvas.patch(rng, x + far * math.cos(a), z + far * math.sin(a), rng.uniform(0.02, 0.055), (150, 146, 140))
        for _ in range(5):
            a = rng.uniform(0, math.tau)
            run = [
                canvas.at(x + d * r * math.cos(a + rng.uniform(-0.2, 0.2)), z + d * r * math.sin(a))
                for d in (1.0, 1.3, 1.7)
            ]
            canvas.line(run, (84, 86, 92), 3)
    return canvas


def waterlogging(rng: random.Random, scene: random.Random, after: bool) -> Canvas:
    canvas = scenes.street(scene, scenes.LIGHTS[2])
    if after:
        canvas.patch(rng, -1.2, 5.4, 1.6, (106, 111, 120), 0.2)
        canvas.box(1.6, 2.3, 4.0, 4.5, -0.01, 0.0, (70, 74, 80))
        for k in range(6):
            x = 1.66 + k * 0.105
            canvas.ground([(x, 4.04), (x + 0.05, 4.04), (x + 0.05, 4.46), (x, 4.46)], (30, 32, 36))
        return canvas
    water: Colour = (134, 150, 156)
    canvas.patch(rng, -1.6, 6.6, 4.2, (112, 122, 128), 0.1)
    canvas.patch(rng, -1.5, 6.4, 3.9, water, 0.1)
    for _ in range(9):
        cx, cy = canvas.at(rng.uniform(-4.5, 1.2), rng.uniform(3.4, 9))
        canvas.oval(cx, cy, rng.uniform(60, 180), rng.uniform(5, 14), (196, 208, 210, 60))
    for _ in range(7):
        cx, cy = canvas.at(rng.uniform(-3.8, 0.9), rng.uniform(3.4, 8))
        size = rng.uniform(16, 54)
        canvas.ring(cx, cy, size, size * 0.26, (222, 230, 230, 120), 2)
    for _ in range(4):
        x, z = rng.uniform(-3, 1), rng.uniform(3.5, 7)
        canvas.patch(rng, x, z, rng.uniform(0.08, 0.16), rng.choice(((126, 146, 92), (176, 150, 104), (232, 232, 228))))
    for _ in range(70):
        x, y = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT - 60)
        canvas.line([(x, y), (x - 6, y + 34)], (232, 238, 242, 60), 1.6)
    return canvas


def lamp_out(rng: random.Random, scene: random.Random, after: bool) -> Canvas:
    canvas = scenes.street(scene, scenes.NIGHT, lamps=False)
    for _ in range(30):
        canvas.oval(scene.uniform(0, WIDTH), scene.uniform(0, 220), 1.4, 1.4, (255, 255, 255, 120))
    for z, x in ((24.0, 2.8), (15.0, -6.9), (13.0, 2.8), (7.6, 2.8)):
        reach = -1.1 if x > 0 else 1.1
        head = props.lamp_post(canvas, x, z, reach)
        if after or z > 14:
            canvas.lit(False)
            foot = canvas.at(x + reach, z)
            size = FOCAL / z
            for k in range(7, 0, -1):
                canvas.oval(foot[0], foot[1], size * 0.55 * k, size * 0.14 * k, (255, 214, 138, 15))
            canvas.poly(
                [
                    (head[0] - size * 0.2, head[1]),
                    (head[0] + size * 0.2, head[1]),
                    (foot[0] + size * 2.0, foot[1]),
                    (foot[0] - size * 2.0, foot[1]),
                ],
                (255, 218, 150, 26),
            )
            canvas.glow(head[0], head[1], size * 1.3, (255, 214, 140), 150)
            canvas.oval(head[0], head[1] + size * 0.03, size * 0.26, size * 0.08, (255, 246, 218))
            canvas.lit(True)
    return canvas


def fallen_tree(rng: random.Random, scene: random.Random, after: bool) -> Canvas:
    canvas = scenes.street(scene, scenes.LIGHTS[2], first=11.0)
    z = rng.uniform(5.6, 6.6)
    if after:
        canvas.disc(3.1, z, 0.34, (168, 136, 104))
        canvas.disc(3.1, z, 0.24, (204, 176, 138))
        canvas.disc(3.1, z, 0.12, (176, 142, 106))
        for _ in range(40):
            a, far = rng.uniform(0, math.tau), rng.uniform(0.3, 0.9)
            canvas.patch(rng, 3.1 + far * math.cos(a), z + far * math.sin(a), 0.02, (214, 190, 150))
        return canvas
    canvas.shadow(-1.2, z, 3.2, 0.2, 110)
    root, tip = canvas.at(3.1, z, 0.25), canvas.at(-1.6, z - 0.7, 0.42)
    canvas.line([root, tip], (110, 86, 68), 44)
    canvas.line([(root[0], root[1] - 10), (tip[0], tip[1] - 10)], (136, 108, 86), 12)
    canvas.blob(rng, root[0] + 12, root[1] + 4, 58, 64, (126, 96, 70))
    for _ in range(9):
        a = rng.uniform(-1.4, 1.4)
        canvas.line([root, (root[0] + 30 + 78 * math.cos(a), root[1] + 88 * math.sin(a))], (104, 78, 58), 6)
    for k in range(6):
        t = 0.45 + k * 0.09
        px, py = root[0] + (tip[0] - root[0]) * t, root[1] + (tip[1] - root[1]) * t
        canvas.line([(px, py), (px - rng.uniform(60, 150), py + rng.uniform(-150, 60))], (110, 86, 68), 9)
    green = rng.choice(props.GREENS)
    for k in range(26):
        x, y = tip[0] + rng.uniform(-280, 190), tip[1] + rng.uniform(-150, 66)
        tone = (
            mix(green, (30, 46, 48), rng.uniform(0.0, 0.34))
            if k < 16
            else mix(green, (234, 236, 180), rng.uniform(0.05, 0.3))
        )
        canvas.blob(rng, x, y, rng.uniform(44, 92), rng.uniform(34, 64), tone, 0.2)
    for _ in range(36):
        cx, cy = canvas.at(rng.uniform(-4, 2.2), rng.uniform(3.4, 6.2))
        canvas.oval(cx, cy, rng.uniform(5, 10), rng.uniform(2.5, 5), mix(green, (208, 190, 110), rng.random() * 0.6))
    return canvas


KINDS = {
    "manhole": manhole,
    "pothole": pothole,
    "waterlogging": waterlogging,
    "lamp": lamp_out,
    "tree": fallen_tree,
}
