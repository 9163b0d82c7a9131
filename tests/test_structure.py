"""The house stays as it is drawn: documents true, rights asked, files short, nothing private in them."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from django.core.management import call_command

from linli.house.home import SOURCE
from linli.house.management.commands.lifecycles import PAGE, life_cycles
from linli.rooms.cases.flow import FLOW
from linli.rooms.people.kinds import POST_KINDS
from linli.rooms.people.rules import ADMIN_CAPABILITIES, CAPABILITIES

LONGEST = 400
# Longer than they should be, with the reason why they are one file all the same.
LONG = {
    "src/linli/rooms/cases/flow.py": "one table",
    "src/linli/rooms/cases/actions/effects.py": "one function for each step of the table, in its order",
    "tests/addresses.py": "one table",
}
TEXT = {".py", ".md", ".html", ".css", ".js", ".mjs", ".toml", ".po", ".json", ".sql", ".txt", ".in", ".sh", ""}
NOT_OURS = ("/vendor/", "/data/", "requirements/", "LICENSE", "/tests/vendor/")
# Written in parts, so that this file does not say them.
PRIVATE = [
    r"/wor" r"k/(?:main|shared|brief|\.)",
    r"/roo" r"t/",
    r"/tm" r"p/(?:h-|brief|bash)",
    r"(?i)\biss" r"ue\s*#?\d",
    r"(?i)\banthro" r"pic\b|\bclau" r"de\b|\bgp" r"t-\d|\bco-authored" r"-by\b",
    r"\bTO" r"DO\b|(?i:\bfix" r"me\b)",
]


@cache
def tracked() -> tuple[Path, ...]:
    """Every file under version control; without a repository, the files that lie there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=SOURCE, capture_output=True, check=False)
    if listed.returncode:
        return tuple(path for path in (SOURCE / "src").rglob("*") if path.is_file())
    names = listed.stdout.decode("utf-8").split("\0")
    return tuple(path for path in (SOURCE / name for name in names if name) if path.is_file())


def ours() -> list[Path]:
    return [
        path
        for path in tracked()
        if path.suffix in TEXT and not any(part in f"/{path.relative_to(SOURCE)}" for part in NOT_OURS)
    ]


def code() -> list[Path]:
    return [path for path in ours() if path.suffix == ".py" and not {"tests", "migrations"} & set(path.parts)]


def test_files_are_short_enough_to_read():
    found = {}
    for path in ours():
        if path.suffix in {".py", ".js", ".html", ".css"} and "migrations" not in path.parts:
            lines = path.read_text("utf-8").count("\n")
            if lines > LONGEST and "tests" not in path.parts[:-1]:
                found[str(path.relative_to(SOURCE))] = lines
    assert {name: lines for name, lines in found.items() if name not in LONG} == {}, f"over {LONGEST} lines"


@pytest.mark.parametrize("pattern", PRIVATE)
def test_nothing_private_is_in_the_files(pattern: str):
    """No paths of somebody's machine, no numbers of a tracker, no names of tools, nothing left for later."""
    expression = re.compile(pattern)
    found = []
    for path in ours():
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if expression.search(line):
                found.append(f"{path.relative_to(SOURCE)}:{number}: {line.strip()[:100]}")
    assert found == []


def test_the_page_of_life_cycles_is_what_the_table_says():
    assert PAGE.is_file() and PAGE.read_text("utf-8") == life_cycles(), "./linli manage lifecycles"


ASKED = re.compile(r"""(?:require|may|has|reach|opens)\(\s*((?:["'][a-z_]+\.[a-z_]+["'],?\s*)+)""")
NAME = re.compile(r"""["']([a-z_]+\.[a-z_]+)["']""")


def test_every_capability_is_asked_for_somewhere():
    said: set[str] = {step.who for step in FLOW.steps}
    for path in code():
        if path.name != "rules.py" or path.parent.name != "people":
            said |= set(NAME.findall(path.read_text("utf-8")))
    assert sorted(set(CAPABILITIES) - said) == []


def test_every_capability_that_is_asked_for_exists():
    asked = {
        name for path in code() for words in ASKED.findall(path.read_text("utf-8")) for name in NAME.findall(words)
    }
    granted = {name for seed in POST_KINDS for name in seed.duties} | set().union(*ADMIN_CAPABILITIES.values())
    assert sorted((asked | granted) - set(CAPABILITIES)) == []


def test_every_capability_is_granted_to_somebody():
    granted = {name for seed in POST_KINDS for name in seed.duties} | set().union(*ADMIN_CAPABILITIES.values())
    assert sorted(set(CAPABILITIES) - granted) == []


LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def test_documents_point_at_what_is_there():
    missing = []
    for path in ours():
        if path.suffix == ".md":
            for target in LINK.findall(path.read_text("utf-8")):
                if not (path.parent / target).exists():
                    missing.append(f"{path.relative_to(SOURCE)}: {target}")
    assert missing == []


@pytest.mark.parametrize(
    "name", ["README.md", "README.zh-CN.md", "CHANGELOG.md", "docs/operate.md", "docs/architecture.md"]
)
def test_the_documents_are_there(name: str):
    assert (SOURCE / name).is_file()


def test_pictures_of_the_documents_are_light():
    pictures = list((SOURCE / "docs" / "images").glob("*.png"))
    assert len(pictures) <= 15
    assert [path.name for path in pictures if path.stat().st_size > 250_000] == []


@pytest.mark.django_db
def test_migrations_are_what_the_models_say():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
