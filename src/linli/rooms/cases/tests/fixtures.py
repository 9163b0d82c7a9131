"""A district of two squares for the tests of cases: grids with borders, units, everybody who acts on a case.

West to east: grid A (community one), grid B (community two), each 0.01° wide, and a strip of the district in no grid.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import shapely

from linli.kernel import clock
from linli.rooms.cases.actions.intake import Intake, report_problem
from linli.rooms.cases.actions.photos import keep_picture
from linli.rooms.cases.models import Case
from linli.rooms.catalogue.actions.shipped import take_in_shipped
from linli.rooms.people.models import Account, MatrixVersion, Post, PostKind, Responsibility, Unit
from linli.rooms.people.rights import Viewer, viewer_of
from linli.rooms.places import atlas
from linli.rooms.places.models import Boundary, Place

SINCE = dt.date(2020, 1, 1)
WEST, SOUTH, SIDE = 113.10, 27.60, 0.01
IN_A = (WEST + SIDE / 2, SOUTH + SIDE / 2)
IN_B = (WEST + SIDE * 1.5, SOUTH + SIDE / 2)
ON_BORDER = (WEST + SIDE - 0.00002, SOUTH + SIDE / 2)
IN_NO_GRID = (WEST + SIDE * 2.5, SOUTH + SIDE / 2)
LAMP = "M01037"


def _place(kind: str, name: str, parent: Place | None, code: str, box: tuple[float, float, float, float]) -> Place:
    place = Place.objects.create(kind=kind, name_zh=name, parent=parent, code=code, valid_from=SINCE)
    place.refresh_from_db()
    west, south, east, north = box
    shape = shapely.box(WEST + west * SIDE, SOUTH + south * SIDE, WEST + east * SIDE, SOUTH + north * SIDE)
    Boundary.objects.create(place=place, polygon=shapely.to_wkb(shape), area_m2=1e6, valid_from=SINCE)
    return place


def _person(username: str, kind: str, *, place: Place | None = None, unit: Unit | None = None) -> Account:
    account = Account.objects.create_user(username, name=f"演示{username}")
    Post.objects.create(kind=PostKind.objects.get(code=kind), holder=account, place=place, unit=unit, valid_from=SINCE)
    return account


@pytest.fixture
def town(db) -> Iterator[SimpleNamespace]:
    """Places, units, accounts and the matrix. `town.viewer("name")` is a fresh viewer."""
    yield lay_out_town()
    atlas.forget()


def lay_out_town() -> SimpleNamespace:
    """Writes the town into the database that is in use; `town` does it for one test."""
    atlas.forget()
    take_in_shipped()
    t = SimpleNamespace()
    t.district = _place("district", "演示区", None, "430212000000", (0, 0, 3, 1))
    t.street = _place("street", "演示镇", t.district, "430212100000", (0, 0, 3, 1))
    t.one = _place("community", "甲社区", t.street, "430212100001", (0, 0, 1, 1))
    t.two = _place("community", "乙社区", t.street, "430212100002", (1, 0, 3, 1))
    t.grid_a = _place("grid", "甲一网格", t.one, "430212100001001", (0, 0, 1, 1))
    t.grid_b = _place("grid", "乙一网格", t.two, "430212100002001", (1, 0, 2, 1))
    t.lamps = Unit.objects.create(code="U1", name_zh="路灯所", kind="department", valid_from=SINCE)
    t.power = Unit.objects.create(code="U2", name_zh="供电所", kind="enterprise", valid_from=SINCE)
    t.committee = Unit.objects.create(
        code="C1", name_zh="甲社区居委会", kind="community", place=t.one, valid_from=SINCE
    )
    t.committee_two = Unit.objects.create(
        code="C2", name_zh="乙社区居委会", kind="community", place=t.two, valid_from=SINCE
    )
    matrix = MatrixVersion.objects.filter(state="active").first() or MatrixVersion.objects.create(
        number=100, state="active", created_at=clock.now(), activated_at=clock.now()
    )
    Responsibility.objects.create(matrix=matrix, matter="M01", place=t.district, unit=t.lamps)
    people = {
        "clerk": ("intake_clerk", t.district, None),
        "dispatcher": ("dispatcher", t.district, None),
        "dispatcher2": ("dispatcher", t.district, None),
        "verifier": ("verifier", t.district, None),
        "supervisor": ("supervisor", t.district, None),
        "leader": ("leader", t.district, None),
        "worker_a": ("grid_worker", t.grid_a, t.committee),
        "worker_b": ("grid_worker", t.grid_b, t.committee_two),
        "cadre_a": ("community_cadre", t.one, t.committee),
        "cadre_b": ("community_cadre", t.two, t.committee_two),
        "lamp_contact": ("unit_contact", None, t.lamps),
        "lamp_handler": ("unit_handler", None, t.lamps),
        "power_contact": ("unit_contact", None, t.power),
        "power_handler": ("unit_handler", None, t.power),
    }
    t.accounts = {name: _person(name, kind, place=place, unit=unit) for name, (kind, place, unit) in people.items()}
    t.accounts["resident"] = Account.objects.create_user("resident", name="演示居民", kind="resident")
    for role in ("system", "security", "audit"):
        t.accounts[role] = Account.objects.create_user(f"admin_{role}", name=role, admin_role=role)

    def viewer(name: str) -> Viewer:
        return Viewer() if name == "nobody" else viewer_of(t.accounts[name])

    t.viewer = viewer
    return t


@pytest.fixture
def picture(settings, tmp_path):
    """Makes a waiting photo and returns its uid."""
    from io import BytesIO

    from PIL import Image

    from linli.kernel.imaging import take_in

    settings.MEDIA_ROOT = tmp_path
    out = BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 90)).save(out, "JPEG")
    safe = take_in(out.getvalue(), "a.jpg")

    def make(viewer: Viewer | None = None) -> str:
        return str(keep_picture(safe, viewer=viewer or Viewer()).uid)

    return make


_serial = iter(range(1, 10**9))


def intake(**given) -> Intake:
    """An intake with everything a report needs, unless said otherwise."""
    given.setdefault("key", f"test-key-{next(_serial):08d}")
    given.setdefault("channel", "portal")
    given.setdefault("words", "滨江路和正街路口的路灯不亮了，晚上很黑")
    if "lng" not in given and "place_id" not in given:
        given["lng"], given["lat"] = IN_A
    return Intake(**given)


def reported(town: SimpleNamespace, **given) -> Case:
    """A case fresh from the portal."""
    receipt = report_problem(intake(**given), viewer=town.viewer("nobody"))
    return Case.objects.get(pk=receipt.case_id)
