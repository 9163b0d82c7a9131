"""The record of every action: who did what, for which post, when, to what, with what effect.

`record(...)` belongs into the transaction of the action it records. Entries are never changed; the worker
seals
them in hash-chained batches within two seconds (`jobs.seal`), and `verify` finds every row that was changed,
removed or slipped in. Read with `queries`.
"""

from linli.kernel.journal.actions import Draft, Repeated, once, record, record_many
from linli.kernel.journal.rules import Actor

__all__ = ["Actor", "Draft", "Repeated", "once", "record", "record_many"]
