"""What a check of grids can find, in words. Stored as codes and numbers, worded in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

Severity = Literal["error", "warning"]

# code: (severity, what is wrong, what to do)
KINDS: dict[str, tuple[Severity, Any, Any]] = {
    "unreadable": (
        "error",
        _("%(names)s：边界读不出来，%(reason)s。"),
        _("在原软件里检查这个要素，重新导出。"),
    ),
    "self_intersection": (
        "error",
        _("%(names)s：边界自己交叉（%(lng)s, %(lat)s）。"),
        _("看一看建议的修正，采用它或回到原软件修改。"),
    ),
    "invalid": (
        "error",
        _("%(names)s：边界无效（%(flaw)s，%(lng)s, %(lat)s）。"),
        _("看一看建议的修正，采用它或回到原软件修改。"),
    ),
    "overlap": (
        "error",
        _("%(names)s 重叠 %(area)s 平方米。"),
        _("把重叠的部分划给其中一个网格。"),
    ),
    "overlap_special": (
        "warning",
        _("专属网格与普通网格重叠 %(area)s 平方米：%(names)s。"),
        _("重叠处归专属网格。若不是这样，请改边界。"),
    ),
    "sliver_overlap": (
        "warning",
        _("%(names)s 的边界之间有细小重叠，%(area)s 平方米，平均宽 %(width)s 米。"),
        _("通常是描边不齐，可对齐边界；也可以照此发布。"),
    ),
    "gap": (
        "warning",
        _("%(names)s 旁边有 %(area)s 平方米没有划入任何网格。"),
        _("划入相邻网格；若本来如此，那里的问题由社区兜底。"),
    ),
    "sliver_gap": (
        "warning",
        _("%(names)s 之间有细缝，%(area)s 平方米，平均宽 %(width)s 米。"),
        _("通常是描边不齐，可对齐边界；也可以照此发布。"),
    ),
    "uncovered": (
        "warning",
        _("%(community)s 有 %(area)s 平方米没有网格。"),
        _("补画网格；若本来如此，那里的问题由社区兜底。"),
    ),
    "outside_community": (
        "error",
        _("%(names)s 有 %(area)s 平方米在 %(community)s 之外。"),
        _("改网格边界，或改它所属的社区。"),
    ),
    "sliver_outside": (
        "warning",
        _("%(names)s 略微超出 %(community)s，%(area)s 平方米，平均宽 %(width)s 米。"),
        _("通常是描边不齐；也可以照此发布。"),
    ),
    "outside_parent": (
        "error",
        _("微网格 %(names)s 有 %(area)s 平方米在上级网格之外。"),
        _("改微网格边界，或改它的上级网格。"),
    ),
    "several_parts": (
        "warning",
        _("%(names)s 由 %(count)s 块组成。"),
        _("网格应是一整块；若是飞地可以照此发布。"),
    ),
    "tiny": (
        "warning",
        _("%(names)s 只有 %(area)s 平方米。"),
        _("可能是画图时留下的碎片，请核对。"),
    ),
    "duplicate_code": ("error", _("编码 %(code)s 用了 %(count)s 次：%(names)s。"), _("每个网格一个编码。")),
    "duplicate_local_code": (
        "warning",
        _("自编号 %(code)s 用了 %(count)s 次：%(names)s。"),
        _("同一社区内自编号最好不重复。"),
    ),
    "duplicate_shape": ("error", _("%(names)s 的边界完全相同。"), _("删掉重复的要素。")),
    "bad_code": (
        "error",
        _("%(names)s 的编码“%(code)s”不对：应是 15 位数字（社区 12 位 + 顺序号 3 位）。"),
        _("改成 15 位编码；留空则自动编号。"),
    ),
    "code_elsewhere": (
        "error",
        _("%(names)s 的编码 %(code)s 属于另一个社区。"),
        _("改编码，或改它所属的社区。"),
    ),
    "code_retired": (
        "error",
        _("%(names)s 的编码 %(code)s 已停用，不再给别的网格。"),
        _("留空则自动编新号。"),
    ),
    "unknown_community": (
        "error",
        _("%(names)s：找不到社区“%(community)s”。"),
        _("先导入区划，或在属性里写 12 位社区代码。"),
    ),
    "missing_community": (
        "error",
        _("%(names)s：没有写属于哪个社区。"),
        _("在属性里写 12 位社区代码或社区名称（community）。"),
    ),
    "unknown_parent": (
        "error",
        _("微网格 %(names)s：找不到上级网格“%(parent)s”。"),
        _("在属性 parent 里写上级网格的编码或自编号。"),
    ),
    "unknown_kind": (
        "error",
        _("%(names)s：网格类型“%(kind)s”不认识。"),
        _("写 grid（网格）、special（专属网格）或 micro（微网格）。"),
    ),
    "system_missing": (
        "error",
        _("没有写坐标系。最吻合的是 %(better)s。"),
        _("选好坐标系再导入：不写明坐标系，位置可能差几百米。"),
    ),
    "system_unknown": (
        "error",
        _("没有写坐标系，也看不出是哪一种。"),
        _("选好坐标系再导入：不写明坐标系，位置可能差几百米。"),
    ),
    "system_suspect": (
        "error",
        _("坐标系可能不对：按 %(stated)s，界外面积占 %(outside)s%%；按 %(better)s，占 %(remaining)s%%。"),
        _("换成 %(better)s 再导入；确定无误时可以确认原来的坐标系。"),
    ),
    "system_conflict": (
        "warning",
        _("文件自己写的坐标系是“%(crs)s”，与所选的 %(stated)s 不同。"),
        _("核对坐标系。"),
    ),
    "swapped": (
        "error",
        _("纬度和经度好像填反了：%(names)s。"),
        _("GeoJSON 里先写经度后写纬度；可勾选“对调经纬度”再导入。"),
    ),
    "projected": (
        "error",
        _("坐标是平面坐标（米），不是经纬度：%(names)s。"),
        _("请导出为经纬度（CGCS2000 或 WGS-84）再导入。"),
    ),
    "elsewhere": (
        "error",
        _("%(names)s 离本区 %(distance)s 公里。"),
        _("请核对是不是选错了文件。"),
    ),
}


@dataclass
class Problem:
    """One finding. numbers: features of the draft concerned; shape: GeoJSON (WGS-84) for the map;
    mended: a suggested polygon, never applied by itself."""

    code: str
    numbers: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    params: dict[str, str] = field(default_factory=dict)
    shape: dict[str, Any] | None = None
    mended: dict[str, Any] | None = None

    @property
    def severity(self) -> Severity:
        return KINDS[self.code][0]

    @property
    def message(self) -> str:
        """What is wrong, in the reader's language."""
        comma = ", " if (get_language() or "").startswith("en") else "、"
        names = comma.join(self.names[:3]) + ("…" if len(self.names) > 3 else "")
        return str(KINDS[self.code][1]) % {"names": names, **self.params}

    @property
    def what_next(self) -> str:
        """What to do about it."""
        return str(KINDS[self.code][2]) % self.params

    def stored(self) -> dict[str, Any]:
        """The form in the database."""
        return asdict(self)

    def shown(self) -> dict[str, Any]:
        """The form for a page or a command: worded, with its place on the map."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "what_next": self.what_next,
            "numbers": self.numbers,
            "shape": self.shape,
            "mended": self.mended,
        }


def from_stored(rows: Iterable[dict[str, Any]]) -> list[Problem]:
    """Problems as they were stored."""
    return [Problem(**row) for row in rows]


def ordered(problems: Iterable[Problem]) -> list[Problem]:
    """Errors first, then in the order of the features."""
    return sorted(problems, key=lambda p: (p.severity != "error", p.numbers[:1] or [0], p.code))
