"""Counting: one statement, whatever the outcome."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from linli.kernel.errors import TooMany
from linli.kernel.rates.rules import DEFAULTS, Limit, read_limits, visitor
from linli.kernel.seal import blind_index

# The database's own clock: several web machines share the spans. Who is over the own limit does not count for the
# house. Rows are locked in one order (own, house), so counters never wait for one another in a circle.
_COUNT = """
WITH present AS (SELECT extract(epoch FROM clock_timestamp())::bigint AS second, clock_timestamp() AS at),
own AS (
  INSERT INTO rates_count AS c (what, who, span, used, at)
  SELECT %(what)s, %(who)s, second / %(own_seconds)s, 1, at FROM present
  ON CONFLICT (what, who) DO UPDATE
    SET used = CASE WHEN c.span = excluded.span THEN c.used + 1 ELSE 1 END, span = excluded.span, at = excluded.at
  RETURNING used
), house AS (
  INSERT INTO rates_count AS c (what, who, span, used, at)
  SELECT %(what)s, ''::bytea, second / %(all_seconds)s, 1, at FROM present, own
  WHERE %(own_times)s = 0 OR own.used <= %(own_times)s
  ON CONFLICT (what, who) DO UPDATE
    SET used = CASE WHEN c.span = excluded.span THEN c.used + 1 ELSE 1 END, span = excluded.span, at = excluded.at
  RETURNING used
)
SELECT own.used, house.used, %(own_seconds)s - second %% %(own_seconds)s, %(all_seconds)s - second %% %(all_seconds)s
FROM present, own LEFT JOIN house ON true
"""


def count(what: str, address: str) -> None:
    """Count one more `what` (a name of `DEFAULTS`) from this address.

    Raises TooMany with `retry_after` when the address, or the house, has had its share of the span.
    """
    limit = _limits(settings.LINLI_LIMITS).get(what)
    if limit is None or not (limit.address.times or limit.house.times):
        return
    given: dict[str, str | bytes | int] = {
        "what": what,
        "who": blind_index(visitor(address), "rates"),
        "own_times": limit.address.times,
        "own_seconds": limit.address.seconds,
        "all_seconds": limit.house.seconds,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, given)
        used, used_by_all, own_wait, all_wait = cursor.fetchone()
    if limit.address.times and used > limit.address.times:
        raise _too_many(_("从您这里来的请求太多了。"), "rates.address", own_wait)
    if limit.house.times and used_by_all and used_by_all > limit.house.times:
        raise _too_many(_("现在请求的人太多了。"), "rates.house", all_wait)


def _too_many(words: str, code: str, seconds: int) -> TooMany:
    minutes = -(-seconds // 60)
    next_ = ngettext(
        "请 %(n)d 分钟后再试，已填的内容还在。着急的事请拨打 12345。",
        "请 %(n)d 分钟后再试，已填的内容还在。着急的事请拨打 12345。",
        minutes,
    ) % {"n": minutes}
    return TooMany(words, code, what_next=next_, retry_after=seconds)


@lru_cache(maxsize=8)
def _limits(text: str) -> dict[str, Limit]:
    """What cannot be read counts as not written: `./linli check` says so."""
    try:
        return read_limits(text) or {}
    except ValueError:
        return dict(DEFAULTS)
