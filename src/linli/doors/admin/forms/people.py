"""Forms about units, posts, accounts, the matrix and the sign-in policy."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.doors.common.formwork import DayField, LinliForm, UploadField
from linli.doors.common.picks import AccountField, MatterField, PlaceField, UnitField
from linli.kernel.clock.calendar import CIVIL
from linli.rooms.catalogue import queries as catalogue
from linli.rooms.people import queries
from linli.rooms.people.actions.policy import DOORS
from linli.rooms.people.models import AdminRole, Unit
from linli.rooms.people.rights import Viewer
from linli.rooms.people.rules import ADMIN_CAPABILITIES, CAPABILITIES

TEL = {"type": "tel", "autocomplete": "off"}
DOOR_NAMES = {"portal": _("居民"), "field": _("网格员"), "desk": _("工作台"), "command": _("指挥")}
_RESERVED = frozenset().union(*ADMIN_CAPABILITIES.values()) - {"matrix.view"}


class UnitForm(LinliForm):
    """A responsible unit."""

    code = forms.CharField(label=_("编号"), max_length=20, help_text=_("以后不能改；表格和责任清单用它。"))
    name_zh = forms.CharField(label=_("名称"), max_length=100)
    name_en = forms.CharField(label=_("英文名称"), max_length=150, required=False)
    kind = forms.ChoiceField(label=_("类别"), choices=Unit.Kind.choices)
    credit_code = forms.CharField(label=_("统一社会信用代码"), max_length=30, required=False)
    place = PlaceField(
        ("district", "street", "community"),
        label=_("所在或所管的区划"),
        required=False,
        help_text=_("区级、镇（街道）、社区单位必填：属地兜底时按它找到单位。"),
    )
    parent = UnitField(label=_("上级单位"), required=False)
    phone = forms.CharField(label=_("值班电话"), max_length=40, required=False, widget=forms.TextInput(attrs=TEL))


class EndUnitForm(LinliForm):
    """The last day of a unit."""

    valid_to = DayField(label=_("从哪天起不再存在"))
    successor = UnitField(label=_("接替单位"), required=False)


class SheetForm(LinliForm):
    """A sheet of units, posts or matrix rules."""

    file = UploadField(label=_("表格"), most_mb=10, help_text=_("CSV 或 XLSX，第一行是列名，顺序不限，多出的列不管。"))


class AppointForm(LinliForm):
    """Give somebody a post."""

    kind = forms.ChoiceField(label=_("岗位"))
    holder = AccountField(label=_("谁"), help_text=_("用户名或姓名。"))
    place = PlaceField(label=_("管哪里"), required=False, help_text=_("区划或网格的编码、名称；按单位任职的可不填。"))
    unit = UnitField(label=_("属于哪个单位"), required=False, help_text=_("在网格里处置事情的，也要填代表的单位。"))
    matters = forms.MultipleChoiceField(
        label=_("只管这些大类"), required=False, widget=forms.SelectMultiple(attrs={"size": 5})
    )
    valid_from = DayField(label=_("从哪天起"), required=False, help_text=_("不填则从今天起。"))
    valid_to = DayField(label=_("到哪天（不含）"), required=False)
    phone = forms.CharField(label=_("岗位电话"), max_length=40, required=False, widget=forms.TextInput(attrs=TEL))
    phone_public = forms.BooleanField(label=_("电话对居民公开"), required=False)

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.code, kind.name) for kind in queries.kinds()]  # type: ignore[attr-defined]
        self.fields["matters"].choices = classes()  # type: ignore[attr-defined]
        self.fields["holder"].viewer = viewer  # type: ignore[attr-defined]


def classes() -> list[tuple[str, str]]:
    """The classes of matters."""
    present = catalogue.catalogue()
    return [(entry.key, f"{entry.key} {entry.name}") for entry in present.classes.values() if entry.kind == "matter"]


class PostForm(LinliForm):
    """What can be changed of a post."""

    phone = forms.CharField(label=_("岗位电话"), max_length=40, required=False, widget=forms.TextInput(attrs=TEL))
    phone_public = forms.BooleanField(label=_("电话对居民公开"), required=False)
    matters = forms.MultipleChoiceField(
        label=_("只管这些大类"),
        required=False,
        help_text=_("不选则全部。"),
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["matters"].choices = classes()  # type: ignore[attr-defined]


class ReplaceForm(LinliForm):
    """Somebody else takes a post over."""

    holder = AccountField(label=_("由谁接任"))
    since = DayField(label=_("从哪天起"))

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["holder"].viewer = viewer  # type: ignore[attr-defined]


class EndPostForm(LinliForm):
    """The last day of a post."""

    valid_to = DayField(label=_("从哪天起不再担任"))


class DeputyForm(LinliForm):
    """Somebody stands in."""

    deputy = AccountField(label=_("由谁代理"))
    since = DayField(label=_("从哪天起"))
    until = DayField(label=_("到哪天（含当天）"), required=False, help_text=_("不填则一直到取消。"))

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["deputy"].viewer = viewer  # type: ignore[attr-defined]

    def span(self) -> tuple[dt.datetime, dt.datetime | None]:
        """The moments at which standing in begins and ends."""
        until = self.cleaned_data["until"]
        since = dt.datetime.combine(self.cleaned_data["since"], dt.time(), CIVIL)
        return since, dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), CIVIL) if until else None


class KindForm(LinliForm):
    """What a kind of post may do."""

    name_zh = forms.CharField(label=_("名称"), max_length=40)
    name_en = forms.CharField(label=_("英文名称"), max_length=60)
    duties = forms.MultipleChoiceField(label=_("职责"), required=False, widget=forms.CheckboxSelectMultiple())
    door = forms.ChoiceField(label=_("登录后先到"), choices=[(door, DOOR_NAMES[door]) for door in DOORS])
    shown_to_residents = forms.BooleanField(label=_("在“谁负责我这里”中列出"), required=False)
    phone_public = forms.BooleanField(label=_("电话可以对居民公开"), required=False)
    two_factor = forms.BooleanField(label=_("两步验证开启后必须使用"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["duties"].choices = [  # type: ignore[attr-defined]
            (code, label) for code, label in CAPABILITIES.items() if code not in _RESERVED
        ]


class AccountForm(LinliForm):
    """A new account of staff or an administrator."""

    username = forms.CharField(
        label=_("用户名"),
        max_length=64,
        help_text=_("2 到 64 个汉字、字母、数字或 . @ + - _。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    name = forms.CharField(label=_("姓名"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    admin_role = forms.ChoiceField(
        label=_("管理角色"),
        choices=[("", _("无，普通工作人员")), *[choice for choice in AdminRole.choices if choice[0]]],
        required=False,
        help_text=_("三种管理员互斥，也不能兼任岗位。"),
    )
    phone = forms.CharField(
        label=_("手机号"), max_length=30, required=False, help_text=_("加密保存。"), widget=forms.TextInput(attrs=TEL)
    )


class EditAccountForm(LinliForm):
    """Name and phone of an account."""

    name = forms.CharField(label=_("姓名"), max_length=64)
    phone = forms.CharField(
        label=_("新手机号"),
        max_length=30,
        required=False,
        help_text=_("原号码加密保存、不显示；不填则不变。"),
        widget=forms.TextInput(attrs=TEL),
    )


class RoleForm(LinliForm):
    """The admin role of an account."""

    admin_role = forms.ChoiceField(
        label=_("管理角色"),
        choices=[("", _("无")), *[choice for choice in AdminRole.choices if choice[0]]],
        required=False,
    )


class PolicyForm(LinliForm):
    """Switches about signing in."""

    two_factor_for_staff = forms.BooleanField(
        label=_("工作人员必须两步验证"),
        required=False,
        help_text=_("开启后，还没有设置的人下次登录时先设置验证器或通行密钥。"),
    )
    idle_minutes_staff = forms.IntegerField(label=_("工作人员闲置多少分钟后退出"), min_value=5, max_value=720)
    idle_minutes_admins = forms.IntegerField(
        label=_("管理员闲置多少分钟后退出"), min_value=1, max_value=10, help_text=_("等保三级：不超过 10 分钟。")
    )
    residents_may_register = forms.BooleanField(
        label=_("居民可以注册账号"), required=False, help_text=_("不注册也能上报，用查询码跟进。")
    )


WEEKDAYS = [
    (1, _("周一")),
    (2, _("周二")),
    (3, _("周三")),
    (4, _("周四")),
    (5, _("周五")),
    (6, _("周六")),
    (7, _("周日")),
]


class MatrixRuleForm(LinliForm):
    """One row of the responsibility matrix."""

    matter = MatterField(label=_("什么事"), required=False, help_text=_("事项或大类；不填则所有事项。"))
    place = PlaceField(
        ("district", "street", "community", "grid", "special", "micro"), label=_("在哪里"), help_text=_("编码或名称。")
    )
    unit = UnitField(label=_("归哪个单位"))
    post_kind = forms.ChoiceField(label=_("先到哪个岗位"), required=False)
    weekdays = forms.MultipleChoiceField(
        label=_("星期"),
        required=False,
        choices=WEEKDAYS,
        help_text=_("不选则每天。"),
        widget=forms.CheckboxSelectMultiple(),
    )
    from_time = forms.TimeField(label=_("从几点"), required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    to_time = forms.TimeField(label=_("到几点"), required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    valid_from = DayField(label=_("从哪天起"), required=False)
    valid_to = DayField(label=_("到哪天（不含）"), required=False)
    note = forms.CharField(label=_("备注"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = {str(kind.pk): kind for kind in queries.kinds()}
        self.fields["post_kind"].choices = [  # type: ignore[attr-defined]
            ("", _("由单位自己分")),
            *[(key, kind.name) for key, kind in self.kinds.items()],
        ]
