"""Indexes for a million cases: what ended lately, the public's results; finer statistics of the words.

The planner knows only the commonest pieces of words by default: for a word that nobody ever wrote it expected
thousands of cases and walked the whole table, newest first, to find them.
"""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_step_limits")]

    operations = [
        migrations.AddIndex(
            "case",
            models.Index(fields=["-reported_at", "-id"], condition=Q(is_open=False), name="case_ended_newest"),
        ),
        migrations.AddIndex("case", models.Index(fields=["ended_at"], condition=Q(is_open=False), name="case_ended")),
        migrations.RemoveIndex("case", "case_public_closed"),
        migrations.AddIndex(
            "case",
            models.Index(fields=["-id"], condition=Q(state="closed", is_public=True), name="case_public_closed"),
        ),
        migrations.RunSQL(
            "ALTER TABLE cases_case ALTER COLUMN grams SET STATISTICS 300",
            "ALTER TABLE cases_case ALTER COLUMN grams SET STATISTICS -1",
        ),
    ]
