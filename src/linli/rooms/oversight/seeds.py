"""What a new house starts with: lights, limits and kinds of meetings. From then on they belong to the operator."""

from __future__ import annotations

from typing import Any

from linli.rooms.oversight.rhythm import DEFAULT_KINDS
from linli.rooms.oversight.rules import DEFAULT_LEVELS, DEFAULT_LIGHTS


def seed(sender: object = None, using: str = "default", apps: Any = None, **_: Any) -> None:
    """Write the defaults into empty tables (signal `post_migrate`).

    Takes the models of the migration's state when called half-way through a migration plan.
    """
    if apps is None:
        from django.apps import apps as live

        apps = live
    try:
        light, rules, kind = (apps.get_model("oversight", name) for name in ("Light", "Rules", "MeetingKind"))
    except LookupError:
        return
    if not light.objects.using(using).exists():
        light.objects.using(using).bulk_create([light(**facts) for facts in DEFAULT_LIGHTS], ignore_conflicts=True)
    if not rules.objects.using(using).exists():
        levels = {"levels_zh": [zh for zh, _en in DEFAULT_LEVELS], "levels_en": [en for _zh, en in DEFAULT_LEVELS]}
        rules.objects.using(using).bulk_create([rules(**levels)], ignore_conflicts=True)
    if not kind.objects.using(using).exists():
        kind.objects.using(using).bulk_create([kind(**facts) for facts in DEFAULT_KINDS], ignore_conflicts=True)
