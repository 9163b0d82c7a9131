"""How long called departments have to confirm: the operator's."""

from __future__ import annotations

from django.db import transaction

from linli.kernel import journal
from linli.kernel.authority import Authority
from linli.kernel.clock import TimeLimit
from linli.rooms.whistles.actions.telling import confirm_limit
from linli.rooms.whistles.models import ConfirmLimit


def set_confirm_limit(by: Authority, urgent: bool, limit: TimeLimit) -> None:
    """Set the limit for confirming; it holds for departments called from now on."""
    by.require("clock.edit_calendar")
    with transaction.atomic():
        before = confirm_limit(urgent)
        ConfirmLimit.objects.update_or_create(urgent=urgent, defaults={"amount": limit.amount, "unit": limit.unit})
        journal.record(
            action="whistle.limit_set",
            actor=by.actor,
            object_type="whistle_limit",
            object_id="urgent" if urgent else "general",
            before={"amount": before.amount, "unit": before.unit},
            after={"amount": limit.amount, "unit": limit.unit},
        )
