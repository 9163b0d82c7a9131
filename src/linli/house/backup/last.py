"""What the house remembers of its latest backup, so that `check` can say when there was none for long."""

from __future__ import annotations

import json

from linli.house.backup.take import Taken
from linli.kernel.database import Address
from linli.kernel.database.outside import connect

NOTE = "backup"


def remember(where: Address, taken: Taken) -> None:
    """Write the note (a `house.Note`), with nothing about where the file lies."""
    value = json.dumps({"size": taken.size, "rows": taken.rows, "files": taken.files})
    with connect(where) as connection:
        connection.execute(
            "INSERT INTO house_note (name, value, written) VALUES (%s, %s, clock_timestamp())"
            " ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value, written = EXCLUDED.written",
            [NOTE, value],
        )
