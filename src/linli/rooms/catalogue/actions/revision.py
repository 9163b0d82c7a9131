"""Telling every process that the catalogue changed."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.db.models import F

from linli.rooms.catalogue import queries
from linli.rooms.catalogue.models import CatalogueRevision


def touch() -> None:
    """Count the revision up, in the transaction of the change. It also orders changes one after another."""
    CatalogueRevision.objects.get_or_create(pk=1)
    CatalogueRevision.objects.filter(pk=1).update(number=F("number") + 1, token=uuid.uuid4())
    queries.expire()
    transaction.on_commit(queries.expire)
