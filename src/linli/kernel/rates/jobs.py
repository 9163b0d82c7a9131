"""Forgets counters whose span is over."""

from __future__ import annotations

import datetime as dt

from linli.kernel import clock
from linli.kernel.beats import beat
from linli.kernel.rates.models import Count

KEPT_FOR = dt.timedelta(days=1)
"""No span is longer that anybody would want; a counter is no use after it."""


@beat("rates.forget", every=3600)
def forget_old_counters() -> None:
    """Rows that nobody has counted on for a day."""
    Count.objects.filter(at__lt=clock.now() - KEPT_FOR).delete()
