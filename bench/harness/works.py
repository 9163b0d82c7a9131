"""What is measured: each work as a browser does it, with its goal in CPU milliseconds."""

from __future__ import annotations

import uuid

from bench.harness.drive import Browser
from bench.harness.machines import KNOWN_NUMBER, MACHINES
from bench.harness.work import Do, Samples, Work, report_fields


def _report(browser: Browser, number: int, samples: Samples) -> int:
    browser.cookies.pop("linli_mine", None)  # every reporter is another one
    return browser.post("/report/", report_fields(number, samples))[0]


def _get(path: str, **headers: str) -> Do:
    def do(browser: Browser, number: int, samples: Samples) -> int:
        return browser.get(path, **headers)[0]

    return do


def _each(template: str, name: str) -> Do:
    def do(browser: Browser, number: int, samples: Samples) -> int:
        values = samples[name]
        return browser.get(template.format(values[number % len(values)]))[0]

    return do


def _map(path: str, span: float) -> Do:
    def do(browser: Browser, number: int, samples: Samples) -> int:
        lng, lat = samples["spots"][number % len(samples["spots"])]
        box = f"{lng - span:.5f},{lat - span:.5f},{lng + span:.5f},{lat + span:.5f}"
        return browser.get(f"{path}bbox={box}")[0]

    return do


def _note(browser: Browser, number: int, samples: Samples) -> int:
    case = samples["notable"][number]
    fields = {"version": str(case[1]), "key": uuid.uuid4().hex, "note": "已电话联系，明天上午到场。"}
    return browser.post(f"/cases/{case[0]}/steps/note/", fields)[0]


def _receive(browser: Browser, number: int, samples: Samples) -> int:
    case = samples["received"][number]
    fields = {"version": str(case[1]), "key": uuid.uuid4().hex}
    return browser.post(f"/cases/{case[0]}/steps/receive/", fields)[0]


DESK = "dispatcher"
LAMP = "%E8%B7%AF%E7%81%AF"  # 路灯, in one of thirty cases
COVER = "%E6%B1%A1%E6%B0%B4%E4%BA%95%E7%9B%96+%E7%AC%AC%E4%B8%89%E7%BD%91%E6%A0%BC"  # 污水井盖 第三网格
UNICORN = "%E9%BA%92%E9%BA%9F"  # 麒麟: nobody wrote of one
TODAY = 0.004  # degrees each side: a phone's screen at street level
WORKS = (
    Work("accept a report", "", _report, 6, expect=302, form="/report/", writes=True),
    Work("report form", "", _get("/report/"), None),
    Work("worklist, open, whole district", DESK, _get("/desk/?view=open"), 20),
    Work("worklist, to do", DESK, _get("/desk/?view=todo"), 20),
    Work("worklist, all, newest first", DESK, _get("/desk/?view=all"), 20),
    Work("worklist, ended", DESK, _get("/desk/?view=ended"), 20),
    Work("worklist, one unit's open", "unit_contact", _get("/desk/?view=open"), 20),
    Work("worklist, one grid's open", "grid_worker", _get("/desk/?view=open"), 20),
    Work("field: to do", "grid_worker", _get("/field/"), 20),
    Work("search, frequent word", DESK, _get(f"/desk/?view=all&q={LAMP}"), 20),
    Work(
        "search, rare words",
        DESK,
        _get(f"/desk/?view=all&q={COVER}"),
        20,
    ),
    Work("search, no such word", DESK, _get(f"/desk/?view=all&q={UNICORN}"), 20),
    Work("search, frequent word, one grid", "grid_worker", _get(f"/desk/?view=all&q={LAMP}"), 20),
    Work("search, number", DESK, _each("/desk/?view=all&q={}", "numbers"), 20),
    Work("search, telephone", "intake_clerk", _get(f"/desk/?view=all&q={KNOWN_NUMBER}"), 20),
    Work("facets beside the list, open", DESK, _get("/desk/facets/?view=open", **{"HX-Request": "true"})),
    Work("facets beside the list, all", DESK, _get("/desk/facets/?view=all", **{"HX-Request": "true"})),
    Work("news of the list", DESK, _get("/desk/news/?view=open&since_page=2026-01-01T00:00:00%2B00:00")),
    Work("case page, open case", DESK, _each("/desk/cases/{}/", "open_numbers"), 20),
    Work("case page, closed case", DESK, _each("/desk/cases/{}/", "closed_numbers"), 20),
    Work("board", DESK, _get("/desk/board/")),
    Work("command page", "leader", _get("/command/")),
    Work("map viewport, public", "", _map("/map/cases.json?", TODAY), 6),
    Work("map viewport, staff", DESK, _map("/map/my-cases.json?", TODAY), 6),
    Work("map viewport, public, ended too", "", _map("/map/cases.json?all=1&", TODAY), 6),
    Work("map viewport, staff, ended too", DESK, _map("/map/my-cases.json?all=1&", TODAY), 6),
    Work("map, whole district, public", "", _map("/map/cases.json?", 0.6), 6),
    Work("map, whole district, public, ended too", "", _map("/map/cases.json?all=1&", 0.6), 6),
    Work("map, whole district, staff, ended too", DESK, _map("/map/my-cases.json?all=1&", 0.6), 6),
    Work("map, grid borders with counts", DESK, _map("/map/grids.json?counts=1&", 0.02)),
    Work("public list", "", _get("/problems/")),
    Work("public list, closed", "", _get("/problems/?state=closed")),
    Work("public list, open, a community", "", _each("/problems/?state=open&place={}", "communities")),
    Work("public list, closed, a class", "", _each("/problems/?state=closed&class={}", "classes")),
    Work("public problem", "", _each("/problems/{}/", "public_numbers")),
    Work("follow a report", "", _each("/track/{}/", "codes")),
    Work("home page", "", _get("/")),
    Work("step: note", DESK, _note, 10, expect=302, form="/desk/", at_most=400, writes=True, uses_up="notable"),
    Work(
        "step: receive",
        "unit_contact",
        _receive,
        10,
        expect=302,
        form="/desk/",
        at_most=150,
        writes=True,
        uses_up="received",
    ),
    *MACHINES,
)
