"""What is let go of, declared by the room it belongs to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Forget = Callable[[dt.datetime, int], int]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of thing. days: kept for by default; least, most: what an operator may choose.

    due(before): how many are older than that moment; forget(before, at_once): lets go of at most so many, and
    says of how many.
    """

    name: str
    label: _StrPromise | str
    explained: _StrPromise | str
    days: int
    least: int
    most: int
    due: Callable[[dt.datetime], int]
    forget: Forget


_rules: dict[str, Rule] = {}


def rule(
    name: str,
    label: _StrPromise | str,
    explained: _StrPromise | str,
    *,
    days: int,
    least: int,
    most: int = 3660,
    due: Callable[[dt.datetime], int],
) -> Callable[[Forget], Forget]:
    """Declare what is let go of after so many days, in a module that `apps.ready()` imports."""

    def declare(forget: Forget) -> Forget:
        if not least <= days <= most:
            raise ValueError(f"{name}: {days} days are not between {least} and {most}")
        _rules[name] = Rule(name, label, explained, days, least, most, due, forget)
        return forget

    return declare


def all_rules() -> list[Rule]:
    """Every rule, by name."""
    return [_rules[name] for name in sorted(_rules)]
