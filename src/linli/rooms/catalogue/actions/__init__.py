"""Verbs of the catalogue: the only code of the room that writes."""

from linli.rooms.catalogue.actions.filing import (
    RuleText,
    add_rule,
    confirm_rules,
    correct_rule,
    discard_draft,
    preview_rules,
    retire_rule,
)
from linli.rooms.catalogue.actions.items import add_item, add_items, change_item, restore_item, retire_item
from linli.rooms.catalogue.actions.lessons import learn, unlearn
from linli.rooms.catalogue.actions.shipped import take_in_shipped

__all__ = [
    "RuleText",
    "add_item",
    "add_items",
    "add_rule",
    "change_item",
    "confirm_rules",
    "correct_rule",
    "discard_draft",
    "learn",
    "preview_rules",
    "restore_item",
    "retire_item",
    "retire_rule",
    "take_in_shipped",
    "unlearn",
]
