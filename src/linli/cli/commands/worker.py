"""`worker`: only the background worker, for instance on a second machine."""

from __future__ import annotations

from linli.cli.session import django_ready
from linli.house.home import Home


def run(home: Home, words: list[str]) -> int:
    with django_ready(home):
        from django.core.management import call_command

        call_command("worker", *words)
    return 0
