"""Two web machines and three workers on one database: nothing is lost, nothing is done twice, all see the same.

Each machine is a home of its own with processes of its own, as on machines of their own: they share the database,
the keys and the folder of pictures, and nothing else.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from django.conf import settings
from django.db import connection

from linli.house.backup import keys
from linli.house.home import Home
from linli.kernel.database import Address
from linli.kernel.database.files import free_port
from linli.kernel.journal.models import Entry, Unsealed
from linli.kernel.outbox.models import Delivery
from linli.rooms.cases.models import Case, Photo, Report
from linli.rooms.cases.tests.fixtures import IN_A, lay_out_town
from tests.world import picture_bytes

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def wait_for(condition: Callable[[], object], words: str, seconds: float = 120.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"waited in vain: {words}"
        time.sleep(0.2)


def environment(home: Home) -> dict[str, str]:
    entry = connection.settings_dict
    where = Address(entry["NAME"], entry["USER"], entry["PASSWORD"], entry["HOST"], int(entry["PORT"]))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LINLI_TEST")}
    return kept | {
        "LINLI_HOME": str(home.folder),
        "DATABASE_URL": where.url(),
        "DJANGO_SETTINGS_MODULE": "linli.house.settings",
        "LINLI_WEB_PROCESSES": "1",
        "LINLI_PROXIES": "127.0.0.1",
    }


def linli(home: Home, *words: str) -> subprocess.Popen[bytes]:
    log = open(home.folder / f"{words[0]}-{time.monotonic_ns()}.out", "wb")  # noqa: SIM115
    command = [sys.executable, "-m", "linli.cli", *words]
    return subprocess.Popen(command, env=environment(home), stdout=log, stderr=log, start_new_session=True)


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """Two machines that serve (each with its worker), and one that only works."""
    town = lay_out_town()
    homes = [Home(tmp_path / name).make() for name in ("one", "two", "three")]
    for home in homes:
        for name in keys.NAMES:
            shutil.copy(Path(settings.LINLI_HOME) / "secrets" / name, home.secrets / name)
    for home in homes[1:]:  # what NFS does on machines of their own
        home.files.rmdir()
        home.files.symlink_to(homes[0].files)
    ports = [free_port(), free_port()]
    running = []
    try:
        for home, port in zip(homes, ports, strict=False):
            running.append(linli(home, "serve", "--port", str(port)))
            wait_for(lambda port=port: _ready(port), f"a machine on port {port}")
        running.append(linli(homes[2], "worker"))
        wait_for(lambda: _heartbeats() == 3, "three workers")
        yield SimpleNamespace(
            town=town, homes=homes, web=[f"http://127.0.0.1:{port}" for port in ports], running=running
        )
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _ready(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).json()["reasons"] in (
            [],
            [{"code": "worker"}],
        )
    except (requests.RequestException, ValueError):
        return False


def _heartbeats() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM beats_heartbeat WHERE last_seen > now() - interval '20 seconds'")
        return int(cursor.fetchone()[0])


def report(web: str, number: int, key: str) -> tuple[int, str]:
    """Send the form of the portal as somebody of their own address; (status, tracking code)."""
    session = requests.Session()
    session.headers["X-Forwarded-For"] = f"203.0.{number // 200}.{number % 200 + 1}"
    page = session.get(f"{web}/report/", timeout=60).text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page).group(1)  # type: ignore[union-attr]
    lng, lat = IN_A
    fields = {"key": key, "words": f"第{number}盏路灯不亮", "lng": f"{lng}", "lat": f"{lat}", "system": "wgs84"}
    answer = session.post(f"{web}/report/", {"csrfmiddlewaretoken": token, **fields}, allow_redirects=False, timeout=60)
    found = re.search(r"/track/(\w{12})/", answer.headers.get("Location", ""))
    return answer.status_code, found.group(1) if found else answer.text[:200]


def test_nothing_is_lost_or_doubled_by_two_web_machines_and_three_workers(
    machines: SimpleNamespace, tmp_path: Path
) -> None:
    """One test for all promises: to start so many processes takes its time."""
    a_picture_taken_in_here_is_shown_there(machines)
    a_machine_with_other_keys_does_not_join(tmp_path)
    reports_and_what_follows_from_them_happen_once(machines)


def reports_and_what_follows_from_them_happen_once(machines: SimpleNamespace) -> None:
    reports = [(number, f"several-machines-{number:04d}") for number in range(40)]
    same = [(100 + number, "several-machines-same") for number in range(16)]

    def send(job: tuple[int, tuple[int, str]]) -> tuple[int, str]:
        turn, (number, key) = job
        return report(machines.web[turn % 2], number, key)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, enumerate(reports + same)))
        # One of the workers is killed with its hands full: what it had claimed is taken up again.
        worker = machines.running[2]
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        machines.running[2] = linli(machines.homes[2], "worker")
    assert {status for status, _ in answers} == {302}, answers
    codes = [code for _, code in answers]
    assert len(set(codes[:40])) == 40
    assert len(set(codes[40:])) == 1, "sixteen times the same is once"
    assert Case.objects.count() == Report.objects.count() == 41
    assert set(Report.objects.values_list("tracking_code", flat=True)) == set(codes)
    assert Case.objects.values("number").distinct().count() == 41
    for web in machines.web:
        assert requests.get(f"{web}/track/{codes[0]}/", timeout=60).status_code == 200

    wait_for(lambda: not Delivery.objects.exclude(state="done").exists(), "the outbox", 400)
    wait_for(lambda: not Unsealed.objects.exists(), "the seal")
    assert Entry.objects.filter(action="case.reported").count() in (0, 41)
    per_event = Delivery.objects.values("event_id", "subscriber").distinct().count()
    assert per_event == Delivery.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT (report_id, event_id)) FROM cases_notice")
        notices, different = cursor.fetchone()
        assert notices == different, "nobody is told twice"
        cursor.execute("SELECT count(*), count(DISTINCT e) FROM journal_batch, unnest(entries) e")
        sealed, once = cursor.fetchone()
        assert sealed == once == Entry.objects.count(), "every entry is sealed once"
    command = [sys.executable, "-m", "linli.cli", "journal", "verify", "--json"]
    done = subprocess.run(command, env=environment(machines.homes[1]), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and json.loads(done.stdout)["sound"], done.stdout + done.stderr


def a_picture_taken_in_here_is_shown_there(machines: SimpleNamespace) -> None:
    one, two = machines.web
    session = requests.Session()
    page = session.get(f"{one}/report/", timeout=60).text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page).group(1)  # type: ignore[union-attr]
    answer = session.post(
        f"{one}/photos/",
        {"csrfmiddlewaretoken": token},
        files={"photo": ("a.jpg", picture_bytes(), "image/jpeg")},
        timeout=60,
    )
    assert answer.status_code == 201, answer.text
    assert Photo.objects.count() == 1
    assert requests.get(two + answer.json()["url"], timeout=60).status_code == 200, "the address is signed for both"


def a_machine_with_other_keys_does_not_join(tmp_path: Path) -> None:
    stranger = Home(tmp_path / "stranger").make()
    process = linli(stranger, "serve", "--port", str(free_port()))
    assert process.wait(120) == 1
    assert any("not those of this house" in path.read_text() for path in stranger.folder.glob("serve-*.out"))
