"""The refusal of UPDATE, DELETE and TRUNCATE, and the function that records."""

from pathlib import Path

from django.db import migrations

_HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial"), ("outbox", "0001_initial")]

    operations = [
        migrations.RunSQL(
            (_HERE / "append_only.sql").read_text(),
            "DROP FUNCTION linli_append_only() CASCADE",
        ),
        migrations.RunSQL(
            (_HERE / "record.sql").read_text(),
            "DROP FUNCTION linli_journal_record",
        ),
    ]
