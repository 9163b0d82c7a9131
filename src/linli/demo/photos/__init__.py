"""Illustrative "photos" of problems before and after, drawn for the demo: no camera, no real place, no person.

A picture is fixed by its kind, seed, side (before or after) and stamp: before and after share the scene,
so that they can be laid side by side.
"""

from __future__ import annotations

import random

from linli.demo.photos import court, kerb, road, yard

_DRAWERS = {**road.KINDS, **kerb.KINDS, **yard.KINDS, **court.KINDS}

KINDS: tuple[str, ...] = tuple(_DRAWERS)
"""Kinds of problem that can be drawn."""


def draw(kind: str, seed: int, *, after: bool = False, stamp: str = "") -> bytes:
    """A 1280 × 960 JPEG.

    kind: one of `KINDS`; KeyError otherwise. stamp: the time burnt into the corner, digits and signs only.
    """
    drawer = _DRAWERS[kind]
    scene = random.Random(f"{kind}-{seed}-scene")
    subject = random.Random(f"{kind}-{seed}-{'after' if after else 'before'}")
    return drawer(subject, scene, after).finish(stamp, seed)
