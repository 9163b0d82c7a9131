"""Filing rules stay what they were (see rules_stay.sql). The journal must be there to take in what ships."""

from pathlib import Path

from django.db import migrations

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial"), ("journal", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            (HERE / "rules_stay.sql").read_text("utf-8"),
            (HERE / "rules_stay_undo.sql").read_text("utf-8"),
        )
    ]
