"""The test machinery itself."""

from __future__ import annotations

import pytest
from django.db import connection


@pytest.mark.django_db
def test_it_has_the_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
        assert cursor.fetchone()[0] > 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_it_starts_anew_after_a_test_that_commits(turn: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE left_behind (turn int)")
