"""What may be done with notices: reading, choosing, and the operator's part."""

from linli.rooms.messages.actions.channels import (
    call_at,
    close_channel,
    drop_unit_address,
    open_channel,
    retry,
    set_unit_address,
    try_channel,
)
from linli.rooms.messages.actions.choices import (
    choose,
    confirm_address,
    drop_address,
    set_address,
    stop_mail,
    wish,
)
from linli.rooms.messages.actions.inbox import mark_all_read, mark_read
from linli.rooms.messages.actions.wordings import check_words, restore_words, reword

__all__ = [
    "call_at",
    "check_words",
    "choose",
    "close_channel",
    "confirm_address",
    "drop_address",
    "drop_unit_address",
    "mark_all_read",
    "mark_read",
    "open_channel",
    "restore_words",
    "retry",
    "reword",
    "set_address",
    "set_unit_address",
    "stop_mail",
    "try_channel",
    "wish",
]
