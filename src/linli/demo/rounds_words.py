"""What is looked at on the rounds of the demo town, what is found there, and how it is drawn (EQ-6)."""

from __future__ import annotations

from linli.kernel.clock import TimeLimit

LANE, WIRES, INDOORS, CLUTTER, FIRE, CHARGING = "M09012", "M06994", "M06993", "M06036", "M10993", "M02998"
AT_ONCE, DAY, THREE_DAYS = TimeLimit(2, "urgent_hours"), TimeLimit(24, "urgent_hours"), TimeLimit(3, "working_days")

# What is looked at: point, what to check, which matter it usually is, where from the middle (shares of 100 m).
POINTS = (
    ("东门消防通道", "有没有车辆、杂物占用，标线清不清楚", LANE, (0.6, 0.2)),
    ("电动车充电棚", "充电设施好不好用，有没有私拉电线", CHARGING, (-0.4, 0.5)),
    ("临街九小门店", "灭火器压力、后门能不能打开", FIRE, (0.3, -0.6)),
    ("老旧楼梯间", "有没有电动车进楼，楼道堆物", INDOORS, (-0.7, -0.2)),
    ("垃圾投放点", "满溢、散落、异味", CLUTTER, (0.1, 0.8)),
)
NIGHT = (
    ("烧烤摊区", "油烟净化开没开，占道没有", "M09006", (0.5, -0.3)),
    ("商业广场喷淋泵房", "泵房门锁、水压", FIRE, (-0.2, 0.1)),
)
CHECK = (
    ("消防车道畅通，无车辆和杂物占用", LANE, "cg", DAY, 30, "on_no"),
    ("疏散楼梯和安全出口畅通", CLUTTER, "", DAY, 20, "on_no"),
    ("没有“飞线”充电", WIRES, "", THREE_DAYS, 20, "on_no"),
    ("电动车不进楼入户，充电棚有消防设施", INDOORS, "", THREE_DAYS, 20, "always"),
    ("室外消火栓标识清楚、有水", "M01013", "xf", AT_ONCE, 10, "on_no"),
)
WORDS = {
    LANE: "消防通道里停着两辆小车，消防车开不进来，已打挪车电话。",
    WIRES: "从三楼窗口拉下插线板给电动车充电，线皮已经发硬。",
    INDOORS: "单元门厅停了四辆电动车，其中一辆正在充电。",
    CLUTTER: "楼道转角堆着旧家具和纸箱，只剩半米宽。",
    FIRE: "门店灭火器过期，后门用货架堵死。",
    CHARGING: "充电棚两个插口烧黑，烟感不亮。",
    "M01013": "消火栓被花坛围住，没有标识，试水只有滴水。",
    "M09006": "烧烤摊摆到了盲道上，油污没有垫布。",
}
SCENE = {
    LANE: "fire_lane", WIRES: "wires", INDOORS: "bikes", CLUTTER: "clutter", FIRE: "clutter", CHARGING: "wires",
    "M01013": "pipe", "M09006": "stall",
}  # fmt: skip
NOT_MET: tuple[frozenset[int], ...] = (frozenset(), frozenset({1}), frozenset({3, 5}), frozenset({2}))
"""Which questions are not met in the grids of the special inspection, one after the other."""
