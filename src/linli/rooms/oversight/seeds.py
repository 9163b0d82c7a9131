"""What a new house starts with: lights, limits and kinds of meetings. From then on they belong to the operator."""

from __future__ import annotations

from typing import Any

from linli.rooms.oversight.rhythm import DEFAULT_KINDS
from linli.rooms.oversight.rules import DEFAULT_LEVELS, DEFAULT_LIGHTS


def seed(sender: object = None, using: str = "default", **_: Any) -> None:
    """Write the defaults into empty tables (signal `post_migrate`)."""
    from linli.rooms.oversight.models import Light, MeetingKind, Rules

    if not Light.objects.using(using).exists():
        Light.objects.using(using).bulk_create([Light(**facts) for facts in DEFAULT_LIGHTS], ignore_conflicts=True)
    if not Rules.objects.using(using).exists():
        Rules.objects.using(using).bulk_create(
            [Rules(levels_zh=[zh for zh, _en in DEFAULT_LEVELS], levels_en=[en for _zh, en in DEFAULT_LEVELS])],
            ignore_conflicts=True,
        )
    if not MeetingKind.objects.using(using).exists():
        MeetingKind.objects.using(using).bulk_create(
            [MeetingKind(**facts) for facts in DEFAULT_KINDS], ignore_conflicts=True
        )
