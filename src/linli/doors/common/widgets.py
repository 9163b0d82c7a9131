"""Inputs of the forms of steps: typed with suggestions where scripts run, a plain list of choices where they do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import reverse

Choices = Callable[[], Iterable[tuple[str, str]]]


class Suggested(forms.Widget):
    """One thing (or several) chosen from suggestions by name.

    kind: "items", "units" or "places", the address suggestions are asked from. choices: everything there is to
    choose, for browsers without scripts; asked for only then. label_of: the name of a chosen value. The typed text
    comes along as `<name>_text`, so that a refusal gives it back.
    """

    template_name = "common/widgets/suggested.html"

    def __init__(self, kind: str, choices: Choices, label_of: Callable[[str], str], many: bool = False) -> None:
        super().__init__()
        self.kind, self.everything, self.label_of, self.many = kind, choices, label_of, many
        self.scripts = False
        self.typed = ""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """What was chosen; with nothing chosen, what was typed, so that the action can say what is wrong with it."""
        values = data.getlist(name) if isinstance(data, QueryDict) else data.get(name) or []
        chosen = [str(v) for v in (values if isinstance(values, list | tuple) else [values]) if v not in ("", None)]
        self.typed = str(data.get(f"{name}_text", "")).strip()[:100]
        if self.many:
            return list(dict.fromkeys(chosen))
        # Without scripts the list stands behind the hidden field, so the last one is what the person chose.
        return chosen[-1] if chosen else self.typed

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        chosen = [str(v) for v in (value if isinstance(value, list | tuple) else [value]) if v not in ("", None)]
        labels = {v: self.label_of(v) for v in chosen}
        known = [v for v in chosen if labels[v]]
        context.update(
            url=reverse(f"common:suggest_{self.kind}"),
            many=self.many,
            chosen=[(v, labels[v]) for v in known],
            value=known[0] if known and not self.many else "",
            text=labels[known[0]] if known and not self.many else self.typed,
            choices=[] if self.scripts else list(self.everything()),
            known=set(known),
        )
        return context

    def id_for_label(self, id_: str) -> str:
        return id_


class PhotoPicker(forms.Widget):
    """Pictures sent one by one while the form is filled in; their uids come back as `photo_ids`.

    Without scripts the files themselves come with the form as `photos`; the view takes them in and adds their uids.
    """

    template_name = "common/widgets/photos.html"
    needs_multipart_form = True

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit
        self.kept: list[dict[str, str]] = []

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        ids = data.getlist("photo_ids") if isinstance(data, QueryDict) else data.get("photo_ids") or []
        return ",".join(dict.fromkeys(str(uid).strip() for uid in ids if str(uid).strip()))

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context.update(url=reverse("common:photo_upload"), limit=self.limit, kept=self.kept)
        return context

