"""The signed word at the end of a mail by which its reader stops further mails, without signing in."""

from __future__ import annotations

from django.core import signing

_STOP, _CONFIRM = "linli.notices.stop", "linli.notices.confirm"
CONFIRM_SECONDS = 3 * 24 * 3600


def token(account_id: int) -> str:
    """Names the account to nobody who has not the house's key, and lets nobody make one for another."""
    return signing.dumps(account_id, salt=_STOP)


def account_of(given: str) -> int | None:
    """The account of a token; None for one that is none."""
    return _read(given, _STOP, None)


def confirmation(address_id: int) -> str:
    """What a mail to a new address carries, to see that it is its reader's."""
    return signing.dumps(address_id, salt=_CONFIRM)


def confirmed_address(given: str) -> int | None:
    """The address of a confirmation of the last three days; None for one that is none."""
    return _read(given, _CONFIRM, CONFIRM_SECONDS)


def _read(given: str, salt: str, age: int | None) -> int | None:
    try:
        found = signing.loads(given, salt=salt, max_age=age)
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) else None
