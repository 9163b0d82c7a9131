"""`./linli manage apikey create|list|rotate|revoke`: keys for machines, by the operator.

`create` and `rotate` write the key alone to standard output and everything else to standard error, so that a script
may keep what they print.
"""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from linli.kernel import clock
from linli.kernel.authority import SystemAuthority
from linli.kernel.errors import LinliError
from linli.rooms.people import actions, queries
from linli.rooms.people.actions.keys import EXPIRES_DAYS, GRACE_HOURS, PER_MINUTE
from linli.rooms.people.keys import SCOPES
from linli.rooms.people.models import AccessKey, Unit
from linli.rooms.places.models import Place


class Command(BaseCommand):
    """Makes, lists, rotates and revokes keys."""

    help = "Keys for machines: create (prints the key on standard output), list, rotate, revoke."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="make a key and print it once")
        create.add_argument("--name", required=True)
        create.add_argument("--scope", required=True, help=f"one or more of {','.join(SCOPES)}, with commas")
        create.add_argument("--place", default="", help="code of the place it reaches; the district if left out")
        create.add_argument("--unit", default="", help="code of the unit it acts for: it sees only that unit's cases")
        create.add_argument("--expires", type=int, default=EXPIRES_DAYS, metavar="DAYS", help="0: never")
        create.add_argument("--limit", type=int, default=PER_MINUTE, metavar="N", help="requests a minute")
        verbs.add_parser("list", help="show all keys, never their secrets")
        rotate = verbs.add_parser("rotate", help="print a new secret; the old one stays good for a while")
        rotate.add_argument("prefix", help="public part of the key, as `list` shows it")
        rotate.add_argument("--grace", type=int, default=GRACE_HOURS, metavar="HOURS")
        revoke = verbs.add_parser("revoke", help="end a key at once")
        revoke.add_argument("prefix")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            {"create": self._create, "list": self._list, "rotate": self._rotate, "revoke": self._revoke}[
                options["verb"]
            ](options)
        except LinliError as error:
            raise CommandError(f"{error.message} {error.what_next or ''}".strip()) from None

    def _create(self, options: dict[str, Any]) -> None:
        key, secret = actions.create_key(
            SystemAuthority(),
            name=options["name"],
            scopes=[word.strip() for word in options["scope"].split(",") if word.strip()],
            place_id=_place(options["place"]) if options["place"] else None,
            unit_id=_unit(options["unit"]) if options["unit"] else None,
            expires_days=options["expires"] or None,
            per_minute=options["limit"],
        )
        self.stdout.write(secret)
        until = f"until {key.expires_at:%Y-%m-%d}" if key.expires_at else "without an end"
        self.stderr.write(f"{key.name}: {', '.join(key.scopes)} at {key.place.name_zh}, {until}. Shown only now.")

    def _list(self, options: dict[str, Any]) -> None:
        for key in queries.access_keys(SystemAuthority()):
            state = "revoked" if key.revoked_at else "expired" if _over(key) else "good"
            until = f"{key.expires_at:%Y-%m-%d}" if key.expires_at else "-"
            where = key.unit.code if key.unit else key.place.code or key.place.name_zh
            used = f"{key.last_used_on}" if key.last_used_on else "never"
            self.stdout.write(
                f"{key.prefix}  {state:8} {','.join(key.scopes):26} {where:16} {key.per_minute:>6}/min  "
                f"until {until:10}  used {used:10}  {key.name}"
            )

    def _rotate(self, options: dict[str, Any]) -> None:
        key, secret = actions.rotate_key(SystemAuthority(), _key(options["prefix"]), grace_hours=options["grace"])
        self.stdout.write(secret)
        self.stderr.write(f"{key.name}: the secret before is good for {options['grace']} more hours.")

    def _revoke(self, options: dict[str, Any]) -> None:
        key = actions.revoke_key(SystemAuthority(), _key(options["prefix"]))
        self.stderr.write(f"{key.name}: revoked.")


def _over(key: AccessKey) -> bool:
    return key.expires_at is not None and key.expires_at <= clock.now()


def _key(prefix: str) -> int:
    found = AccessKey.objects.filter(prefix=prefix.removeprefix("linli_")[:8]).values_list("pk", flat=True).first()
    if found is None:
        raise CommandError(f"There is no key {prefix}. `apikey list` shows them.")
    return found


def _place(code: str) -> int:
    for wanted in (code, code.ljust(12, "0")):
        found = Place.objects.filter(code=wanted, valid_to=None).values_list("pk", flat=True).first()
        if found is not None:
            return found
    raise CommandError(f"There is no place with the code {code}.")


def _unit(code: str) -> int:
    found = Unit.objects.filter(code=code, valid_to=None).values_list("pk", flat=True).first()
    if found is None:
        raise CommandError(f"There is no unit with the code {code}.")
    return found
