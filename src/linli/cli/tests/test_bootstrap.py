"""The front door `./linli`, without installing anything."""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from linli.house.home import SOURCE

DOOR = SOURCE / "linli"


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`./linli` as a module, with another folder as its root."""
    loader = importlib.machinery.SourceFileLoader("front_door", str(DOOR))
    spec = importlib.util.spec_from_loader("front_door", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    (tmp_path / "requirements").mkdir()
    for name in ("base.lock", "dev.lock"):
        (tmp_path / "requirements" / name).write_text(f"# {name}\n")
    monkeypatch.setattr(module, "ROOT", str(tmp_path))
    monkeypatch.setattr(module, "VENV", str(tmp_path / ".venv"))
    monkeypatch.setattr(module, "PYTHON", sys.executable)
    (tmp_path / ".venv").mkdir()
    return module


def pins(name: str) -> set[str]:
    text = (SOURCE / "requirements" / name).read_text()
    return {line.split(" ")[0] for line in text.splitlines() if re.match(r"^[A-Za-z0-9].*==", line)}


def test_an_old_python_can_at_least_read_it() -> None:
    ast.parse(DOOR.read_text(), feature_version=(3, 7))


def test_it_uses_the_standard_library_only() -> None:
    tree = ast.parse(DOOR.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {name.split(".")[0] for name in names} <= set(sys.stdlib_module_names)


def test_the_stamp_follows_the_lock(door: ModuleType, tmp_path: Path) -> None:
    assert not door.up_to_date("base.lock")
    door.write_stamps("base.lock")
    assert door.up_to_date("base.lock")
    assert not door.up_to_date("dev.lock")
    (tmp_path / "requirements" / "base.lock").write_text("# another\n")
    assert not door.up_to_date("base.lock")


def test_dev_contains_base_at_the_same_versions() -> None:
    assert pins("base.lock") <= pins("dev.lock")


@pytest.mark.parametrize("name", ["base.lock", "dev.lock"])
def test_locks_have_hashes_and_no_addresses(name: str) -> None:
    text = (SOURCE / "requirements" / name).read_text()
    assert "://" not in text
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.M)[1:]
    assert all("--hash=sha256:" in block for block in blocks)


def test_a_failure_is_told_without_addresses(door: ModuleType) -> None:
    assert "disk is full" in door.explain(["ERROR: [Errno 28] No space left on device"])
    assert "cannot be reached" in door.explain(["WARNING: Retrying after connection broken: Connection refused"])
    assert "THESE PACKAGES" in door.explain(["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES"])


def test_only_test_and_screenshots_need_more_packages(door: ModuleType) -> None:
    assert door.lock_for(["demo"]) == "base.lock"
    assert door.lock_for(["manage", "test"]) == "base.lock"
    assert door.lock_for(["--home", "test", "serve"]) == "base.lock"
    assert door.lock_for(["--home=x", "test", "-k", "word"]) == "dev.lock"
    assert door.lock_for([]) == "base.lock"


def test_a_second_start_is_quick() -> None:
    import time

    began = time.monotonic()
    done = subprocess.run([sys.executable, "-m", "linli.cli", "help"], capture_output=True, text=True)
    assert "demo" in done.stdout
    assert time.monotonic() - began < 3  # 0.1 s on an idle machine: nothing heavy may be imported here
    heavy = "import sys, linli.cli.main; sys.exit(any(m in sys.modules for m in ('django', 'psycopg', 'shapely')))"
    assert subprocess.run([sys.executable, "-c", heavy]).returncode == 0
