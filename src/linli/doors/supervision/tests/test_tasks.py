"""Tasks under supervision: set up, reported, lit, ordered about; the tree with its bases."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import Conflict, NotAllowed, Refused
from linli.kernel.outbox.models import OutboxEvent
from linli.rooms.oversight import jobs
from linli.rooms.oversight.actions.tasks import (
    TaskWords,
    add_task,
    edit_task,
    report_progress,
    stop_task,
    turn_task_lights,
)
from linli.rooms.oversight.models import Order, Task
from linli.rooms.oversight.queries.tasks import task_tree

pytestmark = pytest.mark.django_db
MONDAY = dt.datetime(2026, 11, 16, 9, 0, tzinfo=CIVIL)


def task_of(town, name="一窗受理改革", unit=None, **given) -> Task:
    words = TaskWords(
        given.pop("area", "政务服务"), given.pop("aspect", "一网通办"), name, (unit or town.lamps).pk,
        dt.date(2026, 11, 16), dt.date(2026, 12, 16), **given,
    )  # fmt: skip
    return add_task(words, viewer=town.viewer("supervisor"))


def test_only_the_owner_reports_and_never_backwards(town):
    with clock.at(MONDAY):
        task = task_of(town, milestones=[("完成招标", dt.date(2026, 11, 30))])
        for name in ("supervisor", "power_contact", "lamp_handler", "worker_a", "nobody"):
            with pytest.raises(NotAllowed):
                report_progress(task.pk, "x", 10, viewer=town.viewer(name))
        owner = town.viewer("lamp_contact")
        report_progress(task.pk, "已进场", 40, viewer=owner, version=task.version, request_key="r1")
        report_progress(task.pk, "已进场", 40, viewer=owner, version=task.version, request_key="r1")
        with pytest.raises(Conflict):
            report_progress(task.pk, "又", 50, viewer=owner, version=task.version)
        for words, percent in (("", 50), ("x", 30), ("x", 101), ("x", 100)):
            with pytest.raises(Refused):
                report_progress(task.pk, words, percent, viewer=owner)
        report_progress(task.pk, "完工", 100, viewer=owner, milestones=[task.milestones.get().pk])
        task.refresh_from_db()
        assert (task.state, task.light, task.reports.count()) == ("done", "done", 2)
        with pytest.raises(Refused):
            report_progress(task.pk, "再报", 100, viewer=owner)


def test_the_tree_counts_with_bases_what_one_may_see(town):
    with clock.at(MONDAY):
        one = task_of(town)
        task_of(town, name="证照电子化", unit=town.power)
        task_of(town, name="老旧小区改造", area="城市更新", aspect="改造")
        report_progress(one.pk, "完工", 100, viewer=town.viewer("lamp_contact"))
    with clock.at(MONDAY + dt.timedelta(days=60)):
        tree = task_tree(town.viewer("supervisor"))
        assert (tree.done, tree.total, tree.overdue) == (1, 3, 2)
        assert [(area.name, area.done, area.total) for area in tree.branches] == [
            ("政务服务", 1, 2),
            ("城市更新", 0, 1),
        ]
        assert task_tree(town.viewer("power_contact")).total == 1
        assert task_tree(town.viewer("worker_a")).total == 0


def test_lights_of_tasks_are_told_once(town):
    with clock.at(MONDAY):
        task = task_of(town)
    while (at := jobs.next_task_light()) is not None:
        with clock.at(at):
            assert turn_task_lights() == 1 and turn_task_lights() == 0
    task.refresh_from_db()
    assert task.light == "overdue"
    assert [e.data["light"] for e in OutboxEvent.objects.filter(kind="task.light").order_by("id")] == [
        "near",
        "overdue",
    ]


def test_changing_and_stopping(town):
    task = task_of(town)
    words = TaskWords("", "", "一窗受理改革", town.power.pk, dt.date(2026, 11, 16), dt.date(2027, 1, 16))
    with pytest.raises(NotAllowed):
        edit_task(task.pk, words, viewer=town.viewer("lamp_contact"), version=1)
    task = edit_task(task.pk, words, viewer=town.viewer("leader"), version=1)
    assert task.unit == town.power
    with pytest.raises(Conflict):
        stop_task(task.pk, "改方案", viewer=town.viewer("leader"), version=1)
    with pytest.raises(Refused):
        stop_task(task.pk, "", viewer=town.viewer("leader"), version=2)
    assert stop_task(task.pk, "改方案", viewer=town.viewer("leader"), version=2).state == "stopped"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pages_from_setting_up_to_an_order(enter, town, picture, language, django_assert_max_num_queries):
    client = enter(language=language)
    assert client.get(reverse("supervision:tasks")).status_code == 200
    given = {
        "key": "k", "area": "城市更新", "aspect": "改造", "name": "南街改造", "unit": town.lamps.pk,
        "begins_on": "2026-11-01", "due_on": "2027-03-01", "goal": "", "milestones": "明天 招标",
    }  # fmt: skip
    assert client.post(reverse("supervision:task_new"), given).status_code == 422
    assert (
        client.post(reverse("supervision:task_new"), {**given, "milestones": "2026-12-31 完成招标"}).status_code == 302
    )
    task = Task.objects.get()
    page = reverse("supervision:task", args=[task.pk])
    assert client.post(page, {"words": "x"}).status_code == 403
    owner = enter("lamp_contact", language)
    sent = {"key": "r", "version": 1, "words": "已招标", "percent": 30, "done": task.milestones.get().pk,
            "photo_ids": picture(town.viewer("lamp_contact"))}  # fmt: skip
    assert owner.post(page, {**sent, "percent": 300}).status_code == 422
    assert owner.post(page, sent).status_code == 302
    assert owner.post(page, {**sent, "key": "r2"}).status_code in (409, 422)
    shown = owner.get(page).content.decode()
    assert "已招标" in shown and "30" in shown
    report = task.reports.get()
    assert owner.get(reverse("supervision:task_proof", args=[task.pk, report.evidence.get().uid])).status_code == 200
    client = enter(language=language)
    with django_assert_max_num_queries(9):
        assert "南街改造" in client.get(reverse("supervision:tasks")).content.decode()
    assert client.get(reverse("supervision:task_edit", args=[task.pk])).status_code == 200
    order = {"key": "o", "source": "task", "title": "南街改造", "unit": town.lamps.pk, "demand": "请加快", "level": 1}
    assert client.post(reverse("supervision:new") + f"?task={task.pk}", order).status_code == 302
    assert Order.objects.get().task == task and Order.objects.get().number in client.get(page).content.decode()
    assert enter("power_contact", language).get(page).status_code == 404
