"""Calendars and moments that the tests of the clock share."""

from datetime import datetime

from hypothesis import strategies as st

from linli.kernel.clock.calendar import CIVIL, Calendar
from linli.kernel.clock.limits import UNITS, TimeLimit
from linli.kernel.clock.published import published, published_years

SHIPPED = Calendar(
    exceptions={day.day: day.kind for year in published_years() for day in published(year)[1]},
    official_years=frozenset(published_years()),
)


def civil(text: str) -> datetime:
    """A moment of civil time from "2026-02-13 17:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=CIVIL)


def shown(moment: datetime) -> str:
    return moment.astimezone(CIVIL).strftime("%Y-%m-%d %H:%M")


moments = st.datetimes(datetime(2024, 1, 1), datetime(2026, 10, 1)).map(  # noqa: DTZ001
    lambda naive: naive.replace(tzinfo=CIVIL)
)
limits = st.builds(TimeLimit, st.integers(1, 40), st.sampled_from(UNITS))
working_moments = st.builds(
    lambda day, minute: day.replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0),
    moments.filter(lambda moment: SHIPPED.is_workday(moment.date())),
    st.one_of(st.integers(481, 720), st.integers(841, 1080)),
)


@st.composite
def pauses(draw: st.DrawFn) -> list[tuple[datetime, datetime]]:
    ends = [sorted([draw(moments), draw(moments)]) for _each in range(draw(st.integers(0, 3)))]
    return [(since, until) for since, until in ends]
