"""What administrators do, over REST: who may, with which scope, and on whose record it stands."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from linli.doors.api.tests.conftest import PREFIX, Machine
from linli.kernel.authority import SystemAuthority
from linli.kernel.errors import Refused
from linli.kernel.journal.models import Entry
from linli.rooms.people import actions
from linli.rooms.people.keys import SCOPES
from linli.rooms.people.models import Account, Post, Unit

pytestmark = pytest.mark.django_db
Make = Callable[..., Machine]


@pytest.fixture
def newcomer(town) -> Account:
    return Account.objects.create_user("zhang", name="演示张", kind="staff")


def post_of(town: SimpleNamespace, name: str) -> Post:
    return Post.objects.get(holder=town.accounts[name])


def refused_without(machine: Make, needed: str, ask: Callable[[Machine], Any]) -> None:
    """Every scope but one gets 403, nobody 401, and nothing is written."""
    before = Entry.objects.count()
    for scope in SCOPES:
        if scope != needed:
            one = machine(scope)
            before = Entry.objects.count()
            assert ask(one).status_code == 403, scope
            assert Entry.objects.count() == before
    assert ask(machine()).status_code == 401


def test_a_key_appoints_replaces_and_ends_and_the_journal_names_it(town, machine: Make, newcomer):
    one = machine("appoint")
    body = {"kind": "grid_worker", "holder": "zhang", "place": town.grid_a.pk, "classes": ["M01"]}
    made = one.post("/posts", body, Idempotency_Key="a1")
    assert made.status_code == 201, made.content
    assert one.post("/posts", body, Idempotency_Key="a1").content == made.content
    assert one.post("/posts", body).json()["reason"] == "people.post_twice"
    found = made.json()
    assert found["holder"] == {"username": "zhang", "name": "演示张"} and found["classes"] == ["M01"]
    assert made["Location"].endswith(f"/posts/{found['id']}")
    entry = Entry.objects.filter(action="post.appointed").latest("id")
    assert entry.actor_name == "appoint" and entry.actor_kind == "person"
    path = f"/posts/{found['id']}"
    changed = one.patch(path, {"phone": "0731-27600000"}).json()
    assert changed["phone"] == "0731-27600000" and changed["classes"] == ["M01"]
    other = Account.objects.create_user("li", name="演示李", kind="staff")
    taken = one.post(f"{path}/replace", {"holder": "li", "since": "2999-01-01"})
    assert taken.status_code == 201 and taken.json()["holder"]["username"] == "li"
    assert Post.objects.filter(holder=other).count() == 1
    assert one.post(f"/posts/{taken.json()['id']}/end", {"valid_to": "2999-12-31"}).json()["valid_to"] == "2999-12-31"
    listed = one.get("/posts/held", {"place": town.one.pk, "kind": "grid_worker", "past": True}).json()["items"]
    assert {"zhang", "li"} <= {row["holder"]["username"] for row in listed}


@pytest.mark.parametrize("path", ["/posts", "/posts/{id}/end", "/posts/{id}/replace", "/posts/{id}/deputy"])
def test_only_the_scope_appoint_changes_posts(town, machine: Make, newcomer, path: str):
    bodies = {
        "/posts": {"kind": "grid_worker", "holder": "zhang", "place": town.grid_a.pk},
        "/posts/{id}/replace": {"holder": "zhang"},
        "/posts/{id}/deputy": {"deputy": "zhang"},
    }
    url = path.replace("{id}", str(post_of(town, "worker_a").pk))
    refused_without(machine, "appoint", lambda one: one.post(url, bodies.get(path, {})))
    assert machine("appoint").post(url, bodies.get(path, {})).status_code in (200, 201)


def test_holders_ask_a_colleague_to_stand_in_and_nobody_else_may(town, newcomer):
    post = post_of(town, "worker_a")
    body = {"deputy": "zhang", "since": "2998-01-01T00:00:00+08:00", "until": "2998-01-08T00:00:00+08:00"}
    path = f"{PREFIX}/posts/{post.pk}/deputy"
    for name, status in (("worker_b", 403), ("system", 403), ("resident", 403), ("worker_a", 200), ("security", 200)):
        client = Client()
        client.force_login(town.accounts[name])
        answer = client.post(path, body, content_type="application/json")
        assert answer.status_code == status, name
    assert answer.json()["deputy"]["username"] == "zhang"
    client.force_login(town.accounts["worker_a"])
    assert client.post(f"{PREFIX}/posts/{post.pk}/back", {}, content_type="application/json").status_code == 200
    post.refresh_from_db()
    assert post.deputy_id is None
    odd = client.post(path, body | {"since": "2998-01-01T00:00:00"}, content_type="application/json")
    assert odd.status_code == 422 and odd.json()["field"] == "since"


def test_a_key_makes_changes_and_dissolves_units(town, machine: Make):
    one = machine("configure")
    made = one.post("/units", {"code": "U9", "name_zh": "园林所", "phone": "1"}, Idempotency_Key="u9")
    assert made.status_code == 201
    unit = made.json()["id"]
    assert one.post("/units", {"code": "U9", "name_zh": "园林所"}).json()["reason"] == "people.unit_code_taken"
    changed = one.patch(f"/units/{unit}", {"name_zh": "园林中心"}).json()
    assert (changed["name"], changed["phone"]) == ("园林中心", "1")
    assert one.patch(f"/units/{unit}", {"parent": unit}).json()["reason"] == "people.unit_parent"
    assert one.patch(f"/units/{unit}", {"place": 999_999}).json()["code"] == "LL-42211"
    ended = one.post(f"/units/{unit}/end", {"successor": town.lamps.pk})
    assert ended.status_code == 200 and ended.json()["valid_to"]
    assert Entry.objects.filter(object_type="unit", actor_name="configure").count() == 3
    refused_without(machine, "configure", lambda m: m.post("/units", {"code": "U8", "name_zh": "绿化所"}))
    refused_without(machine, "configure", lambda m: m.patch(f"/units/{town.lamps.pk}", {"phone": "2"}))
    refused_without(machine, "configure", lambda m: m.post(f"/units/{town.lamps.pk}/end", {}))
    assert Unit.objects.get(pk=town.lamps.pk).valid_to is None


def test_no_key_is_two_administrators_and_none_of_them_is_for_less_than_the_house(town):
    def refused(**given: Any) -> str:
        with pytest.raises(Refused) as caught:
            actions.create_key(SystemAuthority(), name="x", **given)
        return caught.value.code

    assert refused(scopes=["configure", "appoint"]) == "key.apart"
    assert refused(scopes=["configure", "steps"]) == refused(scopes=["appoint", "read"]) == "key.apart"
    for scope in ("configure", "appoint"):
        assert refused(scopes=[scope], place_id=town.one.pk) == "key.whole"
        assert refused(scopes=[scope], unit_id=town.lamps.pk) == "key.whole"


def test_administrators_do_with_the_session_what_their_pages_let_them(town, newcomer):
    bodies = {
        "/posts": {"kind": "grid_worker", "holder": "zhang", "place": town.grid_a.pk},
        "/units": {"code": "U9", "name_zh": "园林所"},
    }
    may = {"/posts": "security", "/units": "system"}
    for name in (*town.accounts,):
        for path, body in bodies.items():
            client = Client()
            client.force_login(town.accounts[name])
            answer = client.post(PREFIX + path, body, content_type="application/json")
            assert answer.status_code == (201 if may[path] == name else 403), (name, path)
