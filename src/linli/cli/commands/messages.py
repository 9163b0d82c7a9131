"""`messages`: collect the texts of the interface into the .po files and compile the translations."""

from __future__ import annotations

from linli.cli import messages
from linli.house.home import Home


def run(home: Home, words: list[str]) -> int:
    import django
    from django.conf import settings

    if not settings.configured:  # reading templates needs Django's lexer, but no database and no home
        settings.configure(USE_I18N=True)
        django.setup()
    empty = 0
    for package in messages.packages():
        outcome = messages.update(package)
        if outcome is None:
            continue
        added, removed, untranslated = outcome
        empty += untranslated
        name = package.relative_to(messages.PACKAGE)
        print(f"{name!s:<24} {added:>4} new {removed:>4} gone {untranslated:>4} to translate")
    print(f"{messages.compile_messages()} compiled")
    return 1 if empty else 0
