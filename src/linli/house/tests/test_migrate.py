"""Migrations run while the old release serves: none of them holds up those who report."""

from __future__ import annotations

import threading
import time
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections, migrations, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from linli.house.management.commands import migrate
from linli.kernel.upgrades import AddIndexLive, holds_up

BEFORE_THE_FIRST_RELEASE = {("cases", "0003_step_limits"), ("cases", "0004_lean")}


def test_no_migration_since_the_first_release_holds_up_those_who_report() -> None:
    found = []
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        if name.startswith(("0001", "0002")) or (app, name) in BEFORE_THE_FIRST_RELEASE:
            continue
        found += [f"{app} {name}: {words}" for words in holds_up(migration)]
    assert not found


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddIndex("case", models.Index(fields=["state"], name="slow")),
        migrations.AddField("report", "x", models.IntegerField(default=0)),
        migrations.AddField("case", "x", models.IntegerField(null=True, db_index=True)),
        migrations.AlterField("case", "state", models.TextField()),
        migrations.RemoveField("case", "state"),
        migrations.AddConstraint("case", models.CheckConstraint(condition=models.Q(id__gt=0), name="slow")),
        migrations.RunSQL("UPDATE cases_case SET state = state"),
        migrations.RunPython(migrations.RunPython.noop),
    ],
)
def test_what_locks_or_rewrites_a_big_table_is_found(operation: Any) -> None:
    migration = type("Migration", (migrations.Migration,), {"operations": [operation]})("0099_x", "cases")
    assert list(holds_up(migration))


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("report", "x", models.BinaryField(null=True)),
        migrations.AddField("case", "x", models.IntegerField(db_default=0)),
        AddIndexLive("case", models.Index(fields=["state"], name="fine")),
        migrations.AlterField("steplimit", "state", models.TextField()),
    ],
)
def test_what_is_over_in_a_moment_may_pass(operation: Any) -> None:
    migration = type("Migration", (migrations.Migration,), {"operations": [operation]})("0099_x", "cases")
    assert not list(holds_up(migration))


@pytest.mark.django_db(transaction=True)
def test_an_index_that_was_cut_off_is_built_anew() -> None:
    state = ProjectState.from_apps(apps)
    add = AddIndexLive("case", models.Index(fields=["ended_at", "id"], name="case_live_test"))
    after = state.clone()
    add.state_forwards("cases", after)
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX case_live_test ON cases_case (ended_at, id)")
        cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'case_live_test'::regclass")
        for _time in range(2):  # and once more: an index that is there is left alone
            with connection.schema_editor(atomic=False) as editor:
                add.database_forwards("cases", editor, state, after)
            cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'case_live_test'::regclass")
            assert cursor.fetchone() == (True,)


@pytest.mark.django_db(transaction=True)
def test_a_migration_waits_for_a_table_in_use_and_lets_others_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []
    in_use = threading.Event()

    def once(self: Any, *args: Any, **options: Any) -> None:
        tries.append("try")
        with connection.schema_editor() as editor:  # at its end, as Django does it for foreign keys
            editor.deferred_sql.append("ALTER TABLE cases_steplimit ADD COLUMN live_test integer")

    def use() -> None:
        try:
            with transaction.atomic(), connections["default"].cursor() as cursor:
                cursor.execute("SELECT count(*) FROM cases_steplimit")
                in_use.set()
                time.sleep(2.5)
        finally:
            connections["default"].close()

    monkeypatch.setattr(migrate.Migrate, "handle", once)
    user = threading.Thread(target=use)
    user.start()
    in_use.wait(10)
    call_command("migrate", verbosity=0, interactive=False)
    user.join()
    assert len(tries) > 1
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
        cursor.execute("SELECT live_test FROM cases_steplimit")


@pytest.mark.django_db(transaction=True)
def test_one_process_migrates_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(migrate.Migrate, "handle", lambda self, *args, **options: ran.append("ran"))
    where = connection.get_connection_params()
    where = {name: where[name] for name in ("dbname", "user", "password", "host", "port") if name in where}
    with psycopg.connect(**where, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [migrate.TURN])
        monkeypatch.setattr(migrate.time, "sleep", lambda s: other.execute("SELECT pg_advisory_unlock_all()"))
        call_command("migrate", verbosity=0, interactive=False)
    assert ran == ["ran"]
