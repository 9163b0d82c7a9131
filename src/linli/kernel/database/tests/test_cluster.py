"""The private cluster, for real: made, shared, killed, recovered."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from linli.kernel.database import Cluster, DatabaseTrouble, binaries, outside
from linli.kernel.database.files import is_locked


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cluster that was made and stopped; tests copy it, initdb is the slow part."""
    folder = tmp_path_factory.mktemp("made") / "database"
    with Cluster(folder, durable=False).lease():
        pass
    return folder


@pytest.fixture
def cluster(made: Path, tmp_path: Path) -> Iterator[Cluster]:
    folder = tmp_path / "database"
    shutil.copytree(made, folder, ignore=shutil.ignore_patterns(".s.PGSQL.*"))
    cluster = Cluster(folder, durable=False)
    yield cluster
    cluster.stop()


def postmaster(cluster: Cluster) -> int:
    return int((cluster.files.data / "postmaster.pid").read_text().split()[0])


def keeper(cluster: Cluster) -> int:
    return int(cluster.files.read_state()["keeper"])


def answer(cluster: Cluster, sql: str = "SELECT 1") -> object:
    with psycopg.connect(cluster.address().url(), connect_timeout=5) as connection:
        row = connection.execute(sql).fetchone()
        return row[0] if row else None


def answers_by_now(cluster: Cluster) -> bool:
    """Whether it answers a question; not yet, while it is still getting over what was killed."""
    try:
        return answer(cluster) == 1
    except psycopg.OperationalError:
        return False


def wait_for(condition: object, seconds: float = 15.0) -> None:
    until = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_it_stops_after_its_last_user(cluster: Cluster) -> None:
    first = cluster.lease()
    second = cluster.lease()
    assert (first.started, second.started) == (True, False)
    first.release()
    assert answer(cluster) == 1
    server = postmaster(cluster)
    second.release()
    assert not alive(server)
    assert not cluster.answers()


def test_it_keeps_what_was_written_and_its_files_to_itself(cluster: Cluster) -> None:
    with cluster.lease(), psycopg.connect(cluster.address().url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT '邻里' AS word")
    with cluster.lease():
        assert answer(cluster, "SELECT word FROM kept") == "邻里"
    for path in (cluster.files.password, cluster.files.state, cluster.files.log):
        assert path.stat().st_mode & 0o077 == 0
    assert cluster.files.folder.stat().st_mode & 0o077 == 0


def test_its_locale_knows_chinese(cluster: Cluster) -> None:
    with cluster.lease():
        assert outside.complaints(cluster.address()) == []
        with psycopg.connect(cluster.address().url(), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_trgm")
        assert answer(cluster, "SELECT show_trgm('路灯不亮') <> '{}'") is True


def test_it_needs_the_password_over_tcp(cluster: Cluster) -> None:
    with cluster.lease():
        where = cluster.address(tcp=True)
        assert where.host == "127.0.0.1"
        with psycopg.connect(where.url()):
            pass
        wrong = where.url().replace(where.password, "guess")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(wrong)


def test_a_killed_server_comes_back_with_its_data(cluster: Cluster) -> None:
    cluster.durable = True
    with cluster.lease():
        with psycopg.connect(cluster.address().url()) as connection:
            connection.execute("CREATE TABLE kept (n int)")
        old = postmaster(cluster)
        os.kill(old, signal.SIGKILL)
        wait_for(lambda: cluster.answers() and postmaster(cluster) != old)
        assert answer(cluster, "SELECT count(*) FROM kept") == 0


def test_a_killed_keeper_takes_the_server_with_it(cluster: Cluster) -> None:
    lease = cluster.lease()
    server = postmaster(cluster)
    os.kill(keeper(cluster), signal.SIGKILL)
    wait_for(lambda: not alive(server))
    with cluster.lease() as again:
        assert again.started
        assert answer(cluster) == 1
    lease.release(wait=False)


def test_it_starts_when_everything_was_killed_and_the_number_is_taken(cluster: Cluster) -> None:
    lease = cluster.lease()
    server = postmaster(cluster)
    os.kill(keeper(cluster), signal.SIGSTOP)  # it must not restart or mourn the server
    os.kill(server, signal.SIGKILL)
    os.kill(keeper(cluster), signal.SIGKILL)
    wait_for(lambda: not is_locked(cluster.files.keeper_lock) and not alive(server))
    lease.release(wait=False)
    pid_file = cluster.files.data / "postmaster.pid"
    # After a restart of the machine the old process number is somebody else's: ours, here.
    pid_file.write_text(pid_file.read_text().replace(str(server), str(os.getpid()), 1))
    with cluster.lease():
        wait_for(lambda: answers_by_now(cluster))


def test_many_start_it_at_once_and_there_is_one(cluster: Cluster) -> None:
    script = (
        "import sys; from pathlib import Path; from linli.kernel.database import Cluster\n"
        "cluster = Cluster(Path(sys.argv[1]), durable=False)\n"
        "with cluster.lease() as lease:\n"
        "    print(cluster.files.read_state()['keeper'], lease.started, flush=True); sys.stdin.read()\n"
    )
    users = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(cluster.files.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    words = [user.stdout.readline().split() for user in users if user.stdout]
    server = postmaster(cluster)
    users[0].kill()  # its lease goes with it
    for user in users:
        user.communicate()
    assert len({keeper for keeper, _ in words}) == 1
    assert sorted(started for _, started in words) == ["False", "False", "False", "True"]
    wait_for(lambda: not alive(server))


def test_it_lingers_if_told_to(cluster: Cluster) -> None:
    cluster.lease(linger=30).release()
    assert cluster.answers()
    with cluster.lease() as lease:
        assert not lease.started
    assert cluster.answers()
    assert cluster.stop()
    assert not cluster.answers()


def test_a_long_path_gets_a_short_socket(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / ("long-" * 30) / "database"
    shutil.copytree(made, folder, ignore=shutil.ignore_patterns(".s.PGSQL.*"))
    cluster = Cluster(folder, durable=False)
    with cluster.lease():
        assert len(cluster.address().host) < 90
        assert Path(cluster.address().host).stat().st_mode & 0o077 == 0
        assert answer(cluster) == 1


def test_it_says_whose_database_it_cannot_open(cluster: Cluster) -> None:
    (cluster.files.data / "PG_VERSION").write_text("12\n")
    with pytest.raises(DatabaseTrouble, match="made by PostgreSQL 12"):
        cluster.lease()


def test_a_file_in_the_way_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "database").write_text("")
    with pytest.raises(DatabaseTrouble):
        Cluster(tmp_path / "database").lease()


def test_a_folder_without_programs_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_PG_BIN", str(tmp_path))
    with pytest.raises(DatabaseTrouble, match="LINLI_PG_BIN"):
        Cluster(tmp_path / "database").lease()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another uid")
def test_root_without_namespaces_gives_the_data_to_another_uid(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "database"
    shutil.copytree(made, folder, ignore=shutil.ignore_patterns(".s.PGSQL.*"))
    forbidden = tmp_path / "bin"
    forbidden.mkdir()
    (forbidden / "unshare").write_text("#!/bin/sh\nexit 1\n")
    (forbidden / "unshare").chmod(0o755)
    monkeypatch.setenv("PATH", f"{forbidden}:{os.environ['PATH']}")
    binaries.runner.cache_clear()
    try:
        cluster = Cluster(folder, durable=False)
        with cluster.lease():
            assert answer(cluster) == 1
            assert os.stat(f"/proc/{postmaster(cluster)}").st_uid != 0
    finally:
        binaries.runner.cache_clear()


DEBIAN = Path("/usr/lib/postgresql/15/bin")


@pytest.mark.skipif(not (DEBIAN / "postgres").exists(), reason="no PostgreSQL 15 on this machine")
def test_the_oldest_supported_version_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_PG_BIN", str(DEBIAN))
    cluster = Cluster(tmp_path / "database", durable=False)
    with cluster.lease():
        assert outside.server_version(cluster.address()).startswith("15.")
        assert outside.complaints(cluster.address()) == []


def test_an_unsuitable_database_is_told_apart(cluster: Cluster) -> None:
    with cluster.lease():
        with psycopg.connect(cluster.address().url(), autocommit=True) as connection:
            connection.execute(
                "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' "
                "LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'"
            )
        wrong = " ".join(wrong for wrong, _ in outside.complaints(cluster.address("latin")))
        assert "LATIN1" in wrong
        assert "lc_ctype" in wrong
        assert "does not exist" in outside.complaints(cluster.address("nowhere"))[0][0]
