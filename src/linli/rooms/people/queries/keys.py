"""The keys for machines as administrators see them; never a secret, which nobody can read again."""

from __future__ import annotations

from django.db.models import QuerySet

from linli.kernel.authority import Authority
from linli.kernel.errors import NotFound
from linli.rooms.people.models import AccessKey


def access_keys(by: Authority) -> QuerySet[AccessKey]:
    """All keys, those in use first. Raises NotAllowed."""
    by.require("keys.edit")
    return AccessKey.objects.select_related("place", "unit")


def access_key(by: Authority, key_id: int) -> AccessKey:
    """One key. Raises NotFound."""
    found = access_keys(by).filter(pk=key_id).first()
    if found is None:
        raise NotFound(code="key.not_found")
    return found
