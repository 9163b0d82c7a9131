"""Run inside a house: samples to ask for, questions to the database of each work, the bare cost of the action.

`python -m bench.harness.inside samples|queries|action` prints JSON.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from bench.harness.drive import Browser
from bench.harness.machines import KNOWN_NUMBER
from bench.harness.work import Samples, Work, report_fields
from bench.harness.works import WORKS


def samples() -> Samples:
    """Numbers, codes and points that exist in this house."""
    from linli.rooms.cases.models import Case, Report
    from linli.rooms.catalogue.queries import catalogue
    from linli.rooms.people.models import Account, DemoAccount
    from linli.rooms.people.rights import viewer_of
    from linli.rooms.places.models import Place

    def viewer(role: str) -> Any:
        return viewer_of(Account.objects.get(pk=DemoAccount.objects.get(role=role).account_id))

    def numbers(**filters: Any) -> list[str]:
        return [str(n) for n in Case.objects.filter(**filters).order_by("-id").values_list("number", flat=True)[:60]]

    _leave_a_number()
    contact = viewer("unit_contact")
    opened = numbers(is_open=True, accepted_at__isnull=False)
    closed = numbers(state="closed")
    received = Case.objects.filter(state="dispatched", unit_id__in=contact.own_units, parent=None)
    notable = Case.objects.filter(is_open=True, state="handling").order_by("id")
    grids = Place.objects.filter(kind="grid", valid_to=None, lng__isnull=False).order_by("id")
    return {
        "spots": [list(point) for point in grids.values_list("lng", "lat")[:200]],
        "items": [entry.key for entry in catalogue().matters[:60]],
        "numbers": closed[:20] + opened[:20],
        "open_numbers": opened,
        "closed_numbers": closed,
        "public_numbers": numbers(state="closed", is_public=True),
        "communities": list(Place.objects.filter(kind="community", valid_to=None, children__kind="grid").distinct()
                            .order_by("id").values_list("id", flat=True)[:30]),
        "classes": ["M01", "M02", "M06"],
        "codes": list(Report.objects.order_by("-id").values_list("tracking_code", flat=True)[:60]),
        "received": [list(row) for row in received.order_by("id").values_list("number", "version")[:1000]],
        "key": _key(),
        "notable": [list(row) for row in notable.values_list("number", "version")[:3000:2]],
        "notable_too": [list(row) for row in notable.values_list("number", "version")[1:3000:2]],
    }  # fmt: skip


def _key() -> str:
    """A machine's key with every scope that may stand beside others."""
    from linli.kernel.authority import SystemAuthority
    from linli.rooms.people.actions.keys import create_key
    from linli.rooms.people.keys import SCOPES, WHOLE_HOUSE

    scopes = [scope for scope in SCOPES if scope not in WHOLE_HOUSE]
    return create_key(SystemAuthority("测速"), name="测速", scopes=scopes, per_minute=100_000)[1]


def _leave_a_number() -> None:
    """Ten reports from one telephone, for whoever looks for it."""
    from linli.rooms.cases.actions.intake import Intake, report_problem
    from linli.rooms.people.rights import NOBODY
    from linli.rooms.places.models import Place

    lng, lat = Place.objects.filter(kind="grid", valid_to=None, lng__isnull=False).values_list("lng", "lat")[0]
    for number in range(10):
        words = "楼道里的感应灯坏了，晚上看不清台阶"
        report_problem(Intake(f"bench-known-{number}", "portal", words, lng, lat, phone=KNOWN_NUMBER), viewer=NOBODY)


class Inside(Browser):
    """A browser that needs no server: its questions are counted."""

    def __init__(self, role: str) -> None:
        from django.test import Client

        from linli.rooms.people.models import Account, DemoAccount

        super().__init__(0)
        self.client = Client(raise_request_exception=False, headers={"host": "127.0.0.1"})
        if role:
            self.client.force_login(
                Account.objects.get(pk=DemoAccount.objects.get(role=role).account_id),
                backend="allauth.account.auth_backends.AuthenticationBackend",
            )
        self.size = 0

    def _ask(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, str, dict[str, str]]:
        if method == "GET":
            answer = self.client.get(path, headers=headers)
        else:
            kind = headers.get("Content-Type", "application/x-www-form-urlencoded")
            answer = self.client.generic(
                method, path, body or "", kind, headers={k: v for k, v in headers.items() if k != "Content-Type"}
            )
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[union-attr,attr-defined]
        self.size = len(content)
        return answer.status_code, content.decode("utf-8", "replace"), {}


def queries(found: Samples) -> dict[str, tuple[int, int]]:
    """(questions to the database, bytes of the answer) of each work, warm. Writes are taken back."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    counted: dict[str, tuple[int, int]] = {}
    for work in WORKS:
        browser = Inside(work.who)
        with transaction.atomic():
            for number in (-1, -2):
                with CaptureQueriesContext(connection) as captured:
                    status = _do(work, browser, number, found)
            transaction.set_rollback(True)
        if status is not None and status != work.expect:
            print(f"left out, answers {status} instead of {work.expect}: {work.name}", file=sys.stderr)
        elif status is not None:
            savepoints = sum("SAVEPOINT" in query["sql"] for query in captured.captured_queries)
            counted[work.name] = (len(captured) - savepoints, browser.size)
    return counted


def _do(work: Work, browser: Browser, number: int, found: Samples) -> int | None:
    try:
        return work.do(browser, number, found)
    except (IndexError, ZeroDivisionError):
        return None  # nothing of this kind in this house


def action(found: Samples, rounds: int = 300) -> dict[str, float]:
    """CPU milliseconds of this process for one `report_problem`, without a web server around it."""
    from linli.rooms.cases.actions.intake import Intake, report_problem
    from linli.rooms.people.rights import NOBODY

    def one(number: int) -> None:
        fields = report_fields(number, found)
        report_problem(
            Intake(fields["key"], "portal", fields["words"], fields["lng"], fields["lat"], accuracy_m=15.0,
                   address=fields["address"], item_key=fields["item"], phone=fields["phone"], name=fields["name"]),
            viewer=NOBODY,
        )  # fmt: skip

    for number in range(30):
        one(number)
    began = time.process_time()
    for number in range(rounds):
        one(number)
    return {"cpu_ms": (time.process_time() - began) * 1000 / rounds}


def main(words: list[str]) -> int:
    import django

    django.setup()
    if words == ["samples"]:
        answer: Any = samples()
    else:
        found: Samples = json.load(sys.stdin)
        answer = queries(found) if words == ["queries"] else action(found)
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
