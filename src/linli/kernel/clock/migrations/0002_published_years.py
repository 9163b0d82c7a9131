"""Enter the officially published years that ship with Linli, so that no house starts without a calendar."""

from django.db import migrations
from django.utils import timezone

from linli.kernel.clock.published import published, published_years


def enter(apps, schema_editor):
    years = apps.get_model("clock", "CalendarYear")
    days = apps.get_model("clock", "CalendarDay")
    for year in published_years():
        source, listed = published(year)
        years.objects.create(year=year, official=True, source=source)
        days.objects.bulk_create(
            days(day=day.day, kind=day.kind, name_zh=day.name_zh, name_en=day.name_en) for day in listed
        )
    apps.get_model("clock", "CalendarRevision").objects.create(
        only=True, number=1, changed_at=timezone.now()
    )


class Migration(migrations.Migration):
    dependencies = [("clock", "0001_initial")]
    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
