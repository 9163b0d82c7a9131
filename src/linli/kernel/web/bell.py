"""The bell in the frame of every page: how much there is to read, and where. A door says so (`ring`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Bell:
    """unread: how many; most: more than this is shown as "99+"; url: the inbox."""

    unread: int
    url: str
    most: int = 99

    @property
    def shown(self) -> str:
        return f"{self.most}+" if self.unread > self.most else str(self.unread)


Source = Callable[[HttpRequest], Bell | None]
_source: Source | None = None


def ring(source: Source) -> None:
    """Say where the number comes from; asked for every page of somebody who is signed in: one cheap query."""
    global _source
    _source = source


def bell_of(request: HttpRequest | None) -> Bell | None:
    """The bell for this request; None for strangers."""
    return _source(request) if _source is not None and request is not None else None
