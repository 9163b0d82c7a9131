"""What holds now: the days of each rule, and how much is due."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from linli.kernel import clock
from linli.kernel.retention.models import KeptFor
from linli.kernel.retention.registry import Rule, all_rules


@dataclass(frozen=True, slots=True)
class InForce:
    """A rule with the days that hold."""

    rule: Rule
    days: int

    def before(self) -> dt.datetime:
        """What is older than this is let go of."""
        return clock.now() - dt.timedelta(days=self.days)

    def due(self) -> int:
        return self.rule.due(self.before())


def in_force() -> list[InForce]:
    """Every rule; one query. Days outside of what a rule allows now count as the nearest it allows."""
    chosen = dict(KeptFor.objects.values_list("name", "days"))
    return [InForce(rule, min(max(chosen.get(rule.name, rule.days), rule.least), rule.most)) for rule in all_rules()]
