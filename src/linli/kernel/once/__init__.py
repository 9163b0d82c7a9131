"""The same request twice is carried out once: the answer is kept beside the key that the client made.

Key, request and answer are written in the transaction of the action itself. Whoever comes with the same key at the
same moment waits on the unique index until that transaction ends, and then gets its answer; when it was refused or
cut off, nothing of it is left and the key is still unused. There is no state in between.
"""

from linli.kernel.once.actions import KEPT_FOR, Kept, once

__all__ = ["KEPT_FOR", "Kept", "once"]
