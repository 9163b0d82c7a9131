"""A demo home whose building was cut off starts over; a real house is never built over."""

from __future__ import annotations

import pytest

from linli.cli import prepare
from linli.cli.main import Trouble
from linli.house.home import Home
from linli.house.models import Note
from linli.rooms.people.models import Account

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done, in order, with nothing really built."""
    done: list[str] = []
    monkeypatch.setattr(prepare, "tear_down", lambda home: done.append("torn down"))

    def build(size: str, seed: int, progress: object, **more: object) -> None:
        done.append(f"built {size} {seed}")

    monkeypatch.setattr("linli.demo.build.build", build)
    return done


def test_a_town_is_built_once(tmp_path, built) -> None:
    prepare.build_town(Home(tmp_path), "small", 7)
    prepare.build_town(Home(tmp_path), "small", 7)
    assert built == ["built small 7"]
    note = Note.read("demo")
    assert note is not None and note["complete"]


def test_a_building_that_was_cut_off_starts_over(tmp_path, built) -> None:
    Note.write("demo", {"size": "district", "seed": 7, "complete": False})
    prepare.build_town(Home(tmp_path), "small", 7)
    assert built == ["torn down", "built small 7"]


def test_a_cut_off_start_leaves_the_town_marked_as_unfinished(tmp_path, built, monkeypatch) -> None:
    def cut_off(size: str, seed: int, progress: object, **more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("linli.demo.build.build", cut_off)
    with pytest.raises(KeyboardInterrupt):
        prepare.build_town(Home(tmp_path), "small", 7)
    note = Note.read("demo")
    assert note is not None and not note["complete"]


def test_a_real_house_is_not_built_over(tmp_path, built) -> None:
    Account.objects.create_user("somebody", name="某人")
    with pytest.raises(Trouble, match="real house"):
        prepare.build_town(Home(tmp_path), "small", 7)
    assert built == []


def test_tearing_down_forgets_files_and_how_far_the_old_journal_had_come(tmp_path, monkeypatch) -> None:
    home = Home(tmp_path).make()
    (home.files / "photos").mkdir()
    (home.files / "photos" / "a.jpg").write_bytes(b"x")
    (home.folder / "journal.checkpoint").write_text("{}")
    emptied: list[str] = []
    monkeypatch.setattr(prepare, "empty_database", lambda: emptied.append("yes"))
    prepare.tear_down(home)
    assert emptied == ["yes"]
    assert list(home.files.iterdir()) == [] and not (home.folder / "journal.checkpoint").exists()
