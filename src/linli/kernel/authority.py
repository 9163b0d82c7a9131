"""Who acts, and whether they may: what every action of a lower room asks for.

Rooms below `people` cannot know posts and rights. Their actions take an `Authority` instead: the
actor for the journal, and one question. `people.rights.Viewer` answers it from posts; set-up,
imports on the command line and tests use `SystemAuthority`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from linli.kernel.journal import Actor


@runtime_checkable
class Authority(Protocol):
    """Somebody who wants to act."""

    @property
    def actor(self) -> Actor:
        """The person, post or system the journal will name."""
        ...

    def require(
        self,
        capability: str,
        place_lineage: Sequence[int] = (),
        unit_id: int | None = None,
        class_code: str = "",
    ) -> None:
        """Raise `NotAllowed` unless this authority may do `capability` here.

        capability: for example "places.publish_grids".
        place_lineage: ids from the root of the place tree down to the place acted on; empty when the
            action is about the whole house.
        """
        ...


class SystemAuthority:
    """The house itself: set-up, command line, worker, demo and tests. May do everything."""

    def __init__(self, name: str = "系统") -> None:
        self.name = name

    @property
    def actor(self) -> Actor:
        from linli.kernel.journal import Actor  # journal needs Django's apps to be loaded

        return Actor(account_id=None, name=self.name, post_id=None, post_name="", kind="system")

    def require(
        self,
        capability: str,
        place_lineage: Sequence[int] = (),
        unit_id: int | None = None,
        class_code: str = "",
    ) -> None:
        return None
