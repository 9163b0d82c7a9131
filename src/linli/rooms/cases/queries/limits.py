"""How long each step may take, as it stands now: for the page that edits it."""

from __future__ import annotations

from linli.kernel.clock import TimeLimit
from linli.rooms.cases.models import StepLimit


def step_limits_now() -> dict[tuple[str, bool], TimeLimit]:
    """(state, urgent) → limit, fresh from the table; the hot path uses `actions.steps.step_limits`."""
    rows = StepLimit.objects.values_list("state", "urgent", "amount", "unit")
    return {(state, urgent): TimeLimit(amount, unit) for state, urgent, amount, unit in rows}  # type: ignore[arg-type]
