"""Run inside a house that was broken: samples to send, and what is really stored.

`python -m bench.harness.faults.stored samples|compare|drained` prints JSON.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

_MARK = re.compile(r"S[0-9a-f]{6}x[0-9a-f]{12}")


def samples(_given: Any) -> dict[str, Any]:
    """Points in grids and items to report."""
    from linli.rooms.catalogue.queries import catalogue
    from linli.rooms.places.models import Place

    grids = Place.objects.filter(kind="grid", valid_to=None, lng__isnull=False).order_by("id")
    return {
        "spots": [list(point) for point in grids.values_list("lng", "lat")[:50]],
        "items": [entry.key for entry in catalogue().matters[:40]],
    }


def spots(_given: Any) -> list[list[float]]:
    """Points in grids, without a word about tables that this release has and the house not yet."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT lng, lat FROM places_place WHERE kind = 'grid' AND valid_to IS NULL AND lng IS NOT NULL")
        return [list(row) for row in cursor.fetchmany(50)]


def count(words: str) -> int:
    """How many reports hold these words."""
    from linli.rooms.cases.models import Report

    return Report.objects.filter(words__contains=words).count()


def town(_given: Any) -> dict[str, int]:
    """How much there is in this house."""
    from linli.rooms.cases.models import Case
    from linli.rooms.people.models import Account

    return {"cases": Case.objects.count(), "accounts": Account.objects.count()}


def dead_mail(port: int) -> None:
    """Everybody's mail goes to a server that does not answer."""
    from linli.kernel.authority import SystemAuthority
    from linli.rooms.messages.actions import channels

    by = SystemAuthority()
    channels.call_at(by, "https://linli.example.cn")
    channels.open_channel(
        by, "mail", {"host": "127.0.0.1", "port": port, "security": "none", "sender": "linli@example.cn"}
    )


def due_again(_given: Any) -> None:
    """What waits for its next try is due now."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE webhooks_delivery SET next_try_at = now() WHERE state = 'pending'")


def owed(_given: Any) -> dict[str, int]:
    """What the two webhooks have not had: the one that hung, the one that is dead; and what was given up."""
    from linli.rooms.webhooks.models import Delivery, Endpoint

    hanging, dead = Endpoint.objects.order_by("pk").values_list("pk", flat=True)[:2]
    waits = Delivery.objects.exclude(state="done")
    return {
        "hanging": waits.filter(endpoint=hanging).count(),
        "dead": waits.filter(endpoint=dead).count(),
        "lost": Delivery.objects.filter(state="dead").count(),
    }


def drained(_given: Any) -> dict[str, int]:
    """What the outbox still owes."""
    from linli.kernel.outbox import queries

    found = queries.summary()
    return {"waiting": found.pending + found.running, "dead": found.dead}


def compare(told: dict[str, Any]) -> dict[str, Any]:
    """What the senders were told, against what is stored: every list is of things that are wrong."""
    from linli.kernel.journal.models import Entry
    from linli.kernel.journal.verify import verify
    from linli.rooms.cases.models import Case, Report

    words = Report.objects.filter(words__contains="路灯三天没亮了 S").values_list(
        "words", "case__number", "tracking_code"
    )
    stored: dict[str, list[tuple[str | None, str]]] = {}
    for text, number, code in words:
        if found := _MARK.search(text):
            stored.setdefault(found[0], []).append((number, code))
    begun, acknowledged = set(told["begun"]), told["reports"]
    # A sender was told the number or the tracking code.
    lost = [mark for mark, told_as in acknowledged.items() if not any(told_as in pair for pair in stored.get(mark, []))]
    ours = {mark: pairs for mark, pairs in stored.items() if mark in begun}
    doubled = [mark for mark, pairs in ours.items() if len(pairs) > 1]

    steps_lost, steps_doubled, gaps = [], [], []
    versions = dict(Case.objects.values_list("number", "version"))
    ids = {str(pk): number for pk, number in Case.objects.values_list("pk", "number")}
    entries: dict[str | None, list[tuple[str, int]]] = {}
    for object_id, action, after in (
        Entry.objects.filter(object_type="case").order_by("id").values_list("object_id", "action", "after")
    ):
        version = (after or {}).get("version")
        if version is not None:
            entries.setdefault(ids.get(object_id, object_id), []).append((action, int(version)))
    for number in {number for pairs in ours.values() for number, _code in pairs}:
        story = entries.get(number, [("nothing", 0)])
        seen = [version for _action, version in story]
        if seen != list(range(1, len(seen) + 1)) or seen[-1] != versions.get(number):
            gaps.append(f"{number}: {seen[:12]} at version {versions.get(number)}")
    for number, steps in told["steps"].items():
        made = Counter(action.removeprefix("case.") for action, _version in entries.get(number, []))
        for step, count in Counter(steps).items():
            if made[step] < count:
                steps_lost.append(f"{number} {step}")
            elif made[step] > count:
                steps_doubled.append(f"{number} {step} {made[step]}/{count}")
    report = verify()
    return {
        "stored": sum(map(len, ours.values())),
        "lost": lost,
        "doubled": doubled,
        "steps_lost": steps_lost,
        "steps_doubled": steps_doubled,
        "gaps": gaps,
        "unsound": [f"{fault.kind} {fault.entry_id} {fault.batch} {fault.words}" for fault in report.faults],
        "entries": report.entries_sealed + report.entries_waiting,
    }


def main(words: list[str]) -> int:
    import django

    django.setup()
    from bench.harness.faults import tampering

    parts: dict[str, Callable[[Any], Any]] = {
        "samples": samples,
        "compare": compare,
        "drained": drained,
        "count": count,
        "town": town,
        "spots": spots,
        "owed": owed,
        "dead_mail": dead_mail,
        "due_again": due_again,
        **tampering.PARTS,
    }
    print(json.dumps(parts[words[0]](json.load(sys.stdin))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
