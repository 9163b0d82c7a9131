"""Words are readable on every ground: 4.5:1 for text, 3:1 for the borders of controls (WCAG 2.2 AA)."""

from __future__ import annotations

import pytest

from linli.kernel.web.palette import palettes

SIGNALS = ("ontrack", "near", "overdue", "suspended", "done", "info")
GROUNDS = ("ground", "surface", "raised", "sunken", "brand-soft")
WORDS = ("ink", "ink-2", "ink-3", "brand", "brand-strong", *SIGNALS)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PAIRS = [
    *((word, ground, 4.5) for word in WORDS for ground in GROUNDS),
    *((signal, f"{signal}-soft", 4.5) for signal in SIGNALS),
    *(("ink", f"{signal}-soft", 7.0) for signal in SIGNALS),
    ("on-brand", "brand", 4.5),
    ("on-brand", "brand-strong", 4.5),
    ("ground", "ink", 7.0),
    ("map-words", "map-land", 4.5),
    *(("edge", ground, 3.0) for ground in ("ground", "surface", "raised", "sunken")),
    *(("focus", ground, 3.0) for ground in GROUNDS),
]


@pytest.mark.parametrize("ground", ["light", "dark", "sun", "night"])
def test_every_pair_that_meets_on_a_page_is_readable(ground: str) -> None:
    colours = palettes()[ground]
    weak = [
        f"{words} on {behind}: {contrast(colours[words], colours[behind]):.2f} < {least}"
        for words, behind, least in PAIRS
        if contrast(colours[words], colours[behind]) < least
    ]
    assert weak == []


def test_dark_by_choice_is_the_dark_of_the_device() -> None:
    assert palettes()["dark"] == palettes()["auto-dark"]


def test_signal_colours_are_never_the_brand() -> None:
    for ground, colours in palettes().items():
        if ground != "auto-dark":
            assert colours["brand"] not in [colours[signal] for signal in SIGNALS]
