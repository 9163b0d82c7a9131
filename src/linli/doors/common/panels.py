"""What other doors show on the page of a case: a registry, so that doors need not know one another.

A door registers its panel in ``AppConfig.ready``::

    panels.register(Panel("duty", 20, render_duty))

``render(request, case)`` returns the panel's HTML (from `django.template.loader.render_to_string`), or "" when there is
nothing to show to this viewer. Panels stand between what is known of the case and its story.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from linli.rooms.cases.models import Case


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel; the lower `order` stands first."""

    key: str
    order: int
    render: Callable[[HttpRequest, Case], str]


_panels: dict[str, Panel] = {}


def register(panel: Panel) -> None:
    """Adds a panel; one with a known key replaces the earlier one."""
    _panels[panel.key] = panel


def panels_of(request: HttpRequest, case: Case) -> list[SafeString]:
    """The panels that have something to show on the page of this case, in their order."""
    shown = (
        panel.render(request, case) for panel in sorted(_panels.values(), key=lambda panel: (panel.order, panel.key))
    )
    return [mark_safe(html) for html in shown if html]  # templates have escaped what people wrote
