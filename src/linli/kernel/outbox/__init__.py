"""Events, written with the action that caused them and delivered to every subscriber at least once.

`journal.record(..., events=[Event(...)])` stores them; the worker delivers (`jobs`); `queries` shows what
is owed, `actions.retry` sends what died on its way again.
"""

from linli.kernel.outbox.registry import Event, StoredEvent, subscriber

__all__ = ["Event", "StoredEvent", "subscriber"]
