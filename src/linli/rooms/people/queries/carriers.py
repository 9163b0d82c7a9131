"""Who carries posts that may reach a thing, whoever is looking: for telling those it waits for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from linli.kernel.clock.calendar import CIVIL
from linli.rooms.people.rights import HeldPost

# While a deputy stands in, the deputy carries the post: the holder is away.
_CARRIED = """
SELECT p.id, k.code, k.name_zh, k.name_en, k.door, k.duties, k.held_for, p.place_id, p.unit_id, p.matters,
       k.two_factor, a.id, a.id <> p.holder_id
FROM people_post p JOIN people_postkind k ON k.id = p.kind_id
JOIN people_account a ON a.id = CASE
    WHEN p.deputy_id IS NOT NULL AND p.deputy_from <= %(at)s AND (p.deputy_to IS NULL OR p.deputy_to > %(at)s)
    THEN p.deputy_id ELSE p.holder_id END
WHERE p.valid_from <= %(day)s AND (p.valid_to IS NULL OR p.valid_to > %(day)s) AND a.is_active
  AND (p.place_id = ANY(%(places)s::bigint[]) OR p.unit_id = ANY(%(units)s::bigint[])
       OR p.id = ANY(%(posts)s::bigint[]))
ORDER BY k.sort, p.id
"""


@dataclass(frozen=True, slots=True)
class Carrier:
    """An account with a post that it carries at the moment, its own or in somebody's absence."""

    account_id: int
    post: HeldPost


def carriers(
    lineage: Sequence[int], unit_ids: Sequence[int], at: dt.datetime, post_ids: Sequence[int] = ()
) -> list[Carrier]:
    """The posts held for these places or units at a moment, and those of these ids, with their carriers; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CARRIED,
            {
                "at": at,
                "day": at.astimezone(CIVIL).date(),
                "places": list(lineage),
                "units": list(unit_ids),
                "posts": list(post_ids),
            },
        )
        return [
            Carrier(
                account_id,
                HeldPost(
                    id=post_id,
                    kind=code,
                    name_zh=name_zh,
                    name_en=name_en,
                    door=door,
                    duties=frozenset(duties),
                    held_for=held_for,
                    place_id=place_id,
                    unit_id=unit_id,
                    matters=frozenset(matters),
                    for_name="",
                    deputised=deputised,
                    two_factor=two_factor,
                ),
            )
            for (
                post_id, code, name_zh, name_en, door, duties, held_for, place_id, unit_id, matters, two_factor,
                account_id, deputised,
            ) in cursor.fetchall()
        ]  # fmt: skip
