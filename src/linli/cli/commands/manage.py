"""Django's management commands, with the database running."""

from __future__ import annotations

import os

from linli.cli.session import database
from linli.house.home import Home

# Commands that need no database: quicker without it, and they work when it does not.
WITHOUT_DATABASE = {"help", "version", "makemessages", "compilemessages", "collectstatic", "findstatic"}


def run(home: Home, words: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.house.settings")
    from django.core.management import execute_from_command_line

    if not words or words[0] in WITHOUT_DATABASE:
        execute_from_command_line(["./linli manage", *words])
        return 0
    with database(home):
        execute_from_command_line(["./linli manage", *words])
    return 0
