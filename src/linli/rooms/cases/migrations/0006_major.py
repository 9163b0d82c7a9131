"""Major problems are marked like legacy ones; indexes for the list of both and for what grows old unmarked."""

from django.db import migrations, models
from django.db.models import Q

from linli.kernel.upgrades import AddIndexLive


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cases", "0005_photo_links")]

    operations = [
        migrations.AddField(
            "case", "major", models.BooleanField(default=False, db_default=False, help_text="重大问题")
        ),
        AddIndexLive(
            "case",
            models.Index(
                fields=["reported_at"], condition=Q(is_open=True, legacy=False, parent=None), name="case_grows_old"
            ),
        ),
        AddIndexLive(
            "case",
            models.Index(
                fields=["-reported_at"],
                condition=Q(legacy=True) | Q(major=True),
                name="case_legacy_or_major",
            ),
        ),
    ]
