"""The sealed columns of this room, for a change of keys (`kernel.seal.rotation`)."""

from linli.kernel.seal.rotation import sealed_column
from linli.rooms.people.actions.accounts import phone_context

sealed_column("people_account", "phone_sealed", phone_context, named_by=["id"])
