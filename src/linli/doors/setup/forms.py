"""Forms of the set-up."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.translation import gettext_lazy as _

from linli.doors.common.formwork import LinliForm, UploadField
from linli.doors.common.picks import PlaceField, UnitField
from linli.rooms.people import queries as people
from linli.rooms.people.models import Unit

NAME = {"autocapitalize": "none", "spellcheck": "false"}


class AdministratorsForm(LinliForm):
    """The system administrator, and if wanted the two others."""

    name = forms.CharField(label=_("您的姓名"), max_length=64)
    username = forms.CharField(
        label=_("用户名"),
        max_length=64,
        help_text=_("登录时用。2 个以上汉字、字母或数字。"),
        widget=forms.TextInput(attrs={"autocomplete": "username", **NAME}),
    )
    password = forms.CharField(
        label=_("密码"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    again = forms.CharField(
        label=_("再输一次密码"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    security_name = forms.CharField(label=_("安全管理员姓名"), max_length=64, required=False)
    security_username = forms.CharField(
        label=_("安全管理员用户名"), max_length=64, required=False, widget=forms.TextInput(attrs=NAME)
    )
    audit_name = forms.CharField(label=_("审计管理员姓名"), max_length=64, required=False)
    audit_username = forms.CharField(
        label=_("审计管理员用户名"), max_length=64, required=False, widget=forms.TextInput(attrs=NAME)
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = " ".join(str(text) for text in password_validators_help_texts()[:2])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", _("两次输入的密码不一样。"))
        for role in ("security", "audit"):
            name, username = data.get(f"{role}_name"), data.get(f"{role}_username")
            if bool(name) != bool(username):
                self.add_error(f"{role}_username" if name else f"{role}_name", _("姓名和用户名要一起填，或都不填。"))
        names = [str(data.get(key) or "").lower() for key in ("username", "security_username", "audit_username")]
        for position, key in enumerate(("security_username", "audit_username"), 1):
            if names[position] and names[position] in names[:position]:
                self.add_error(key, _("三个用户名不能相同。"))
        return data


class DistrictForm(LinliForm):
    """The district."""

    code = forms.CharField(
        label=_("区县代码"),
        max_length=12,
        help_text=_("6 位数字，例如 430212。"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "list": "shipped"}),
    )
    name_zh = forms.CharField(label=_("名称"), max_length=100, help_text=_("例如“渌口区”。"))
    name_en = forms.CharField(label=_("英文名称"), max_length=150, required=False, help_text=_("不填则用拼音。"))

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].strip()
        if not code.isdecimal() or len(code) not in (6, 12) or (len(code) == 12 and code[6:] != "000000"):
            raise forms.ValidationError(_("区县代码是 6 位数字。"))
        return code


class DivisionsForm(LinliForm):
    """Streets and communities from a sheet or typed."""

    file = UploadField(
        label=_("区划表"),
        required=False,
        help_text=_("CSV 或 XLSX，第一行是列名，有“代码”和“名称”两列。"),
    )
    typed = forms.CharField(
        label=_("或者直接写"),
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("一行一个：先写代码，再写名称。街道（乡镇）9 位，社区（村）12 位。"),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("file") and not data.get("typed", "").strip() and not self.errors:
            raise forms.ValidationError(_("请选一份表，或在下面写几行。"))
        return data


class UnitRow(forms.Form):
    """One unit typed by hand."""

    name_zh = forms.CharField(label=_("名称"), max_length=100, required=False)
    kind = forms.ChoiceField(label=_("类别"), choices=Unit.Kind.choices, required=False)
    place = PlaceField(("district", "street", "community"), label=_("所管区划"), required=False)
    phone = forms.CharField(label=_("值班电话"), max_length=40, required=False)


class PostRow(forms.Form):
    """One post typed by hand, with the account of a new person."""

    kind = forms.ChoiceField(label=_("岗位"), required=False)
    name = forms.CharField(label=_("姓名"), max_length=64, required=False)
    username = forms.CharField(label=_("用户名"), max_length=64, required=False, widget=forms.TextInput(attrs=NAME))
    place = PlaceField(label=_("管哪里"), required=False)
    unit = UnitField(label=_("属于哪个单位"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.code, kind.name) for kind in people.kinds()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("name")) != bool(data.get("username")):
            self.add_error("username" if data.get("name") else "name", _("姓名和用户名要一起填。"))
        return data


class SheetForm(LinliForm):
    """A sheet of units or posts."""

    file = UploadField(label=_("表格"), most_mb=10, help_text=_("CSV 或 XLSX，第一行是列名。"))


UnitRows = forms.formset_factory(UnitRow, extra=4, max_num=40)
PostRows = forms.formset_factory(PostRow, extra=0, max_num=40)
