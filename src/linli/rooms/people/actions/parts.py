"""What the actions of this room share: days, spans, words of refusals that the database itself gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import LinliError, Refused

# Constraint of the database → what it means to a person, code, and the field of the form.
_TRUTHS = {
    "account_username_any_case": (_("用户名已被使用，请换一个"), "people.username_taken", "username"),
    "people_account_username": (_("用户名已被使用，请换一个"), "people.username_taken", "username"),
    "account_resident_is_no_administrator": (
        _("居民账号不能担任管理员"),
        "people.resident_administrator",
        "admin_role",
    ),
    "people_post_excludes_administrators": (
        _("管理员不能同时任职：请先结束岗位，或另设一个账号"),
        "people.exclusive",
        "admin_role",
    ),
    "people_last_administrator_stays": (
        _("这是最后一位在用的此类管理员，请先任命另一位"),
        "people.last_administrator",
        "admin_role",
    ),
    "people_unit_code": (_("单位编号已被使用，请换一个"), "people.unit_code_taken", "code"),
    "unit_credit_code_once": (
        _("已有在用单位使用这个统一社会信用代码"),
        "people.credit_code_taken",
        "credit_code",
    ),
    "unit_ends_after_start": (_("结束日期不能早于开始日期"), "people.span", "valid_to"),
    "post_ends_after_start": (_("结束日期不能早于开始日期"), "people.span", "valid_to"),
    "post_is_held_for_something": (_("请选择岗位所在的地方或单位"), "people.post_for_nothing", "place"),
    "post_deputy_whole": (
        _("代理人须是另一个人，代理结束须晚于开始"),
        "people.deputy",
        "deputy",
    ),
    "responsibility_hours_whole": (
        _("请同时填写起止时刻，且两者不同"),
        "people.hours",
        "from_time",
    ),
    "people_matrix_in_force_is_fixed": (
        _("生效过的责任清单不能修改，请先起草新版"),
        "people.matrix_fixed",
        None,
    ),
    "matrix_one_in_force": (_("另一版责任清单刚刚生效，请刷新后再试"), "people.matrix_raced", None),
}


@contextmanager
def action() -> Iterator[None]:
    """One transaction; what the database refuses becomes a `Refused` in words."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise _in_words(error) or error from error


def _in_words(error: IntegrityError) -> LinliError | None:
    diagnosis = getattr(error.__cause__, "diag", None)
    name = (getattr(diagnosis, "constraint_name", None) or "") if diagnosis else ""
    for constraint, (message, code, field) in _TRUTHS.items():
        if name == constraint or name.startswith(f"{constraint}_"):
            return Refused(message, code, field)
    return None


def today() -> dt.date:
    """The civil day of now."""
    return clock.now().astimezone(CIVIL).date()


def filled(text: str, longest: int, field: str, required: bool = True) -> str:
    """A line of text: trimmed, without control marks, not too long. Raises Refused."""
    plain = " ".join("".join(mark for mark in text if mark.isprintable() or mark.isspace()).split())
    if required and not plain:
        raise Refused(_("请填写此项"), "people.empty", field)
    if len(plain) > longest:
        message = _("最多 %(longest)d 个字，现有 %(now)d 个") % {"longest": longest, "now": len(plain)}
        raise Refused(message, "people.too_long", field)
    return plain


def changes(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """Only the fields that differ, for the journal."""
    different = [key for key in after if before.get(key) != after[key]]
    return {key: before.get(key) for key in different}, {key: after[key] for key in different}


def rewritten(row: Model, fields: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """Give a row these fields and save it; what differs, before and after, for the journal."""
    was, now = changes({key: getattr(row, key) for key in fields}, fields)
    for key, value in fields.items():
        setattr(row, key, value)
    row.save()
    return was, now
