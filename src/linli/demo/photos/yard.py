"""What goes wrong between and inside the houses: fire lanes, wires, clutter, posters, pipes, bins."""

from __future__ import annotations

import random

from linli.demo.photos import props, scenes
from linli.demo.photos.canvas import WIDTH, Canvas, Colour, mix


def fire_lane(rng: random.Random, scene: random.Random, after: bool) -> Canvas:
    canvas, _sills = scenes.yard(scene, scenes.pick_light(scene))
    lane = [(-1.9, 2.7), (1.9, 2.7), (1.9, 9.0), (-1.9, 9.0)]
    canvas.ground(lane, (150, 150, 150))
    for k in range(-2, 16):
        z = 2.7 + k * 0.8
        stripe = [(-1.9, z), (-1.9, z + 0.3), (1.9, z + 1.5), (1.9, z + 1.2)]
        canvas.ground([(x, min(max(zz, 2.7), 9.0)) for x, zz in stripe], (226, 184, 74))
    for x in (-1.95, 1.85):
        canvas.ground([(x, 2.7), (x + 0.12, 2.7), (x + 0.12, 9.0), (x, 9.0)], (196, 70, 60))
    canvas.poly([(530, 400), (750, 400), (750, 556), (530, 556)], (110, 116, 122))
    canvas.poly([(538, 408), (638, 408), (638, 556), (538, 556)], (92, 100, 110))
    canvas.poly([(642, 408), (742, 408), (742, 556), (642, 556)], (92, 100, 110))
    canvas.rect(560, 330, 720, 384, (190, 66, 58), radius=6)
    for k in range(4):
        canvas.rect(576 + k * 34, 344, 600 + k * 34, 370, (250, 240, 226))
    if not after:
        props.car(canvas, rng, rng.uniform(-0.5, 0.5), rng.uniform(4.0, 4.5), rng.choice(props.CARS))
    else:
        for x in (-2.2, 2.2):
            canvas.box(x - 0.07, x + 0.07, 4.0, 4.14, 0, 0.8, (206, 76, 62))
            canvas.box(x - 0.07, x + 0.07, 4.0, 4.14, 0.3, 0.45, (244, 240, 232))
    return canvas


def scooter(canvas: Canvas, x: float, y: float, s: float, tone: Colour) -> None:
    """An electric scooter from its side, its wheels on height `y`, `s` pixels a metre."""
    canvas.oval(x, y + 4, 0.9 * s, 0.1 * s, (30, 32, 40, 80))
    for dx in (-0.55, 0.58):
        canvas.oval(x + dx * s, y - 0.2 * s, 0.2 * s, 0.2 * s, (46, 48, 54))
        canvas.oval(x + dx * s, y - 0.2 * s, 0.1 * s, 0.1 * s, (166, 168, 170))
    canvas.poly(
        [
            (x - 0.72 * s, y - 0.3 * s),
            (x - 0.66 * s, y - 0.62 * s),
            (x - 0.05 * s, y - 0.66 * s),
            (x + 0.02 * s, y - 0.3 * s),
            (x + 0.36 * s, y - 0.3 * s),
            (x + 0.5 * s, y - 0.95 * s),
            (x + 0.62 * s, y - 0.9 * s),
            (x + 0.5 * s, y - 0.18 * s),
            (x - 0.3 * s, y - 0.16 * s),
        ],
        tone,
    )
    canvas.rect(x - 0.7 * s, y - 0.74 * s, x - 0.02 * s, y - 0.62 * s, (48, 46, 50), radius=0.05 * s)
    canvas.line(
        [(x + 0.55 * s, y - 0.9 * s), (x + 0.46 * s, y - 1.08 * s), (x + 0.34 * s, y - 1.1 * s)],
        (60, 62, 68),
        6,
    )
    canvas.oval(x + 0.6 * s, y - 0.82 * s, 0.07 * s, 0.08 * s, (250, 244, 214))


_SCOOTERS: tuple[Colour, ...] = ((176, 76, 70), (84, 122, 152), (226, 222, 210), (96, 132, 104), (70, 74, 84))


def wires(rng: random.Random, scene: random.Random, after: bool) -> Canvas:
    canvas, sills = scenes.yard(scene, scenes.pick_light(scene))
    tones = [scene.choice(_SCOOTERS) for _ in range(4)]
    spots = [(200 + k * 270 + rng.uniform(-20, 20), 790 + rng.uniform(-18, 26)) for k in range(4)]
    if after:
        canvas.rect(90, 470, 1190, 486, (110, 150, 170))
        canvas.poly([(60, 452), (1220, 452), (1180, 486), (100, 486)], (126, 166, 184))
        for k in range(5):
            post = 130 + k * 255
            canvas.rect(post - 6, 480, post + 6, 740, (122, 130, 138))
        for k, (x, y) in enumerate(spots):
            canvas.rect(x + 40, 560, x + 84, 640, (236, 238, 236), radius=8)
            canvas.rect(x + 48, 570, x + 76, 592, (96, 176, 132), radius=3)
            canvas.curve([(x + 62, 640), (x + 90, 720), (x + 10, y - 80)], (52, 54, 60), 4)
            scooter(canvas, x, y - 30, 128, tones[k])
        return canvas
    upper = [sill for sill in sills if 80 < sill[1] < 420]
    for k, (x, y) in enumerate(spots):
        far = {sill: abs(sill[0] - x) + rng.uniform(0, 160) for sill in upper}
        window = min(upper, key=far.__getitem__)
        start = (window[0] + rng.uniform(-50, 50), window[1])
        sag = (start[0] + (x - start[0]) * 0.5 + rng.uniform(-60, 60), y - rng.uniform(20, 90))
        tone = ((226, 122, 58), (50, 50, 56), (228, 226, 220), (196, 70, 60))[k]
        canvas.curve([(start[0] + 4, start[1] + 4), (sag[0] + 4, sag[1] + 4), (x + 4, y - 66)], (40, 40, 46, 70), 6)
        canvas.curve([start, sag, (x, y - 70)], tone, 6, 22)
        canvas.rect(x - 34, y - 88, x + 20, y - 64, (244, 242, 236), radius=4)
        for dot in range(3):
            canvas.oval(x - 22 + dot * 15, y - 76, 3, 4, (70, 70, 74))
        scooter(canvas, x, y, 140, tones[k])
    return canvas


def posters(rng: random.Random, scene: random.Random, after: bool) -> Canvas:
    canvas = scenes.wall_scene(scene, scenes.pick_light(scene))
    papers: tuple[Colour, ...] = (
        (248, 246, 238),
        (244, 226, 120),
        (238, 160, 150),
        (176, 212, 226),
        (196, 222, 164),
        (240, 200, 214),
    )
    inks: tuple[Colour, ...] = ((60, 64, 76), (190, 56, 50), (56, 92, 150))
    for _ in range(34):
        x, y = rng.uniform(130, 1020), rng.uniform(110, 430)
        w, h = rng.choice(((120, 160), (150, 104), (96, 130), (170, 120), (84, 60)))
        tilt = rng.uniform(-14, 14)
        corners = [(x, y), (x + w, y + tilt), (x + w - tilt, y + h + tilt), (x - tilt, y + h)]
        paper, ink = rng.choice(papers), rng.choice(inks)
        if after:
            if rng.random() < 0.5:
                canvas.poly(corners, (255, 253, 246, 70))
            continue
        canvas.poly([(px + 5, py + 6) for px, py in corners], (50, 44, 44, 70))
        canvas.poly(corners, paper)
        canvas.poly(
            [(x + 8, y + 8), (x + w - 10, y + 8 + tilt), (x + w - 12, y + 28 + tilt), (x + 6, y + 28)],
            mix(ink, paper, 0.1),
        )
        for k in range(int((h - 46) / 17)):
            yy = y + 42 + k * 17
            canvas.line([(x + 9, yy), (x + w * rng.uniform(0.55, 0.9), yy + tilt * 0.8)], mix(ink, paper, 0.5), 4)
        if rng.random() < 0.3:
            canvas.poly(
                [(x + w, y + h + tilt), (x + w - 34, y + h + tilt), (x + w, y + h - 34 + tilt)],
                mix(paper, (90, 86, 86), 0.3),
            )
    if not after:
        for _ in range(7):
            x, y = rng.uniform(60, 1200), rng.uniform(730, 900)
            canvas.poly([(x, y), (x + 56, y + 8), (x + 48, y + 28), (x - 6, y + 22)], rng.choice(papers))
    else:
        canvas.rect(470, 150, 810, 430, (92, 138, 122), radius=8)
        canvas.rect(486, 166, 794, 414, (240, 240, 232), radius=4)
        for k in range(5):
            canvas.rect(520, 200 + k * 42, 760 - (k % 3) * 46, 214 + k * 42, (160, 176, 168), radius=4)
    return canvas


def clutter(rng: random.Random, scene: random.Random, after: bool) -> Canvas:
    canvas = scenes.stairwell(scene)
    if after:
        canvas.rect(470, 262, 600, 384, (190, 66, 58), radius=6)
        canvas.rect(482, 274, 588, 372, (248, 244, 236), radius=3)
        for k in range(4):
            canvas.rect(496, 290 + k * 20, 574 - (k % 2) * 20, 298 + k * 20, (196, 110, 100), radius=3)
        canvas.rect(560, 560, 610, 690, (196, 62, 54), radius=12)
        canvas.rect(574, 540, 596, 566, (50, 52, 58), radius=4)
        canvas.rect(566, 600, 604, 636, (244, 238, 228), radius=3)
        return canvas

    def carton(x: float, y: float, w: float, h: float) -> None:
        tone: Colour = mix((198, 160, 112), (170, 130, 90), rng.random())
        canvas.oval(x + w / 2, y + 4, w * 0.64, 16, (36, 34, 36, 90))
        canvas.rect(x, y - h, x + w, y, tone)
        canvas.poly(
            [(x, y - h), (x + 26, y - h - 24), (x + w + 26, y - h - 24), (x + w, y - h)],
            mix(tone, (255, 250, 236), 0.25),
        )
        canvas.poly(
            [(x + w, y), (x + w + 26, y - 24), (x + w + 26, y - h - 24), (x + w, y - h)],
            mix(tone, (60, 40, 30), 0.28),
        )
        canvas.rect(x + w / 2 - 8, y - h, x + w / 2 + 8, y, mix(tone, (236, 222, 190), 0.5))

    scooter(canvas, 560, 720, 176, rng.choice(_SCOOTERS))
    for x, y, w, h in (
        (150, 720, 150, 130),
        (320, 730, 130, 96),
        (176, 592, 112, 84),
        (220, 800, 190, 120),
        (44, 830, 150, 170),
    ):
        carton(x + rng.uniform(-12, 12), y, w * rng.uniform(0.9, 1.1), h)
    # an old chair and bottles
    chair: Colour = (140, 98, 70)
    for dx in (0, 120):
        canvas.line([(760 + dx, 740), (764 + dx, 860)], chair, 13)
        canvas.line([(790 + dx, 720), (792 + dx, 828)], mix(chair, (40, 30, 24), 0.3), 11)
    canvas.poly([(744, 744), (890, 744), (920, 708), (776, 708)], mix(chair, (236, 206, 170), 0.35))
    canvas.line([(780, 710), (774, 560)], chair, 12)
    canvas.line([(914, 710), (920, 560)], chair, 12)
    for k in range(3):
        canvas.line([(776, 584 + k * 40), (918, 584 + k * 40)], chair, 10)
    for k in range(7):
        bottle = 950 + k * 36 + rng.uniform(-6, 6)
        canvas.rect(
            bottle,
            800,
            bottle + 22,
            862,
            rng.choice(((120, 160, 128, 220), (176, 206, 214, 220), (180, 140, 96, 230))),
            radius=6,
        )
        canvas.rect(bottle + 7, 782, bottle + 15, 804, (200, 206, 206))
    canvas.blob(rng, 1120, 700, 96, 66, (86, 92, 104))
    canvas.blob(rng, 1040, 724, 60, 46, (226, 224, 216))
    return canvas


def pipe(rng: random.Random, scene: random.Random, after: bool) -> Canvas:
    canvas = scenes.wall_scene(scene, scenes.pick_light(scene))
    steel: Colour = (150, 160, 166)
    x = rng.uniform(420, 560)

    def run(x0: float, y0: float, x1: float, y1: float, width: float) -> None:
        canvas.rect(x0, y0, x1, y1, mix(steel, (40, 46, 54), 0.25))
        if x1 - x0 < y1 - y0:
            canvas.rect(x0 + 5, y0, x0 + width * 0.55, y1, steel)
            canvas.rect(x0 + 9, y0, x0 + width * 0.28, y1, mix(steel, (255, 255, 255), 0.5))
        else:
            canvas.rect(x0, y0 + 5, x1, y0 + width * 0.55, steel)
            canvas.rect(x0, y0 + 9, x1, y0 + width * 0.28, mix(steel, (255, 255, 255), 0.5))

    run(x, 0, x + 46, 520, 46)
    run(x, 500, WIDTH, 546, 46)
    run(x + 420, 520, x + 466, 716, 46)
    for px, py in ((x - 8, 480), (x + 412, 494), (x + 180, 494)):
        canvas.rect(px, py, px + 62, py + 58, mix(steel, (60, 70, 80), 0.3), radius=6)
        for bolt in ((12, 14), (50, 14), (12, 44), (50, 44)):
            canvas.oval(px + bolt[0], py + bolt[1], 5, 5, (90, 96, 102))
    for y in (120, 330):
        canvas.rect(x - 14, y, x + 60, y + 16, (110, 116, 122), radius=3)
    jx, jy = x + 210.0, 524.0
    if after:
        canvas.rect(jx - 62, jy - 40, jx + 62, jy + 36, (96, 142, 168), radius=8)
        for dx in (-44, 0, 44):
            canvas.rect(jx + dx - 5, jy - 46, jx + dx + 5, jy + 42, (70, 96, 116), radius=3)
        canvas.blob(rng, jx + 20, 800, 190, 26, (150, 148, 146, 110), 0.1)
        return canvas
    canvas.poly([(jx - 120, 580), (jx + 190, 580), (jx + 240, 704), (jx - 160, 704)], (110, 84, 74, 90))
    for _ in range(34):
        far, lift = rng.uniform(60, 330), rng.uniform(60, 250)
        side = rng.choice((-1, 1, 1))
        canvas.curve(
            [(jx, jy), (jx + side * far * 0.5, jy - lift), (jx + side * far, 712 + rng.uniform(0, 120))],
            (222, 238, 246, rng.randint(70, 170)),
            rng.uniform(2, 5),
        )
    canvas.glow(jx, jy, 60, (236, 246, 250), 150)
    canvas.blob(rng, jx + 40, 820, 430, 74, (150, 166, 174), 0.08)
    canvas.blob(rng, jx + 20, 812, 360, 52, (178, 196, 204), 0.1)
    for _ in range(9):
        cx, cy, s = jx + rng.uniform(-300, 340), 816 + rng.uniform(-40, 44), rng.uniform(18, 54)
        canvas.ring(cx, cy, s, s * 0.24, (232, 240, 242, 150), 2.4)
    return canvas


KINDS = {
    "fire_lane": fire_lane,
    "wires": wires,
    "posters": posters,
    "clutter": clutter,
    "pipe": pipe,
}
