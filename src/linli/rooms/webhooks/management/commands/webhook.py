"""`./linli manage webhook create|list|test|replay|rotate|pause|resume|delete`: endpoints, by the operator.

`create` and `rotate` write the secret alone to standard output and everything else to standard error.
"""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from linli.kernel.authority import SystemAuthority
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import LinliError
from linli.rooms.places.models import Place
from linli.rooms.webhooks import actions, queries
from linli.rooms.webhooks.rules import KINDS

HOUSE = SystemAuthority()


class Command(BaseCommand):
    """Makes, lists, tests and sends again."""

    help = "Webhooks: create (prints the secret on standard output), list, test, replay, rotate, pause, resume, delete."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="register an address and print its secret once")
        create.add_argument("--url", required=True)
        create.add_argument("--description", default="")
        create.add_argument("--events", default="", help=f"with commas; all if left out: {', '.join(KINDS)}")
        create.add_argument("--place", default="", help="code of a place: only what happens there or below")
        create.add_argument("--language", default="zh-hans", choices=actions.LANGUAGES)
        verbs.add_parser("list", help="show all endpoints, never their secrets")
        for verb, words in {
            "test": "send a test message now and print the answer",
            "pause": "send nothing for now; messages wait",
            "resume": "send again",
            "delete": "forget the endpoint and its messages",
        }.items():
            verbs.add_parser(verb, help=words).add_argument("id", type=int)
        rotate = verbs.add_parser("rotate", help="print a new secret; the old one stays good for a while")
        rotate.add_argument("id", type=int)
        rotate.add_argument("--overlap", type=int, default=24, metavar="HOURS", help="0: the old one ends at once")
        replay = verbs.add_parser("replay", help="send failed messages again")
        replay.add_argument("id", type=int)
        replay.add_argument("--since", required=True, metavar="2026-11-22[T08:00]", help="in China's time")
        replay.add_argument("--all", action="store_true", help="also those that had arrived")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except LinliError as error:
            raise CommandError(f"{error.message} {error.what_next or ''}".strip()) from None

    def _create(self, options: dict[str, Any]) -> None:
        made, secret = actions.create_endpoint(
            HOUSE,
            url=options["url"],
            description=options["description"],
            kinds=[word.strip() for word in options["events"].split(",") if word.strip()],
            place_id=_place(options["place"]) if options["place"] else None,
            language=options["language"],
        )
        self.stdout.write(secret)
        self.stderr.write(f"Endpoint {made.pk}: {made.url}. The secret is shown only now.")

    def _list(self, _options: dict[str, Any]) -> None:
        for each in queries.endpoints(HOUSE):
            place = each.place.code or each.place.name_zh if each.place else "everywhere"
            self.stdout.write(
                f"{each.pk:>4}  {each.state:8} {place:16} waiting {each.waiting:<6} failed {each.dead:<6}"  # type: ignore[attr-defined]
                f" {','.join(each.kinds) or 'all events'}  {each.url}  {each.description}".rstrip()
            )

    def _test(self, options: dict[str, Any]) -> None:
        sent = actions.send_test(HOUSE, options["id"])
        if sent.state != "done":
            raise CommandError(queries.trouble_words(sent) or f"HTTP {sent.status}: {sent.words}")
        self.stdout.write(f"HTTP {sent.status} after {sent.took_ms} ms")

    def _pause(self, options: dict[str, Any]) -> None:
        actions.pause_endpoint(HOUSE, options["id"])

    def _resume(self, options: dict[str, Any]) -> None:
        actions.resume_endpoint(HOUSE, options["id"])

    def _delete(self, options: dict[str, Any]) -> None:
        actions.delete_endpoint(HOUSE, options["id"])

    def _rotate(self, options: dict[str, Any]) -> None:
        _same, secret = actions.rotate_secret(HOUSE, options["id"], overlap=timedelta(hours=options["overlap"]))
        self.stdout.write(secret)

    def _replay(self, options: dict[str, Any]) -> None:
        try:
            since = datetime.fromisoformat(options["since"])
        except ValueError:
            raise CommandError("--since is a day or a moment: 2026-11-22 or 2026-11-22T08:00") from None
        since = since if since.tzinfo else since.replace(tzinfo=CIVIL)
        count = actions.replay_since(HOUSE, options["id"], since, all_states=options["all"])
        self.stdout.write(f"{count} messages are on their way again")


def _place(code: str) -> int:
    found = Place.objects.filter(code=code, valid_to=None).values_list("pk", flat=True).first()
    if found is None:
        raise CommandError(f"There is no place with the code {code}.")
    return found
