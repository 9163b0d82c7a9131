"""Every action of the lower rooms for every kind of person: a table by hand against what really happens.

Steps of a case have their own walk in `linli.rooms.cases.tests.test_rights`. An action that takes an `Authority`
and does not stand here fails the first test.
"""

from __future__ import annotations

import datetime as dt
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import shapely
from django.db import transaction

from linli.kernel.clock import TimeLimit
from linli.kernel.errors import LinliError, NotAllowed
from linli.kernel.journal.models import Entry
from linli.rooms.ladder.words import LadderWords, TierWords
from linli.rooms.messages.wording import Words
from tests import canary
from tests.world import KINDS

PACKAGES = [
    "linli.kernel.clock.actions",
    "linli.kernel.outbox.actions",
    "linli.kernel.retention.actions",
    "linli.rooms.catalogue.actions",
    "linli.rooms.places.actions",
    "linli.rooms.people.actions",
    "linli.rooms.cases.actions",
    "linli.rooms.oversight.actions",
    "linli.rooms.bulletins.actions",
    "linli.rooms.ladder.editing",
    "linli.rooms.ladder.starting",
    "linli.rooms.webhooks.actions",
    "linli.rooms.messages.actions",
    "linli.rooms.whistles.actions",
]
# What an action hands on to: it asks for the right before it calls these.
INSIDE = {"linli.rooms.places.actions.grids.new_set", "linli.rooms.catalogue.actions.shipped.take_in_shipped"}

# Whoever is not named here gets NotAllowed, before anything was written.
HOLDERS: dict[str, set[str]] = {
    "catalogue.edit": {"system"},
    "clock.edit_calendar": {"system"},
    "house.retry_deliveries": {"system"},
    "matrix.edit": {"system"},
    "notices.edit": {"system"},
    "places.edit_buildings": {"system"},
    "places.edit_divisions": {"system"},
    "places.edit_grids": {"system"},
    "places.publish_grids": {"system"},
    "units.edit": {"system"},
    "accounts.edit": {"security"},
    "posts.edit": {"security"},
    "policy.edit": {"security"},
    "keys.edit": {"security"},
    "retention.edit": {"security"},
    "persons.serve": {"security"},
    "webhooks.edit": {"system"},
    "ladder.edit": {"system"},
    "oversight.edit": {"system"},
    "own post or posts.edit": {"worker_a", "security"},
}

TODAY = dt.date(2026, 11, 22)
Given = Callable[[SimpleNamespace], dict[str, Any]]


def _person(world: SimpleNamespace) -> dict[str, Any]:
    return {"code": world.report.tracking_code, "number": canary.REPORTER_PHONE}


ACTIONS: dict[str, tuple[str, Given]] = {
    # whistles
    "limits.set_confirm_limit": (
        "clock.edit_calendar",
        lambda w: {"urgent": False, "limit": TimeLimit(2, "working_days")},
    ),
    # bulletins
    "kinds.add_kind": ("oversight.edit", lambda w: {"code": "daily", "given": {}}),
    "kinds.change_kind": ("oversight.edit", lambda w: {"code": "weekly", "given": {}}),
    # kernel
    "clock.actions.set_day": ("clock.edit_calendar", lambda w: {"day": TODAY, "kind": None}),
    "clock.actions.set_hours": ("clock.edit_calendar", lambda w: {"spans": [], "valid_from": TODAY}),
    "clock.actions.remove_hours": ("clock.edit_calendar", lambda w: {"valid_from": TODAY}),
    "clock.actions.mark_year": ("clock.edit_calendar", lambda w: {"year": 2026, "official": True}),
    "clock.actions.import_days": ("clock.edit_calendar", lambda w: {"listed": None, "source": "国务院办公厅"}),
    "clock.actions.seed_years": ("clock.edit_calendar", lambda w: {"years": []}),
    "outbox.actions.retry": ("house.retry_deliveries", lambda w: {"delivery_ids": [1]}),
    # oversight
    "numbering.set_prefix": (
        "oversight.edit",
        lambda w: {"district_id": w.town.district.pk, "series": "minutes", "year": 2030, "prefix": "演会纪"},
    ),
    "settings.set_lights": ("oversight.edit", lambda w: {"lights": []}),
    "settings.set_rules": ("oversight.edit", lambda w: {"words": None, "version": 1}),
    "meetings.set_kind": (
        "oversight.edit",
        lambda w: {"code": "grid", "rhythm": "", "prepare_days": 1, "minutes_per_item": 5, "items_at_most": 5,
                   "sources": [], "active": True},
    ),
    # ladder
    "editing.draft_ladder": ("ladder.edit", lambda w: {"district_id": w.town.district.pk, "source": "erqi"}),
    "editing.edit_ladder": ("ladder.edit", lambda w: {"ladder_id": w.ladder_draft.pk, "words": LadderWords("联动")}),
    "editing.add_tier": (
        "ladder.edit",
        lambda w: {"ladder_id": w.ladder_draft.pk, "words": TierWords("镇街", "unit", unit_by="street")},
    ),
    "editing.edit_tier": (
        "ladder.edit",
        lambda w: {"tier_id": w.ladder_tier.pk, "words": TierWords("单位", "unit", unit_by="responsible")},
    ),
    "editing.move_tier": ("ladder.edit", lambda w: {"tier_id": w.ladder_tier.pk, "up": True}),
    "editing.remove_tier": ("ladder.edit", lambda w: {"tier_id": w.ladder_tier.pk}),
    "editing.discard_ladder": ("ladder.edit", lambda w: {"ladder_id": w.ladder_draft.pk}),
    "starting.activate_ladder": ("ladder.edit", lambda w: {"ladder_id": w.ladder_draft.pk}),
    "starting.call_off_ladder": ("ladder.edit", lambda w: {"ladder_id": w.ladder_draft.pk}),
    "starting.retire_ladder": ("ladder.edit", lambda w: {"ladder_id": w.ladder_draft.pk}),
    # messages
    "channels.call_at": ("notices.edit", lambda w: {"public_url": "https://linli.example"}),
    "channels.open_channel": ("notices.edit", lambda w: {"code": "wecom", "settings": {}}),
    "channels.close_channel": ("notices.edit", lambda w: {"code": "wecom"}),
    "channels.gateway_secret": ("notices.edit", lambda w: {}),
    "channels.try_channel": ("notices.edit", lambda w: {"code": "mail", "address": "a@example.cn"}),
    "channels.set_unit_address": (
        "notices.edit",
        lambda w: {"unit_id": w.unit.pk, "channel": "wecom", "text": "0123456789abcdef0123"},
    ),
    "channels.drop_unit_address": ("notices.edit", lambda w: {"unit_id": w.unit.pk, "channel": "wecom"}),
    "channels.retry": ("notices.edit", lambda w: {"delivery_ids": [1]}),
    "wordings.reword": (
        "notices.edit",
        lambda w: {"kind": "case.closed", "reporter": True, "language": "en", "words": Words("a", "b", "c")},
    ),
    "wordings.restore_words": ("notices.edit", lambda w: {"kind": "case.closed", "reporter": True, "language": "en"}),
    "retention.actions.keep_for": ("retention.edit", lambda w: {"days": {"cases.contacts": 90}}),
    # catalogue
    "filing.preview_rules": ("catalogue.edit", lambda w: {"data": b"", "filename": "a.xlsx"}),
    "filing.confirm_rules": ("catalogue.edit", lambda w: {"draft_id": 1}),
    "filing.discard_draft": ("catalogue.edit", lambda w: {"draft_id": 1}),
    "filing.correct_rule": ("catalogue.edit", lambda w: {"rule_id": 0, "text": None}),
    "filing.add_rule": ("catalogue.edit", lambda w: {"item_key": "M99999", "text": None}),
    "filing.retire_rule": ("catalogue.edit", lambda w: {"rule_id": 1}),
    "items.add_items": ("catalogue.edit", lambda w: {"rows": []}),
    "items.add_item": ("catalogue.edit", lambda w: {"class_key": "M01", "name_zh": "路灯歪斜"}),
    "items.change_item": ("catalogue.edit", lambda w: {"key": w.item_key, "version": 1, "name_zh": "路灯"}),
    "items.retire_item": ("catalogue.edit", lambda w: {"key": w.item_key}),
    "items.restore_item": ("catalogue.edit", lambda w: {"key": w.item_key}),
    # places
    "buildings.create_building": (
        "places.edit_buildings",
        lambda w: {"name": "三栋", "parent_id": w.town.grid_a.pk, "lng": 113.105, "lat": 27.605},
    ),
    "buildings.edit_building": (
        "places.edit_buildings",
        lambda w: {"place_id": w.building.pk, "name": "四栋", "address": "滨江路4号", "lng": 113.105, "lat": 27.605},
    ),
    "buildings.retire_building": ("places.edit_buildings", lambda w: {"place_id": w.building.pk}),
    "buildings.import_buildings": ("places.edit_buildings", lambda w: {"rows": []}),
    "divisions.create_division": ("places.edit_divisions", lambda w: {"code": "430212100003", "name_zh": "丙社区"}),
    "divisions.edit_place": ("places.edit_divisions", lambda w: {"place_id": w.town.one.pk, "name_zh": "甲社区"}),
    "divisions.retire_division": ("places.edit_divisions", lambda w: {"place_id": w.town.one.pk}),
    "divisions.renumber_division": (
        "places.edit_divisions",
        lambda w: {"place_id": w.town.one.pk, "code": "430212100009"},
    ),
    "divisions.import_divisions": ("places.edit_divisions", lambda w: {"rows": []}),
    "divisions.set_boundary": (
        "places.edit_divisions",
        lambda w: {"place_id": w.town.one.pk, "polygon": shapely.box(113.1, 27.6, 113.11, 27.61)},
    ),
    "divisions.import_division_boundaries": ("places.edit_divisions", lambda w: {"data": b"{}", "system": "wgs84"}),
    "drawing.begin_drawing": ("places.edit_grids", lambda w: {"community_ids": [w.town.two.pk]}),
    "drawing.edit_draft": (
        "places.edit_grids",
        lambda w: {"draft_id": w.grid_draft.pk, "operation": None, "version": w.grid_draft.version},
    ),
    "grids.preview_import": ("places.edit_grids", lambda w: {"data": b"{}", "system": "wgs84"}),
    "grids.publish_import": ("places.publish_grids", lambda w: {"draft_id": w.grid_draft.pk}),
    "grids.discard_draft": ("places.edit_grids", lambda w: {"draft_id": w.grid_draft.pk}),
    "grids.withdraw_set": ("places.publish_grids", lambda w: {"set_id": w.grid_draft.pk}),
    # people
    "accounts.create_account": ("accounts.edit", lambda w: {"username": "new.person", "name": "演示新"}),
    "accounts.edit_account": ("accounts.edit", lambda w: {"account_id": w.account.pk, "name": "演示乙"}),
    "accounts.set_active": ("accounts.edit", lambda w: {"account_id": w.account.pk, "active": False}),
    "accounts.set_admin_role": ("accounts.edit", lambda w: {"account_id": w.account.pk, "role": "audit"}),
    "accounts.reset_password": ("accounts.edit", lambda w: {"account_id": w.account.pk}),
    "accounts.drop_second_factors": ("accounts.edit", lambda w: {"account_id": w.account.pk}),
    "keys.create_key": ("keys.edit", lambda w: {"name": "热线", "scopes": ["read"]}),
    "keys.rotate_key": ("keys.edit", lambda w: {"key_id": 1}),
    "keys.revoke_key": ("keys.edit", lambda w: {"key_id": 1}),
    "many.bring_in": ("accounts.edit", lambda w: {"people": []}),
    "many.appoint_many": ("posts.edit", lambda w: {"posts": [], "valid_from": TODAY}),
    "many.offer_to_visitors": ("accounts.edit", lambda w: {"rows": []}),
    "matrix.draft_matrix": ("matrix.edit", lambda w: {}),
    "matrix.add_rule": ("matrix.edit", lambda w: {"matrix_id": 0, "words": None}),
    "matrix.add_rules": ("matrix.edit", lambda w: {"matrix_id": 0, "many": []}),
    "matrix.edit_rule": ("matrix.edit", lambda w: {"rule_id": 0, "words": None}),
    "matrix.remove_rule": ("matrix.edit", lambda w: {"rule_id": 1}),
    "matrix.discard_draft": ("matrix.edit", lambda w: {"matrix_id": 1}),
    "matrix.activate_matrix": ("matrix.edit", lambda w: {"matrix_id": 1}),
    "policy.change_policy": (
        "policy.edit",
        lambda w: {
            "two_factor_for_staff": True,
            "idle_minutes_staff": 30,
            "idle_minutes_admins": 10,
            "residents_may_register": True,
        },
    ),
    "policy.edit_post_kind": (
        "posts.edit",
        lambda w: {
            "code": "area_head",
            "name_zh": "片区长",
            "name_en": "area head",
            "duties": ["case.view"],
            "door": "field",
            "phone_public": False,
            "shown_to_residents": True,
            "two_factor": False,
        },
    ),
    "posts.appoint": (
        "posts.edit",
        lambda w: {"kind": "grid_worker", "holder_id": w.account.pk, "place_id": w.town.grid_a.pk},
    ),
    "posts.edit_post": (
        "posts.edit",
        lambda w: {"post_id": w.post.pk, "phone": "", "phone_public": False, "matters": []},
    ),
    "posts.end_post": ("posts.edit", lambda w: {"post_id": w.post.pk}),
    "posts.replace_holder": ("posts.edit", lambda w: {"post_id": w.post.pk, "holder_id": w.account.pk}),
    "posts.deputise": ("own post or posts.edit", lambda w: {"post_id": w.post.pk, "deputy_id": w.account.pk}),
    "posts.undeputise": ("own post or posts.edit", lambda w: {"post_id": w.post.pk}),
    "sheets.read_sheet": ("units.edit", lambda w: {"kind": "units", "filename": "a.xlsx", "data": b""}),
    "sheets.confirm_sheet": ("units.edit", lambda w: {"sheet_id": w.sheet.pk}),
    "sheets.discard_sheet": ("units.edit", lambda w: {"sheet_id": w.sheet.pk}),
    "units.create_unit": ("units.edit", lambda w: {"code": "U9", "name_zh": "园林所"}),
    "units.edit_unit": ("units.edit", lambda w: {"unit_id": w.unit.pk, "name_zh": "供电公司"}),
    "units.end_unit": ("units.edit", lambda w: {"unit_id": w.unit.pk}),
    # webhooks
    "actions.create_endpoint": ("webhooks.edit", lambda w: {"url": "https://1.1.1.1/"}),
    "actions.change_endpoint": ("webhooks.edit", lambda w: {"endpoint_id": 1, "url": "https://1.1.1.1/"}),
    "actions.pause_endpoint": ("webhooks.edit", lambda w: {"endpoint_id": 1}),
    "actions.resume_endpoint": ("webhooks.edit", lambda w: {"endpoint_id": 1}),
    "actions.rotate_secret": ("webhooks.edit", lambda w: {"endpoint_id": 1}),
    "actions.delete_endpoint": ("webhooks.edit", lambda w: {"endpoint_id": 1}),
    "actions.send_test": ("webhooks.edit", lambda w: {"endpoint_id": 1}),
    "actions.replay": ("webhooks.edit", lambda w: {"endpoint_id": 1, "delivery_ids": [1]}),
    "actions.replay_since": (
        "webhooks.edit",
        lambda w: {"endpoint_id": 1, "since": dt.datetime(2026, 11, 22, tzinfo=dt.UTC)},
    ),
    # cases
    "personal.reports_of_person": ("persons.serve", _person),
    "personal.copy_for_person": ("persons.serve", lambda w: {**_person(w), "purpose": "本人申请"}),
    "personal.forget_person": ("persons.serve", lambda w: {**_person(w), "purpose": "本人申请"}),
    "settings.set_step_limit": ("clock.edit_calendar", lambda w: {"state": "reported", "urgent": False, "limit": None}),
}


def _modules() -> Iterator[ModuleType]:
    for name in PACKAGES:
        package = importlib.import_module(name)
        yield package
        for found in pkgutil.iter_modules(getattr(package, "__path__", [])):
            yield importlib.import_module(f"{name}.{found.name}")


def actions_in_the_house() -> dict[str, Callable[..., Any]]:
    """Every public function that asks an `Authority`, by its last two names."""
    found = {}
    for module in _modules():
        for name, function in inspect.getmembers(module, inspect.isfunction):
            dotted = f"{module.__name__}.{name}"
            own = function.__module__ == module.__name__ and not name.startswith("_") and dotted not in INSIDE
            if own and any("Authority" in str(p.annotation) for p in inspect.signature(function).parameters.values()):
                found[".".join(dotted.split(".")[-3 if "kernel" in dotted else -2 :])] = function
    return found


def test_every_action_stands_in_the_table():
    assert sorted(set(actions_in_the_house()) ^ set(ACTIONS)) == []


@pytest.mark.parametrize("name", list(ACTIONS))
def test_only_those_of_the_table_may(world: SimpleNamespace, name: str):
    capability, given = ACTIONS[name]
    function = actions_in_the_house()[name]
    authority = next(
        p.name for p in inspect.signature(function).parameters.values() if "Authority" in str(p.annotation)
    )
    wrong = []
    for kind in KINDS:
        mark = transaction.savepoint()
        before = Entry.objects.count()
        outcome = _outcome(function, {authority: world.town.viewer(kind), **given(world)})
        written = Entry.objects.count() - before
        transaction.savepoint_rollback(mark)
        expected = kind in HOLDERS[capability]
        if expected != (outcome is not NotAllowed):
            wrong.append(f"{kind}: {outcome}")
        elif not expected and written:
            wrong.append(f"{kind}: wrote before it asked")
    assert wrong == [], f"{name} needs {capability}"


def _outcome(function: Callable[..., Any], given: dict[str, Any]) -> Any:
    """NotAllowed, another error, or None; what comes after the question of rights is not asked here."""
    try:
        with transaction.atomic():
            function(**given)
    except NotAllowed:
        return NotAllowed
    except LinliError as error:
        return error
    except (AttributeError, TypeError) as error:
        # `None` for an argument that is read after the rights were asked for.
        return error if None in given.values() else pytest.fail(f"{function.__name__}: {error!r}")
    return None
