"""The limits to put things right that Linli ships; afterwards they belong to the operator."""

from django.db import migrations

from linli.rooms.fieldwork.rules import RECTIFY_LIMITS


def seed(apps, schema_editor):
    RectifyLimit = apps.get_model("fieldwork", "RectifyLimit")
    RectifyLimit.objects.bulk_create(
        [
            RectifyLimit(name_zh=zh, name_en=en, amount=limit.amount, unit=limit.unit, sort=number)
            for number, (zh, en, limit) in enumerate(RECTIFY_LIMITS)
        ]
    )


class Migration(migrations.Migration):
    dependencies = [("fieldwork", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
