"""What the house remembers about itself."""

from __future__ import annotations

from typing import Any

from django.db import models


class Note(models.Model):
    """One remembered fact, for instance that the demo town is complete."""

    name = models.TextField(primary_key=True)
    value = models.JSONField()
    written = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def read(cls, name: str) -> dict[str, Any] | None:
        note = cls.objects.filter(pk=name).first()
        return note.value if note else None

    @classmethod
    def write(cls, name: str, value: dict[str, Any]) -> None:
        cls.objects.update_or_create(pk=name, defaults={"value": value})
