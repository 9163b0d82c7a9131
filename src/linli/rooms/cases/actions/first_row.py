"""Writing the row of a new case: the one insert on the hot path.

What an intake never sets stands in the statement as a literal. With a parameter for each of the sixty columns the
driver does not keep the parsed statement (it does so up to fifty), and Django compiles it anew for every case: a
tenth of what the action of accepting a report costs.
"""

from __future__ import annotations

from functools import cache

from django.db import connection
from django.db.models import Field
from psycopg import sql

from linli.rooms.cases.models import Case

# The columns that taking in a report may set; all others get their field's default.
SET_BY_INTAKE = frozenset(
    {
        "state", "channel", "item_id", "matter_class", "description", "address", "is_public", "legacy", "urgent",
        "grams", "lng", "lat", "accuracy_m", "place_id", "lineage", "located", "candidates", "proposed_unit_id",
        "owner_post_id", "routing", "tokens", "step_due_at", "current_due_at", "reported_at", "state_since",
        "photo_count",
    }
)  # fmt: skip


def insert(case: Case) -> None:
    """Insert the case and give it its id. The number comes from a trigger."""
    statement, fields = _statement()
    values = [field.get_db_prep_save(getattr(case, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        case.pk = cursor.fetchone()[0]
    case._state.adding = False
    case._state.db = connection.alias


@cache
def _statement() -> tuple[str, list[Field]]:  # type: ignore[type-arg]
    """The statement and the fields of its parameters, built once."""
    columns, values, fields = [], [], []
    connection.ensure_connection()
    for field in Case._meta.concrete_fields:
        if field.primary_key or field.column is None:
            continue
        columns.append(connection.ops.quote_name(field.column))
        if field.attname in SET_BY_INTAKE:
            fields.append(field)
            values.append("%s")
        else:
            default = field.get_db_prep_save(field.get_default(), connection)
            values.append(sql.Literal(default).as_string(connection.connection).replace("%", "%%"))
    table = connection.ops.quote_name(Case._meta.db_table)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(values)}) RETURNING id", fields
