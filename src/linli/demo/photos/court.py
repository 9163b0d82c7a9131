"""What goes wrong in the courts of old houses: bins, sewage, green beds, noise."""

from __future__ import annotations

import random

from linli.demo.photos import scenes
from linli.demo.photos.canvas import WIDTH, Canvas, mix


def bins(rng: random.Random, scene: random.Random, after: bool) -> Canvas:
    canvas, _sills = scenes.yard(scene, scenes.pick_light(scene))
    canvas.rect(250, 330, 1030, 350, (110, 130, 124))
    canvas.poly([(220, 300), (1060, 300), (1030, 336), (250, 336)], (126, 150, 140))
    for x in (262, 1006):
        canvas.rect(x, 336, x + 14, 700, (126, 132, 134))
    canvas.rect(300, 366, 980, 460, (228, 230, 222), radius=6)
    for k in range(4):
        canvas.oval(370 + k * 176, 412, 26, 26, ((84, 126, 170), (96, 142, 104), (120, 120, 124), (178, 92, 82))[k])
        canvas.rect(406 + k * 176, 400, 462 + k * 176, 424, (182, 186, 182), radius=4)
    canvas.oval(640, 716, 420, 30, (40, 42, 48, 70))
    for k, tone in enumerate(((84, 126, 170), (96, 142, 104), (120, 120, 124), (178, 92, 82))):
        x = 306 + k * 176
        canvas.poly([(x + 12, 712), (x + 136, 712), (x + 150, 520), (x - 2, 520)], tone)
        canvas.poly([(x + 12, 712), (x + 40, 712), (x + 30, 520), (x - 2, 520)], mix(tone, (255, 255, 255), 0.14))
        canvas.rect(x + 44, 590, x + 104, 650, (244, 244, 238), radius=6)
        if after:
            canvas.rect(x - 12, 498, x + 160, 526, mix(tone, (24, 30, 38), 0.3), radius=8)
        else:
            canvas.poly([(x - 6, 520), (x + 156, 520), (x + 168, 420), (x + 8, 412)], mix(tone, (24, 30, 38), 0.3))
            for _ in range(7):
                canvas.blob(
                    rng,
                    x + rng.uniform(4, 150),
                    506 + rng.uniform(-46, 12),
                    rng.uniform(26, 50),
                    rng.uniform(22, 38),
                    rng.choice(((52, 56, 64), (232, 230, 224), (206, 176, 128), (106, 148, 176), (196, 96, 84))),
                    0.18,
                )
    if not after:
        for _ in range(17):
            canvas.blob(
                rng,
                rng.uniform(230, 1060),
                730 + rng.uniform(-16, 80),
                rng.uniform(30, 62),
                rng.uniform(24, 42),
                rng.choice(((52, 56, 64), (232, 230, 224), (206, 176, 128), (106, 148, 176), (74, 80, 92))),
                0.18,
            )
        canvas.blob(rng, 660, 860, 330, 34, (112, 100, 84, 120), 0.12)
    return canvas


def sewage(rng: random.Random, scene: random.Random, after: bool) -> Canvas:
    canvas, _sills = scenes.yard(scene, scenes.pick_light(scene))
    x, z = rng.uniform(-0.3, 0.5), 4.6
    if not after:
        canvas.patch(rng, x, z - 0.2, 1.9, (128, 116, 92), 0.16)
        canvas.patch(rng, x + 0.1, z - 0.3, 1.5, (112, 102, 82), 0.18)
        for _ in range(8):
            cx, cy = canvas.at(x + rng.uniform(-1.3, 1.3), z + rng.uniform(-0.9, 0.5))
            canvas.oval(cx, cy, rng.uniform(20, 70), rng.uniform(4, 9), (206, 200, 176, 80))
    canvas.box(x - 0.42, x + 0.42, z - 0.4, z + 0.4, -0.02, 0.02, (116, 118, 122) if after else (96, 92, 84))
    for k in range(5):
        a = x - 0.34 + k * 0.15
        canvas.ground([(a, z - 0.32), (a + 0.07, z - 0.32), (a + 0.07, z + 0.32), (a, z + 0.32)], (52, 54, 58))
    if not after:
        cx, cy = canvas.at(x, z)
        for _ in range(22):
            canvas.oval(
                cx + rng.uniform(-90, 90),
                cy + rng.uniform(-34, 26),
                rng.uniform(5, 14),
                rng.uniform(4, 9),
                (186, 178, 150, 190),
            )
        for _ in range(9):
            px, py = cx + rng.uniform(-260, 260), cy + rng.uniform(-30, 100)
            canvas.poly([(px, py), (px + 26, py + 4), (px + 18, py + 14)], (230, 226, 216))
    else:
        canvas.patch(rng, x, z - 0.9, 0.7, (186, 184, 180), 0.2)
    return canvas


def greenery(rng: random.Random, scene: random.Random, after: bool) -> Canvas:
    """A green bed dug over for vegetables, or planted again."""
    canvas, _sills = scenes.yard(scene, scenes.pick_light(scene))
    canvas.poly([(60, 640), (1220, 640), (1300, 880), (-20, 880)], (222, 214, 200))
    canvas.poly([(80, 652), (1200, 652), (1272, 868), (8, 868)], (128, 164, 106) if after else (146, 112, 82))
    if after:
        for _ in range(90):
            x, y = rng.uniform(60, 1220), rng.uniform(662, 858)
            canvas.line(
                [(x, y), (x + rng.uniform(-5, 5), y - 13)],
                mix((108, 150, 92), (176, 200, 120), rng.random()),
                3,
            )
        for k in range(9):
            x = 110 + k * 132
            canvas.blob(rng, x, 676, 58, 44, mix((92, 138, 94), (140, 172, 104), rng.random()))
            for _ in range(5):
                canvas.oval(
                    x + rng.uniform(-40, 40),
                    670 + rng.uniform(-26, 26),
                    7,
                    7,
                    rng.choice(((232, 146, 150), (246, 226, 160), (240, 240, 236))),
                )
        return canvas
    for row in range(5):
        y = 682 + row * 40
        canvas.line([(30 + 20 * (4 - row), y), (1250 - 20 * (4 - row), y)], (112, 84, 62), 12 + row)
        for k in range(15):
            x = 76 + k * 82 + rng.uniform(-12, 12)
            for side in (-1, 0, 1):
                canvas.blob(
                    rng,
                    x + side * 15,
                    y - 13 - (6 if side == 0 else 0),
                    15 + row,
                    11 + row,
                    mix((98, 148, 84), (160, 188, 104), rng.random()),
                    0.2,
                )
    for k in range(8):
        x = 40 + k * 172
        canvas.line([(x, 652), (x + 4, 560)], (152, 116, 78), 8)
    canvas.line([(20, 588), (1260, 594)], (206, 206, 198), 4)
    canvas.rect(1010, 610, 1090, 690, (96, 132, 170), radius=8)
    return canvas


def paper(rng: random.Random, scene: random.Random, after: bool) -> Canvas:
    """For whatever cannot be seen (noise, fumes): the house, with the window it comes from marked."""
    canvas, sills = scenes.yard(scene, scenes.NIGHT)
    x, y = min(sills, key=lambda sill: abs(sill[0] - WIDTH / 2) + abs(sill[1] - 360))
    canvas.lit(False)
    if after:
        canvas.rect(x - 96, y - 172, x + 96, y - 6, (120, 132, 140), radius=3)
        for k in range(7):
            canvas.rect(x - 90, y - 164 + k * 23, x + 90, y - 158 + k * 23, (140, 152, 160))
    else:
        canvas.rect(x - 90, y - 172, x + 90, y - 12, (250, 208, 124))
        canvas.glow(x, y - 90, 330, (255, 210, 130), 100)
        for k in range(4):
            for start in (-50, 130):
                canvas.arc(x, y - 90, 150 + k * 60, (start, start + 100), (255, 255, 255, 150 - k * 30), 6)
    canvas.lit(True)
    return canvas


KINDS = {
    "bins": bins,
    "sewage": sewage,
    "greenery": greenery,
    "noise": paper,
}
