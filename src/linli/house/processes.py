"""Living and dying together: no process of Linli outlives the one that started it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def _load_libc() -> ctypes.CDLL | None:
    if sys.platform != "linux":
        return None
    with contextlib.suppress(OSError):
        return ctypes.CDLL(None, use_errno=True)
    return None


_libc = _load_libc()


def die_with_parent(parent: int | None = None, how: int = signal.SIGTERM) -> None:
    """Ask the kernel to send us `how` when our parent dies; does nothing where that is not possible.

    parent: the parent's process id, if it may have died before this call.
    """
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, how, 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), how)
