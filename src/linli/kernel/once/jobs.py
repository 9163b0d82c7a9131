"""Forgets answers after their day."""

from __future__ import annotations

from linli.kernel import clock
from linli.kernel.beats import beat
from linli.kernel.once.actions import KEPT_FOR
from linli.kernel.once.models import KeptAnswer


@beat("once.forget", every=3600)
def forget_old_answers() -> None:
    """Rows older than a day."""
    KeptAnswer.objects.filter(at__lt=clock.now() - KEPT_FOR).delete()
