"""The limits, how an operator writes them, and what counts as one visitor. Pure."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Rate:
    """So many times in so many seconds; times = 0: never counted."""

    times: int
    seconds: int

    def __str__(self) -> str:
        unit = next(name for name, length in reversed(_UNITS.items()) if self.seconds % length == 0)
        return f"{self.times}/{self.seconds // _UNITS[unit]}{unit}"


@dataclass(frozen=True, slots=True)
class Limit:
    """What one address may do, and all of them together."""

    address: Rate
    house: Rate


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_TEN_MINUTES = 600

# An office or a whole quarter may share one address (NAT), so the figures stop floods, not people.
DEFAULTS: dict[str, Limit] = {
    # reports and voices of people who are not signed in as staff
    "report": Limit(Rate(300, _TEN_MINUTES), Rate(6000, _TEN_MINUTES)),
    # ratings, reopening, withdrawing, asking for news
    "answer": Limit(Rate(300, _TEN_MINUTES), Rate(6000, _TEN_MINUTES)),
    # tracking codes typed in, and addresses with a code that does not exist
    "follow": Limit(Rate(120, _TEN_MINUTES), Rate(20_000, _TEN_MINUTES)),
    # passwords and codes; five failures for one name lock that name besides
    "sign_in": Limit(Rate(200, _TEN_MINUTES), Rate(6000, _TEN_MINUTES)),
    "register": Limit(Rate(20, 3600), Rate(1000, 3600)),
    "upload": Limit(Rate(600, _TEN_MINUTES), Rate(12_000, _TEN_MINUTES)),
    # suggestions while typing, and finding a grid
    "suggest": Limit(Rate(600, 60), Rate(20_000, 60)),
}

_RATE = re.compile(r"(\d{1,7})/(\d{0,4})([smhd])")
_WORD = re.compile(r"(\w+)=(off|[^,;]+,[^,;]+)")


def read_limits(text: str) -> dict[str, Limit] | None:
    """The limits of `LINLI_LIMITS`: "report=60/10m,3000/10m; suggest=off" (for an address, for the house).

    What is not named keeps its default. None for "off". Raises ValueError with the part that cannot be read.
    """
    if text.strip() == "off":
        return None
    found = dict(DEFAULTS)
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        match = _WORD.fullmatch(part.replace(" ", ""))
        if match is None or match[1] not in DEFAULTS:
            raise ValueError(f"{part!r}: write NAME=PER_ADDRESS,PER_HOUSE with one of {', '.join(DEFAULTS)}")
        if match[2] == "off":
            found[match[1]] = Limit(replace(found[match[1]].address, times=0), replace(found[match[1]].house, times=0))
            continue
        address, house = match[2].split(",")
        found[match[1]] = Limit(_rate(address), _rate(house))
    return found


def _rate(text: str) -> Rate:
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r}: write times/span, for instance 60/10m or 300/m")
    seconds = int(match[2] or 1) * _UNITS[match[3]]
    if seconds < 1:
        raise ValueError(f"{text!r}: the span has to be longer than nothing")
    return Rate(int(match[1]), seconds)


def visitor(address: str) -> str:
    """What counts as one: an IPv4 address, or the /64 net an IPv6 line gets as a whole."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
