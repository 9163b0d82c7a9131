"""Houses that run already give their default kinds of post the duties that came with ladder, whistle and supervision."""

from typing import Any

from django.db import migrations

ADDED: dict[str, tuple[str, ...]] = {
    "leader": (
        "case.mark",
        "duty.bear",
        "duty.assign",
        "inspection.plan",
        "inspection.check",
        "meeting.hold",
        "order.check",
        "insight.view",
        "scorecard.approve",
        "appeal.review",
        "bulletin.approve",
        "task.edit",
    ),
    "supervisor": (
        "case.mark",
        "duty.assign",
        "inspection.plan",
        "inspection.check",
        "order.check",
        "meeting.hold",
        "task.edit",
        "insight.view",
        "scorecard.edit",
        "appeal.review",
        "bulletin.draft",
    ),
    "dispatcher": ("case.mark", "duty.assign", "whistle.decide", "insight.view", "appeal.review"),
    "intake_clerk": ("case.mark",),
    "verifier": ("inspection.check", "order.check", "patrol.walk"),
    "grid_chief": (
        "case.mark",
        "duty.bear",
        "duty.assign",
        "whistle.blow",
        "meeting.hold",
        "inspection.check",
        "insight.view",
    ),
    "town_cadre": (
        "case.mark",
        "duty.bear",
        "duty.assign",
        "whistle.blow",
        "patrol.plan",
        "meeting.hold",
        "insight.view",
    ),
    "community_cadre": (
        "case.mark",
        "duty.bear",
        "whistle.blow",
        "patrol.plan",
        "patrol.walk",
        "meeting.hold",
        "insight.view",
    ),
    "grid_worker": ("duty.bear", "patrol.walk", "inspection.check"),
    "city_management_liaison": ("whistle.answer",),
    "traffic_liaison": ("whistle.answer",),
    "area_head": ("duty.bear",),
    "building_head": ("duty.bear",),
    "stairwell_head": ("duty.bear",),
    "unit_contact": ("duty.bear", "whistle.answer", "order.sign", "task.report", "appeal.ask", "insight.view"),
    "unit_handler": ("whistle.answer",),
}


def give(apps: Any, schema_editor: Any) -> None:
    """Kinds that an operator has renamed or removed are left alone."""
    for kind in apps.get_model("people", "PostKind").objects.filter(code__in=ADDED):
        kind.duties = [*kind.duties, *(duty for duty in ADDED[kind.code] if duty not in kind.duties)]
        kind.save(update_fields=["duties"])


class Migration(migrations.Migration):
    dependencies = [("people", "0003_keys")]
    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
