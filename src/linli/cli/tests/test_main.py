"""Reading the command line, and the sentences it answers with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from linli.cli.main import COMMANDS, Trouble, main, take_home


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.parametrize(
    "words",
    [
        ["--home", "/tmp/x", "manage", "migrate"],
        ["manage", "--home", "/tmp/x", "migrate"],
        ["manage", "migrate", "--home=/tmp/x"],
    ],
)
def test_home_stands_anywhere(words: list[str]) -> None:
    home, rest = take_home(words)
    assert (home.folder, rest) == (Path("/tmp/x"), ["manage", "migrate"])
    assert os.environ["LINLI_HOME"] == "/tmp/x"


def test_after_two_dashes_it_is_not_ours() -> None:
    _, rest = take_home(["test", "--", "--home", "x"])
    assert rest == ["test", "--", "--home", "x"]


@pytest.mark.parametrize("words", [["--home"], ["manage", "--home="]])
def test_home_needs_a_folder(words: list[str]) -> None:
    with pytest.raises(Trouble):
        take_home(words)


def test_every_command_has_its_module() -> None:
    from importlib import import_module

    for module, _ in COMMANDS.values():
        assert callable(import_module(f"linli.cli.commands.{module}").run)


def test_a_wrong_word_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fly"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_home_that_cannot_be_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["--home", str(tmp_path / "file" / "home"), "manage", "migrate"]) == 1
    assert "file in its way" in capsys.readouterr().err


def test_a_used_port_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert main(["--home", str(tmp_path), "demo", "--port", port]) == 1
    assert f"port {port} is in use" in capsys.readouterr().err
    assert not (tmp_path / "database").exists()


def test_fresh_leaves_a_real_house_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "database" / "data").mkdir(parents=True)
    (tmp_path / "database" / "data" / "PG_VERSION").write_text("18")
    assert main(["--home", str(tmp_path), "demo", "--fresh", "--yes", "--port", "0"]) == 1
    assert "no demo" in capsys.readouterr().err
    assert (tmp_path / "database" / "data" / "PG_VERSION").exists()


def test_the_link_of_the_setup_leads_through_the_web_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from linli.cli.running import announce

    announce("http://127.0.0.1:8000", {"setup_token": "t"})
    assert "http://127.0.0.1:8000/setup/?token=t" in capsys.readouterr().out
    monkeypatch.setenv("LINLI_HTTPS", "1")
    monkeypatch.setenv("LINLI_HOSTS", "127.0.0.1, linli.example.cn")
    announce("http://127.0.0.1:8000", {"setup_token": "t"})
    assert "https://linli.example.cn/setup/?token=t" in capsys.readouterr().out
