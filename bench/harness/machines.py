"""What machines ask for: REST, Open311, tiles, features. Each with its goal in CPU milliseconds."""

from __future__ import annotations

import json
import math
import uuid
from urllib.parse import quote, urlencode

from bench.harness.drive import Browser
from bench.harness.work import Do, Samples, Work, report_fields

KNOWN_NUMBER = "15400000001"  # one that really can be looked for; it belongs to nobody
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def _bearer(samples: Samples) -> dict[str, str]:
    return {"Authorization": f"Bearer {samples['key']}"}


def _read(path: str, name: str = "") -> Do:
    def do(browser: Browser, number: int, samples: Samples) -> int:
        values = samples[name] if name else [""]
        return browser.get(path.format(values[number % len(values)]), **_bearer(samples))[0]

    return do


def _report(browser: Browser, number: int, samples: Samples) -> int:
    typed = report_fields(number, samples)
    body = {
        "words": typed["words"],
        "lng": float(typed["lng"]),
        "lat": float(typed["lat"]),
        "accuracy_m": 15,
        "address": typed["address"],
        "item": typed["item"],
        "reporter": {"name": typed["name"], "phone": typed["phone"]},
    }
    headers = {"Content-Type": JSON, "Idempotency-Key": uuid.uuid4().hex, **_bearer(samples)}
    return browser.put_in("/api/v1/cases", json.dumps(body), **headers)[0]


def _request(browser: Browser, number: int, samples: Samples) -> int:
    typed = report_fields(number, samples)
    fields = {
        "api_key": samples["key"],
        "service_code": typed["item"],
        "lat": typed["lat"],
        "long": typed["lng"],
        "description": typed["words"],
        "first_name": typed["name"],
        "phone": typed["phone"],
    }
    return browser.put_in("/open311/v2/requests.json", urlencode(fields), **{"Content-Type": FORM})[0]


def _note(browser: Browser, number: int, samples: Samples) -> int:
    case = samples["notable_too"][number]
    body = json.dumps({"note": "已电话联系，明天上午到场。"})
    return browser.put_in(f"/api/v1/cases/{case[0]}/steps/note", body, **{"Content-Type": JSON, **_bearer(samples)})[0]


def _tile(layer: str, zoom: int) -> Do:
    def do(browser: Browser, number: int, samples: Samples) -> int:
        lng, lat = samples["spots"][number % len(samples["spots"])]
        x = int((lng + 180) / 360 * 2**zoom)
        y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom)
        return browser.get(f"/tiles/{layer}/{zoom}/{x}/{y}.mvt")[0]

    return do


def _features(browser: Browser, number: int, samples: Samples) -> int:
    lng, lat = samples["spots"][number % len(samples["spots"])]
    box = f"{lng - 0.01:.5f},{lat - 0.01:.5f},{lng + 0.01:.5f},{lat + 0.01:.5f}"
    return browser.get(f"/ogc/collections/cases/items?f=json&limit=100&bbox={box}")[0]


LIST = "/api/v1/cases?limit=50"
MACHINES = (
    Work("REST: accept a report", "", _report, 6, expect=201, writes=True),
    Work("Open311: accept a report", "", _request, 6, writes=True),
    Work("REST: list of 50, open", "", _read(f"{LIST}&view=open"), 4),
    Work("REST: list of 50, all", "", _read(f"{LIST}&view=all"), 4),
    Work("REST: search, two-character word", "", _read(f"{LIST}&view=all&q={quote('路灯')}"), 10),
    Work("REST: search, telephone", "", _read(f"{LIST}&view=all&q={KNOWN_NUMBER}"), 10),
    Work("REST: search, number", "", _read(LIST + "&view=all&q={}", "numbers"), 10),
    Work("REST: one case", "", _read("/api/v1/cases/{}", "numbers"), 5),
    Work("REST: possible steps", "", _read("/api/v1/cases/{}/steps", "open_numbers")),
    Work("REST: step note", "", _note, 10, writes=True, at_most=400, uses_up="notable_too"),
    Work("Open311: list of 50", "", _read("/open311/v2/requests.json")),
    Work("Open311: one request", "", _read("/open311/v2/requests/{}.json", "public_numbers")),
    Work("features: 100 cases of a box", "", _features),
    Work("tile of cases, street", "", _tile("cases", 15), 6),
    Work("tile of cases, district", "", _tile("cases", 11), 6),
    Work("tile of grids", "", _tile("grids", 13), 6),
)
