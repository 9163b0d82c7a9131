"""The only code that writes whistles: each function is one transaction with its entry and its event."""

from linli.rooms.whistles.actions.answering import (
    check_in_by_code,
    check_in_by_place,
    confirm,
    promise,
    refuse,
    release,
    vouch,
)
from linli.rooms.whistles.actions.blowing import (
    Blow,
    blow,
    call_more,
    make_lead,
    may_blow,
    move_meeting,
)
from linli.rooms.whistles.actions.deciding import decide, score
from linli.rooms.whistles.actions.ending import cancel, end, withdraw
from linli.rooms.whistles.actions.limits import set_confirm_limit

__all__ = [
    "Blow",
    "blow",
    "call_more",
    "cancel",
    "check_in_by_code",
    "check_in_by_place",
    "confirm",
    "decide",
    "end",
    "make_lead",
    "may_blow",
    "move_meeting",
    "promise",
    "refuse",
    "release",
    "score",
    "set_confirm_limit",
    "vouch",
    "withdraw",
]
