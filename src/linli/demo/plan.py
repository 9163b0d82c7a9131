"""The hand-drawn plan of the town centre: which cell of the street lattice belongs to which grid.

One letter or digit is one cell between streets; equal signs make one unit grid, a dot is outside the
built-up area. Rows run north to south, columns west to east. The seed bends the lattice, never the plan,
so that 32 grids come out whatever the seed (LK-1).
"""

from __future__ import annotations

PLAN = (
    "..aabbHHIIj..",
    "ccaabbHHIIjj.",
    "ccddeeKKLLmm.",
    "ffddggKKLLmmm",
    "nnottuuv11223",
    "nnottuuv11223",
    "ppowwxxv44553",
    "qqrwwxxy44556",
    "ssrzzzyy44666",
)
"""13 columns × 9 rows."""

COMMUNITIES: dict[str, str] = {
    "430212100003": "abcdefg",  # 象石
    "430212100009": "HIjKLm",  # 松西子
    "430212100010": "tuvwxyz",  # 向阳
    "430212100011": "123456",  # 伏波岭
    "430212100012": "nopqrs",  # 接龙桥
}

SHORT: dict[str, str] = {
    "430212100003": "XS",
    "430212100009": "SXZ",
    "430212100010": "XY",
    "430212100011": "FBL",
    "430212100012": "JLQ",
}
"""Initials that the local codes of the grids begin with."""

SMALL_COMMUNITY = "430212100009"

# Cells with a fixed use: (column, row) → use. Everything else is drawn from the seed.
FIXED_USES: dict[tuple[int, int], str] = {
    (3, 1): "park",
    (1, 2): "industrial",
    (0, 3): "industrial",
    (3, 2): "school",
    (5, 3): "civic",
    (8, 0): "vacant",
    (6, 1): "school",
    (11, 1): "station",
    (7, 3): "park",
    (10, 2): "market_small",
    (12, 3): "industrial",
    (1, 4): "market",
    (2, 5): "school",
    (0, 6): "green",
    (5, 4): "mall",
    (6, 5): "plaza",
    (5, 6): "civic",
    (3, 7): "hospital",
    (8, 8): "green",
    (10, 4): "school",
    (9, 6): "park",
    (11, 7): "vacant",
    (12, 4): "industrial",
    (2, 8): "green",
}

SPECIAL_CELLS: dict[tuple[int, int], tuple[str, str, str]] = {
    (1, 4): ("market", "河口农贸市场专属网格", "Hekou farmers' market"),
    (11, 1): ("station", "渌口东汽车站专属网格", "East bus station"),
    (5, 4): ("mall", "樟树里购物中心专属网格", "Zhangshuli shopping centre"),
}
"""Special grids (专属网格, EQ-2): one whole cell each, inside the unit grid it lies in."""

NO_MICRO = frozenset("cs")
"""Grids that have not been divided into micro-grids yet."""

MAIN_COLUMNS = frozenset({3, 8})
STREET_COLUMNS = frozenset({0, 6, 10, 13})
MAIN_ROWS = frozenset({4})
STREET_ROWS = frozenset({0, 2, 6, 9})


def cells() -> dict[tuple[int, int], str]:
    """Every built-up cell: (column, row) → sign of its grid."""
    return {(i, j): sign for j, row in enumerate(PLAN) for i, sign in enumerate(row) if sign != "."}


def community_of(sign: str) -> str:
    """The 12-digit code of the community that the grid with this sign lies in."""
    for code, signs in COMMUNITIES.items():
        if sign in signs:
            return code
    raise KeyError(sign)
