"""How often strangers may do what costs the house something: counted in the database, so by all processes together.

rates.count("report", request.META["REMOTE_ADDR"])     # raises TooMany with the seconds to wait

A limit counts twice: for each address, and for the house. An address that is over its own limit no longer counts
for the house, so that nobody alone can close the door for all.
"""

from linli.kernel.rates.actions import count
from linli.kernel.rates.rules import DEFAULTS, Limit, Rate, read_limits

__all__ = ["DEFAULTS", "Limit", "Rate", "count", "read_limits"]
