"""Lists of problems that were read from sheets, for the one who read them."""

from __future__ import annotations

from typing import Any

from linli.kernel.errors import NotFound
from linli.rooms.cases.models import CaseImport
from linli.rooms.catalogue.queries import catalogue
from linli.rooms.people.rights import Viewer


def list_draft(import_id: int, viewer: Viewer) -> CaseImport:
    """One list. Raises NotFound: only who read it sees it."""
    viewer.require("case.import")
    found = CaseImport.objects.filter(pk=import_id, created_by_id=viewer.account_id).first()
    if found is None or found.state == CaseImport.State.DROPPED:
        raise NotFound(code="list.not_found")
    return found


def lists_of(viewer: Viewer, limit: int = 20) -> list[dict[str, Any]]:
    """The viewer's lists, newest first, without their rows."""
    viewer.require("case.import")
    rows = CaseImport.objects.filter(created_by_id=viewer.account_id).exclude(state=CaseImport.State.DROPPED)
    columns = ("id", "name", "state", "created_at", "done_at", "case_count")
    return [dict(row) for row in rows.order_by("-id").values(*columns)[:limit]]


def row_for_page(row: dict[str, Any]) -> dict[str, Any]:
    """A row as pages show it: the item's name beside its key."""
    entry = catalogue().items.get(row["item"])
    return {**row, "item_name": entry.name if entry else "", "has_contact": bool(row.get("who"))}
