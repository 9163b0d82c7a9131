"""What stands in the navigation of each door: a registry, so that doors need not know one another.

A door registers its entries in ``AppConfig.ready``::

    navigation.register("desk", [Entry("cases", _("案件"), "desk:worklist", icon="list-details", order=10)])

Besides the doors' own names there are two lists that every page shows in the account menu:
``"doors"`` (the ways into the other doors) and ``"account"`` (profile, sign out …).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """One entry. ``url_name`` is reversed when a page is shown; ``may(viewer)`` hides it from who has no
    use for it.

    group: heading in settings and menus; method: "post" for what changes something (sign out);
    match: path prefixes that also count as being here, besides the entry's own address;
    exact: only the very address counts (home pages).
    """

    key: str
    label: str | Promise
    url_name: str
    icon: str = "chevron-right"
    order: int = 100
    group: str | Promise = ""
    method: str = "get"
    may: Callable[[Any], bool] | None = None
    match: tuple[str, ...] = ()
    exact: bool = False
    hint: str | Promise = ""


@dataclass(frozen=True)
class Link:
    """An entry as one page shows it."""

    entry: Entry
    url: str
    current: bool


_entries: dict[str, dict[str, Entry]] = {}


def register(door: str, entries: Iterable[Entry]) -> None:
    """Adds entries to a door's navigation; an entry with a known key replaces the earlier one."""
    known = _entries.setdefault(door, {})
    for entry in entries:
        known[entry.key] = entry


def entries(door: str) -> list[Entry]:
    """All entries of a door in their order, whoever looks; those of one group stand together, where its first is."""
    found = sorted(_entries.get(door, {}).values(), key=lambda entry: (entry.order, entry.key))
    groups: dict[str, int] = {}
    for place, entry in enumerate(found):
        groups.setdefault(str(entry.group) or entry.key, place)
    return sorted(found, key=lambda entry: groups[str(entry.group) or entry.key])


def links(door: str, request: HttpRequest | None) -> list[Link]:
    """The entries of a door for this request: those the viewer may use, with the current one marked.

    Of several that match, the longest address is the current one.
    """
    viewer = getattr(request, "viewer", None)
    path = request.path if request is not None else ""
    found: list[tuple[Entry, str, int]] = []
    for entry in entries(door):
        if entry.may is not None and not entry.may(viewer):
            continue
        try:
            url = reverse(entry.url_name)
        except NoReverseMatch:
            log.debug("navigation entry %s/%s has no address %s", door, entry.key, entry.url_name)
            continue
        found.append((entry, url, _fit(entry, url, path)))
    best = max((fit for _, _, fit in found), default=0)
    return [Link(entry, url, bool(fit) and fit == best) for entry, url, fit in found]


def _fit(entry: Entry, url: str, path: str) -> int:
    """How well an entry's address fits the path: length of the fitting prefix, 0 if none."""
    if path == url:
        return len(url) + 1
    prefixes = entry.match if entry.exact else (url, *entry.match)
    return max((len(prefix) for prefix in prefixes if prefix != "/" and path.startswith(prefix)), default=0)
