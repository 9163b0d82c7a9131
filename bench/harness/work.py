"""What a measured work is."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.harness.drive import Browser

Samples = dict[str, Any]
Do = Callable[[Browser, int, Samples], int]


@dataclass(frozen=True)
class Work:
    """One row of the table. who: a role of the demo accounts, "" for nobody. goal: CPU ms, None where none is set.

    expect: the status of success. at_most: how often it is done in a run; uses_up: the samples of which each can be
    used once (steps need a fresh case each).
    """

    name: str
    who: str
    do: Do
    goal: float | None = None
    expect: int = 200
    form: str = ""
    at_most: int = 10_000
    writes: bool = False
    uses_up: str = ""


def report_fields(number: int, samples: Samples) -> dict[str, str]:
    """What a resident fills in."""
    lng, lat = samples["spots"][number % len(samples["spots"])]
    items = samples["items"]
    return {
        "key": uuid.uuid4().hex,
        "words": f"3 栋 2 单元楼下的路灯三天没亮了，老人晚上不敢走，请派人看看。第 {number} 次。",
        "lng": f"{lng + number % 97 * 1e-6:.6f}",
        "lat": f"{lat + number % 89 * 1e-6:.6f}",
        "accuracy": "15",
        "item": items[number % len(items)],
        "address": "3 栋 2 单元门口",
        "name": "李女士",
        "phone": "15400000002",
    }
