"""Accounts, units, posts: what changes, what is refused, what the journal keeps."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, transaction

from linli.kernel import clock, journal
from linli.kernel.authority import SystemAuthority
from linli.kernel.errors import NotAllowed, Refused
from linli.rooms.people import actions, queries
from linli.rooms.people.actions.accounts import phone_of
from linli.rooms.people.actions.parts import today
from linli.rooms.people.models import Account, Post, PostKind, SignInPolicy, Unit
from linli.rooms.people.rights import viewer_of
from linli.rooms.people.tests.conftest import make_account, make_post

HOUSE = SystemAuthority()


class _Refusal:
    def __init__(self, code):
        self.code = code

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        assert isinstance(error, Refused), f"expected a refusal {self.code}, got {error!r}"
        assert error.code == self.code, (error.code, str(error))
        assert str(error.message)
        return True


@pytest.fixture
def security(db):
    make_account("sec0", admin_role="security")
    return viewer_of(make_account("sec", admin_role="security"))


# ── Accounts ───────────────────────────────────────────────────────────────────────────────────────


def test_a_new_account_gets_a_one_time_password_that_must_be_changed(security):
    account, password = actions.create_account(security, username="li.na", name="李娜", phone="138 1234 5678")
    account.refresh_from_db()
    assert account.check_password(password) and account.must_change_password
    assert b"1381234" not in bytes(account.phone_sealed) and phone_of(account) == "13812345678"
    actions.password_changed(account)
    account.refresh_from_db()
    assert not account.must_change_password
    kinds = [entry.action for entry in journal.queries.of("account", account.pk)]
    assert kinds == ["account.created", "account.password_changed"]
    text = str([(entry.before, entry.after) for entry in journal.queries.of("account", account.pk)])
    assert "1381234" not in text and password not in text


def test_user_names_are_taken_in_any_case_and_refused_when_unusable(security):
    actions.create_account(security, username="Chen", name="陈")
    with _Refusal("people.username_taken"):
        actions.create_account(security, username="chEN", name="陈二")
    for bad in ("", "a", "has space", "x" * 65, "<b>", "a\u202eb"):
        with _Refusal("people.username"):
            actions.create_account(security, username=bad, name="某")
    with _Refusal("people.empty"):
        actions.create_account(security, username="ok.ok", name="  ")


def test_only_the_security_administrator_makes_accounts(town):
    for role in ("system", "audit"):
        with pytest.raises(NotAllowed):
            actions.create_account(viewer_of(make_account(role, admin_role=role)), username="x.y", name="某")
    worker = make_account("worker")
    make_post("dispatcher", worker, town.district)
    with pytest.raises(NotAllowed):
        actions.reset_password(viewer_of(worker), worker.pk)


def test_an_administrator_holds_no_post_and_who_holds_one_is_no_administrator(town, security):
    worker = make_account("worker")
    post = make_post("grid_worker", worker, town.grid)
    with _Refusal("people.exclusive"):
        actions.set_admin_role(security, worker.pk, "system")
    actions.end_post(security, post.pk)
    actions.set_admin_role(security, worker.pk, "system")
    with _Refusal("people.exclusive"):
        actions.appoint(security, kind="grid_worker", holder_id=worker.pk, place_id=town.grid.pk)
    holder = make_account("holder")
    held = make_post("grid_worker", holder, town.grid)
    with _Refusal("people.exclusive"):
        actions.deputise(security, held.pk, worker.pk)


def test_the_database_itself_keeps_administrators_and_posts_apart(town):
    admin = make_account("admin", admin_role="audit")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_post("grid_worker", admin, town.grid)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_post("grid_worker", make_account("resi", kind="resident"), town.grid)
    past = make_post("grid_worker", admin, town.grid, valid_to=dt.date(2021, 1, 1))
    assert past.pk


def test_the_last_administrator_of_a_kind_stays(security):
    audit = make_account("audit", admin_role="audit")
    with _Refusal("people.last_administrator"):
        actions.set_active(security, audit.pk, False)
    with _Refusal("people.last_administrator"):
        actions.set_admin_role(security, audit.pk, "")
    with pytest.raises(IntegrityError), transaction.atomic():
        audit.delete()
    make_account("audit2", admin_role="audit")
    actions.set_active(security, audit.pk, False)


def test_nobody_changes_his_own_role_or_puts_himself_to_rest(security):
    for act in (
        lambda: actions.set_admin_role(security, security.account_id, "system"),
        lambda: actions.set_active(security, security.account_id, False),
    ):
        with _Refusal("people.oneself"):
            act()


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_dismiss_each_other_at_once_do_not_both_go():
    one, two = make_account("one", admin_role="system"), make_account("two", admin_role="system")
    gone, stayed = [], []
    barrier = threading.Barrier(2)

    def dismiss(pk):
        try:
            barrier.wait()
            actions.set_active(HOUSE, pk, False)
            gone.append(pk)
        except Refused as error:
            stayed.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=dismiss, args=(pk,)) for pk in (one.pk, two.pk)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(gone) == 1 and stayed == ["people.last_administrator"]


def test_residents_register_while_the_policy_lets_them(db, security):
    with _Refusal("people.password"):
        actions.register_resident(username="zhang", name="张", password="12345678")
    account = actions.register_resident(username="zhang", name="张", password="Ab-345678", phone="13812345678")
    assert account.kind == "resident" and viewer_of(account).posts == ()
    actions.change_policy(
        security,
        two_factor_for_staff=False,
        idle_minutes_staff=60,
        idle_minutes_admins=10,
        residents_may_register=False,
    )
    with _Refusal("people.registration_closed"):
        actions.register_resident(username="wang", name="王", password="Ab-345678")
    queries.policy.forget_policy()


def test_the_policy_has_bounds(security):
    fields = {
        "two_factor_for_staff": True,
        "idle_minutes_staff": 30,
        "idle_minutes_admins": 10,
        "residents_may_register": True,
    }
    for key, value, code in (
        ("idle_minutes_admins", 11, "people.idle_admins"),
        ("idle_minutes_staff", 4, "people.idle_staff"),
    ):
        with _Refusal(code):
            actions.change_policy(security, **fields | {key: value})
    assert actions.change_policy(security, **fields).two_factor_for_staff
    assert SignInPolicy.objects.get().idle_minutes_staff == 30
    queries.policy.forget_policy()


# ── Units ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_unit_is_made_with_a_checked_credit_code_and_its_territory(town):
    unit = actions.create_unit(HOUSE, code="U-9", name_zh="区住建局", credit_code="91350100M000100Y43")
    assert unit.credit_code == "91350100M000100Y43"
    with pytest.raises(Refused) as wrong:
        actions.create_unit(HOUSE, code="U-10", name_zh="区交通局", credit_code="91350100M000100Y44")
    assert wrong.value.field == "credit_code"
    with _Refusal("people.unit_code_taken"):
        actions.create_unit(HOUSE, code="U-9", name_zh="又一个")
    with _Refusal("people.unit_place"):
        actions.create_unit(HOUSE, code="U-11", name_zh="某社区", kind="community", place_id=town.street.pk)


def test_an_ended_unit_ends_its_posts_and_names_its_successor(town):
    contact = make_account("contact")
    make_post("unit_contact", contact, unit=town.city)
    assert viewer_of(contact).posts
    actions.end_unit(HOUSE, town.city.pk, successor_id=town.water.pk)
    assert not viewer_of(contact).posts
    assert Unit.objects.get(pk=town.city.pk).successor_id == town.water.pk
    assert town.city not in queries.units() and town.city in queries.units(past=True)


def test_a_unit_cannot_stand_below_itself(town):
    child = actions.create_unit(HOUSE, code="U-C", name_zh="城管中队", parent_id=town.city.pk)
    with _Refusal("people.unit_parent"):
        actions.edit_unit(HOUSE, town.city.pk, name_zh="区城管局", parent_id=child.pk)


def test_units_are_found_by_two_characters_and_by_code(town):
    assert [unit.name_zh for unit in queries.units("城管")] == ["区城管局"]
    assert [unit.name_zh for unit in queries.units("u-sw")] == ["区水务局"]


# ── Posts ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_post_needs_what_its_kind_is_held_for_and_is_given_once(town, security):
    worker = make_account("worker", name="吴")
    with _Refusal("people.post_place"):
        actions.appoint(security, kind="grid_worker", holder_id=worker.pk, unit_id=town.city.pk)
    with _Refusal("people.post_unit"):
        actions.appoint(security, kind="unit_contact", holder_id=worker.pk, place_id=town.grid.pk)
    actions.appoint(security, kind="grid_worker", holder_id=worker.pk, place_id=town.grid.pk)
    with _Refusal("people.post_twice"):
        actions.appoint(security, kind="grid_worker", holder_id=worker.pk, place_id=town.grid.pk)
    with _Refusal("people.class"):
        actions.appoint(security, kind="grid_worker", holder_id=worker.pk, place_id=town.next_grid.pk, matters=["M99"])


def test_who_is_appointed_and_dismissed_on_one_day_has_no_right_left(town, security):
    worker = make_account("worker")
    post = actions.appoint(security, kind="grid_worker", holder_id=worker.pk, place_id=town.grid.pk)
    assert viewer_of(worker).posts
    actions.end_post(security, post.pk)
    assert not viewer_of(worker).posts
    with _Refusal("people.post_over"):
        actions.end_post(security, post.pk)


def test_a_successor_takes_over_without_a_gap(town, security):
    old, new = make_account("old"), make_account("new")
    post = make_post("grid_worker", old, town.grid, phone="0731-28881234")
    heir = actions.replace_holder(security, post.pk, new.pk)
    post.refresh_from_db()
    assert post.valid_to == heir.valid_from == today() and heir.phone == "0731-28881234"
    assert not viewer_of(old).posts and viewer_of(new).posts


def test_the_holder_himself_asks_a_deputy_others_need_the_right(town):
    holder, deputy, other = make_account("holder"), make_account("deputy"), make_account("other")
    post = make_post("grid_worker", holder, town.grid)
    with pytest.raises(NotAllowed):
        actions.deputise(viewer_of(other), post.pk, deputy.pk)
    actions.deputise(viewer_of(holder), post.pk, deputy.pk, until=clock.now() + dt.timedelta(days=1))
    assert viewer_of(deputy).holds("grid_worker")
    with _Refusal("people.deputy"):
        actions.deputise(viewer_of(holder), post.pk, holder.pk)
    actions.undeputise(viewer_of(holder), post.pk)
    assert not viewer_of(deputy).posts


def test_residents_see_shown_posts_and_phones_only_where_kind_and_post_allow(town):
    make_post("grid_worker", make_account("open", name="明"), town.grid, phone="111", phone_public=True)
    make_post("grid_worker", make_account("shut", name="暗"), town.grid, phone="222")
    make_post("town_cadre", make_account("kind", name="类"), town.street, phone="333", phone_public=True)
    make_post("dispatcher", make_account("hidden", name="隐"), town.district, phone="444", phone_public=True)
    make_post("grid_worker", make_account("next", name="邻"), town.next_grid, phone="555", phone_public=True)
    seen = queries.contacts_of(town.grid.lineage)
    assert [(contact.name, contact.phone) for contact in seen] == [("明", "111"), ("暗", ""), ("类", "")]


def test_duties_of_administrators_cannot_be_given_to_a_kind_of_post(security):
    kind = PostKind.objects.get(code="leader")
    fields = {
        "name_zh": "领导",
        "name_en": "leader",
        "door": "command",
        "phone_public": False,
        "shown_to_residents": False,
        "two_factor": True,
    }
    with _Refusal("people.duty_reserved"):
        actions.edit_post_kind(security, kind.code, duties=["case.view", "accounts.edit"], **fields)
    edited = actions.edit_post_kind(security, kind.code, duties=["command.view", "case.view"], **fields)
    assert edited.duties == ["case.view", "command.view"]


def test_the_default_kinds_are_there_in_both_languages(db):
    kinds = queries.kinds()
    assert len(kinds) == 16 and all(kind.name_zh and kind.name_en for kind in kinds)


def test_lists_for_administrators_are_closed_to_others(town):
    worker = make_account("worker")
    make_post("dispatcher", worker, town.district)
    viewer = viewer_of(worker)
    for ask in (queries.accounts, queries.posts):
        with pytest.raises(NotAllowed):
            ask(viewer)
    assert Post.objects.count() and Account.objects.count()
