"""The worker lets go of what is due, every hour."""

from __future__ import annotations

import logging

from linli.kernel.beats import beat
from linli.kernel.retention.actions import let_go
from linli.kernel.retention.queries import in_force

log = logging.getLogger("linli.retention")


@beat("retention.sweep", every=3600)
def sweep() -> None:
    """Every rule; one that fails does not keep the others from running, and the beat shows its error."""
    failed: list[Exception] = []
    for held in in_force():
        try:
            if count := let_go(held):
                log.info("let go of %d of %s, older than %d days", count, held.rule.name, held.days)
        except Exception as error:
            failed.append(error)
    if failed:
        raise failed[0]
