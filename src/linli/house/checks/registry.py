"""The register of checks and how they are run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Any


class Level(StrEnum):
    """How bad it is: an error must be mended, a warning should be looked at."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and how to mend it."""

    wrong: str
    mend: str
    level: Level = Level.ERROR


Findings = Iterable[Finding]
Function = Callable[[], Findings]


@dataclass(frozen=True, slots=True)
class Check:
    """A registered check; `needs` names another one without whose success it says nothing of use."""

    function: Function
    needs: str | None


_checks: dict[str, Check] = {}


def check(name: str, *, needs: str | None = None) -> Callable[[Function], Function]:
    """Register a check under a name that an operator understands."""

    def register(function: Function) -> Function:
        _checks[name] = Check(function, needs)
        return function

    return register


def all_checks() -> dict[str, Check]:
    """The checks in the order they are run: the home and the database first, others need them."""
    for module in ("home", "database", "running", "content", "operations"):
        import_module(f"linli.house.checks.{module}")
    return dict(_checks)


def run(names: Iterable[str] | None = None) -> Iterator[tuple[str, list[Finding]]]:
    """Run checks (all, or the named ones), without those that need one that found an error.

    A check that itself fails is a finding, not a crash.
    """
    known = all_checks()
    broken: set[str] = set()
    for name in names or known:
        if known[name].needs in broken:
            broken.add(name)
            continue
        findings = _outcome(known[name].function)
        if any(finding.level is Level.ERROR for finding in findings):
            broken.add(name)
        yield name, findings


def _outcome(function: Function) -> list[Finding]:
    try:
        return list(function())
    except Exception as error:
        reason = (str(error).strip().splitlines() or ["no reason given"])[0]
        return [
            Finding(
                f"This could not be checked: {type(error).__name__}: {reason}",
                "Mend what is named above first; if nothing is, report this as a defect of Linli.",
            )
        ]


def as_json(results: Iterable[tuple[str, list[Finding]]]) -> list[dict[str, Any]]:
    return [
        {"check": name, "level": f.level.value, "wrong": f.wrong, "mend": f.mend}
        for name, findings in results
        for f in findings
    ]
