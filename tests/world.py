"""A town with one of everything an address can name, and one person of every kind who may come by.

West is grid A with community one, given to the lamp unit; east is grid B with community two. Every case here lies in
A and belongs to the lamp unit, so `worker_b` and `power_contact` are the people of another place and another unit.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.test import Client

from linli.kernel.authority import SystemAuthority
from linli.rooms.cases.tests.fixtures import IN_A, LAMP, lay_out_town, reported
from linli.rooms.cases.tests.walking import walk
from tests import canary
from tests.addresses_figures import lay_out as lay_out_figures
from tests.addresses_oversight import lay_out as lay_out_oversight
from tests.addresses_rounds import lay_out as lay_out_rounds
from tests.addresses_whistle import lay_out_whistles

# Everybody the walks send to every address, in the order of their tables.
KINDS = (
    "nobody",
    "resident",
    "worker_a",
    "worker_b",
    "lamp_contact",
    "power_contact",
    "clerk",
    "dispatcher",
    "verifier",
    "supervisor",
    "leader",
    "system",
    "security",
    "audit",
)
# The last step of the straight road that brings a case into the state.
STATES = {
    "reported": None,
    "accepted": "accept",
    "registered": "register",
    "dispatched": "dispatch",
    "handling": "receive",
    "confirming": "handle",
    "verifying": "confirm",
    "closing": "verify_pass",
    "closed": "close",
}


PASSWORD = "Walk-2026-linli"


def picture_bytes(width: int = 64, height: int = 48) -> bytes:
    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (width, height), (90, 120, 90)).save(out, "JPEG")
    return out.getvalue()


def rules_sheet() -> bytes:
    """Filing rules in the form that cities publish: one fine row, one with a limit nobody can read."""
    import openpyxl

    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "事件"
    page.append(["立案、处置和结案标准(事件类)"])
    page.append(
        ["大类代码", "大类名称", "小类代码", "小类名称", "处置单位", "主管部门", "立案条件", "结案条件", "处置时限"]
    )
    page.append(["01", "市容环境", "01", "私搭乱建", "街办", "区政府", "正在建设", "制止", "2紧急工作时"])
    page.append(["", "", "", "", "", "", "已形成", "拆除", "随便"])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def picture_maker() -> Callable[..., str]:
    """Makes a waiting photo under MEDIA_ROOT and returns its uid."""
    from linli.kernel.imaging import take_in
    from linli.rooms.cases.actions.photos import keep_picture
    from linli.rooms.people.rights import Viewer

    safe = take_in(picture_bytes(), "a.jpg")

    def make(viewer: Viewer | None = None) -> str:
        return str(keep_picture(safe, viewer=viewer or Viewer()).uid)

    return make


def signed_in(account: Any) -> Client:
    """A client that came in with its password and confirmed it, so that pages about one's own security open, too."""
    client = Client()
    cache.clear()  # the entrance counts tries
    login = {"login": account.username, "password": PASSWORD}
    for path, typed in (("login", login), ("confirm", {"password": PASSWORD})):
        answer = client.post(f"/accounts/{path}/", typed)
        assert answer.status_code == 302, f"{account.username}: {path}"
    return client


def lay_out_world(town: SimpleNamespace | None = None) -> SimpleNamespace:
    """The town of the rooms' tests, with cases in every state and one of everything else."""
    world = SimpleNamespace(town=town or lay_out_town())
    _cases(world)
    _of_people(world)
    _of_administrators(world)
    _of_bulletins(world)
    _of_ladders(world)
    lay_out_figures(world)
    lay_out_oversight(world)
    lay_out_whistles(world)
    lay_out_rounds(world)
    return world


def _cases(world: SimpleNamespace) -> None:
    from linli.rooms.cases.actions.lists import preview_list
    from linli.rooms.cases.actions.settings import save_view

    town, picture = world.town, picture_maker()
    world.cases = {}
    marked = {"phone": canary.REPORTER_PHONE, "name": canary.REPORTER_NAME, "mail": canary.REPORTER_MAIL}
    marked["words"] = f"滨江路和正街路口的路灯不亮了，晚上很黑，电话{canary.TYPED_PHONE}{canary.SCRIPT}"
    for state, until in STATES.items():
        case = reported(town, photos=[picture()], **marked)
        world.cases[state] = walk(case, town, picture, until) if until else case
    world.closed = world.cases["closed"]
    world.report = world.closed.reports.get()
    world.photo = world.closed.photos.first()
    world.saved_view = save_view(f"我的夜里路灯{canary.SCRIPT}", "q=路灯", viewer=town.viewer("dispatcher"))
    world.item_key = LAMP
    rows = "问题描述,事项\n路灯不亮,路灯\n,没有这一项\n".encode()
    world.case_import = preview_list(rows, "list.csv", "十一月问题清单", viewer=town.viewer("clerk"))


def _of_people(world: SimpleNamespace) -> None:
    from linli.rooms.people.models import Post

    town = world.town
    for account in town.accounts.values():
        account.set_password(PASSWORD)
        account.save(update_fields=["password"])
    _marks(world)
    _of_messages(world)
    world.post = Post.objects.get(holder=town.accounts["worker_a"])
    world.account = town.accounts["worker_b"]
    world.unit = town.power


def _marks(world: SimpleNamespace) -> None:
    """A resident and a member of staff with numbers that nobody else may see; the resident has told something, too."""
    from linli.rooms.cases.actions.intake import join_case
    from linli.rooms.cases.tests.fixtures import intake
    from linli.rooms.people import actions

    town = world.town
    resident = town.accounts["resident"]
    resident.name = canary.RESIDENT_NAME
    resident.save(update_fields=["name"])
    actions.change_phone(town.viewer("resident"), canary.RESIDENT_PHONE)
    actions.change_phone(town.viewer("worker_b"), canary.STAFF_PHONE)
    told = intake(words=f"我也看到了{canary.SCRIPT}", phone=canary.RESIDENT_PHONE, name=canary.RESIDENT_NAME)
    join_case(world.cases["handling"].pk, told, viewer=town.viewer("resident"))
    world.cases["handling"].refresh_from_db()


def _of_messages(world: SimpleNamespace) -> None:
    from linli.kernel import clock
    from linli.rooms.messages import stopping
    from linli.rooms.messages.addresses import seal_into
    from linli.rooms.messages.models import Address, Notice

    clerk = world.town.accounts["clerk"]
    facts = {"number": world.cases["reported"].number, "item": ["", ""], "place": ["甲社区", ""]}
    world.notice = Notice.objects.create(
        key="world", account=clerk, kind="case.reported", topic="todo", data=facts, at=clock.now()
    )
    address = Address(account=clerk, channel="mail")
    seal_into(address, canary.STAFF_MAIL)
    address.save()
    world.stop_token, world.confirm_token = stopping.token(clerk.pk), stopping.confirmation(address.pk)


def _of_bulletins(world: SimpleNamespace) -> None:
    from linli.kernel import clock
    from linli.kernel.clock.calendar import CIVIL
    from linli.rooms.bulletins.actions.drafting import make
    from linli.rooms.bulletins.models import Kind

    kind, now = Kind.objects.get(code="weekly"), clock.now()
    with transaction.atomic():
        period = kind.rhythm.period_of(now.astimezone(CIVIL).date())
        world.bulletin = make(kind, world.town.district, period, now, now)


def _of_ladders(world: SimpleNamespace) -> None:
    from linli.rooms.ladder.editing import draft_ladder

    world.ladder_draft = draft_ladder(SystemAuthority(), world.town.district.pk, source="lukou")
    world.ladder_tier = world.ladder_draft.tiers.get(code="unit")


def _of_administrators(world: SimpleNamespace) -> None:
    from linli.rooms.catalogue.actions.filing import preview_rules
    from linli.rooms.catalogue.models import FilingRule
    from linli.rooms.people.actions.matrix import draft_matrix
    from linli.rooms.people.actions.sheets import read_sheet
    from linli.rooms.places.actions.buildings import create_building
    from linli.rooms.places.actions.drawing import begin_drawing
    from linli.rooms.places.models import GridSet

    by: Any = SystemAuthority()
    town = world.town
    world.building = create_building(
        by, name=f"二栋{canary.SCRIPT}", parent_id=town.grid_a.pk, lng=IN_A[0], lat=IN_A[1]
    )
    world.sheet = read_sheet(by, "units", "units.csv", "编号,名称\nU9,园林所\n".encode())
    world.matrix_draft = draft_matrix(by, "加强夜间照明")
    world.matrix_rule = world.matrix_draft.rules.first()
    world.rule = FilingRule.objects.filter(item__key=LAMP, rule_set__state="active").first()
    world.rule_draft = preview_rules(by, rules_sheet(), "rules.xlsx")
    begin_drawing(by, [town.two.pk])
    world.grid_draft = GridSet.objects.latest("pk")
