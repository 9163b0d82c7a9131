"""Reads `./linli [--home DIR] <command> [words]` and calls the command's module."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Protocol, cast

from linli.house.home import Home, HomeTrouble

# name: (module in `commands`, one line of help)
COMMANDS = {
    "demo": ("demo", "show Linli with a fictional town: [--port N] [--size small|district|city] [--fresh]"),
    "serve": ("serve", "run Linli: [--port N] [--host ADDRESS]"),
    "worker": ("worker", "run only the background worker"),
    "manage": ("manage", "Django's management commands: manage migrate, manage accounts --json …"),
    "check": ("check", "say what is wrong with this installation and how to mend it [--json]"),
    "backup": ("backup", "the whole house in one file: [--to FILE|DIR] [--with-secrets]"),
    "restore": ("restore", "restore FILE: bring a house back into an empty home [--database-url URL]"),
    "install": ("install", "get packages, translations and byte code ready, for a source that is read-only"),
    "keys": ("keys", "keys list|add|renew-sessions: the keys of this home"),
    "import": ("import_", "bring in data: import divisions|grids|buildings|borders|rules|cases|calendar|basemap FILE"),
    "journal": ("journal", "journal verify: prove that the record of actions is whole"),
    "database": ("database", "database url|status|stop"),
    "test": ("test", "run all checks, or pytest with the given arguments"),
    "bench": ("bench", "measure what requests cost, or break a house on purpose: [NAME] [--json FILE] [--faults]"),
    "messages": ("messages", "collect the texts of the interface and compile their translations"),
    "screenshots": ("screenshots", "draw the pictures of the README"),
    "lock": ("lock", "pin requirements/*.in anew, with hashes"),
}


class Command(Protocol):
    def run(self, home: Home, words: list[str]) -> int: ...


class Trouble(Exception):
    """One sentence for whoever typed the command."""


def take_home(words: list[str]) -> tuple[Home, list[str]]:
    """Take `--home DIR` (or `--home=DIR`) out of the words, wherever it stands before `--`."""
    chosen: str | None = None
    rest: list[str] = []
    position = 0
    while position < len(words):
        word = words[position]
        if word == "--":
            rest += words[position:]
            break
        if word == "--home":
            position += 1
            if position == len(words):
                raise Trouble("--home needs a folder.")
            chosen = words[position]
        elif word.startswith("--home="):
            chosen = word.removeprefix("--home=")
        else:
            rest.append(word)
        position += 1
    if chosen == "":
        raise Trouble("--home needs a folder.")
    if chosen:
        os.environ["LINLI_HOME"] = os.path.abspath(os.path.expanduser(chosen))
    home = Home.current()
    os.environ["LINLI_HOME"] = str(home.folder)
    return home, rest


def usage() -> str:
    lines = ["Linli (邻里)", "", "  ./linli [--home DIR] <command> …", ""]
    lines += [f"  {name:<12} {words}" for name, (_, words) in COMMANDS.items()]
    lines += ["", "The home folder is .linli beside ./linli, or LINLI_HOME, or --home.", ""]
    return "\n".join(lines)


def main(words: list[str]) -> int:
    """Run one command; the exit code is the process's."""
    from linli.kernel.database import DatabaseTrouble
    from linli.kernel.database.address import BadAddress

    try:
        home, rest = take_home(words)
        if not rest or rest[0] in {"-h", "--help", "help"}:
            print(usage())
            return 0
        if rest[0] not in COMMANDS:
            raise Trouble(f"there is no command `{rest[0]}`. `./linli help` lists them.")
        command = cast(Command, import_module(f"linli.cli.commands.{COMMANDS[rest[0]][0]}"))
        return command.run(home, rest[1:])
    except (Trouble, HomeTrouble, DatabaseTrouble, BadAddress) as trouble:
        sys.stderr.write(f"linli: {trouble}\n")
        return 1
    except KeyboardInterrupt:
        return 130
