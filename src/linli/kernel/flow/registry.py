"""The life cycles that are published: `docs/life-cycles.md` shows every one of them."""

from __future__ import annotations

from linli.kernel.flow.table import Flow

_published: dict[str, Flow] = {}


def publish(flow: Flow) -> Flow:
    """Name a life cycle for the documents; a room does it where it writes its table: `FLOW = publish(Flow(…))`."""
    _published[flow.code] = flow
    return flow


def published() -> list[Flow]:
    """The case first, then the others by their codes."""
    return sorted(_published.values(), key=lambda flow: (flow.code != "case", flow.code))
