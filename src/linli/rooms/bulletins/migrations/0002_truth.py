"""What was issued never changes: see 0002_truth.sql."""

from pathlib import Path

from django.db import migrations

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("bulletins", "0001_initial")]
    operations = [
        migrations.RunSQL(
            (HERE / "0002_truth.sql").read_text("utf-8"),
            (HERE / "0002_truth_undo.sql").read_text("utf-8"),
        )
    ]
