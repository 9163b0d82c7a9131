"""What never changes, and which cases are watched from the first day: see 0002_truth.sql."""

from pathlib import Path

from django.db import migrations

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("oversight", "0001_initial")]
    quick = "it reads the open cases, locks nothing of theirs, and fills a table that nobody uses yet"
    operations = [
        migrations.RunSQL(
            (HERE / "0002_truth.sql").read_text("utf-8"),
            (HERE / "0002_truth_undo.sql").read_text("utf-8"),
        )
    ]
