"""Reform and project tasks: the tree with its bases, one task, progress by its owner."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from linli.doors.common.formwork import DayField, LinliForm, carry_out, put_into, status_of, typed
from linli.doors.common.gate import opens, viewer_of_request
from linli.doors.common.step_forms import unit_choices, unit_label
from linli.doors.common.steps import with_files
from linli.doors.common.widgets import PhotoPicker, Suggested
from linli.doors.supervision.showing import frame, left_words
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.rooms.oversight.actions.tasks import TaskWords, add_task, edit_task, report_progress, stop_task
from linli.rooms.oversight.models import Area, Evidence, Progress, Task
from linli.rooms.oversight.queries import tasks as reads
from linli.rooms.oversight.queries.scope import visible_orders
from linli.rooms.people import queries as people

USERS = ("task.edit", "task.report", "case.supervise")


class TaskForm(LinliForm):
    """A task as somebody writes it."""

    use_required_attribute = False
    key = forms.CharField(widget=forms.HiddenInput, max_length=80, initial=lambda: uuid.uuid4().hex)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    area = forms.CharField(label=gettext_lazy("领域"), max_length=180)
    aspect = forms.CharField(label=gettext_lazy("方面"), max_length=180)
    name = forms.CharField(label=gettext_lazy("任务"), max_length=360)
    unit = forms.CharField(label=gettext_lazy("责任单位"), widget=Suggested("units", unit_choices, unit_label))
    begins_on = DayField(label=gettext_lazy("开始"))
    due_on = DayField(label=gettext_lazy("完成期限"))
    goal = forms.CharField(
        label=gettext_lazy("做到什么样"), required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=6000
    )
    milestones = forms.CharField(
        label=gettext_lazy("节点"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("每行一个：2026-12-31 完成招标"),
    )

    def clean_milestones(self) -> list[tuple[str, dt.date]]:
        """Lines "day name" as pairs."""
        found = []
        for line in str(self.cleaned_data["milestones"]).splitlines():
            if not line.strip():
                continue
            day, _blank, name = line.strip().partition(" ")
            try:
                found.append((name.strip(), dt.date.fromisoformat(day)))
            except ValueError:
                day = ""
            if not day or not name.strip():
                raise forms.ValidationError(
                    _("“%(line)s”：请写成“2026-12-31 完成招标”。") % {"line": line.strip()[:40]}
                )
        return found

    def words(self) -> TaskWords:
        """What the action is told."""
        given = self.cleaned_data
        unit = given["unit"]
        return TaskWords(
            area=given["area"],
            aspect=given["aspect"],
            name=given["name"],
            unit_id=int(unit) if unit.isdecimal() and len(unit) < 18 else None,
            begins_on=given["begins_on"],
            due_on=given["due_on"],
            goal=given["goal"],
            milestones=given["milestones"],
        )


class ProgressForm(LinliForm):
    """What the owner of a task reports."""

    use_required_attribute = False
    key = forms.CharField(widget=forms.HiddenInput, max_length=80, initial=lambda: uuid.uuid4().hex)
    version = forms.IntegerField(widget=forms.HiddenInput)
    words = forms.CharField(
        label=gettext_lazy("做了什么，下一步做什么"), widget=forms.Textarea(attrs={"rows": 3}), max_length=12_000
    )
    percent = forms.IntegerField(label=gettext_lazy("完成（%）"), min_value=0, max_value=100)
    done = forms.MultipleChoiceField(
        label=gettext_lazy("这次完成的节点"), required=False, widget=forms.CheckboxSelectMultiple
    )
    photos = forms.CharField(label=gettext_lazy("照片"), required=False, max_length=400, widget=PhotoPicker(9))

    def __init__(self, *args: Any, task: Task, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left = [(str(one.pk), f"{one.due_on:%Y-%m-%d} {one.name}") for one in task.milestones.filter(done_at=None)]
        if left:
            self.fields["done"].choices = left  # type: ignore[attr-defined]
        else:
            del self.fields["done"]


@require_GET
@opens(*USERS)
def index(request: HttpRequest) -> HttpResponse:
    """Areas, aspects and tasks with their bases."""
    viewer = viewer_of_request(request)
    unit = request.GET.get("unit", "")
    state, light = request.GET.get("state", ""), request.GET.get("light", "")[:20]
    unit_id = int(unit) if unit.isdecimal() and len(unit) < 18 else None
    context = {
        "frame": frame(request),
        "tree": reads.task_tree(viewer, unit_id, state, light),
        "state": state,
        "light": light,
        "states": Task.State.choices,
        "unit": people.units(past=True).filter(pk=unit_id).first() if unit_id else None,
        "may_edit": viewer.has("task.edit"),
        "filtered": bool(state or light or unit_id),
    }
    return render(request, "supervision/tasks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@opens("task.edit")
def create(request: HttpRequest) -> HttpResponse:
    """A new task."""
    start = {name: request.GET.get(name, "")[:60] for name in ("area", "aspect")}
    form = TaskForm(typed(request), initial=start)
    if request.method == "POST" and form.is_valid():
        viewer = viewer_of_request(request)
        key = f"task:{viewer.account_id}:{form.cleaned_data['key']}"
        done = carry_out(form, lambda: add_task(form.words(), viewer=viewer, request_key=key))
        if done:
            messages.success(request, _("任务已交给%(unit)s。") % {"unit": done.value.unit.name})
            return HttpResponseRedirect(reverse("supervision:task", args=[done.value.pk]))
    areas = Area.objects.order_by("sort", "id").values_list("name", flat=True)[:50]
    context = {"frame": frame(request), "form": form, "areas": areas}
    return render(request, "supervision/task_form.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@opens("task.edit")
def edit(request: HttpRequest, task_id: int) -> HttpResponse:
    """Change a task."""
    viewer = viewer_of_request(request)
    task = reads.open_task(task_id, viewer)
    lines = [f"{one.due_on:%Y-%m-%d} {one.name}" for one in task.milestones.all()]
    start = {
        "version": task.version,
        "area": task.aspect.area.name,
        "aspect": task.aspect.name,
        "name": task.name,
        "unit": str(task.unit_id),
        "begins_on": task.begins_at.astimezone(CIVIL).date(),
        "due_on": task.due_at.astimezone(CIVIL).date(),
        "goal": task.goal,
        "milestones": "\n".join(lines),
    }
    form = TaskForm(typed(request), initial=start)
    for name in ("area", "aspect"):
        form.fields[name].disabled = True
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"] or 0
        if carry_out(form, lambda: edit_task(task_id, form.words(), viewer=viewer, version=version)):
            messages.success(request, _("已保存。"))
            return HttpResponseRedirect(reverse("supervision:task", args=[task_id]))
    context = {"frame": frame(request), "form": form, "task": task}
    return render(request, "supervision/task_form.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@opens(*USERS)
def show(request: HttpRequest, task_id: int) -> HttpResponse:
    """One task; its owner reports here."""
    viewer = viewer_of_request(request)
    task = reads.open_task(task_id, viewer)
    may_report = viewer.may("task.report", reads.target_of(task)).ok and task.state in ("planned", "running")
    form = None
    status = 200
    if request.method == "POST" and not may_report:
        # Says why not: not one's own, or ended.
        report_progress(task_id, "-", task.percent, viewer=viewer)
        raise NotFound()
    if may_report:
        data, refusal = with_files(request, viewer) if request.method == "POST" else (None, None)
        form = ProgressForm(data, task=task, initial={"version": task.version, "percent": task.percent})
        if data is not None:
            if refusal:
                form.add_error("photos", str(refusal.message))
            if form.is_valid():
                given = form.cleaned_data
                try:
                    report_progress(
                        task_id,
                        given["words"],
                        given["percent"],
                        viewer=viewer,
                        version=given["version"],
                        milestones=[int(pk) for pk in given.get("done", [])],
                        photos=given["photos"].split(",") if given["photos"] else (),
                        request_key=f"task-report:{task_id}:{given['key']}",
                    )
                except (Refused, Conflict) as error:
                    if isinstance(error, Conflict):
                        data["version"] = str(reads.open_task(task_id, viewer).version)
                    put_into(form, error)
                else:
                    messages.success(request, _("进展已报。"))
                    return HttpResponseRedirect(reverse("supervision:task", args=[task_id]))
            status = status_of(form)
    reports = [
        {"report": report, "photos": _strip(task, report)} for report in task.reports.prefetch_related("evidence")
    ]
    context = {
        "frame": frame(request),
        "task": task,
        "form": form,
        "reports": reports,
        "milestones": task.milestones.all(),
        "orders": visible_orders(viewer).filter(task=task).order_by("-id")[:10],
        "left": left_words(task.due_at, task.state in ("planned", "running")),
        "may_edit": viewer.may("task.edit", reads.target_of(task)).ok,
        "may_supervise": viewer.may("case.supervise", reads.target_of(task)).ok,
    }
    return render(request, "supervision/task.html", context, status=status)


def _strip(task: Task, report: Progress) -> list[dict[str, Any]]:
    found = []
    for one in report.evidence.all():
        if one.kind == Evidence.Kind.PHOTO:
            url = reverse("supervision:task_proof", args=[task.pk, one.uid])
            found.append({"url": url, "thumb_url": f"{url}?thumb=1", "caption": "", "taken_at": one.taken_at})
    return found


@require_POST
@opens("task.edit")
def stop(request: HttpRequest, task_id: int) -> HttpResponse:
    """Give a task up."""
    version = request.POST.get("version", "")
    try:
        stop_task(
            task_id,
            request.POST.get("reason", ""),
            viewer=viewer_of_request(request),
            version=int(version) if version.isdecimal() and len(version) < 10 else 0,
        )
    except (Refused, Conflict) as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("任务已中止。"))
    return HttpResponseRedirect(reverse("supervision:task", args=[task_id]))


@require_safe
@opens(*USERS)
def proof(request: HttpRequest, task_id: int, uid: uuid.UUID) -> FileResponse:
    """A picture of a report, for whoever may see the task."""
    task = reads.open_task(task_id, viewer_of_request(request))
    found = Evidence.objects.filter(uid=uid, progress__task=task).first()
    if found is None:
        raise NotFound(code="evidence.not_found")
    small = request.GET.get("thumb") and found.thumb_path
    path = Path(settings.MEDIA_ROOT) / (found.thumb_path if small else found.path)
    if not path.exists():
        raise NotFound(code="evidence.not_found")
    photo = found.kind == Evidence.Kind.PHOTO
    return FileResponse(
        path.open("rb"), content_type=found.media_type, as_attachment=not photo, filename="" if photo else found.name
    )
