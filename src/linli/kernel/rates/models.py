"""Counters of the present span. UNLOGGED: no disk is waited for, and a crash forgets them."""

from __future__ import annotations

from django.db import models


class Count(models.Model):
    """How often `what` was done in span number `span`. who: a blind index of the address, empty for the house."""

    pk = models.CompositePrimaryKey("what", "who")
    what = models.CharField(max_length=20)
    who = models.BinaryField(max_length=16)
    span = models.BigIntegerField()
    used = models.IntegerField()
    at = models.DateTimeField()
