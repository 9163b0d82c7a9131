"""What machines ask: does it live, can it serve, how is it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection
from django.test import Client

from linli.house import health, metrics
from linli.kernel.beats import runs
from linli.rooms.cases.tests.fixtures import lay_out_town, reported


@pytest.fixture(autouse=True)
def read_anew():
    metrics.forget()
    yield
    metrics.forget()


def codes(client: Client) -> tuple[int, set[str]]:
    answer = client.get("/readyz")
    return answer.status_code, {reason["code"] for reason in answer.json()["reasons"]}


def test_alive_asks_nothing_of_the_database(client: Client, django_assert_num_queries, db) -> None:
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200


def test_a_probe_may_come_by_any_name_and_gets_no_cookie(client: Client, db) -> None:
    answer = client.get("/healthz", headers={"host": "10.0.0.7:8000"})
    assert answer.status_code == 200 and not answer.cookies
    assert client.post("/readyz").status_code == 405


def test_ready_with_a_worker_that_lives(client: Client, db) -> None:
    assert codes(client) == (503, {"worker"})
    runs.sign_of_life("w1", "test")
    assert codes(client) == (200, set())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE beats_heartbeat SET last_seen = now() - interval '1 minute'")
    assert codes(client) == (503, {"worker"})


def test_not_ready_before_the_tables_are_up_to_date(client: Client, db) -> None:
    runs.sign_of_life("w1", "test")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'cases' AND name LIKE '0001%%'")
    assert codes(client) == (503, {"migrations"})


def test_not_ready_with_a_full_disk(client: Client, db, monkeypatch: pytest.MonkeyPatch) -> None:
    runs.sign_of_life("w1", "test")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1024))
    assert codes(client) == (503, {"disk"})


def test_not_ready_without_the_database(client: Client, db, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("secret words of the server")

    monkeypatch.setattr(health.connection, "cursor", gone)
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json()["reasons"][0]["code"] == "database"
    assert b"secret" not in answer.content
    assert client.get("/healthz").status_code == 200
    assert b"linli_database_up 0.0" in client.get("/metrics").content


# ── Metrics ────────────────────────────────────────────────────────────────────────────────────────


def test_metrics_tell_how_the_house_is(client: Client, db) -> None:
    town = lay_out_town()
    case = reported(town)
    runs.sign_of_life("w1", "test")
    client.get(f"/problems/{case.number}/?name=张三")
    text = client.get("/metrics").content.decode()
    for line in (
        "linli_database_up 1.0",
        "linli_workers_alive 1.0",
        f'linli_cases{{state="{case.state}"}} 1.0',
        "linli_journal_unsealed",
        "linli_outbox_oldest_seconds",
        'linli_outbox_deliveries{state="pending"}',
        "linli_request_seconds_bucket",
    ):
        assert line in text, line
    assert case.number not in text and "张三" not in text


def test_metrics_are_for_this_machine_or_for_whoever_has_the_token(client: Client, db, settings) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 404
    by_proxy = client.get("/metrics", headers={"x-forwarded-for": "127.0.0.1"})
    assert by_proxy.status_code == 404, "a proxy on this machine asks for others"
    settings.LINLI_METRICS_TOKEN = "long token"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 404
    right = client.get("/metrics", headers={"authorization": "Bearer long token"}, REMOTE_ADDR="10.1.2.3")
    assert right.status_code == 200


def test_an_invented_method_or_address_makes_no_label_of_its_own(client: Client, db) -> None:
    client.generic("INVENTED", "/13800138000/")
    text = client.get("/metrics").content.decode()
    assert "INVENTED" not in text and "13800138000" not in text
    assert 'method="other"' in text


def test_several_web_processes_are_counted_together(tmp_path) -> None:
    """Two processes count; a third one that only asks sees both."""
    code = (
        "import sys; from linli.house import metrics\n"
        "for _ in range(int(sys.argv[1])): metrics.count('GET', '/x/', 200, 0.03)\n"
        "from prometheus_client import CollectorRegistry, generate_latest\n"
        "from prometheus_client.multiprocess import MultiProcessCollector\n"
        "registry = CollectorRegistry(); MultiProcessCollector(registry)\n"
        "print(generate_latest(registry).decode())\n"
    )
    environment = os.environ | {
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "linli.house.settings_test",
    }
    last = ""
    for times in ("2", "3", "0"):
        command = [sys.executable, "-c", code, times]
        last = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert 'linli_requests_total{method="GET",route="/x/",status="200"} 5.0' in last
    assert 'linli_request_seconds_bucket{le="0.05",route="/x/"} 5.0' in last


def test_counting_a_request_costs_less_than_a_tenth_of_a_millisecond() -> None:
    rounds = []
    for _ in range(5):
        began = time.process_time()
        for _ in range(2000):
            metrics.count("GET", "/desk/cases/", 200, 0.012)
        rounds.append((time.process_time() - began) / 2000)
    assert min(rounds) < 1e-4


# ── Requests ───────────────────────────────────────────────────────────────────────────────────────


def test_every_answer_names_its_request(client: Client, db) -> None:
    assert len(client.get("/").headers["X-Request-ID"]) == 16
    given = "0123456789abcdef-0123"
    assert client.get("/", headers={"x-request-id": given}).headers["X-Request-ID"] == given
    for bad in ("13800138000", "a b", "Ж" * 20, "x" * 30, "0" * 100):
        assert client.get("/", headers={"x-request-id": bad.encode().decode("latin-1")}).headers["X-Request-ID"] != bad


def test_json_of_ready_is_small(client: Client, db) -> None:
    assert len(json.dumps(client.get("/readyz").json())) < 500
