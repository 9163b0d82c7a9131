"""What an operator should know about this installation: `./linli check`.

A check is a small function that yields findings; `@check` registers it under a name. Each finding says
what is wrong and how to mend it.
"""

from linli.house.checks.registry import Finding, Level, all_checks, check, run

__all__ = ["Finding", "Level", "all_checks", "check", "run"]
