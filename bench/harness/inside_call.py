"""Calls `bench.harness.inside` in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from bench.harness.serve import Served, environment
from bench.harness.work import Samples


def inside(house: Served, what: str, samples: Samples | None) -> Any:
    """Run a part of `bench.harness.inside` in a process of its own, in the house that is measured."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.harness.inside", what],
        env=environment(house.home), input=json.dumps(samples).encode(), stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)
