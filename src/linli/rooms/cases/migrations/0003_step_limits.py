"""The limits of the steps that Linli ships; afterwards they belong to the operator."""

from django.db import migrations

from linli.rooms.cases.rules import DEFAULT_STEP_LIMITS


def seed(apps, schema_editor):
    StepLimit = apps.get_model("cases", "StepLimit")
    StepLimit.objects.bulk_create(
        [
            StepLimit(state=state, urgent=urgent, amount=limit.amount, unit=limit.unit)
            for (state, urgent), limit in DEFAULT_STEP_LIMITS.items()
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_truth")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
