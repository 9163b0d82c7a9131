"""Where a notice leads. The doors know the addresses and say so once (`lead`); the room only asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from linli.rooms.messages import stopping
from linli.rooms.messages.models import House, Notice
from linli.rooms.messages.rules import CONFIRM


@dataclass(frozen=True, slots=True)
class Ways:
    """Paths below the house's address: a report by its code, a case by its number, a notice, an end to mail."""

    follow: Callable[[str], str]
    case: Callable[[str], str]
    notice: Callable[[int], str]
    stop: Callable[[str], str]
    inbox: Callable[[], str]
    confirm: Callable[[str], str]


_ways: Ways | None = None


def lead(ways: Ways) -> None:
    """Say where things are; a door does, when the house starts."""
    global _ways
    _ways = ways


def ways() -> Ways:
    """The paths. Raises RuntimeError in a process without doors."""
    if _ways is None:
        raise RuntimeError("no door has said where notices lead (links.lead)")
    return _ways


def public_url() -> str:
    """The house's address without a closing slash; "" while the operator has not said it."""
    return (House.objects.filter(pk=1).values_list("public_url", flat=True).first() or "").rstrip("/")


def path_of(notice: Notice) -> str:
    """Where a message leads: reporters to the report they follow, staff through their inbox, groups to the case."""
    if notice.kind == CONFIRM:
        return ways().confirm(stopping.confirmation(notice.data["address"]))
    if notice.reporter and notice.data.get("code"):
        return ways().follow(notice.data["code"])
    if notice.account_id is not None:
        return ways().notice(notice.pk)
    return own_path(notice) or ways().case(notice.data.get("number", ""))


def own_path(notice: Notice) -> str:
    """The page that the event itself named, "" if none: only a path of this house."""
    path = str(notice.data.get("path") or "")
    return path if path.startswith("/") and not path.startswith("//") else ""
