"""The states of a case in the words of Open311 (open, closed) and of FixMyStreet, which tells more apart.

One table for what is told, one for what is heard.
"""

from __future__ import annotations

from linli.rooms.cases.flow import FLOW

# FixMyStreet's words for every state of the flow; a test keeps the table whole.
TOLD: dict[str, str] = {
    "reported": "open",
    "checking": "investigating",
    "accepted": "investigating",
    "registered": "investigating",
    "dispatched": "action_scheduled",
    "handling": "in_progress",
    "suspended": "action_scheduled",
    "confirming": "in_progress",
    "verifying": "in_progress",
    "closing": "in_progress",
    "closed": "fixed",
    "assisted": "closed",
    "refused": "not_responsible",
    "withdrawn": "closed",
    "merged": "duplicate",
}
# A step that says more than the state it leads to.
TOLD_BY_STEP = {"reopen": "open"}

# What other systems may say with an update: whether, in their eyes, the problem is solved. A case is never closed or
# opened by it: that remains with those who verify. Only a reporter's "fixed" of a closed case counts as a rating.
HEARD: dict[str, str] = {
    "open": "open",
    "confirmed": "open",
    "reopen": "open",
    "investigating": "open",
    "planned": "open",
    "action_scheduled": "open",
    "in_progress": "open",
    "internal_referral": "open",
    "fixed": "fixed",
    "fixed_council": "fixed",
    "fixed_user": "fixed",
    "closed": "closed",
    "duplicate": "closed",
    "not_responsible": "closed",
    "not_councils_responsibility": "closed",
    "no_further_action": "closed",
    "unable_to_fix": "closed",
    "cancelled": "closed",
}


def status(state: str) -> str:
    """ "open" or "closed" of GeoReport v2."""
    return "closed" if FLOW.state(state).kind == "ended" else "open"


def told(state: str, step: str = "") -> str:
    """FixMyStreet's word for a state, after a step."""
    return TOLD_BY_STEP.get(step) or TOLD[state]


def heard(word: str) -> str | None:
    """What a client's status means to us: "open", "fixed", "closed"; None for a word nobody knows."""
    return HEARD.get(word.strip().lower().replace(" ", "_").replace("-", "_"))
