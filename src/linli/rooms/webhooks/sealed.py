"""The sealed columns of this room, for a change of keys (`kernel.seal.rotation`)."""

from linli.kernel.seal.rotation import sealed_column
from linli.rooms.webhooks.sending import secret_context

sealed_column("webhooks_endpoint", "secret", secret_context, named_by=["id"])
sealed_column("webhooks_endpoint", "old_secret", lambda key: secret_context(key, old=True), named_by=["id"])
