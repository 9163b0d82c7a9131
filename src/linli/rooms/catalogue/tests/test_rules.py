"""Codes and names of a city find their item; what is unlike stays apart."""

import pytest

from linli.rooms.catalogue.rules import (
    Known,
    mapped_code,
    match_class,
    match_item,
    next_local_key,
    plain_name,
    similarity,
)  # fmt: skip

ITEMS = [
    Known("M01001", "matter", "01001", "供水井盖异常", ("自来水井盖坏了",)),
    Known("M01993", "matter", "01993", "供水管道破裂", ("水管爆了",)),
    Known("M02008", "matter", "02008", "立交桥异常", ("高架桥",)),
    Known("M02038", "matter", "02038", "门（楼号）牌异常", ("门牌",)),
    Known("M03006", "matter", "03006", "户外广告异常", ()),
    Known("M04013", "matter", "04013", "绿地异常", ()),
    Known("M06001", "matter", "06001", "私搭乱建", ("违建",)),
    Known("M06028", "matter", "06028", "噪声扰民", ("商业噪音",)),
    Known("M06049", "matter", "06049", "台阶破损", ()),
    Known("M09004", "matter", "09004", "废品收购乱象", ()),
    Known("C01001", "component", "01001", "供水井盖", ()),
]
CLASSES = [("M01", "市政公用设施类"), ("M02", "交通设施类"), ("M05", "其他管理部件类"),
           ("M06", "市容环境类"), ("M09", "街面秩序类"), ("M10", "其他事项类")]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "old_class", "old_item", "code"),
    [
        ("component", "01", "10", "01010"),
        ("component", "02", "04", "02004"),
        ("matter", "01", "10", "06010"),
        ("matter", "02", "01", "07001"),
        ("matter", "03", "12", "08012"),
        ("matter", "04", "06", "09006"),
        ("matter", "05", "01", ""),
        ("matter", "06", "010", "06010"),
        ("matter", "x", "01", ""),
    ],
)
def test_old_codes_map_to_new_ones(kind, old_class, old_item, code):
    assert mapped_code(kind, old_class, old_item) == code


@pytest.mark.parametrize(
    ("kind", "old_class", "old_item", "name", "key"),
    [
        ("component", "01", "01", "上水井盖", "M01001"),  # the same code, reworded
        ("component", "02", "99", "高架桥", "M02008"),  # an everyday word
        ("component", "02", "38", "门牌", "M02038"),
        ("component", "01", "86", "台阶", "M06049"),  # became a matter in the new standard
        ("matter", "01", "01", "私搭乱建", "M06001"),
        ("matter", "01", "28", "商业噪音", "M06028"),
        ("matter", "04", "04", "占道废品收购", "M09004"),
        ("matter", "05", "01", "供水管道破裂", "M01993"),
        ("matter", "05", "04", "热力管道破裂", None),  # alike only in its ending
        ("component", "04", "98", "绿地指示牌", None),  # begins alike, is something else
        ("matter", "02", "05", "户外广告设置位置不合理", None),
        ("component", "01", "01", "爱心驿站", None),  # the code alone proves nothing
    ],
)
def test_an_entry_finds_its_item(kind, old_class, old_item, name, key):
    assert match_item(kind, old_class, old_item, name, ITEMS).key == key


def test_a_match_never_is_a_component():
    assert match_item("component", "01", "01", "供水井盖", ITEMS).key == "M01001"


def test_classes_are_found_by_name_before_code():
    assert match_class("matter", "04", "街面秩序", CLASSES) == "M09"
    assert match_class("matter", "01", "？", CLASSES) == "M06"
    assert match_class("component", "02", "道路交通设施", CLASSES) == "M02"
    assert match_class("matter", "05", "突发事件", CLASSES) == "M10"
    assert match_class("component", "88", "怪物", CLASSES) == "M05"


def test_local_numbers_count_down_and_end():
    assert next_local_key("M", "06", set()) == "M06999"
    assert next_local_key("M", "06", {"M06999", "M06997"}) == "M06998"
    with pytest.raises(ValueError):
        next_local_key("M", "06", {f"M06{number:03d}" for number in range(1000)})


def test_names_are_compared_without_signs_and_endings():
    assert plain_name("门（楼号）牌异常") == "门楼号牌"
    assert similarity("监控电子眼", "监控电子眼设施异常") == 1.0
    assert similarity("路灯", "绿地") < 0.3
