"""Who has read sealed data: for the audit administrator, and for the person it is about."""

from __future__ import annotations

from linli.kernel.seal.models import Access


def of(context: str) -> list[Access]:
    """Every reveal of one sealed value, newest first."""
    return list(Access.objects.filter(context=context).order_by("-id"))


def page(*, actor_id: int | None = None, table: str = "", before_id: int | None = None, size: int = 50) -> list[Access]:
    """Reveals, newest first; by one account, of one table if asked. Give the last id to turn the page."""
    found = Access.objects.all()
    if actor_id is not None:
        found = found.filter(actor_id=actor_id)
    if table:
        found = found.filter(context__startswith=f"{table}:")
    if before_id is not None:
        found = found.filter(id__lt=before_id)
    return list(found.order_by("-id")[:size])
