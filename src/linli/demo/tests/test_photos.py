"""Drawn photos: fixed by their seed, believable in size, and the same scene before and after."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops

from linli.demo import photos


@pytest.mark.parametrize("kind", photos.KINDS)
def test_each_kind_is_drawn_before_and_after_in_the_same_scene(kind: str) -> None:
    before = photos.draw(kind, 3, stamp="2026-11-02 08:14")
    after = photos.draw(kind, 3, after=True, stamp="2026-11-02 08:14")
    first, second = (Image.open(io.BytesIO(data)) for data in (before, after))
    assert first.size == second.size == (1280, 960) and first.format == "JPEG"
    assert 30_000 < len(before) < 300_000
    top = (0, 0, 1280, 60)
    moved = ImageChops.difference(first.crop(top), second.crop(top)).convert("L")
    changed = sum(moved.point(lambda v: v > 40).histogram()[1:])
    assert changed < 1280 * 60 * 0.35, "the scene behind is not the same"
    assert before != after


def test_the_same_seed_draws_the_same_picture_and_another_seed_another() -> None:
    assert photos.draw("stall", 5) == photos.draw("stall", 5)
    assert photos.draw("stall", 5) != photos.draw("stall", 6)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        photos.draw("volcano", 1)
