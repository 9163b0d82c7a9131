"""A backup is the whole house, or there is none; what is restored is what was there."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from linli.house.backup import keys, programs
from linli.house.backup import take as taking
from linli.house.backup.archive import BadArchive, Reader, Writer
from linli.house.home import Home
from linli.house.testing.databases import Server
from linli.kernel.database import Address, DatabaseTrouble
from linli.kernel.database.outside import connect
from linli.kernel.journal import jobs
from linli.rooms.cases.tests.fixtures import lay_out_town, reported

PASSPHRASE = "nine tall plane trees"


def here() -> Address:
    """The database of this test run."""
    entry = connection.settings_dict
    return Address(entry["NAME"], entry["USER"], entry["PASSWORD"], entry["HOST"], int(entry["PORT"]))


@pytest.fixture
def house(transactional_db, tmp_path: Path) -> SimpleNamespace:
    """A home with keys, pictures, a map and cases in the database of this run."""
    town = lay_out_town()
    for _ in range(3):
        reported(town)
    jobs.seal()
    home = Home(tmp_path / "home").make()
    for name in keys.NAMES:
        shutil.copy(Path(settings.LINLI_HOME) / "secrets" / name, home.secrets / name)
        (home.secrets / name).chmod(0o600)
    for name, text in {"photos/2026/11/ab/ab1.jpg": b"\xff\xd8 one", "photos/2026/11/ab/空 格.jpg": b"two"}.items():
        path = home.files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    (home.files / "photos" / ".half").write_bytes(b"being written")
    (home.folder / "maps").mkdir()
    (home.folder / "maps" / "base.pmtiles").write_bytes(os.urandom(5000))
    return SimpleNamespace(home=home, folder=tmp_path, town=town)


@pytest.fixture
def empty(django_db_setup, house: SimpleNamespace) -> Iterator[Address]:
    """An empty database on the same server."""
    server: Server = django_db_setup[0]
    name = f"{connection.settings_dict['NAME']}_back"
    server.copy("template0", name)
    yield server.address.with_name(name)
    server.drop(name)


def linli(*words: object, home: Home, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LINLI_TEST")} | more
    environment |= {"LINLI_HOME": str(home.folder), "DJANGO_SETTINGS_MODULE": "linli.house.settings"}
    command = [sys.executable, "-m", "linli.cli", *map(str, words)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)


def contents(where: Address) -> dict[str, str]:
    """Every table's rows as one hash each."""
    found = {}
    with connect(where) as database:
        for name in taking.rows(database):
            table = psycopg.sql.Identifier(name)
            lines = database.execute(psycopg.sql.SQL("SELECT t::text FROM {} t ORDER BY 1").format(table)).fetchall()
            found[name] = f"{len(lines)} {hashlib.sha256(repr(lines).encode()).hexdigest()}"
    return found


def files(home: Home) -> dict[str, bytes]:
    return {
        str(path.relative_to(home.folder)): path.read_bytes()
        for folder in ("files", "maps")
        for path in taking._walk(home.folder / folder)
    }


def take(house: SimpleNamespace, *words: object, **more: str) -> Path:
    target = house.folder / "house.linli.tar"
    done = linli("backup", "--to", target, *words, home=house.home, DATABASE_URL=here().url(), **more)
    assert done.returncode == 0, done.stderr
    return target


def test_what_comes_back_is_every_row_and_every_picture(house: SimpleNamespace, empty: Address) -> None:
    before = contents(here())
    path = take(house)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    new = Home(house.folder / "new").make()
    for name in keys.NAMES:
        shutil.copy(house.home.secrets / name, new.secrets / name)
    done = linli("restore", path, "--database-url", empty.url(), home=new)
    assert done.returncode == 0, done.stderr
    assert "journal is sound" in done.stdout and "cases_case" in done.stdout
    assert contents(empty) == before
    assert files(new) == files(house.home) != {}
    assert linli("backup", home=new, DATABASE_URL=empty.url()).returncode == 0, "and it is a house like any other"


def test_it_comes_back_into_a_private_cluster_with_the_keys_in_the_backup(house: SimpleNamespace) -> None:
    before = contents(here())
    path = take(house, "--with-secrets", LINLI_BACKUP_PASSPHRASE=PASSPHRASE)
    new = Home(house.folder / "new")
    wrong = linli("restore", path, home=new, LINLI_BACKUP_PASSPHRASE="wrong", DATABASE_URL="")
    assert wrong.returncode == 1 and "passphrase does not open" in wrong.stderr
    assert not list(new.secrets.iterdir()) and not (new.database / "data").exists()
    right = {"LINLI_BACKUP_PASSPHRASE": PASSPHRASE, "DATABASE_URL": "", "LINLI_DATABASE_FAST": "1"}
    done = linli("restore", path, home=new, **right)
    assert done.returncode == 0, done.stderr
    for name in keys.NAMES:
        assert (new.secrets / name).read_bytes() == (house.home.secrets / name).read_bytes()
        assert stat.S_IMODE((new.secrets / name).stat().st_mode) == 0o600
    from linli.kernel.database import Cluster

    with Cluster(new.database, durable=False).lease(linger=0.0) as lease:
        assert contents(lease.cluster.address()) == before
    again = linli("restore", path, home=new, LINLI_BACKUP_PASSPHRASE=PASSPHRASE, DATABASE_URL="")
    assert again.returncode == 1 and "is not empty" in again.stderr
    unasked = linli("restore", path, "--fresh", home=new, DATABASE_URL="")
    assert unasked.returncode == 1 and "--yes" in unasked.stderr
    fresh = linli("restore", path, "--fresh", "--yes", home=new, **right)
    assert fresh.returncode == 0, fresh.stderr


def test_nothing_comes_back_without_the_keys_of_the_house(house: SimpleNamespace, empty: Address) -> None:
    path = take(house)
    new = Home(house.folder / "new")
    done = linli("restore", path, "--database-url", empty.url(), home=new)
    assert done.returncode == 1 and "Copy the secrets" in done.stderr
    new.make()
    for name in keys.NAMES:
        (new.secrets / name).write_text('{"keys": {"1": "AAAA"}}' if name.endswith("json") else "another")
    done = linli("restore", path, "--database-url", empty.url(), home=new)
    assert done.returncode == 1 and "holds another key" in done.stderr
    assert contents(empty) == {}


def test_a_backup_of_a_newer_linli_is_refused(house: SimpleNamespace, empty: Address) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('cases', '0999_tomorrow', now())")
    path = take(house)
    done = linli("restore", path, "--database-url", empty.url(), home=Home(house.folder / "new"))
    assert done.returncode == 1
    assert "newer Linli" in done.stderr and "cases.0999_tomorrow" in done.stderr
    assert contents(empty) == {}


def test_a_house_that_goes_on_working_is_backed_up_as_it_was_at_one_moment(house: SimpleNamespace) -> None:
    def meanwhile(words: str) -> None:
        if "pictures" in words:  # the database has been read: what happens now is not in the backup
            reported(house.town)
            (house.home.files / "photos/2026/11/ab/ab1.jpg").unlink()
            (house.home.files / "photos/late.jpg").write_bytes(b"late")

    target = house.folder / "house.tar"
    with connect(here()) as database:
        cases = taking.rows(database)["cases_case"]
    taking.take(house.home, here(), target, say=meanwhile)
    with Reader(target) as archive:
        archive.verify()
        assert archive.manifest["database"]["rows"]["cases_case"] == cases
        assert "files/photos/2026/11/ab/ab1.jpg" in archive.members, "a row of that moment may name it"
        assert not any(".half" in name for name in archive.members)
    assert not list(house.home.run.glob("backup-*"))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_leaves_no_half_file(house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    target = house.folder / "house.tar"
    target.write_bytes(b"the one of yesterday")
    real, written = Writer.add, []

    def add(self: Writer, name: str, source: object, **more: object) -> None:
        written.append(name)
        if name.startswith("files/"):
            raise OSError(number, os.strerror(number))
        real(self, name, source, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Writer, "add", add)
    with pytest.raises(taking.DiskFull, match="disk is full"):
        taking.take(house.home, here(), target)
    assert "database.dump" in written
    assert target.read_bytes() == b"the one of yesterday"
    assert [path.name for path in house.folder.iterdir() if path.name.endswith(".part")] == []


def test_too_little_room_is_said_before_anything_is_written(
    house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    with pytest.raises(taking.DiskFull, match="MB are needed"):
        taking.take(house.home, here(), house.folder / "house.tar")


# ── The file alone ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.tar"
    with Writer(path) as archive:
        archive.add("files/a.jpg", io.BytesIO(b"a" * 2000))
        archive.add("files/b.jpg", io.BytesIO(b""))
        archive.finish({"what": "Linli backup"})
    return path


def test_any_tar_program_can_read_it(small: Path) -> None:
    with tarfile.open(small) as plain:
        assert plain.getnames() == ["files/a.jpg", "files/b.jpg", "manifest.json"]
        assert json.load(plain.extractfile("manifest.json"))["members"]["files/a.jpg"]["size"] == 2000  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data[:512] + b"b" + data[513:], "not what was written"),
        (lambda data: data[: len(data) // 2], "cut off"),
        (lambda data: b"", "no backup"),
        (lambda data: os.urandom(len(data)), "no backup"),
    ],
    ids=["changed", "cut off", "empty", "something else"],
)
def test_a_damaged_file_is_named_as_such(small: Path, change: Callable[[bytes], bytes], words: str) -> None:
    small.write_bytes(change(small.read_bytes()))
    with pytest.raises(BadArchive, match=words), Reader(small) as archive:
        archive.verify()


@pytest.mark.parametrize("name", ["files/../../evil", "/etc/evil"])
def test_no_file_gets_out_of_the_home(tmp_path: Path, name: str) -> None:
    path = tmp_path / "evil.tar"
    with Writer(path) as archive:
        archive.add(name, io.BytesIO(b"x"))
        archive.finish({"what": "Linli backup"})
    with Reader(path) as archive, pytest.raises(BadArchive, match="outside"):
        archive.verify()


def test_keys_open_with_their_passphrase_only(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("s3cret")
    (tmp_path / "setup_token").write_text("once")
    locked = json.loads(json.dumps(keys.lock(tmp_path, PASSPHRASE)))
    assert "s3cret" not in json.dumps(locked)
    assert keys.unlock(locked, PASSPHRASE) == {"secret_key": "s3cret"}
    with pytest.raises(keys.WrongPassphrase):
        keys.unlock(locked, PASSPHRASE + " ")


def test_programs_are_never_older_than_the_server() -> None:
    with pytest.raises(DatabaseTrouble, match="postgresql-client-99"):
        programs.folder(99)
    assert programs.folder_version(programs.folder(15)) >= 15


def test_the_password_is_on_no_command_line() -> None:
    where = Address("linli", "linli", "s3cret", "db.example")
    assert "s3cret" not in programs.url(where)
    assert programs.environment(where)["PGPASSWORD"] == "s3cret"
