"""Who is forgotten is written to no more: addresses, choices and what was said go with them."""

from __future__ import annotations

from linli.kernel.outbox import StoredEvent, subscriber
from linli.rooms.messages.models import Address, Choice, Notice, Wish


@subscriber("notices.forget_account", kinds={"account.erased"})
def forget_account(event: StoredEvent) -> None:
    for model in (Address, Choice, Notice):
        model.objects.filter(account_id=event.object_id).delete()  # type: ignore[attr-defined]


@subscriber("notices.forget_reporter", kinds={"person.forgotten"})
def forget_reporter(event: StoredEvent) -> None:
    Wish.objects.filter(pk=event.object_id).delete()
    Notice.objects.filter(report_id=event.object_id).delete()
