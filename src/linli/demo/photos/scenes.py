"""The places in which problems are seen: a street, a yard between houses, a wall, a stairwell, a site."""

from __future__ import annotations

import random
from dataclasses import dataclass

from linli.demo.photos import props
from linli.demo.photos.canvas import HEIGHT, HORIZON, WIDTH, Canvas, Colour, mix


@dataclass(frozen=True)
class Light:
    """A time of day: sky from top to horizon, ground tint, and how far everything is tinted."""

    name: str
    sky: tuple[Colour, Colour]
    shade: Colour
    strength: float


LIGHTS = (
    Light("morning", ((152, 196, 219), (247, 231, 208)), (255, 236, 205), 0.07),
    Light("noon", ((122, 182, 219), (222, 237, 240)), (255, 255, 255), 0.0),
    Light("cloud", ((172, 185, 194), (221, 223, 220)), (176, 186, 194), 0.15),
    Light("evening", ((128, 150, 190), (250, 206, 170)), (248, 190, 148), 0.15),
)
NIGHT = Light("night", ((22, 30, 54), (52, 62, 92)), (22, 28, 52), 0.66)


def pick_light(rng: random.Random) -> Light:
    return rng.choices(LIGHTS, (4, 5, 4, 2))[0]


def sheet(light: Light) -> Canvas:
    canvas = Canvas((200, 200, 200), light.shade, light.strength)
    canvas.strength = 0.0
    canvas.gradient(0, HORIZON + 30, *light.sky)
    canvas.strength = light.strength
    return canvas


def clouds(canvas: Canvas, rng: random.Random, light: Light) -> None:
    if light.name in ("night", "cloud"):
        return
    for _ in range(rng.randint(1, 3)):
        x, y = rng.uniform(100, WIDTH - 100), rng.uniform(30, 170)
        for _ in range(5):
            canvas.oval(
                x + rng.uniform(-110, 110),
                y + rng.uniform(-8, 8),
                rng.uniform(50, 100),
                rng.uniform(12, 24),
                (255, 255, 255, 70),
            )


def skyline(canvas: Canvas, rng: random.Random, light: Light) -> None:
    """Far houses and hills in the haze."""
    haze = light.sky[1]
    x = -60.0
    canvas.blob(rng, rng.uniform(200, 1000), HORIZON + 30, 620, 74, mix((120, 146, 138), haze, 0.55))
    while x < WIDTH:
        wide, tall = rng.uniform(50, 110), rng.uniform(20, 105)
        canvas.rect(x, HORIZON - tall, x + wide, HORIZON + 40, mix((150, 158, 166), haze, rng.uniform(0.45, 0.65)))
        x += wide + rng.uniform(0, 50)


def _windows(canvas: Canvas, rng: random.Random, x: float, z0: float, z1: float, floors: int, lit: bool) -> None:
    bays = max(1, int((z1 - z0) / 3.4))
    for floor_ in range(floors):
        for bay in range(bays):
            a = z0 + (z1 - z0) * (bay + 0.24) / bays
            b = z0 + (z1 - z0) * (bay + 0.74) / bays
            low = 3.9 + floor_ * 3.0
            glass: Colour = mix(props.GLASS, (255, 255, 255), rng.uniform(0, 0.35))
            shining = lit and rng.random() < 0.3
            if shining:
                canvas.lit(False)
                glass = (246, 206, 130)
            canvas.side(x, a, b, low, low + 1.55, mix(glass, (70, 76, 84), 0.45) if not shining else glass)
            canvas.side(x, a + 0.08, b - 0.08, low + 0.1, low + 1.45, glass)
            if shining:
                canvas.lit(True)
            canvas.side(x, a - 0.15, b + 0.15, low - 0.22, low - 0.06, (236, 230, 218))
            if rng.random() < 0.3:
                canvas.side(x, a, a + 0.8, low - 0.95, low - 0.35, (226, 226, 222))


def row_of_houses(canvas: Canvas, rng: random.Random, side: int, x: float, lit: bool, near: float = 3.0) -> None:
    """Houses along one side of the street (side −1 left, 1 right), far ones first."""
    houses: list[tuple[float, float, int, Colour, Colour]] = []
    z = near
    while z < 70:
        length = rng.uniform(8, 15)
        houses.append((z, z + length, rng.choice((3, 4, 5, 6)), rng.choice(props.WALLS), rng.choice(props.AWNINGS)))
        z += length + (rng.uniform(1.2, 3) if rng.random() < 0.35 else 0.0)
    for z0, z1, floors, wall, awning in reversed(houses):
        at = side * x
        far = min(z0 / 90, 0.45)
        colour = mix(wall, (206, 212, 214), far)
        top = 3.4 + floors * 3.0
        if z0 > 1:
            canvas.front(at, at + side * 9, z0, 0, top, mix(colour, (60, 62, 72), 0.14))
        canvas.side(at, z0, z1, 0, top, mix(colour, (72, 72, 84), 0.1 if side > 0 else 0.02))
        canvas.side(at, z0, z1, top - 0.35, top + 0.2, mix(colour, (255, 255, 255), 0.4))
        _windows(canvas, rng, at, z0, z1, floors, lit)
        bays = max(1, int((z1 - z0) / 4))
        for bay in range(bays):
            a, b = z0 + (z1 - z0) * (bay + 0.07) / bays, z0 + (z1 - z0) * (bay + 0.93) / bays
            shutter = rng.random() < 0.4
            canvas.side(at, a, b, 0, 2.6, (168, 170, 172) if shutter else (86, 98, 108))
            if shutter:
                for k in range(1, 7):
                    canvas.side(at, a, b, k * 0.37, k * 0.37 + 0.05, (146, 148, 152))
            elif lit and rng.random() < 0.3:
                canvas.lit(False)
                canvas.side(at, a, b, 0.5, 2.5, (226, 186, 122))
                canvas.lit(True)
            sign = mix(awning, rng.choice(props.AWNINGS), rng.random() * 0.6)
            canvas.side(at, a, b, 2.7, 3.4, sign)
            for k in range(3):
                c = a + (b - a) * (0.22 + k * 0.2)
                canvas.side(at, c, c + (b - a) * 0.13, 2.88, 3.22, mix(sign, (255, 250, 236), 0.72))


def street(
    rng: random.Random, light: Light, trees: bool = True, lamps: bool = True, pan: float = 0.0, first: float = 7.0
) -> Canvas:
    """A street seen along its length: carriageway left of the eye, pavement with trees on the right.

    pan moves the eye to the right, towards the pavement; first is where the nearest tree stands (metres).
    """
    canvas = sheet(light)
    canvas.pan = pan
    clouds(canvas, rng, light)
    skyline(canvas, rng, light)
    canvas.gradient(HORIZON + 2, HEIGHT, mix(props.ASPHALT, (206, 206, 206), 0.4), props.ASPHALT)
    # pavement on both sides
    for x0, x1 in ((2.4, 7.2), (-9.5, -6.6)):
        canvas.ground([(x0, 2.2), (x1, 2.2), (x1, 90), (x0, 90)], props.PAVING)
        for k in range(2, 40):
            z = 1.2 * k
            canvas.ground([(x0, z), (x1, z), (x1, z + 0.03), (x0, z + 0.03)], (184, 178, 168))
    # tactile paving and kerbs
    canvas.ground([(4.2, 2.2), (4.6, 2.2), (4.6, 90), (4.2, 90)], (214, 184, 108))
    for x in (2.4, -6.6):
        canvas.ground([(x, 2.2), (x + 0.18, 2.2), (x + 0.18, 90), (x, 90)], (224, 220, 210))
        canvas.side(x, 2.2, 90, -0.0, 0.1, (158, 156, 150))
    for k in range(12):
        z = 3.0 + 5.0 * k
        canvas.ground([(-2.2, z), (-2.05, z), (-2.05, z + 2.4), (-2.2, z + 2.4)], (236, 236, 228))
    lit = light.name == "night"
    row_of_houses(canvas, rng, -1, 9.5, lit, near=4.0)
    row_of_houses(canvas, rng, 1, 7.2, lit, near=5.5)
    rests: list[tuple[float, str, float]] = []
    if trees:
        first = max(first, 9.5) if pan else first
        rests += [(first + 6.5 * k + rng.uniform(-0.6, 0.6), "tree", 3.1) for k in range(6)]
        rests += [(9 + 7.0 * k + rng.uniform(-0.6, 0.6), "tree", -7.2) for k in range(5)]
    if lamps:
        rests += [(10.5 + 13 * k, "lamp", 2.8) for k in range(3)]
    if rng.random() < 0.6:
        rests.append((rng.uniform(13, 20), "car", -5.2))
    for z, what, x in sorted(rests, reverse=True):
        if what == "tree":
            props.tree(canvas, rng, x, z, rng.uniform(4.8, 6.2))
        elif what == "car":
            props.car(canvas, rng, x, z, rng.choice(props.CARS))
        else:
            props.lamp_post(canvas, x, z)
    return canvas


def facade(
    canvas: Canvas, rng: random.Random, wall: Colour, base: float, lit: bool = False
) -> list[tuple[float, float]]:
    """A house front across the picture, its foot at `base`; returns the middles of the windows' sills."""
    canvas.rect(0, 0, WIDTH, base, wall)
    for course in range(0, int(base), 27):
        canvas.rect(0, course, WIDTH, course + 1.2, mix(wall, (120, 110, 104), 0.14))
    sills: list[tuple[float, float]] = []
    bay, shift = 320, rng.uniform(-60, 60)
    for row, y in enumerate((base - 330, base - 620, base - 910)):
        canvas.rect(0, y + 214, WIDTH, y + 228, mix(wall, (255, 255, 255), 0.45))
        for k in range(-1, 5):
            x = shift + k * bay + 70
            glass: Colour = mix(props.GLASS, (228, 240, 244), rng.uniform(0, 0.4))
            canvas.rect(x - 8, y - 8, x + 188, y + 168, mix(wall, (255, 255, 255), 0.6), radius=3)
            canvas.rect(x, y, x + 180, y + 160, glass)
            canvas.poly([(x + 10, y + 160), (x + 70, y), (x + 110, y), (x + 50, y + 160)], (255, 255, 255, 46))
            canvas.rect(x + 87, y, x + 93, y + 160, (238, 236, 230))
            if rng.random() < 0.5:
                curtain = rng.choice(((226, 206, 178), (190, 204, 196), (214, 186, 180)))
                canvas.rect(x, y, x + rng.uniform(24, 56), y + 160, curtain)
            if rng.random() < 0.65:
                for bar in range(9):
                    canvas.rect(x + bar * 22, y - 4, x + bar * 22 + 3, y + 164, (176, 180, 180))
                canvas.rect(x - 6, y + 78, x + 186, y + 81, (176, 180, 180))
            canvas.rect(x - 14, y + 166, x + 194, y + 178, (232, 226, 214))
            if rng.random() < 0.42 and row < 2:
                canvas.rect(x + 196, y + 84, x + 250, y + 142, (228, 228, 224), radius=4)
                canvas.oval(x + 222, y + 113, 21, 21, (186, 190, 190))
            sills.append((x + 90, y + 172))
    return sills


def yard(rng: random.Random, light: Light) -> tuple[Canvas, list[tuple[float, float]]]:
    """In front of an old block of flats: facade, entrance, flagstones, a hedge."""
    canvas = sheet(light)
    wall, base = rng.choice(props.WALLS), 560.0
    sills = facade(canvas, rng, wall, base)
    canvas.rect(0, base - 64, WIDTH, base, mix(wall, (96, 92, 92), 0.45))
    canvas.gradient(base, HEIGHT, (184, 180, 172), (206, 200, 190))
    for k in range(9):
        y = base + 10 + k * k * 5.4
        canvas.rect(0, y, WIDTH, y + 1 + k * 0.3, (176, 171, 162))
    for k in range(-9, 10):
        canvas.line([(WIDTH / 2 + k * 62, base), (WIDTH / 2 + k * 190, HEIGHT)], (176, 171, 162), 1.4)
    green = rng.choice(props.GREENS)
    x0 = rng.choice((-40.0, 830.0))
    for k in range(9):
        canvas.blob(rng, x0 + 30 + k * 56, base + 2, 54, 40, mix(green, (34, 60, 50), rng.uniform(0, 0.3)))
    canvas.rect(x0, base + 18, x0 + 520, base + 36, (214, 206, 194), radius=3)
    canvas.rect(x0, base + 34, x0 + 520, base + 42, (70, 70, 74, 70))
    return canvas, sills


def wall_scene(rng: random.Random, light: Light) -> Canvas:
    """A plastered wall along a lane, seen square on."""
    canvas = sheet(light)
    tone = rng.choice(props.WALLS)
    canvas.gradient(0, 700, mix(tone, (255, 250, 240), 0.2), mix(tone, (150, 140, 132), 0.1))
    for _ in range(10):
        canvas.blob(
            rng,
            rng.uniform(0, WIDTH),
            rng.uniform(40, 660),
            rng.uniform(50, 170),
            rng.uniform(20, 70),
            fade_tone(tone, rng),
        )
    brick: Colour = (176, 116, 94)
    canvas.rect(0, 560, WIDTH, 700, brick)
    for row in range(6):
        y = 560 + row * 24
        canvas.rect(0, y, WIDTH, y + 2.4, (206, 190, 176))
        for k in range(23):
            x = k * 58 + (29 if row % 2 else 0)
            canvas.rect(x, y, x + 2.4, y + 24, (206, 190, 176))
            if rng.random() < 0.18:
                canvas.rect(x + 3, y + 3, x + 57, y + 23, mix(brick, (90, 60, 56), 0.28))
    canvas.rect(0, 0, WIDTH, 26, mix(tone, (90, 84, 84), 0.4))
    canvas.rect(0, 26, WIDTH, 44, (60, 58, 62, 50))
    canvas.gradient(700, HEIGHT, (168, 166, 162), (194, 190, 184))
    canvas.rect(0, 698, WIDTH, 712, (70, 66, 66, 90))
    for k in range(-7, 8):
        canvas.line([(640 + k * 130, 704), (640 + k * 250, HEIGHT)], (172, 168, 160), 1.6)
    for y in (760, 840):
        canvas.rect(0, y, WIDTH, y + 2, (172, 168, 160))
    return canvas


def fade_tone(tone: Colour, rng: random.Random) -> Colour:
    other: Colour = (255, 255, 250) if rng.random() < 0.5 else (140, 128, 118)
    mixed = mix(tone, other, 0.3)
    return (mixed[0], mixed[1], mixed[2], 56)


def stairwell(rng: random.Random) -> Canvas:
    """A landing with a flight of stairs going up, a window, a green dado and a railing."""
    canvas = Canvas((226, 220, 208))
    wall: Colour = (232, 227, 216)
    dado: Colour = rng.choice(((132, 164, 150), (142, 160, 176), (170, 164, 138)))
    canvas.gradient(0, 640, wall, mix(wall, (180, 172, 160), 0.3))
    canvas.rect(0, 430, WIDTH, 650, dado)
    canvas.rect(0, 424, WIDTH, 432, mix(dado, (40, 50, 50), 0.3))
    # a window half-way up
    canvas.rect(150, 70, 400, 330, (240, 238, 230), radius=4)
    canvas.rect(164, 84, 386, 316, (188, 216, 226))
    canvas.blob(rng, 240, 300, 90, 60, (140, 172, 130))
    canvas.rect(164, 300, 386, 318, (232, 228, 216))
    canvas.rect(270, 84, 280, 316, (240, 238, 230))
    canvas.poly([(164, 316), (386, 316), (620, 650), (300, 650)], (255, 248, 220, 46))
    # the flight, upper right
    for k in range(9):
        x, y = 690 + k * 66, 640 - k * 46
        canvas.rect(x, y - 46, WIDTH, y, mix((186, 182, 176), (140, 136, 132), k * 0.05))
        canvas.rect(x - 8, y - 50, WIDTH, y - 40, (216, 212, 206))
        canvas.rect(x - 8, y - 40, WIDTH, y - 37, (120, 116, 112))
    canvas.line([(650, 470), (1260, 40)], (128, 92, 66), 17)
    for k in range(10):
        post, top = 676 + k * 62, 452 - k * 43.6
        canvas.line([(post, top), (post, top + 158)], (104, 112, 118), 6)
    # floor
    canvas.gradient(640, HEIGHT, (178, 172, 164), (204, 198, 188))
    canvas.rect(0, 638, WIDTH, 650, (90, 88, 86, 110))
    for k in range(-8, 9):
        canvas.line([(640 + k * 110, 650), (640 + k * 230, HEIGHT)], (186, 180, 170), 2)
    for y in (700, 776, 880):
        canvas.rect(0, y, WIDTH, y + 2, (186, 180, 170))
    # door of a flat
    canvas.rect(20, 210, 128, 650, (110, 74, 58), radius=4)
    canvas.rect(34, 230, 114, 420, (128, 90, 70), radius=3)
    canvas.rect(34, 440, 114, 630, (128, 90, 70), radius=3)
    canvas.oval(112, 438, 7, 7, (222, 196, 128))
    canvas.rect(40, 150, 108, 190, (176, 66, 58), radius=3)
    return canvas
