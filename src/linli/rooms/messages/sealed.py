"""The sealed columns of this room, for a change of keys (`kernel.seal.rotation`)."""

from linli.kernel.seal.rotation import sealed_column

sealed_column(
    "notices_channel", "settings", lambda uid: f"notices_channel:settings:{uid}", named_by=["uid"], key="code"
)
sealed_column("notices_address", "sealed", lambda uid: f"notices_address:sealed:{uid}", named_by=["uid"])
