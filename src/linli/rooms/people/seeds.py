"""What a new house starts with: the default kinds of post. From then on they belong to the operator."""

from __future__ import annotations

from typing import Any

from linli.rooms.people.kinds import POST_KINDS


def seed_post_kinds(sender: object = None, using: str = "default", apps: Any = None, **_: object) -> None:
    """Write the default kinds into an empty table (signal `post_migrate`; a flushed database is new again).

    Takes the models of the migration's state when called half-way through a migration plan.
    """
    try:
        kind_model = apps.get_model("people", "PostKind") if apps else _live_model()
    except LookupError:
        return
    if kind_model.objects.using(using).exists():
        return
    kind_model.objects.using(using).bulk_create(
        kind_model(
            code=seed.code,
            name_zh=seed.name_zh,
            name_en=seed.name_en,
            held_for=seed.held_for,
            duties=list(seed.duties),
            door=seed.door,
            phone_public=seed.phone_public,
            shown_to_residents=seed.shown,
            two_factor=seed.two_factor,
            sort=(position + 1) * 10,
        )
        for position, seed in enumerate(POST_KINDS)
    )


def _live_model() -> Any:
    from linli.rooms.people.models import PostKind

    return PostKind
