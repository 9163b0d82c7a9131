"""Everything that changes accounts, units, posts, the responsibility matrix and the sign-in policy.

Each function is one transaction: permission, change, journal entry, event. `by` is a `rights.Viewer` or any
other `linli.kernel.authority.Authority`. Refusals are `Refused` with the field they belong to.
"""

from linli.rooms.people.actions.accounts import (
    change_language,
    change_phone,
    create_account,
    drop_second_factors,
    edit_account,
    password_changed,
    register_resident,
    reset_password,
    set_active,
    set_admin_role,
)
from linli.rooms.people.actions.keys import create_key, revoke_key, rotate_key
from linli.rooms.people.actions.many import NewPerson, NewPost, appoint_many, bring_in, offer_to_visitors
from linli.rooms.people.actions.matrix import (
    RuleWords,
    activate_matrix,
    add_rule,
    add_rules,
    discard_draft,
    draft_matrix,
    edit_rule,
    remove_rule,
)
from linli.rooms.people.actions.policy import change_policy, edit_post_kind
from linli.rooms.people.actions.posts import (
    appoint,
    deputise,
    edit_post,
    end_post,
    replace_holder,
    undeputise,
)
from linli.rooms.people.actions.sheets import confirm_sheet, discard_sheet, read_sheet
from linli.rooms.people.actions.units import create_unit, edit_unit, end_unit

__all__ = [
    "NewPerson",
    "NewPost",
    "RuleWords",
    "activate_matrix",
    "add_rule",
    "add_rules",
    "appoint",
    "appoint_many",
    "bring_in",
    "change_language",
    "change_phone",
    "change_policy",
    "confirm_sheet",
    "create_account",
    "create_key",
    "create_unit",
    "deputise",
    "discard_draft",
    "discard_sheet",
    "draft_matrix",
    "drop_second_factors",
    "edit_account",
    "edit_post",
    "edit_post_kind",
    "edit_rule",
    "edit_unit",
    "end_post",
    "end_unit",
    "offer_to_visitors",
    "password_changed",
    "read_sheet",
    "register_resident",
    "remove_rule",
    "replace_holder",
    "reset_password",
    "revoke_key",
    "rotate_key",
    "set_active",
    "set_admin_role",
    "undeputise",
]
