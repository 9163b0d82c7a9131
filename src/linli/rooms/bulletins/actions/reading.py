"""Keeps that somebody has opened an issue: the first time counts."""

from __future__ import annotations

from linli.kernel import clock
from linli.rooms.bulletins.judgement import publishes
from linli.rooms.bulletins.models import Issue, Reading
from linli.rooms.people.rights import Viewer


def opened(issue: Issue, viewer: Viewer) -> None:
    """A reader has the issue before the eyes. Publishers and whoever is not signed in leave no trace."""
    if viewer.account_id is None or viewer.kind != "staff" or issue.issued_at is None or publishes(issue, viewer):
        return
    Reading.objects.bulk_create(
        [Reading(issue=issue, account_id=viewer.account_id, at=clock.now())], ignore_conflicts=True
    )
