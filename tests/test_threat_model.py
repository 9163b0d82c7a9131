"""docs/security.md says which test holds each line: the tests exist, and no threat stands there without one."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from linli.house.home import SOURCE

PAGE = (SOURCE / "docs" / "security.md").read_text("utf-8")
NAMED = re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)
THREATS = [part.partition("\n")[::2] for part in PAGE.split("\n## ")[1:]]


@cache
def functions_in(path: str) -> frozenset[str]:
    """The functions of a file named in the document."""
    for folder in (SOURCE, SOURCE / "src" / "linli"):
        if (folder / path).is_file():
            tree = ast.parse((folder / path).read_text("utf-8"))
            return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return frozenset()


def test_every_test_that_is_named_exists():
    assert len(NAMED) > 80
    assert [f"{path}::{name}" for path, name in NAMED if name not in functions_in(path)] == []


@pytest.mark.parametrize(("threat", "words"), THREATS, ids=[threat for threat, _words in THREATS])
def test_every_threat_says_what_holds_and_names_its_tests(threat: str, words: str):
    held, _bullet, tests = words.partition("\n- ")
    assert 40 <= len(held.split()) <= 220, "about half a page, and not a heading alone"
    assert re.search(r"\.py::test_", tests)


def test_files_that_are_named_exist():
    for path in re.findall(r"`((?:rooms|kernel|house|doors|tests|requirements)/[\w/.]+)`", PAGE):
        assert any((folder / path).exists() for folder in (SOURCE, SOURCE / "src" / "linli")), path
