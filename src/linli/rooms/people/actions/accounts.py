"""Accounts: made, changed, put to rest; the three administrators; what people change about themselves."""

from __future__ import annotations

import re
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock, identifiers, journal, seal
from linli.kernel.authority import Authority
from linli.kernel.errors import NotAllowed, NotFound, Refused
from linli.kernel.journal import Actor
from linli.kernel.outbox import Event
from linli.rooms.people.actions.parts import action, changes, filled
from linli.rooms.people.models import Account, AdminRole
from linli.rooms.people.queries.policy import sign_in_policy
from linli.rooms.people.rights import RESIDENT, Viewer, actor_of

PHONE_PURPOSE = "people.account.phone"
_USERNAME = re.compile(r"[\w.@+-]{2,64}")
# Without letters and digits that look alike: the password is read out or copied from paper once.
_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"


def one_time_password() -> str:
    """A password of three classes that is good until the first sign-in."""
    while True:
        letters = "".join(secrets.choice(_ALPHABET) for _position in range(12))
        if all(any(test(mark) for mark in letters) for test in (str.islower, str.isupper, str.isdigit)):
            return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def light_hash(password: str) -> str:
    """A hash for a password of 69 random bits: nobody guesses it, and a sheet of 1,000 people takes seconds.

    Django hashes it anew, at full cost, at the first sign-in.
    """
    hasher = PBKDF2PasswordHasher()
    return hasher.encode(password, hasher.salt(), iterations=20_000)


def create_account(
    by: Authority,
    *,
    username: str,
    name: str,
    admin_role: str = "",
    phone: str = "",
    language: str = "zh-hans",
    password: str | None = None,
) -> tuple[Account, str]:
    """A staff account or an administrator, and its password: a one-time one unless `password` is given.

    The one-time password is shown once, kept nowhere in clear, and must be changed at the first sign-in.
    """
    by.require("accounts.edit")
    account = _fresh(username, name, language, Account.Kind.STAFF)
    account.admin_role = _role(admin_role)
    account.must_change_password = password is None
    given = password or one_time_password()
    if password is None:
        account.password = light_hash(given)
    else:
        _check_password(password, account)
        account.set_password(password)
    with action():
        _save_new(by.actor, account, phone)
    return account, given


def register_resident(
    *, username: str, name: str, password: str, phone: str = "", language: str = "zh-hans"
) -> Account:
    """A resident makes an account; refused while the policy does not let residents register."""
    if not sign_in_policy().residents_may_register:
        raise Refused(
            _("现在不开放居民注册。"),
            "people.registration_closed",
            what_next=_("不注册也可以上报问题，并用查询码查看进展。"),
        )
    account = _fresh(username, name, language, Account.Kind.RESIDENT)
    _check_password(password, account)
    account.set_password(password)
    with action():
        _save_new(Actor(account_id=None, name=RESIDENT, kind="anonymous"), account, phone)
    return account


def edit_account(by: Authority, account_id: int, *, name: str, phone: str | None = None) -> Account:
    """Change name and phone (None: leave the phone, "": remove it)."""
    by.require("accounts.edit")
    with action():
        account = _locked(account_id)
        before = {"name": account.name}
        account.name = filled(name, 64, "name")
        fields = ["name"]
        if phone is not None:
            fields += _set_phone(account, phone)
        account.save(update_fields=fields)
        was, now = changes(before, {"name": account.name})
        if account.kind == Account.Kind.RESIDENT and now:
            was, now = {}, {"name": "changed"}
        if phone is not None:
            now["phone"] = "changed" if phone else "removed"
        _record("account.edited", by.actor, account, was, now)
    return account


def set_active(by: Authority, account_id: int, active: bool) -> Account:
    """Let somebody sign in, or no longer. The last active administrator of a kind cannot be put to rest."""
    by.require("accounts.edit")
    _not_oneself(by, account_id)
    with action():
        account = _locked(account_id)
        if account.is_active != active:
            account.is_active = active
            account.save(update_fields=["is_active"])
            verb = "account.activated" if active else "account.deactivated"
            _record(verb, by.actor, account, {"is_active": not active}, {"is_active": active})
    return account


def set_admin_role(by: Authority, account_id: int, role: str) -> Account:
    """Make somebody one of the three administrators, or none ("").

    Who holds or deputises a post that has not ended cannot be an administrator, and the other way round.
    """
    by.require("accounts.edit")
    _not_oneself(by, account_id)
    with action():
        account = _locked(account_id)
        before = account.admin_role
        account.admin_role = _role(role)
        account.save(update_fields=["admin_role"])
        _record(
            "account.admin_role_set",
            by.actor,
            account,
            {"admin_role": before},
            {"admin_role": account.admin_role},
        )
    return account


def reset_password(by: Authority, account_id: int) -> str:
    """A new one-time password; the old one and every open session end. Returns it; it is shown once."""
    by.require("accounts.edit")
    password = one_time_password()
    with action():
        account = _locked(account_id)
        account.password = light_hash(password)
        account.must_change_password = True
        account.save(update_fields=["password", "must_change_password"])
        _record("account.password_reset", by.actor, account, None, {"must_change_password": True})
    return password


def drop_second_factors(by: Authority, account_id: int) -> int:
    """For somebody who lost phone and recovery codes: remove all second factors. Returns how many."""
    from allauth.mfa.models import Authenticator

    by.require("accounts.edit")
    with action():
        account = _locked(account_id)
        count, _rows = Authenticator.objects.filter(user_id=account_id).delete()
        _record("account.second_factors_dropped", by.actor, account, {"count": count}, {"count": 0})
    return count


def erase_account(account_id: int, actor: Actor, facts: dict[str, Any]) -> None:
    """Take away everything that names the holder of a resident's account; its number stays for journal and keys.

    Called inside of the transaction that frees the account's reports. Open sessions end with it.
    """
    from allauth.mfa.models import Authenticator
    from axes.models import AccessAttempt

    account = _locked(account_id)
    if account.kind != Account.Kind.RESIDENT:
        raise NotAllowed(_("只有居民可以删除自己的账号。"), "people.not_a_resident")
    Authenticator.objects.filter(user_id=account_id).delete()
    AccessAttempt.objects.filter(username__iexact=account.username).delete()
    account.username, account.name, account.email = f"gone-{account.pk}", "", ""
    account.phone_sealed = account.phone_index = None
    account.is_active = False
    account.set_unusable_password()
    account.save()
    _record("account.erased", actor, account, None, facts)


def password_changed(account: Account) -> None:
    """The holder chose a new password: the one-time one is over. Called by the door after the change."""
    with action():
        Account.objects.filter(pk=account.pk).update(must_change_password=False)
        account.must_change_password = False
        _record("account.password_changed", actor_of(account), account, None, None)


def change_language(viewer: Viewer, language: str) -> None:
    """The reader's own language."""
    account = _own(viewer)
    if language not in dict(settings.LANGUAGES):
        raise Refused(_("没有这种语言"), "people.language", "language")
    with action():
        before, account.language = account.language, language
        account.save(update_fields=["language"])
        _record("account.language_changed", viewer.actor, account, {"language": before}, {"language": language})


def change_phone(viewer: Viewer, phone: str) -> None:
    """The reader's own phone number; "" removes it. Kept encrypted, found again by a blind index."""
    account = _own(viewer)
    with action():
        account.save(update_fields=_set_phone(account, phone))
        _record("account.phone_changed", viewer.actor, account, None, {"phone": "changed" if phone else "removed"})


def phone_of(account: Account) -> str:
    """The number in clear, for its owner; "" when there is none."""
    if account.phone_sealed is None:
        return ""
    return seal.decrypt(bytes(account.phone_sealed), phone_context(account.pk))


# ── Parts ──────────────────────────────────────────────────────────────────────────────────────────


def phone_context(account_id: int) -> str:
    return f"people_account:phone_sealed:{account_id}"


def _set_phone(account: Account, phone: str) -> list[str]:
    number = identifiers.phone(phone) if phone.strip() else ""
    account.phone_sealed = seal.encrypt(str(number), phone_context(account.pk)) if number else None
    account.phone_index = seal.blind_index(str(number), PHONE_PURPOSE) if number else None
    return ["phone_sealed", "phone_index"]


def readable_username(username: str) -> str:
    """The username as it is kept. Raises Refused."""
    plain = Account.normalize_username(username.strip())
    if not _USERNAME.fullmatch(plain):
        raise Refused(_("用户名用 2 到 64 个汉字、字母、数字或 . @ + - _，不能有空格"), "people.username", "username")
    return str(plain)


def _fresh(username: str, name: str, language: str, kind: str) -> Account:
    plain = readable_username(username)
    if language not in dict(settings.LANGUAGES):
        language = settings.LANGUAGE_CODE
    return Account(username=plain, name=filled(name, 64, "name"), language=language, kind=kind, date_joined=clock.now())


def _save_new(actor: Actor, account: Account, phone: str) -> None:
    account.save(force_insert=True)
    if phone.strip():
        account.save(update_fields=_set_phone(account, phone))
    after = {"username": account.username, "name": account.name, "admin_role": account.admin_role}
    if account.kind == Account.Kind.RESIDENT:
        after = {}  # the journal forgets nothing: nothing that names a resident gets into it
    _record("account.created", actor, account, None, {**after, "kind": account.kind})


def _role(role: str) -> str:
    if role not in AdminRole.values:
        raise Refused(_("没有这种管理员"), "people.admin_role", "admin_role")
    return role


def _check_password(password: str, account: Account) -> None:
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), "people.password", "password") from None


def _not_oneself(by: Authority, account_id: int) -> None:
    if by.actor.account_id == account_id:
        raise Refused(_("不能停用自己，也不能改自己的管理角色，请由另一位安全管理员办理"), "people.oneself")


def _locked(account_id: int) -> Account:
    account = Account.objects.select_for_update().filter(pk=account_id).first()
    if account is None:
        raise NotFound(_("没有这个账号"), "people.account_not_found")
    return account


def _own(viewer: Viewer) -> Account:
    if viewer.account_id is None:
        raise NotAllowed(_("请先登录"), "people.sign_in")
    return Account.objects.get(pk=viewer.account_id)


def _record(
    verb: str, actor: Actor, account: Account, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> None:
    journal.record(
        action=verb,
        actor=actor,
        object_type="account",
        object_id=account.pk,
        before=before,
        after=after,
        events=[Event(verb, "account", account.pk, {})],
    )
