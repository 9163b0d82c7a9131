"""What Linli says when it does not do something.

Every error carries a stable `code`, the HTTP `status` a door answers with, a message for the person who
acted, the `field` it is about, and what to do next. Messages may be lazily translated: they are turned into
text only when shown, in the language of whoever reads them.
"""

from typing import Any


class LinliError(Exception):
    """The common form of every refusal; raise one of its children."""

    status: int = 500
    default_code: str = "error"

    def __init__(
        self,
        message: object = "",
        code: str | None = None,
        field: str | None = None,
        what_next: object | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.field = field
        self.what_next = what_next

    def __str__(self) -> str:
        return str(self.message)


class Refused(LinliError):
    """A rule of the house says no; the person can read why and mend it."""

    status = 422
    default_code = "refused"


class NotAllowed(LinliError):
    """This viewer has no right to it."""

    status = 403
    default_code = "not_allowed"


class NotFound(LinliError):
    """There is no such thing, or none that this viewer may know of."""

    status = 404
    default_code = "not_found"


class Conflict(LinliError):
    """Somebody else was faster.

    `changes` says what has changed meanwhile (one dict for each field: label, before, after, by);
    `typed` gives back what the person had typed, so that nothing is lost.
    """

    status = 409
    default_code = "conflict"

    def __init__(
        self,
        message: object = "",
        code: str | None = None,
        field: str | None = None,
        what_next: object | None = None,
        *,
        changes: list[dict[str, Any]] | None = None,
        typed: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, code, field, what_next)
        self.changes = changes or []
        self.typed = typed or {}
