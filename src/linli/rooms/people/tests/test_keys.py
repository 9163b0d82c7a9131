"""Keys for machines: shown once, kept hashed, scoped, limited over all processes, rotated, ended."""

from __future__ import annotations

import datetime as dt
import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from linli.kernel import clock
from linli.kernel.authority import SystemAuthority
from linli.kernel.errors import Conflict, NotAllowed, Refused, TooMany
from linli.kernel.journal.models import Entry
from linli.rooms.people import actions, queries
from linli.rooms.people.keys import SCOPES, admit, duties_of, viewer_of_key
from linli.rooms.people.models import AccessKey
from linli.rooms.people.rights import Target, Viewer
from linli.rooms.people.rules import CAPABILITIES

pytestmark = pytest.mark.django_db
HOUSE = SystemAuthority()


def make(**given):
    return actions.create_key(HOUSE, **({"name": "热线", "scopes": ["read"]} | given))


def refused(secret: str) -> str:
    with pytest.raises(NotAllowed) as caught:
        viewer_of_key(secret)
    return caught.value.code


def test_a_key_is_kept_hashed_and_is_nobody_who_signs_in(town):
    key, secret = make()
    with connection.cursor() as cursor:
        cursor.execute("SELECT k::text || a::text FROM people_accesskey k JOIN people_account a ON a.id = k.account_id")
        kept = cursor.fetchone()[0]
        cursor.execute("SELECT before::text || after::text || words FROM journal_entry WHERE action = 'key.created'")
        told = cursor.fetchone()[0] or ""
    for hidden in (secret, secret.rpartition("_")[2]):
        assert hidden not in kept and hidden not in told
    assert not key.account.has_usable_password() and not key.account.is_active
    assert secret.startswith(f"linli_{key.prefix}_")


def test_a_key_reaches_its_place_with_the_duties_of_its_scopes_and_no_further(town):
    _key, secret = make(scopes=["read", "steps"], place_id=town.community.pk)
    viewer = viewer_of_key(secret)
    here, elsewhere = Target(lineage=town.grid.lineage), Target(lineage=town.neighbour.lineage)
    assert viewer.may("case.view", here).ok and not viewer.may("case.view", elsewhere).ok
    assert viewer.may("case.accept", here).ok and not viewer.may("case.accept", elsewhere).ok
    assert not viewer.may("case.reveal", here).ok and not viewer.may("case.report", here).ok
    assert viewer.reach("case.view").free == (town.community.pk,)
    assert viewer.actor.account_id is not None and viewer.acting(viewer.posts[0]).post_id is None


def test_without_a_place_a_key_reaches_the_district(town):
    assert viewer_of_key(make()[1]).posts[0].place_id == town.district.pk


def test_a_key_of_a_unit_acts_only_for_its_unit(town):
    viewer = viewer_of_key(make(scopes=["steps"], unit_id=town.city.pk)[1])
    ours = Target(lineage=town.grid.lineage, unit_ids=[town.city.pk], lead_unit_id=town.city.pk)
    theirs = Target(lineage=town.grid.lineage, unit_ids=[town.water.pk], lead_unit_id=town.water.pk)
    assert viewer.may("case.handle", ours).ok and not viewer.may("case.handle", theirs).ok
    assert not viewer.may("case.view", theirs).ok


def test_scopes_hold_only_what_posts_may_hold():
    everything = duties_of(SCOPES)
    assert everything <= set(CAPABILITIES)
    assert {"case.reveal", "accounts.edit", "keys.edit", "journal.read"}.isdisjoint(everything)
    assert "case.intake" not in duties_of(["report"]) and "case.intake" in duties_of(["report", "read"])


def test_what_is_no_key_opens_nothing(town):
    key, secret = make()
    assert refused("") == "key.missing"
    for wrong in ("x", secret[:-1], secret + "x", secret[:-1] + ("A" if secret[-1] != "A" else "B"), "\ud800", "键"):
        assert refused(wrong) == "key.unknown"
    later = clock.now() + dt.timedelta(days=366)
    with clock.at(later):
        assert refused(secret) == "key.expired"
    actions.revoke_key(HOUSE, key.pk)
    assert refused(secret) == "key.revoked"
    with pytest.raises(Conflict):
        actions.rotate_key(HOUSE, key.pk)


def test_after_a_rotation_the_old_secret_is_good_for_the_grace_period_only(town):
    key, old = make()
    _key, new = actions.rotate_key(HOUSE, key.pk, grace_hours=2)
    assert viewer_of_key(old).key_id == viewer_of_key(new).key_id == key.pk
    with clock.at(clock.now() + dt.timedelta(hours=3)):
        assert refused(old) == "key.unknown"
        assert viewer_of_key(new).key_id == key.pk
    _key, newest = actions.rotate_key(HOUSE, key.pk, grace_hours=0)
    assert refused(new) == "key.unknown" and viewer_of_key(newest)


def test_the_limit_of_a_minute_holds_and_says_when_to_come_again(town, monkeypatch):
    key, secret = make(per_minute=3)
    left = [admit(secret).left for _time in range(3)]
    if left != [2, 1, 0]:  # the minute ended meanwhile
        left = [admit(secret).left for _time in range(3)]
    assert left == [2, 1, 0]
    with pytest.raises(TooMany) as caught:
        admit(secret)
    assert caught.value.status == 429 and 1 <= caught.value.retry_after <= 60
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_keyuse SET minute = minute - 1")
    assert admit(secret).left == 2
    key.refresh_from_db()
    assert key.last_used_on is not None


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_counted_one_by_one(town):
    _key, secret = make(per_minute=10)
    admit(secret)  # the row is there, and today is written
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_keyuse SET used = 0")
    outcomes: list[bool] = []

    def use() -> None:
        try:
            admit(secret)
            outcomes.append(True)
        except TooMany:
            outcomes.append(False)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=use) for _number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with connection.cursor() as cursor:
        cursor.execute("SELECT used FROM people_keyuse")
        counted = cursor.fetchone()[0]
    # All in one minute unless the minute ended in between: then fewer are refused, never more let in uncounted.
    assert len(outcomes) == 16 and (sum(outcomes) == 10 or counted < 16)


def test_letting_a_machine_in_is_one_statement(town, django_assert_num_queries):
    _key, secret = make()
    admit(secret)
    with django_assert_num_queries(1):
        admit(secret)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"scopes": []}, "key.scopes"),
        ({"scopes": ["read", "root"]}, "key.scopes"),
        ({"expires_days": 0}, "key.expires"),
        ({"per_minute": 0}, "key.limit"),
        ({"place_id": 2**40}, "key.place"),
        ({"unit_id": 2**40}, "key.unit"),
        ({"name": " "}, "people.empty"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(town, given, code):
    with pytest.raises(Refused) as caught:
        make(**given)
    assert caught.value.code == code


@pytest.mark.parametrize("role", ["audit", "system", ""])
def test_only_the_security_administrator_makes_keys(town, role):
    viewer = Viewer(account_id=1, name="某人", kind="staff", admin_role=role)
    with pytest.raises(NotAllowed):
        actions.create_key(viewer, name="热线", scopes=["read"])
    key, _secret = make()
    for act in (actions.rotate_key, actions.revoke_key):
        with pytest.raises(NotAllowed):
            act(viewer, key.pk)
    with pytest.raises(NotAllowed):
        queries.access_keys(viewer)


def test_the_operator_makes_lists_rotates_and_revokes_keys_by_command(town):
    def run(*words: str) -> tuple[str, str]:
        out, err = StringIO(), StringIO()
        call_command("apikey", *words, stdout=out, stderr=err)
        return out.getvalue(), err.getvalue()

    created, note = run("create", "--name", "热线", "--scope", "report,read", "--place", town.street.code)
    secret = created.strip()
    assert created == f"{secret}\n" and "渌口镇" in note
    viewer = viewer_of_key(secret)
    assert viewer.scopes == {"report", "read"} and viewer.posts[0].place_id == town.street.pk
    prefix = AccessKey.objects.get().prefix
    listed, _note = run("list")
    assert prefix in listed and secret not in listed and "good" in listed
    rotated, _note = run("rotate", prefix, "--grace", "0")
    assert refused(secret) == "key.unknown" and viewer_of_key(rotated.strip())
    run("revoke", prefix)
    assert refused(rotated.strip()) == "key.revoked" and "revoked" in run("list")[0]
    entries = Entry.objects.filter(object_type="access_key").order_by("id")
    assert [entry.action for entry in entries] == ["key.created", "key.rotated", "key.revoked"]
    with pytest.raises(CommandError):
        run("create", "--name", "x", "--scope", "all")
    with pytest.raises(CommandError):
        run("revoke", "nobodyxx")
