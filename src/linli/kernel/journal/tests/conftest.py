import pytest
from django.db import connection, transaction

from linli.kernel.journal import Actor, record

WANG = Actor(7, "王小明", 3, "网格员")


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.LINLI_HOME = tmp_path
    return tmp_path


@pytest.fixture
def write():
    """Records `count` entries in one transaction and returns their ids."""

    def do(count=1, **more):
        with transaction.atomic():
            return [
                record(**{"action": "case.noted", "actor": WANG, "object_type": "case", "object_id": 1, **more})
                for _ in range(count)
            ]

    return do


@pytest.fixture
def tamper():
    """Runs SQL as somebody would who owns the database: with the triggers out of the way."""
    return _past_the_triggers


@pytest.fixture(autouse=True)
def blank(request, home):
    """A journal without what migrations and seeds have recorded, so that tests can count."""
    marker = request.node.get_closest_marker("django_db")
    if marker:
        request.getfixturevalue("transactional_db" if marker.kwargs.get("transaction") else "db")
        _past_the_triggers("DELETE FROM journal_batch", "DELETE FROM journal_entry", "DELETE FROM journal_unsealed")


def _past_the_triggers(*statements):
    with transaction.atomic(), connection.cursor() as cursor:
        for table in ("journal_entry", "journal_batch"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
        for table in ("journal_entry", "journal_batch"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
