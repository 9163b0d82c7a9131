"""The days an operator chose."""

from __future__ import annotations

from django.db import models


class KeptFor(models.Model):
    """One rule whose days are not the default."""

    name = models.CharField(max_length=60, primary_key=True)
    days = models.PositiveIntegerField()
