"""Which page opens for whom, at what cost: every address of the door for every kind of person."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from linli.doors.admin.urls import urlpatterns
from linli.rooms.people import actions
from linli.rooms.people.models import Post
from linli.rooms.people.rules import ADMIN_CAPABILITIES
from linli.rooms.places import actions as place_actions

pytestmark = pytest.mark.django_db
ROLES = ("system", "security", "audit")
OTHERS = ("resident", "clerk", "dispatcher", "worker_a", "lamp_contact", "leader", "supervisor")


def _pages(town) -> dict[str, str]:
    """An address for each named page that is looked at, with something that exists behind it."""
    viewer = town.viewer("system")
    edition = actions.draft_matrix(viewer)
    rule = actions.add_rule(viewer, edition.pk, actions.RuleWords("M01", town.district.id, town.lamps.pk))
    drawn = place_actions.begin_drawing(viewer, [town.one.id])
    building = place_actions.create_building(viewer, name="1栋", parent_id=town.grid_a.id)
    given = {
        "suggest": ["places"],
        "division": [town.one.id],
        "draft": [drawn.draft.id],
        "draft_features": [drawn.draft.id],
        "building": [building.id],
        "item": ["M01037"],
        "rule_new": ["M01037"],
        "rule_set": [_first("catalogue_ruleset")],
        "rule": [_first("catalogue_filingrule")],
        "calendar_year": [2026],
        "unit": [town.lamps.pk],
        "post": [Post.objects.first().pk],
        "kind": ["dispatcher"],
        "sheet_upload": ["units"],
        "account": [town.accounts["clerk"].pk],
        "matrix_edition": [edition.number],
        "matrix_sheet": [edition.number],
        "matrix_report": [edition.number],
        "matrix_dry_run": [edition.number],
        "matrix_rule_new": [edition.number],
        "matrix_rule": [edition.number, rule.pk],
    }
    plain = [p.name for p in urlpatterns if not p.pattern.converters and "POST" not in _only(p)]
    return {name: reverse(f"admin_door:{name}", args=given.get(name, [])) for name in {*plain, *given}}


def _first(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(id) FROM {table}")
        return int(cursor.fetchone()[0])


def _only(pattern) -> str:
    """Addresses that only take POST, by asking for OPTIONS-like knowledge: the view refuses GET with 405."""
    return "POST" if pattern.name in POST_ONLY else ""


POST_ONLY = {
    "divisions_shipped", "divisions_confirm", "grids_draw", "buildings_confirm", "matrix_draft", "deliveries_retry",
    "notice_retry",
}  # fmt: skip
# Which capabilities open which page; pages that are not named here open for every administrator.
OPEN_TO_ALL = {"home", "suggest"}


def _capabilities(name: str) -> tuple[str, ...]:
    pattern = next(p for p in urlpatterns if p.name == name)
    view = pattern.callback
    while view is not None and not hasattr(view, "capabilities"):
        view = getattr(view, "__wrapped__", None)
    assert view is not None, f"{name} is not guarded"
    return view.capabilities


def test_every_address_is_guarded_by_a_capability():
    for pattern in urlpatterns:
        assert _capabilities(pattern.name), pattern.name


def test_each_page_opens_for_its_administrator_and_nobody_else(town, as_):
    pages = _pages(town)
    clients = {name: as_(name) for name in ROLES}
    for name, url in pages.items():
        needed = set(_capabilities(name))
        for role in ROLES:
            expected = bool(needed & ADMIN_CAPABILITIES[role])
            answer = clients[role].get(url)
            if not expected:
                assert answer.status_code == 403, (name, role, answer.status_code)
            elif name in ("sheet_upload", "matrix_sheet") and role == "security":
                assert answer.status_code == 403
            else:
                assert answer.status_code in (200, 302), (name, role, answer.status_code)


def test_nobody_else_comes_in(town, as_):
    pages = _pages(town)
    stranger = as_("nobody")
    others = {name: as_(name) for name in OTHERS}
    for name, url in pages.items():
        answer = stranger.get(url)
        assert answer.status_code == 302 and "/accounts/login/" in answer["Location"], name
        for person, client in others.items():
            assert client.get(url).status_code == 403, (name, person)


def test_what_changes_something_takes_no_get_and_no_stranger(town, as_):
    system, stranger = as_("system"), as_("nobody")
    for name in POST_ONLY:
        url = reverse(f"admin_door:{name}")
        assert system.get(url).status_code == 405, name
        assert stranger.post(url).status_code == 302, name
        assert as_("clerk").post(url).status_code == 403, name


def test_unknown_things_are_not_found(town, as_):
    system, security = as_("system"), as_("security")
    big = 10**17
    for name, args in [
        ("division", [big]), ("draft", [big]), ("building", [town.one.id]), ("item", ["M99999"]), ("rule", [big]),
        ("rule_set", [big]), ("unit", [big]), ("matrix_edition", [big]), ("sheet", [big]), ("rules_draft", [big]),
        ("calendar_year", [1800]), ("division", [town.grid_a.id]),
    ]:  # fmt: skip
        assert system.get(reverse(f"admin_door:{name}", args=args)).status_code == 404, name
    for name, args in [("account", [big]), ("post", [big]), ("kind", ["no_such"])]:
        assert security.get(reverse(f"admin_door:{name}", args=args)).status_code == 404, name


MOST_QUERIES = {"home": 22, "post_new": 14, "operations": 18, "division": 16, "matrix_report": 16, "matrix_dry_run": 14}


def test_no_page_asks_too_many_questions(town, as_):
    pages = _pages(town)
    for role in ROLES:
        client = as_(role)
        client.get(reverse("admin_door:home"))  # warms what is remembered
        for name, url in pages.items():
            if not set(_capabilities(name)) & ADMIN_CAPABILITIES[role]:
                continue
            with CaptureQueriesContext(connection) as asked:
                client.get(url)
            assert len(asked) <= MOST_QUERIES.get(name, 12), (name, role, len(asked))


def test_pages_speak_both_languages(town, as_):
    system = as_("system")
    for name, url in _pages(town).items():
        if not set(_capabilities(name)) & ADMIN_CAPABILITIES["system"]:
            continue
        system.cookies["linli_language"] = "en"
        answer = system.get(url)
        assert answer.status_code in (200, 302), name
        if answer.status_code == 200 and "html" in answer["Content-Type"]:
            assert 'lang="en"' in answer.content.decode()


def test_navigation_shows_only_what_is_ones_own(town, as_):
    page = as_("audit").get(reverse("admin_door:home")).content.decode()
    assert reverse("admin_door:journal") in page
    assert reverse("admin_door:accounts") not in page and reverse("admin_door:grids") not in page


def test_addresses_have_no_twins():
    names = [pattern.name for pattern in urlpatterns]
    assert len(names) == len(set(names)) and get_resolver()
