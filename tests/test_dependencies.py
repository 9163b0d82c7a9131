"""What is installed is what was looked at: pinned, hashed, from the registry, and nothing with a known weakness."""

from __future__ import annotations

import re
from functools import cache
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from linli.cli.commands import check
from linli.house.home import SOURCE

FOLDER = SOURCE / "requirements"
LOCKS = ("base.lock", "dev.lock")


@cache
def entries(lock: str) -> dict[str, tuple[Requirement, list[str]]]:
    """Name → (requirement, hashes) of a lock file."""
    text = (FOLDER / lock).read_text("utf-8").replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        words, *hashes = re.split(r"\s+--hash=", line.strip())
        requirement = Requirement(words)
        found[requirement.name.lower()] = (requirement, [word.strip() for word in hashes])
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_and_hashed(lock: str):
    assert len(entries(lock)) > 20
    for name, (requirement, hashes) in entries(lock).items():
        assert requirement.url is None, f"{name} comes from an address, not from the registry"
        assert [part.operator for part in requirement.specifier] == ["=="], name
        assert hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", word) for word in hashes), name


def test_the_tests_run_with_what_is_shipped():
    for name, (requirement, hashes) in entries("base.lock").items():
        tested, its_hashes = entries("dev.lock")[name]
        assert (tested.specifier, its_hashes) == (requirement.specifier, hashes), name


def test_what_is_installed_is_what_is_pinned():
    other = {}
    for name, (requirement, _hashes) in entries("base.lock").items():
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        version = metadata.version(name)
        if not requirement.specifier.contains(version, prereleases=True):
            other[name] = version
    assert other == {}


@pytest.mark.parametrize("lock", LOCKS)
def test_no_release_with_a_known_weakness_is_pinned(lock: str):
    bad = []
    for line in (FOLDER / "known_bad.txt").read_text("utf-8").splitlines():
        words = line.partition("#")[0].strip()
        if not words:
            continue
        known = Requirement(words)
        pinned = entries(lock).get(known.name)
        if pinned and known.specifier.contains(Version(next(iter(pinned[0].specifier)).version)):
            bad.append(f"{pinned[0]}: {line.partition('#')[2].strip()}")
    assert bad == []


def test_where_there_is_a_network_the_advisory_database_is_asked(monkeypatch, capsys):
    asked: list[list[str]] = []
    monkeypatch.setattr(check, "_has_pip_audit", lambda: True)
    monkeypatch.setattr(check.subprocess, "call", lambda words: asked.append(words) or 1)
    assert check.audit() == 1
    assert "--require-hashes" in asked[0] and asked[0][-1].endswith("base.lock")
    monkeypatch.setattr(check, "_has_pip_audit", lambda: False)
    assert check.audit() == 2
    assert "pip install pip-audit" in capsys.readouterr().err
