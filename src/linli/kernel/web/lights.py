"""The lights: shape, word and colour of a case's standing towards its deadline, the same everywhere."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Light:
    """One light. ``sign`` is its text form (print, plain text); ``shape`` an SVG path in a 12 × 12 box."""

    key: str
    word: str | Promise
    sign: str
    shape: str


LIGHTS = {
    light.key: light
    for light in (
        Light("on_track", _("期限内"), "●", '<circle cx="6" cy="6" r="5.25" fill="currentColor"/>'),
        Light("near", _("临期"), "▲", '<path d="M6 .5 11.8 11.300H.2Z" fill="currentColor"/>'),
        Light("overdue", _("超期"), "■", '<path d="M.8.8h10.400v10.400H.8Z" fill="currentColor"/>'),
        Light(
            "suspended",
            _("挂账"),
            "‖",
            '<path d="M2 1h2.800v10H2zM7.200 1H10v10H7.200z" fill="currentColor"/>',
        ),
        Light(
            "done",
            _("已办结"),
            "✓",
            '<path d="M1 6.500 4.500 10 11 2.500" fill="none" stroke="currentColor" stroke-width="2.2"/>',
        ),
    )
}


def shape_svg(light: Light) -> str:
    """The shape as an inline SVG in the current colour."""
    return f'<svg viewBox="0 0 12 12" aria-hidden="true" focusable="false">{light.shape}</svg>'
