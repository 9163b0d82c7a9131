"""Changing how long something is kept, and letting go."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import journal
from linli.kernel.authority import Authority
from linli.kernel.errors import Refused
from linli.kernel.journal import Actor
from linli.kernel.retention.models import KeptFor
from linli.kernel.retention.queries import InForce, in_force
from linli.kernel.retention.registry import all_rules

AT_ONCE = 1000
MOST_A_RUN = 20_000
SYSTEM = Actor(account_id=None, name="", kind="system")


def keep_for(by: Authority, days: Mapping[str, int]) -> None:
    """Set the days of some rules. Raises Refused beside the field of a figure that a rule does not allow."""
    by.require("retention.edit")
    rules = {rule.name: rule for rule in all_rules()}
    for name, wished in days.items():
        rule = rules.get(name)
        if rule is None:
            raise Refused(_("没有这一类数据。"), "retention.unknown", name)
        if not rule.least <= wished <= rule.most:
            raise Refused(
                _("请填 %(least)d 到 %(most)d 天。") % {"least": rule.least, "most": rule.most},
                "retention.days",
                name,
            )
    with transaction.atomic():
        before = {held.rule.name: held.days for held in in_force()}
        changed = {name: wished for name, wished in days.items() if before[name] != wished}
        for name, wished in changed.items():
            KeptFor.objects.update_or_create(pk=name, defaults={"days": wished})
        if changed:
            journal.record(
                action="retention.changed",
                actor=by.actor,
                object_type="retention",
                object_id="",
                before={name: before[name] for name in changed},
                after=dict(changed),
            )


def let_go(held: InForce, *, at_once: int = AT_ONCE, most: int = MOST_A_RUN) -> int:
    """Let go of what is due under one rule, a few hundred a transaction; returns how many.

    Each transaction has its own entry in the journal, so that what is gone and what is written agree after a crash.
    """
    total = 0
    before = held.before()
    while total < most:
        with transaction.atomic():
            count = held.rule.forget(before, at_once)
            if count:
                journal.record(
                    action="retention.forgot",
                    actor=SYSTEM,
                    object_type="retention",
                    object_id=held.rule.name,
                    before=None,
                    after={"count": count, "days": held.days, "before": before.isoformat()},
                )
        total += count
        if count < at_once:
            break
    return total
