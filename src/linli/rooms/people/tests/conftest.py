"""A small town for the tests of this room: a district, two streets, two communities, grids, units."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from linli.rooms.people.models import Account, Post, PostKind, Unit
from linli.rooms.places.models import Place

SINCE = dt.date(2020, 1, 1)


def make_place(kind: str, name: str, parent: Place | None = None, code: str = "") -> Place:
    place = Place.objects.create(
        kind=kind, name_zh=name, name_en=f"{name} en", parent=parent, code=code, valid_from=SINCE
    )
    place.refresh_from_db()
    return place


def make_unit(code: str, name: str, kind: str = "department", place: Place | None = None, **extra) -> Unit:
    return Unit.objects.create(code=code, name_zh=name, kind=kind, place=place, valid_from=SINCE, **extra)


def make_account(username: str, name: str = "", **extra) -> Account:
    account = Account(username=username, name=name or username, **extra)
    account.set_unusable_password()
    account.save()
    return account


def make_post(kind: str, holder: Account, place: Place | None = None, unit: Unit | None = None, **extra) -> Post:
    extra.setdefault("valid_from", SINCE)
    return Post.objects.create(kind=PostKind.objects.get(code=kind), holder=holder, place=place, unit=unit, **extra)


@pytest.fixture
def town(db) -> SimpleNamespace:
    district = make_place("district", "渌口区", code="430212000000")
    street = make_place("street", "渌口镇", district, "430212100000")
    other_street = make_place("street", "朱亭镇", district, "430212101000")
    community = make_place("community", "南塘社区", street, "430212100001")
    neighbour = make_place("community", "湾塘社区", street, "430212100002")
    grid = make_place("grid", "南塘第一网格", community, "430212100001001")
    special = make_place("special", "学校专属网格", grid, "430212100001002")
    next_grid = make_place("grid", "南塘第二网格", community, "430212100001003")
    return SimpleNamespace(
        district=district,
        street=street,
        other_street=other_street,
        community=community,
        neighbour=neighbour,
        grid=grid,
        special=special,
        next_grid=next_grid,
        city=make_unit("U-CG", "区城管局"),
        water=make_unit("U-SW", "区水务局"),
        committee=make_unit("U-NT", "南塘社区居委会", "community", community),
        street_office=make_unit("U-LK", "渌口镇政府", "street", street),
        district_office=make_unit("U-QU", "区网格中心", "district", district),
    )
