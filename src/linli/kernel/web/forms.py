"""Forms in Linli's look: ``{{ form }}`` and ``{{ field.as_field_group }}`` come out right by themselves.

Set ``FORM_RENDERER = "linli.kernel.web.forms.LinliRenderer"``.
"""

from __future__ import annotations

from django.forms import (
    CheckboxInput,
    CheckboxSelectMultiple,
    FileInput,
    RadioSelect,
    Select,
    SelectMultiple,
    Textarea,
)
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import SafeString


class LinliRenderer(DjangoTemplates):
    """Django's widgets, Linli's forms, fields and error lists."""

    form_template_name = "web/forms/form.html"
    formset_template_name = "web/forms/formset.html"
    field_template_name = "web/forms/field.html"


def kind_of(field: BoundField) -> str:
    """How a field is laid out: check (box with its label behind it), choices (a fieldset), hidden or plain."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(widget, CheckboxInput):
        return "check"
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "choices"
    return "plain"


def control(field: BoundField) -> SafeString:
    """The field's control with the classes and aria attributes of the design system."""
    widget = field.field.widget
    if isinstance(widget, CheckboxInput | RadioSelect | CheckboxSelectMultiple):
        classes = ["form-check-input"]
    elif isinstance(widget, Select | SelectMultiple):
        classes = ["form-select"]
    else:
        classes = ["form-control"]
    own = str(widget.attrs.get("class", ""))
    attrs: dict[str, str | bool] = {}
    if field.errors:
        classes.append("is-invalid")
        attrs["aria-invalid"] = "true"
    described = []
    if field.auto_id:
        if field.help_text:
            described.append(f"{field.auto_id}_help")
        if field.errors:
            described.append(f"{field.auto_id}_error")
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if isinstance(widget, Textarea):
        attrs["rows"] = str(widget.attrs.get("rows", 4))
    if isinstance(widget, FileInput) and "class" not in widget.attrs:
        attrs["data-file"] = "1"
    attrs["class"] = " ".join(filter(None, [own, *classes]))
    return field.as_widget(attrs=attrs)
