"""`import WHAT FILE …`: each kind of data has a management command `import_<what>`."""

from __future__ import annotations

from linli.cli.commands import manage
from linli.cli.main import Trouble
from linli.cli.session import django_ready
from linli.house.home import Home

PREFIX = "import_"


def run(home: Home, words: list[str]) -> int:
    from django.core.management import get_commands

    with django_ready(home):
        known = sorted(name.removeprefix(PREFIX) for name in get_commands() if name.startswith(PREFIX))
        if not words or words[0].replace("-", "_") not in known:
            raise Trouble("say what to import: " + ", ".join(f"`import {name}`" for name in known) + ".")
        return manage.run(home, [PREFIX + words[0].replace("-", "_"), *words[1:]])
