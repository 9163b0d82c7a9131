"""Forms about divisions, grids and buildings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.doors.common.formwork import DayField, LinliForm, UploadField
from linli.doors.common.picks import PlaceField
from linli.kernel.geo.systems import SYSTEMS
from linli.rooms.places.models import Succession
from linli.rooms.places.sheets import shipped_codes

GEOJSON = ".geojson,.json"


class SystemField(forms.ChoiceField):
    """A reference system, never preselected: a wrong one moves everything by hundreds of metres."""

    def __init__(self, unknown: bool = False, **options: Any) -> None:
        choices: list[tuple[str, Any]] = list(SYSTEMS.items())
        if unknown:
            choices.append(("unknown", _("不知道（检查后告诉我哪种最吻合）")))
        options.setdefault("widget", forms.RadioSelect())
        options.setdefault("error_messages", {"required": _("请选择坐标系：不写明坐标系，位置可能差几百米。")})
        options.setdefault("label", _("文件的坐标系"))
        super().__init__(choices=choices, **options)


class DivisionForm(LinliForm):
    """A new district, street or community."""

    code = forms.CharField(
        label=_("区划代码"),
        max_length=20,
        help_text=_("区县 6 位、街道（乡镇）9 位、社区（村）12 位数字；上级由代码得出。"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    name_zh = forms.CharField(label=_("名称"), max_length=100)
    name_en = forms.CharField(label=_("英文名称"), max_length=150, required=False, help_text=_("不填则用拼音。"))
    local_code = forms.CharField(label=_("自编号"), max_length=40, required=False)
    valid_from = DayField(label=_("启用日期"), required=False, help_text=_("不填则从今天起。"))


class NamesForm(LinliForm):
    """Names of an existing place."""

    name_zh = forms.CharField(label=_("名称"), max_length=100)
    name_en = forms.CharField(label=_("英文名称"), max_length=150, required=False)
    local_code = forms.CharField(label=_("自编号"), max_length=40, required=False)


class EndDivisionForm(LinliForm):
    """End a division, with what follows it."""

    on = DayField(label=_("停用日期"), help_text=_("从这一天起不再存在；以前的案件仍指向它。"))
    successor = PlaceField(
        ("district", "street", "community"), label=_("接替的区划"), required=False, help_text=_("编码或名称。")
    )
    reason = forms.ChoiceField(
        label=_("原因"), choices=[c for c in Succession.Reason.choices if c[0] != "renumber"], initial="merge"
    )


class RenumberForm(LinliForm):
    """A new code for a division."""

    code = forms.CharField(label=_("新代码"), max_length=20)
    name_zh = forms.CharField(label=_("新名称"), max_length=100, required=False, help_text=_("不填则不变。"))
    on = DayField(label=_("改号日期"))


class DivisionSheetForm(LinliForm):
    """A sheet of divisions."""

    file = UploadField(
        label=_("区划表"),
        help_text=_("CSV 或 XLSX，第一行是列名，至少有“代码”和“名称”两列。全国的表也可以，只取本区县。"),
    )
    district = forms.CharField(
        label=_("只导入这个区县"),
        max_length=12,
        required=False,
        help_text=_("6 位区县代码；不填则导入表中全部。"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_district(self) -> str:
        code: str = self.cleaned_data["district"].strip()
        if code and (not code.isdecimal() or len(code) not in (6, 12)):
            raise forms.ValidationError(_("区县代码是 6 位数字。"))
        return code[:6]


class ShippedForm(LinliForm):
    """A district whose codes ship with Linli."""

    code = forms.ChoiceField(label=_("随附的区划"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [(code, f"{code} {name}") for code, name in shipped_codes()]  # type: ignore[attr-defined]


class BoundaryForm(LinliForm):
    """Borders of divisions as GeoJSON."""

    file = UploadField(
        label=_("区划边界"),
        most_mb=60,
        accept=GEOJSON,
        help_text=_("GeoJSON，每个要素的属性 code 写区划代码（6、9 或 12 位）。"),
    )
    system = SystemField()
    valid_from = DayField(label=_("生效日期"), required=False, help_text=_("不填则从今天起。"))


class GridImportForm(LinliForm):
    """A GeoJSON file of grids."""

    file = UploadField(
        label=_("网格边界"),
        most_mb=60,
        accept=GEOJSON,
        help_text=_("GeoJSON 面。属性可写 name、code、kind（grid、special、micro）、community、parent；缺的可以后补。"),
    )
    system = SystemField(unknown=True)
    swap = forms.BooleanField(label=_("对调经纬度（文件里先写了纬度）"), required=False)
    trust_system = forms.BooleanField(label=_("我确认坐标系无误，不再提示"), required=False)
    note = forms.CharField(label=_("改动说明"), max_length=500, required=False, help_text=_("为什么改，以后好查。"))


class AgainForm(LinliForm):
    """The same file once more, read otherwise."""

    key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    system = SystemField(unknown=True)
    swap = forms.BooleanField(label=_("对调经纬度（文件里先写了纬度）"), required=False)
    trust_system = forms.BooleanField(label=_("我确认坐标系无误，不再提示"), required=False)


class DrawingForm(LinliForm):
    """Which community's grids to change on the map."""

    community = PlaceField(("community",), label=_("社区"), help_text=_("改哪个社区的网格。"))


class PublishForm(LinliForm):
    """Put a draft in force."""

    effective_from = DayField(label=_("生效日期"), help_text=_("从这一天零点起用新网格；旧案件保留当时的网格。"))
    accept_warnings = forms.BooleanField(label=_("已看过提醒，照此发布"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class ExportForm(LinliForm):
    """Grids of a day in a reference system."""

    system = SystemField(label=_("坐标系"), widget=forms.Select())
    on = DayField(label=_("哪天的网格"), required=False)
    place = PlaceField(("district", "street", "community"), label=_("范围"), required=False)


class BuildingForm(LinliForm):
    """A building."""

    name = forms.CharField(label=_("名称"), max_length=100, help_text=_("例如“3栋”。"))
    address = forms.CharField(label=_("地址"), max_length=200, required=False)
    lng = forms.FloatField(label=_("经度"), required=False, min_value=-180, max_value=180)
    lat = forms.FloatField(label=_("纬度"), required=False, min_value=-90, max_value=90)
    parent = PlaceField(
        ("community", "grid", "special", "micro"),
        label=_("所属网格或社区"),
        required=False,
        help_text=_("标了位置就不用填，按位置归入网格。"),
    )
    floors = forms.IntegerField(label=_("层数"), required=False, min_value=1, max_value=200)
    stairwells = forms.CharField(
        label=_("单元"),
        max_length=300,
        initial="1",
        help_text=_("单元数，或门牌上的写法（“东单元、西单元”）。"),
    )
    dwellings = forms.IntegerField(label=_("户数"), required=False, min_value=0, max_value=5000)
    managed_by = forms.CharField(label=_("物业"), max_length=100, required=False)

    def clean_stairwells(self) -> tuple[int, list[str]]:
        text = self.cleaned_data["stairwells"].strip()
        if text.isdecimal():
            if int(text) > 99:
                raise forms.ValidationError(_("单元最多 99 个。"))
            return int(text), []
        labels = [part.strip() for part in text.replace("，", ",").replace("、", ",").split(",") if part.strip()]
        if len(labels) > 99:
            raise forms.ValidationError(_("单元最多 99 个。"))
        return len(labels), labels

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (data.get("lng") is None) != (data.get("lat") is None):
            self.add_error("lat", _("经度和纬度要一起填。"))
        return data


class BuildingSheetForm(LinliForm):
    """A sheet of buildings."""

    file = UploadField(
        label=_("楼栋表"),
        help_text=_("CSV 或 XLSX，第一行是列名：名称、地址、经度、纬度（或网格、社区）、层数、单元、户数、物业。"),
    )
    system = SystemField(label=_("经纬度的坐标系"))
