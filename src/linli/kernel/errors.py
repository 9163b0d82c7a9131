"""What can go wrong in a way that a person should hear about.

Rules and actions raise these; the web turns them into pages, fragments or JSON
(`linli.house.errors`), commands into one sentence. Anything else that is raised is a defect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Text = str | _StrPromise
else:
    Text = str


class LinliError(Exception):
    """An error with words for the person who caused it or can mend it.

    message: what is wrong (translated lazily); code: stable identifier for programs and tests;
    field: name of the form field it belongs to, when there is one; what_next: what to do now.
    """

    status = 500
    default_code = "error"

    def __init__(
        self,
        message: Text = "",
        code: str | None = None,
        field: str | None = None,
        *,
        what_next: Text | None = None,
    ) -> None:
        super().__init__(message)
        self.message: Text = message
        self.code = code or self.default_code
        self.field = field
        self.what_next: Text | None = what_next

    def __str__(self) -> str:
        return str(self.message) or self.code

    def as_json(self) -> dict[str, Any]:
        """The error for machines: code, status and the same words a person reads."""
        answer: dict[str, Any] = {"code": self.code, "status": self.status, "message": str(self.message)}
        if self.field:
            answer["field"] = self.field
        if self.what_next:
            answer["what_next"] = str(self.what_next)
        return answer


class Refused(LinliError):
    """The house's rules do not allow this (422): the message says which and what to do."""

    status = 422
    default_code = "refused"


class NotAllowed(LinliError):
    """This viewer has no right to do or see this (403)."""

    status = 403
    default_code = "not_allowed"


class NotFound(LinliError):
    """No such thing, or none that this viewer may know of (404)."""

    status = 404
    default_code = "not_found"


class Conflict(LinliError):
    """Somebody else was quicker (409).

    changes: what happened meanwhile, as rows `{"what", "before", "after", "by", "at"}`;
    typed: what this person had typed, so that the page can give it back.
    """

    status = 409
    default_code = "conflict"

    def __init__(
        self,
        message: Text = "",
        code: str | None = None,
        field: str | None = None,
        *,
        what_next: Text | None = None,
        changes: list[dict[str, Any]] | None = None,
        typed: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, code, field, what_next=what_next)
        self.changes = changes or []
        self.typed = typed or {}

    def as_json(self) -> dict[str, Any]:
        return {**super().as_json(), "changes": self.changes}


class TooMany(LinliError):
    """More than this one may ask for in the time (429). retry_after: seconds until it is worth trying again."""

    status = 429
    default_code = "too_many"

    def __init__(
        self,
        message: Text = "",
        code: str | None = None,
        field: str | None = None,
        *,
        what_next: Text | None = None,
        retry_after: int = 60,
    ) -> None:
        super().__init__(message, code, field, what_next=what_next)
        self.retry_after = retry_after

    def as_json(self) -> dict[str, Any]:
        return {**super().as_json(), "retry_after": self.retry_after}


class Unavailable(LinliError):
    """The house cannot work just now, through nobody's fault (503). retry_after: seconds until it is worth a try."""

    status = 503
    default_code = "unavailable"

    def __init__(
        self,
        message: Text = "",
        code: str | None = None,
        *,
        what_next: Text | None = None,
        retry_after: int = 10,
    ) -> None:
        super().__init__(message, code, what_next=what_next)
        self.retry_after = retry_after

    def as_json(self) -> dict[str, Any]:
        return {**super().as_json(), "retry_after": self.retry_after}


class NoRoom(Unavailable):
    """There is no room left on the disk to keep anything (507)."""

    status = 507
    default_code = "disk.full"
