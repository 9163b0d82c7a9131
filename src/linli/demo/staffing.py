"""Who works and lives in the demo town: made-up people, their accounts and posts.

Pure and the same for the same seed. Names come from `names.people`; no real person is meant. Only the people
of `SHOWCASE` get a password: everyone else exists, holds a post and cannot sign in.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from linli.demo import names
from linli.demo.town import Building, Grid, Town
from linli.demo.units import UnitRow, committee_of, units

HEADS = 1256
"""Area, stairwell and building heads together (LK-5)."""
CHIEFS = 36
"""Leaders who serve as grid chiefs (LK-2)."""
TOWN_CENTRE = "430212100"


@dataclass(frozen=True)
class Person:
    """An account. `showcase`: one of the people the sign-in page of a demo home offers."""

    username: str
    name: str
    kind: str = "staff"
    admin_role: str = ""
    phone: str = ""
    showcase: bool = False


@dataclass(frozen=True)
class PostRow:
    """`username` holds the post `kind` for a place (division code, grid key or building key) or a unit, or both."""

    kind: str
    username: str
    place_key: str = ""
    unit_key: str = ""
    phone: str = ""
    deputy: str = ""
    note: str = ""


@dataclass(frozen=True)
class Showcase:
    """One account for each kind of person, in the order the sign-in page lists them."""

    role: str
    username: str
    label_zh: str
    label_en: str


SHOWCASE: tuple[Showcase, ...] = (
    Showcase("resident", "resident01", "居民", "Resident"),
    Showcase("grid_worker", "grid.worker01", "网格员", "Grid worker"),
    Showcase("intake_clerk", "intake01", "受理员", "Intake clerk"),
    Showcase("dispatcher", "dispatcher01", "派遣员", "Dispatcher"),
    Showcase("unit_contact", "unit.contact01", "责任单位联络员", "Unit contact"),
    Showcase("unit_handler", "unit.handler01", "处置人员", "Unit handler"),
    Showcase("verifier", "verifier01", "核查员", "Verifier"),
    Showcase("community_cadre", "cadre.community01", "社区干部", "Community cadre"),
    Showcase("grid_chief", "grid.chief01", "网格长", "Grid chief"),
    Showcase("supervisor", "supervisor01", "督办员", "Supervisor"),
    Showcase("leader", "leader01", "分管领导", "Leader"),
    Showcase("building_head", "head.building001", "楼栋长", "Building head"),
    Showcase("town_cadre", "cadre.town01", "镇干部", "Town cadre"),
    Showcase("city_management_liaison", "liaison.city01", "城管联络员", "City-management liaison"),
    Showcase("traffic_liaison", "liaison.traffic01", "交警联络员", "Traffic-police liaison"),
    Showcase("area_head", "head.area01", "片区长", "Area head"),
    Showcase("stairwell_head", "head.stairwell001", "单元长", "Stairwell head"),
    Showcase("admin_system", "admin.system", "系统管理员", "System administrator"),
    Showcase("admin_security", "admin.security", "安全管理员", "Security administrator"),
    Showcase("admin_audit", "admin.audit", "审计管理员", "Audit administrator"),
)

_SHOWN = {entry.username for entry in SHOWCASE}

# Units whose people appear by name: those the matrix names most often come first.
_STAFFED = (
    "cg", "hw", "sz", "jjzd", "pcs", "ld", "yl", "gd", "gs", "rq", "ws", "zj", "sthj", "scjg", "xf", "fc", "jt",
    "sl", "mz", "wl", "tx1", "tx2", "gdw", "gj", "cdz", "kd", "dc", "jk", "dw", "tt", "gl", "sc", "sy", "qcz",
    "t_lukou", "t_zhuting", "t_guyuefeng", "t_gantian", "t_longmen", "t_longtan", "t_nanzhou", "t_longchuan",
    "c_xs", "c_sxz", "c_xy", "c_fbl", "c_jlq",
)  # fmt: skip


@dataclass
class Staffing:
    people: list[Person] = field(default_factory=list)
    posts: list[PostRow] = field(default_factory=list)
    units: list[UnitRow] = field(default_factory=list)

    def holders(self, kind: str, place_key: str = "", unit_key: str = "") -> list[str]:
        """Usernames that hold a post of this kind for this place or unit."""
        return [
            post.username
            for post in self.posts
            if post.kind == kind
            and (not place_key or post.place_key == place_key)
            and (not unit_key or post.unit_key == unit_key)
        ]


def password(username: str, seed: int, home: str) -> str:
    """The demo password of a showcase account: fixed by seed and home folder, letters, digits and signs."""
    digest = hashlib.sha256(f"{seed}|{home}|{username}".encode()).hexdigest()
    return f"linli-Demo-{int(digest[:6], 16) % 900 + 100}{digest[6:9]}"


class _Roster:
    """Hands out people with running usernames."""

    def __init__(self, seed: int) -> None:
        self.staffing = Staffing()
        self.rng = random.Random(seed * 31 + 7)
        self._names: Iterator[str] = names.people(self.rng)
        self._count: dict[str, int] = {}
        self._phone = 0

    def person(self, stem: str, width: int = 2, **facts: str) -> str:
        """A new person with the next username of this stem; returns the username."""
        self._count[stem] = self._count.get(stem, 0) + 1
        username = f"{stem}{self._count[stem]:0{width}d}" if width else stem
        self._phone += 1
        # The numbers beginning with 154 belong to no network.
        self.staffing.people.append(
            Person(
                username,
                next(self._names),
                phone=f"1540000{self._phone % 10000:04d}",
                showcase=username in _SHOWN,
                **facts,
            )
        )
        return username

    def post(self, kind: str, username: str, place: str = "", unit: str = "", note: str = "", deputy: str = "") -> None:
        phone = next(p.phone for p in reversed(self.staffing.people) if p.username == username)
        self.staffing.posts.append(PostRow(kind, username, place, unit, phone, deputy, note))


def showcase_grid(town: Town) -> Grid:
    """The grid all showcase posts belong to: the one with the shopping centre, in the middle of the town."""
    specials = [grid.parent_key for grid in town.grids if grid.level == "special"]
    key = next((key for key in specials if "430212100010" in key), specials[0])
    return next(grid for grid in town.grids if grid.key == key)


def staff(town: Town) -> Staffing:
    """Everybody: administrators, the desk, the six posts of each grid, units, heads and residents."""
    roster = _Roster(town.seed)
    roster.staffing.units = units(town)
    for stem, role in (("admin.system", "system"), ("admin.security", "security"), ("admin.audit", "audit")):
        roster.person(stem, 0, admin_role=role)
    for kind, stem, count in (
        ("leader", "leader", 3),
        ("supervisor", "supervisor", 2),
        ("dispatcher", "dispatcher", 3),
        ("intake_clerk", "intake", 3),
    ):
        people = [roster.person(stem) for _ in range(count)]
        for k, username in enumerate(people):
            deputy = people[(k + 1) % count] if kind == "dispatcher" and k == 0 else ""
            roster.post(kind, username, "430212", deputy=deputy)
    first = showcase_grid(town)
    grids = [first, *(grid for grid in town.unit_grids() if grid.key != first.key)]
    for _ in range(4):
        roster.post("verifier", roster.person("verifier"), TOWN_CENTRE)
    _grid_posts(roster, grids, [grid for grid in town.grids if grid.level == "special"])
    for key in _STAFFED:
        roster.post("unit_contact", roster.person("unit.contact"), unit=key)
        for _ in range(2):
            roster.post("unit_handler", roster.person("unit.handler"), unit=key)
    _heads(roster, town, first)
    for _ in range(24):
        roster.person("resident", kind="resident")
    return roster.staffing


def _grid_posts(roster: _Roster, grids: list[Grid], specials: list[Grid]) -> None:
    """Six posts a grid: chief, town cadre, community cadre, grid worker, and two liaisons (LK-2)."""
    chiefs = [roster.person("grid.chief") for _ in range(min(CHIEFS, len(grids) + 4))]
    for k, grid in enumerate(grids):
        roster.post("grid_chief", chiefs[k % len(chiefs)], grid.key)
    # More leaders than grids: the rest lead the special grids and second the largest grid.
    rest = chiefs[len(grids) :]
    for username, grid in zip(rest, [*specials, grids[0]], strict=False):
        roster.post("grid_chief", username, grid.key)
    town_cadres = [roster.person("cadre.town") for _ in range(max(2, min(24, len(grids) // 2)))]
    city = [roster.person("liaison.city") for _ in range(max(2, min(24, len(grids) // 4)))]
    traffic = [roster.person("liaison.traffic") for _ in range(max(2, min(20, len(grids) // 5)))]
    cadres: dict[str, list[str]] = {}
    for k, grid in enumerate(grids):
        committee = committee_of(grid.community_code)
        mine = cadres.setdefault(grid.community_code, [])
        if len(mine) < 3:
            mine.append(roster.person("cadre.community"))
        roster.post("town_cadre", town_cadres[k % len(town_cadres)], grid.key)
        roster.post("community_cadre", mine[k % len(mine)], grid.key, committee)
        roster.post("grid_worker", roster.person("grid.worker"), grid.key, committee)
        roster.post("city_management_liaison", city[k % len(city)], grid.key, "cg")
        roster.post("traffic_liaison", traffic[k % len(traffic)], grid.key, "jjzd")
    for grid in grids[: max(0, 357 - len(grids))] if len(grids) > 200 else []:
        # A city has more workers than grids (LS-1: 357 for 288): the busiest grids have two.
        roster.post("grid_worker", roster.person("grid.worker"), grid.key, committee_of(grid.community_code))


def _heads(roster: _Roster, town: Town, first: Grid) -> None:
    """Area heads for micro-grids, building heads, and stairwell heads until 1,256 are reached (LK-5)."""
    divided = {grid.parent_key for grid in town.grids if grid.level == "micro"}
    areas = [
        grid for grid in town.grids if grid.level == "micro" or (grid.level == "general" and grid.key not in divided)
    ]
    areas.sort(key=lambda grid: grid.key != first.key and grid.parent_key != first.key)
    for grid in areas[: HEADS // 8]:
        roster.post("area_head", roster.person("head.area"), grid.key)
    houses = [
        building
        for building in town.buildings
        if building.kind == "home" and (building.stairwells > 1 or building.flats_per_floor == 4)
    ]
    houses.sort(key=lambda building: building.grid_key != first.key)
    left = HEADS - min(len(areas), HEADS // 8)
    count = min(len(houses), 700)
    for building in houses[:count]:
        roster.post("building_head", roster.person("head.building", 3), building.key)
    left -= count
    for building, stairwell in _stairwells(houses):
        if left <= 0:
            break
        roster.post("stairwell_head", roster.person("head.stairwell", 3), building.key, note=f"{stairwell}单元")
        left -= 1


def _stairwells(houses: list[Building]) -> Iterator[tuple[Building, int]]:
    """Second and further stairwells first: the building head lives in the first one."""
    for level in (2, 3, 4, 1):
        for building in houses:
            if building.stairwells >= level:
                yield building, level
