"""What the configuration forms share: fields, and carrying out an action so that a refusal lands at its field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import Conflict, LinliError, Refused

T = TypeVar("T")
SHEETS = ".csv,.xlsx,.xls"


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """An action went through; `value` is its answer."""

    value: T


class LinliForm(forms.Form):
    """A form that knows with which status its page is shown again."""

    status = 422


def carry_out(form: forms.Form, act: Callable[[], T], fields: Mapping[str, str] | None = None) -> Done[T] | None:
    """Run an action; a refusal or a conflict goes into the form, beside its field, and None comes back.

    fields: names of the action's fields that are called otherwise in the form. Rights and missing things are
    no matter of the form: NotAllowed and NotFound go on.
    """
    try:
        return Done(act())
    except (Refused, Conflict) as error:
        put_into(form, error, fields)
        return None


def put_into(form: forms.Form, error: LinliError, fields: Mapping[str, str] | None = None) -> None:
    """Write an error beside the field it belongs to, with what to do."""
    name = (fields or {}).get(error.field or "", error.field or "")
    words = f"{error.message} {error.what_next or ''}".strip()
    form.add_error(name if name in form.fields else None, words)
    form.status = error.status  # type: ignore[attr-defined]


def typed(request: HttpRequest) -> QueryDict | None:
    """What was sent with a POST, even when it is nothing; None for a page that is only looked at."""
    return request.POST if request.method == "POST" else None


def sent(request: HttpRequest) -> MultiValueDict[str, UploadedFile] | None:
    """The files of a POST."""
    return request.FILES if request.method == "POST" else None


def status_of(form: forms.Form) -> int:
    """200 for a fresh form, 422 or 409 for one that comes back with errors."""
    return int(getattr(form, "status", 422)) if form.is_bound and form.errors else 200


class DayField(forms.DateField):
    """A civil day, with the browser's own calendar."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        options.setdefault("error_messages", {"invalid": _("请写成 2026-01-31。"), "required": _("请选日期。")})
        super().__init__(**options)

    def to_python(self, value: Any) -> dt.date | None:
        day = super().to_python(value)
        if day is not None and not 1900 <= day.year <= 2399:
            raise forms.ValidationError(_("年份请在 1900 到 2399 之间。"))
        return day


class UploadField(forms.FileField):
    """One file, read into memory: `cleaned_data` holds (name, bytes). Empty files go on: readers say what is wrong."""

    def __init__(self, *, most_mb: int = 20, accept: str = SHEETS, **options: Any) -> None:
        self.most_mb = most_mb
        options.setdefault("allow_empty_file", True)
        options.setdefault("max_length", 200)
        options.setdefault("widget", forms.FileInput(attrs={"accept": accept}))
        options.setdefault(
            "error_messages",
            {"required": _("请选择文件。"), "max_length": _("文件名太长，请改短后再上传。")},
        )
        super().__init__(**options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        found = super().clean(data, initial)
        if not isinstance(found, UploadedFile):
            return None
        if found.size and found.size > self.most_mb * 1024 * 1024:
            raise forms.ValidationError(
                _("文件太大（%(size)d MB），最多 %(most)d MB。请分批导入。")
                % {"size": found.size >> 20, "most": self.most_mb}
            )
        return (found.name or "", found.read())
