"""Who reads an issue: posts by their kind and place, and who of them has opened it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from linli.kernel.clock.calendar import CIVIL
from linli.rooms.bulletins.judgement import publishes
from linli.rooms.bulletins.models import Issue, Reading
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas

# A post reads what concerns its own place, places below it and places above it; a unit without a place reads all.
_READERS = """
SELECT p.id, k.name_zh, k.name_en, coalesce(nullif(u.name_zh, ''), l.name_zh, ''), a.id, a.name, r.at
FROM people_post p
JOIN people_postkind k ON k.id = p.kind_id
JOIN people_account a ON a.id = CASE
    WHEN p.deputy_id IS NOT NULL AND p.deputy_from <= %(at)s AND (p.deputy_to IS NULL OR p.deputy_to > %(at)s)
    THEN p.deputy_id ELSE p.holder_id END
LEFT JOIN people_unit u ON u.id = p.unit_id
LEFT JOIN places_place l ON l.id = coalesce(p.place_id, u.place_id)
LEFT JOIN bulletins_reading r ON r.issue_id = %(issue)s AND r.account_id = a.id
WHERE p.valid_from <= %(day)s AND (p.valid_to IS NULL OR p.valid_to > %(day)s) AND a.is_active
  AND (p.id = ANY(%(posts)s::bigint[]) OR (k.code = ANY(%(kinds)s::text[])
       AND (l.id IS NULL OR l.id = ANY(%(lineage)s::bigint[]) OR l.lineage @> ARRAY[%(place)s]::bigint[])))
ORDER BY r.at IS NULL, k.sort, l.sort_key, p.id
"""


@dataclass(frozen=True, slots=True)
class Reader:
    """A post that reads an issue, who carries it now, and when that person first opened the issue (None: not yet)."""

    post_id: int
    kind_zh: str
    kind_en: str
    for_name: str
    account_id: int
    name: str
    read_at: dt.datetime | None


def readers_of(issue: Issue, at: dt.datetime) -> list[Reader]:
    """Everybody the issue goes to, who opened it first. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _READERS,
            {
                "at": at,
                "day": at.astimezone(CIVIL).date(),
                "issue": issue.pk,
                "posts": issue.reader_posts,
                "kinds": issue.reader_kinds,
                "lineage": issue.lineage,
                "place": issue.place_id,
            },
        )
        return [Reader(*row) for row in cursor.fetchall()]


def reader_posts(issue: Issue, at: dt.datetime) -> list[int]:
    """The ids of these posts."""
    return [reader.post_id for reader in readers_of(issue, at)]


def reads(viewer: Viewer) -> Q:
    """Which issued bulletins this viewer reads by the posts held now, those made public included."""
    known = atlas.current().places
    found = Q(public=True)
    for post in viewer.posts:
        mine = Q(reader_kinds__contains=[post.kind])
        facts = known.get(post.place_id) if post.place_id else None
        if post.place_id:
            above = list(facts.lineage) if facts else [post.place_id]
            mine &= Q(place_id__in=above) | Q(lineage__contains=[post.place_id])
        found |= mine | Q(reader_posts__contains=[post.id])
    if viewer.account_id:
        found |= Q(readings__account_id=viewer.account_id)  # whoever has read it may read it again
    return Q(state__in=("issued", "withdrawn")) & found


def may_read(issue: Issue, viewer: Viewer) -> bool:
    """Whether this viewer may open an issue: a publisher any, a reader an issued one."""
    return publishes(issue, viewer) or Issue.objects.filter(reads(viewer), pk=issue.pk).exists()


def has_read(issue: Issue, viewer: Viewer) -> bool:
    """Whether this viewer has opened it before."""
    return Reading.objects.filter(issue=issue, account_id=viewer.account_id or 0).exists()
