"""What an operator may do about deliveries. The door checks the right; the journal keeps who did it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction
from django.utils.translation import gettext as _

from linli.kernel import journal
from linli.kernel.authority import Authority
from linli.kernel.errors import Conflict

CAPABILITY = "house.retry_deliveries"


def retry(delivery_ids: Sequence[int], by: Authority) -> int:
    """Send dead deliveries on their way again, with all their tries; returns how many.

    They come after what the same subscriber has been given of the same object meanwhile.
    Raises NotAllowed, and Conflict when none of them is dead any more.
    """
    by.require(CAPABILITY)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_delivery SET state = 'pending', tries = 0, next_try_at = clock_timestamp()"
            " WHERE id = ANY(%s::bigint[]) AND state = 'dead' RETURNING id, subscriber, last_error",
            [list(delivery_ids)],
        )
        rows = cursor.fetchall()
        if not rows:
            raise Conflict(_("这些投递已不在失败状态，请刷新页面。"), code="outbox.not_dead")
        journal.record_many(
            [
                journal.Draft(
                    action="outbox.retried",
                    actor=by.actor,
                    object_type="delivery",
                    object_id=delivery_id,
                    before={"state": "dead", "last_error": error},
                    after={"state": "pending", "subscriber": subscriber},
                )
                for delivery_id, subscriber, error in rows
            ]
        )
        cursor.execute("SELECT pg_notify('linli_outbox', '')")
    return len(rows)
