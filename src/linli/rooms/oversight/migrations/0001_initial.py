"""Supervision orders, proposals, lights and rules; meetings; tasks."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cases", "0006_major"),
        ("people", "0004_duties_of_supervision"),
        ("places", "0002_truth"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MeetingKind",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=20, unique=True)),
                ("name_zh", models.CharField(max_length=40)),
                ("name_en", models.CharField(max_length=60)),
                ("level", models.CharField(help_text="开在哪一级地方", max_length=10)),
                ("rhythm", models.CharField(blank=True, default="", max_length=40)),
                ("prepare_days", models.PositiveSmallIntegerField(default=3, help_text="提前几个自然日备会")),
                ("minutes_per_item", models.PositiveSmallIntegerField(default=10)),
                ("items_at_most", models.PositiveSmallIntegerField(default=12)),
                (
                    "sources",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10), default=list, size=None
                    ),
                ),
                ("active", models.BooleanField(default=True)),
                ("sort", models.SmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["sort", "id"],
            },
        ),
        migrations.CreateModel(
            name="Area",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("sort", models.SmallIntegerField(default=0)),
                (
                    "district",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"),
                ),
            ],
            options={
                "ordering": ["sort", "id"],
            },
        ),
        migrations.CreateModel(
            name="Aspect",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("sort", models.SmallIntegerField(default=0)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="aspects", to="oversight.area"
                    ),
                ),
            ],
            options={
                "ordering": ["sort", "id"],
            },
        ),
        migrations.CreateModel(
            name="CaseWatch",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                ("light", models.CharField(blank=True, default="", max_length=20)),
                ("next_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_at__isnull", False)), fields=["next_at"], name="case_watch_next"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Light",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=20, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("running", "期限内"), ("overdue", "超期"), ("suspended", "停表"), ("done", "办结")],
                        max_length=10,
                    ),
                ),
                ("name_zh", models.CharField(max_length=20)),
                ("name_en", models.CharField(max_length=40)),
                (
                    "colour",
                    models.CharField(
                        choices=[
                            ("on_track", "绿"),
                            ("near", "黄"),
                            ("overdue", "红"),
                            ("suspended", "灰"),
                            ("done", "蓝"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "shape",
                    models.CharField(
                        choices=[
                            ("circle", "圆 ●"),
                            ("triangle", "三角 ▲"),
                            ("square", "方 ■"),
                            ("diamond", "菱形 ◆"),
                            ("bars", "双竖 ‖"),
                            ("tick", "勾 ✓"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "share",
                    models.PositiveSmallIntegerField(default=100, help_text="剩余时间占时限的百分比不超过它时亮这盏灯"),
                ),
                ("proposes", models.BooleanField(default=False, help_text="事件亮到这盏灯时建议督办")),
                ("sort", models.SmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["sort", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "running"), _negated=True),
                        fields=("kind",),
                        name="light_one_of_each_kind",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "running")), fields=("share",), name="light_one_a_share"
                    ),
                    models.UniqueConstraint(fields=("shape",), name="light_shape_once"),
                    models.CheckConstraint(condition=models.Q(("share__range", (1, 100))), name="light_share_per_cent"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lineage", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("tokens", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "准备中"),
                            ("running", "进行中"),
                            ("closed", "已结束"),
                            ("cancelled", "已取消"),
                        ],
                        default="planned",
                        max_length=10,
                    ),
                ),
                ("version", models.IntegerField(default=1)),
                ("title", models.CharField(max_length=120)),
                ("planned_for", models.DateTimeField()),
                ("venue", models.CharField(blank=True, default="", max_length=100)),
                ("chair", models.CharField(blank=True, default="", max_length=60)),
                ("created_at", models.DateTimeField()),
                ("by_rhythm", models.BooleanField(default=False)),
                ("opened_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("current_item_id", models.BigIntegerField(null=True)),
                (
                    "place",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"),
                ),
                (
                    "kind",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="meetings", to="oversight.meetingkind"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Attendance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("role", models.CharField(blank=True, default="", max_length=100)),
                ("present", models.BooleanField(default=False)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attendance", to="oversight.meeting"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Minutes",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=40, unique=True)),
                ("year", models.SmallIntegerField()),
                ("serial", models.PositiveIntegerField()),
                ("facts", models.JSONField(default=dict)),
                ("pdf", models.BinaryField(null=True)),
                ("sha256", models.CharField(blank=True, default="", max_length=64)),
                ("issued_at", models.DateTimeField()),
                ("issued_name", models.CharField(blank=True, default="", max_length=120)),
                (
                    "district",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"),
                ),
                (
                    "meeting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="issued_minutes",
                        to="oversight.meeting",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=40, null=True, unique=True)),
                ("year", models.SmallIntegerField(null=True)),
                ("serial", models.PositiveIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("drafted", "草拟"),
                            ("issued", "待签收"),
                            ("signed", "办理中"),
                            ("answered", "待核查"),
                            ("closed", "已销号"),
                            ("revoked", "已撤销"),
                            ("dropped", "未发出"),
                        ],
                        max_length=10,
                    ),
                ),
                ("is_open", models.BooleanField(default=True)),
                ("version", models.IntegerField(default=1)),
                ("level", models.PositiveSmallIntegerField(default=1)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("light", "亮灯"),
                            ("complaint", "投诉"),
                            ("rating", "差评"),
                            ("leader", "领导批示"),
                            ("recurring", "反复出现"),
                            ("inspection", "检查发现"),
                            ("meeting", "会议决定"),
                            ("task", "任务督办"),
                            ("hand", "主动督办"),
                        ],
                        max_length=10,
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                ("demand", models.TextField(help_text="督办要求")),
                ("leader_name", models.CharField(blank=True, default="", max_length=60)),
                ("leader_words", models.TextField(blank=True, default="", help_text="批示原文")),
                ("lineage", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("tokens", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("matter_class", models.CharField(blank=True, default="", max_length=8)),
                ("limit_amount", models.PositiveSmallIntegerField(null=True)),
                ("limit_unit", models.CharField(blank=True, default="", max_length=16)),
                ("extensions", models.JSONField(default=list, help_text="延长的时限 [[数, 单位], …]")),
                ("in_step", models.BooleanField(default=True, help_text="与交办同步：随事件处置时限延长、停表")),
                ("clock_from", models.DateTimeField(null=True)),
                ("pauses", models.JSONField(default=list)),
                ("due_at", models.DateTimeField(null=True)),
                ("due_provisional", models.BooleanField(default=False)),
                ("sign_due_at", models.DateTimeField(null=True)),
                ("check_due_at", models.DateTimeField(null=True)),
                ("current_due_at", models.DateTimeField(null=True)),
                ("turns", models.JSONField(default=list)),
                ("light", models.CharField(blank=True, default="", max_length=20)),
                ("light_next_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("state_since", models.DateTimeField()),
                ("issued_at", models.DateTimeField(null=True)),
                ("issued_post_id", models.BigIntegerField(null=True)),
                ("issued_name", models.CharField(blank=True, default="", max_length=120)),
                ("signed_at", models.DateTimeField(null=True)),
                ("signed_name", models.CharField(blank=True, default="", max_length=120)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "answerer_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("round", models.PositiveSmallIntegerField(default=0, help_text="第几次回复")),
                ("returned", models.PositiveSmallIntegerField(default=0)),
                ("raised", models.PositiveSmallIntegerField(default=0)),
                ("extended", models.PositiveSmallIntegerField(default=0)),
                ("late", models.BooleanField(default=False, help_text="曾经超期")),
                ("contested", models.BooleanField(default=False, help_text="单位申请改派，等决定")),
                (
                    "district",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="supervision_orders", to="people.unit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("round", models.PositiveSmallIntegerField()),
                ("words", models.TextField()),
                ("at", models.DateTimeField()),
                ("by_name", models.CharField(blank=True, default="", max_length=120)),
                ("late", models.BooleanField(default=False)),
                (
                    "verdict",
                    models.CharField(
                        choices=[("waiting", "待核查"), ("passed", "通过"), ("failed", "退回")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("checked_at", models.DateTimeField(null=True)),
                ("checked_name", models.CharField(blank=True, default="", max_length=120)),
                ("check_words", models.TextField(blank=True, default="")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="oversight.order"
                    ),
                ),
            ],
            options={
                "ordering": ["round"],
            },
        ),
        migrations.CreateModel(
            name="AgendaItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.SmallIntegerField()),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("ladder", "领导小组交办层级"),
                            ("hard", "难题"),
                            ("open", "网格未结"),
                            ("legacy", "历史遗留"),
                            ("order", "督办单"),
                            ("voice", "群众意见"),
                            ("hand", "临时议题"),
                        ],
                        max_length=8,
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                ("words", models.TextField(blank=True, default="")),
                ("minutes", models.PositiveSmallIntegerField(default=10)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "还没有决定"),
                            ("decided", "已决定"),
                            ("postponed", "下次再议"),
                            ("noted", "听取"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("decision", models.TextField(blank=True, default="")),
                ("due_on", models.DateField(null=True)),
                ("version", models.IntegerField(default=1)),
                ("typed_name", models.CharField(blank=True, default="", max_length=120)),
                ("typed_at", models.DateTimeField(null=True)),
                ("assigned_tier", models.CharField(blank=True, default="", help_text="交办到哪一层级", max_length=60)),
                ("carried_at", models.DateTimeField(help_text="决定已交办", null=True)),
                ("trouble", models.CharField(blank=True, default="", max_length=300)),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="on_agendas",
                        to="cases.case",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.post"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.unit"
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="oversight.meeting"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agenda_items",
                        to="oversight.order",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="OrderCase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="supervised", to="cases.case"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="links", to="oversight.order"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Progress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("by_name", models.CharField(blank=True, default="", max_length=120)),
                ("words", models.TextField()),
                ("percent", models.PositiveSmallIntegerField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(choices=[("photo", "照片"), ("file", "文件")], max_length=5)),
                ("path", models.CharField(max_length=120)),
                ("thumb_path", models.CharField(blank=True, default="", max_length=120)),
                ("name", models.CharField(blank=True, default="", max_length=120)),
                ("media_type", models.CharField(max_length=100)),
                ("size", models.PositiveIntegerField(default=0)),
                ("sha256", models.CharField(max_length=64)),
                ("width", models.PositiveIntegerField(null=True)),
                ("height", models.PositiveIntegerField(null=True)),
                ("taken_at", models.DateTimeField(null=True)),
                ("uploaded_at", models.DateTimeField()),
                (
                    "answer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="oversight.answer",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "progress",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="oversight.progress",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=120, unique=True)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("light", "亮灯"),
                            ("complaint", "投诉"),
                            ("rating", "差评"),
                            ("leader", "领导批示"),
                            ("recurring", "反复出现"),
                            ("inspection", "检查发现"),
                            ("meeting", "会议决定"),
                            ("task", "任务督办"),
                            ("hand", "主动督办"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "待决定"), ("issued", "已督办"), ("dismissed", "不督办")],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                ("words", models.TextField(blank=True, default="")),
                (
                    "case_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("lineage", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("tokens", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("matter_class", models.CharField(blank=True, default="", max_length=8)),
                ("light", models.CharField(blank=True, default="", max_length=20)),
                ("found_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_name", models.CharField(blank=True, default="", max_length=120)),
                ("reason", models.TextField(blank=True, default="")),
                ("called_at", models.DateTimeField(help_text="差评回访", null=True)),
                ("called_name", models.CharField(blank=True, default="", max_length=120)),
                ("call_reached", models.BooleanField(null=True)),
                ("call_words", models.TextField(blank=True, default="")),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="oversight.order",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.unit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Register",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("series", models.CharField(choices=[("order", "督办单"), ("minutes", "会议纪要")], max_length=8)),
                ("year", models.SmallIntegerField()),
                ("prefix", models.CharField(max_length=12)),
                ("last", models.PositiveIntegerField(default=0)),
                (
                    "district",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Rules",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("sign_amount", models.PositiveSmallIntegerField(default=4)),
                ("sign_unit", models.CharField(default="working_hours", max_length=16)),
                ("answer_amount", models.PositiveSmallIntegerField(default=3)),
                ("answer_unit", models.CharField(default="working_days", max_length=16)),
                ("check_amount", models.PositiveSmallIntegerField(default=2)),
                ("check_unit", models.CharField(default="working_days", max_length=16)),
                ("rating_amount", models.PositiveSmallIntegerField(default=15, help_text="差评整改时限")),
                ("rating_unit", models.CharField(default="working_days", max_length=16)),
                ("rating_level", models.PositiveSmallIntegerField(default=2, help_text="几级及以下算差评")),
                (
                    "recurring_cases",
                    models.PositiveSmallIntegerField(default=3, help_text="同一处反复出现几件就建议督办"),
                ),
                ("recurring_metres", models.PositiveSmallIntegerField(default=50)),
                ("recurring_days", models.PositiveSmallIntegerField(default=30)),
                (
                    "levels_zh",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        default=list,
                        help_text="督办级别，从低到高",
                        size=None,
                    ),
                ),
                (
                    "levels_en",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                ("version", models.IntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="oversight_rules_one_row"),
                    models.CheckConstraint(
                        condition=models.Q(("recurring_cases__gte", 2)), name="oversight_rules_recurring"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Seat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("venue", models.CharField(blank=True, default="", max_length=100)),
                ("next_at", models.DateTimeField(null=True)),
                ("create_at", models.DateTimeField(null=True)),
                (
                    "kind",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="seats", to="oversight.meetingkind"
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("goal", models.TextField(blank=True, default="")),
                ("lineage", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("tokens", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "未开始"),
                            ("running", "推进中"),
                            ("done", "已完成"),
                            ("stopped", "已中止"),
                        ],
                        default="planned",
                        max_length=8,
                    ),
                ),
                ("version", models.IntegerField(default=1)),
                ("begins_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("percent", models.PositiveSmallIntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True)),
                ("reported_at", models.DateTimeField(null=True)),
                ("sort", models.SmallIntegerField(default=0)),
                ("turns", models.JSONField(default=list)),
                ("light", models.CharField(blank=True, default="", max_length=20)),
                ("light_next_at", models.DateTimeField(null=True)),
                (
                    "aspect",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tasks", to="oversight.aspect"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tasks", to="people.unit"
                    ),
                ),
            ],
            options={
                "ordering": ["sort", "id"],
            },
        ),
        migrations.AddField(
            model_name="progress",
            name="task",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="oversight.task"
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="task",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="oversight.task"
            ),
        ),
        migrations.CreateModel(
            name="Milestone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("due_on", models.DateField()),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="milestones", to="oversight.task"
                    ),
                ),
            ],
            options={
                "ordering": ["due_on", "id"],
            },
        ),
        migrations.AddConstraint(
            model_name="area",
            constraint=models.UniqueConstraint(fields=("district", "name"), name="area_name_once"),
        ),
        migrations.AddConstraint(
            model_name="aspect",
            constraint=models.UniqueConstraint(fields=("area", "name"), name="aspect_name_once"),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.UniqueConstraint(fields=("meeting", "name", "role"), name="attendance_once"),
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=models.Index(fields=["-planned_for", "-id"], name="meeting_by_day"),
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=django.contrib.postgres.indexes.GinIndex(fields=["tokens"], name="meeting_tokens"),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.UniqueConstraint(
                condition=models.Q(("by_rhythm", True)),
                fields=("kind", "place", "planned_for"),
                name="meeting_once_a_rhythm",
            ),
        ),
        migrations.AddConstraint(
            model_name="minutes",
            constraint=models.UniqueConstraint(fields=("district", "year", "serial"), name="minutes_serial_once"),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.UniqueConstraint(fields=("order", "round"), name="answer_once_a_round"),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("case__isnull", False)), fields=("meeting", "case"), name="agenda_case_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ordercase",
            constraint=models.UniqueConstraint(fields=("order", "case"), name="order_case_once"),
        ),
        migrations.AddIndex(
            model_name="evidence",
            index=models.Index(fields=["answer"], name="evidence_of_answer"),
        ),
        migrations.AddIndex(
            model_name="evidence",
            index=models.Index(
                condition=models.Q(("answer", None), ("progress", None)),
                fields=["uploaded_at"],
                name="evidence_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["-found_at", "-id"], name="proposal_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=django.contrib.postgres.indexes.GinIndex(fields=["tokens"], name="proposal_tokens"),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=django.contrib.postgres.indexes.GinIndex(fields=["case_ids"], name="proposal_cases"),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("order", None), ("state", "waiting")),
                    models.Q(("decided_at__isnull", False), ("order__isnull", False), ("state", "issued")),
                    models.Q(("decided_at__isnull", False), ("order", None), ("state", "dismissed")),
                    _connector="OR",
                ),
                name="proposal_decided_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("source", "rating"), _negated=True),
                    ("state", "waiting"),
                    ("called_at__isnull", False),
                    _connector="OR",
                ),
                name="proposal_rating_called_back",
            ),
        ),
        migrations.AddConstraint(
            model_name="register",
            constraint=models.UniqueConstraint(fields=("district", "series", "year"), name="register_once_a_year"),
        ),
        migrations.AddIndex(
            model_name="seat",
            index=models.Index(
                condition=models.Q(("create_at__isnull", False)), fields=["create_at"], name="seat_to_create"
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.UniqueConstraint(fields=("kind", "place"), name="seat_once_a_place"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(("light_next_at__isnull", False)), fields=["light_next_at"], name="task_light_next"
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=django.contrib.postgres.indexes.GinIndex(fields=["tokens"], name="task_tokens"),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(fields=("aspect", "name"), name="task_name_once"),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(condition=models.Q(("percent__lte", 100)), name="task_percent"),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_at__gt", models.F("begins_at"))), name="task_runs_forward"
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at__isnull", False), ("percent", 100), ("state", "done")),
                    models.Q(models.Q(("state", "done"), _negated=True), ("done_at", None)),
                    _connector="OR",
                ),
                name="task_done_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("is_open", True)), fields=["current_due_at", "id"], name="order_open_by_due"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("light_next_at__isnull", False)), fields=["light_next_at"], name="order_light_next"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(condition=models.Q(("is_open", False)), fields=["-id"], name="order_ended"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["unit", "state"], name="order_of_unit"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("due_provisional", True), ("is_open", True)),
                fields=["due_at"],
                name="order_due_provisional",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=django.contrib.postgres.indexes.GinIndex(fields=["tokens"], name="order_tokens"),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("drafted", "issued", "signed", "answered", "closed", "revoked", "dropped"))
                ),
                name="order_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at", None),
                        ("is_open", True),
                        ("state__in", ("drafted", "issued", "signed", "answered")),
                    ),
                    models.Q(
                        ("ended_at__isnull", False), ("is_open", False), ("state__in", ("closed", "revoked", "dropped"))
                    ),
                    _connector="OR",
                ),
                name="order_open_agrees_with_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("number", None), ("serial", None), ("year", None)),
                    models.Q(("number__isnull", False), ("serial__isnull", False), ("year__isnull", False)),
                    _connector="OR",
                ),
                name="order_number_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__isnull", False), ("state__in", ("drafted", "dropped")), _connector="OR"),
                name="order_issued_has_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(fields=("district", "year", "serial"), name="order_serial_once"),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.UniqueConstraint(fields=("task", "name"), name="milestone_name_once"),
        ),
    ]
