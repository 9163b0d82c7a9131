"""Fixtures of the room."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import openpyxl
import pytest

from linli.kernel.authority import SystemAuthority
from linli.rooms.catalogue import queries, suggest

HEADER = [
    "大类代码", "大类名称", "小类代码", "小类名称", "处置单位", "主管部门", "立案条件", "结案条件", "处置时限",
]  # fmt: skip

THINGS: list[list[Any]] = [
    [1.0, "公用设施", 1.0, "上水井盖", "供水公司", "城管局", "缺失、移位", "恢复", "2紧急工作时"],
    ["", "", "", "", "", "", "破损超过25c㎡", "更换", "4小时"],
    ["", "", "", "", "", "", "弹跳产生声响", "更换", "2天"],
    ["", "", "03", "雨水井盖", "排水中心", "城管局", "缺失、移位", "恢复", "2紧急工作时"],
    ["", "", 99.0, "爱心驿站", "", "", "配套设施破损", "修复", "3天"],
    ["02", "道路交通设施", "86", "路沿石", "市政中心", "城管局", "破损", "修复", "5天"],
]
MATTERS: list[list[Any]] = [
    ["01", "市容环境", "01", "私搭乱建", "街办", "区政府", "正在建设", "制止", "2紧急工作日"],
    ["", "", "", "", "", "", "已形成", "拆除", "15天"],
    ["", "", "", "", "", "", "", "", ""],
    ["", "", "22", "非法伐树", "园林中心", "城管局", "未经审批砍伐", "制止", "1紧急工作时制止"],
    ["04", "街面秩序\n", "96", "占用消防通道", "执法队", "消防", "堵塞消防通道", "清理", "2小时"],
]


@pytest.fixture(autouse=True)
def _fresh_memory() -> Iterator[None]:
    """Each test begins with its own database: nothing remembered from the one before."""
    queries.expire()
    suggest.reset()
    yield
    queries.expire()
    suggest.reset()


@pytest.fixture
def by() -> SystemAuthority:
    return SystemAuthority()


@pytest.fixture
def workbook() -> Callable[..., bytes]:
    """Make a workbook in the form that cities publish: `workbook(部件=rows, 事件=rows)`."""

    def make(**sheets: Sequence[Sequence[Any]]) -> bytes:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            page = book.create_sheet(name)
            page.append([f"某市立案、处置和结案标准({name}类)"])
            page.append(HEADER)
            for row in rows:
                page.append([None if cell == "" else cell for cell in row])
        kept = io.BytesIO()
        book.save(kept)
        return kept.getvalue()

    return make


@pytest.fixture
def city(workbook: Callable[..., bytes]) -> bytes:
    """A small city's sheet, with everything that real ones do."""
    return workbook(部件=THINGS, 事件=MATTERS)
