"""Where the interface is, which forms it speaks, where a key comes from."""

from __future__ import annotations

from typing import Any

from linli.doors.open311.gate import answers
from linli.doors.open311.reading import Call

# When the interface itself changed last; clients look at it to see whether to read anew.
CHANGED = "2026-11-22T00:00:00+08:00"
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"


def _discovery(call: Call) -> tuple[str, Any]:
    home = call.request.build_absolute_uri("/")
    return "discovery", {
        "changeset": CHANGED,
        "contact": home,
        "key_service": home,
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": f"{home}open311/v2",
                "changeset": CHANGED,
                "type": "production",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }


discovery = answers(get=_discovery)
