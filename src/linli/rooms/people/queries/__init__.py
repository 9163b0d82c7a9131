"""Reads of the room: who answers, who holds which post, which units there are, how the matrix stands."""

from linli.rooms.people.queries.answerable import Answer, answerable
from linli.rooms.people.queries.keys import access_key, access_keys
from linli.rooms.people.queries.matrix import (
    Change,
    MatrixTable,
    PastCase,
    dry_run,
    edition,
    editions,
    in_force,
    rules,
)
from linli.rooms.people.queries.matrix_report import gaps_and_conflicts
from linli.rooms.people.queries.people import (
    Contact,
    account,
    accounts,
    colleague,
    contacts_of,
    demo_accounts,
    kinds,
    own_posts,
    posts,
    sheet,
    staff_of,
    unit,
    units,
)
from linli.rooms.people.queries.policy import sign_in_policy

__all__ = [
    "Answer",
    "Change",
    "Contact",
    "MatrixTable",
    "PastCase",
    "access_key",
    "access_keys",
    "account",
    "accounts",
    "answerable",
    "colleague",
    "contacts_of",
    "demo_accounts",
    "dry_run",
    "edition",
    "editions",
    "gaps_and_conflicts",
    "in_force",
    "kinds",
    "own_posts",
    "posts",
    "rules",
    "sheet",
    "sign_in_policy",
    "staff_of",
    "unit",
    "units",
]
