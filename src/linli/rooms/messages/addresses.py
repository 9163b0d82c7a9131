"""Where a recipient is reached: reading what was typed, sealing it, opening it for the one message."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from linli.kernel import seal
from linli.kernel.errors import Refused
from linli.kernel.journal import Actor
from linli.rooms.messages.models import Address, Notice
from linli.rooms.messages.rules import CONFIRM, ROBOTS
from linli.rooms.people.actions.accounts import phone_context

SENDER = Actor(account_id=None, name="", post_id=None, post_name="", kind="system")
PURPOSE = "notice"
_HOSTS = {
    "wecom": ("qyapi.weixin.qq.com", "key"),
    "dingtalk": ("oapi.dingtalk.com", "access_token"),
    "feishu": ("open.feishu.cn", ""),
}
_TOKENS = {
    "wecom": re.compile(r"[A-Za-z0-9_-]{16,80}"),
    "dingtalk": re.compile(r"[A-Za-z0-9]{16,128}"),
    "feishu": re.compile(r"[A-Za-z0-9_-]{16,80}"),
}


def read_address(channel: str, text: str, secret: str = "") -> str:
    """What was typed as it is kept: a mail address, or the token of a robot (its whole webhook address may be pasted).

    Raises Refused.
    """
    text, secret = text.strip(), secret.strip()
    if channel == "mail":
        try:
            validate_email(text)
        except ValidationError:
            raise Refused(_("这不是邮箱地址。例如 name@example.cn。"), code="notices.bad_mail", field="mail") from None
        return text
    if channel not in ROBOTS:
        raise Refused(_("这个渠道没有自己的地址。"), code="notices.no_address", field=channel)
    host, parameter = _HOSTS[channel]
    if "://" in text:
        parts = urlsplit(text)
        if parts.hostname != host:
            raise Refused(
                _("这不是这个平台的机器人地址，应以 https://%(host)s/ 开头。") % {"host": host},
                code="notices.other_robot",
                field=channel,
            )
        text = parse_qs(parts.query).get(parameter, [""])[0] if parameter else parts.path.rstrip("/").rsplit("/", 1)[-1]
    if not _TOKENS[channel].fullmatch(text) or (secret and not re.fullmatch(r"[A-Za-z0-9]{8,128}", secret)):
        raise Refused(
            _("没有认出机器人的地址。请在群里复制机器人的 Webhook 地址，整条粘贴。"),
            code="notices.bad_robot",
            field=channel,
        )
    return f"{text} {secret}".strip() if channel == "dingtalk" else text


def masked(channel: str, address: str) -> str:
    """Enough to know it again."""
    if channel == "mail":
        name, _at, host = address.partition("@")
        return f"{name[:2]}***@{host}"[:80]
    return f"{address[:4]}…{address.split(' ')[0][-4:]}"


def seal_into(row: Address, address: str) -> None:
    row.sealed = seal.encrypt(address, row.context)
    row.masked = masked(row.channel, address)


def address_of(notice: Notice, channel: str) -> str:
    """Where this recipient is reached now; "" when nowhere. Opening a phone leaves a record (purpose "notice")."""
    number = notice.data.get("number", "")
    if notice.report is not None:
        column = {"sms": "phone", "mail": "mail"}.get(channel, "")
        blob = getattr(notice.report, f"{column}_sealed", None) if column else None
        return _open(blob, f"cases_report:{column}:{notice.report.uid}", number)
    if channel == "sms":
        account = notice.account
        return _open(account.phone_sealed, phone_context(account.pk), number) if account is not None else ""
    found = Address.objects.filter(channel=channel)
    if notice.kind != CONFIRM:
        found = found.filter(confirmed_at__isnull=False)
    owner = {"account_id": notice.account_id} if notice.account_id is not None else {"unit_id": notice.unit_id}
    row = found.filter(**owner).first()
    return seal.decrypt(bytes(row.sealed), row.context) if row else ""


def _open(blob: bytes | memoryview | None, context: str, number: str) -> str:
    """Contact data of a person, opened on record."""
    return seal.reveal(bytes(blob), context, actor=SENDER, purpose=f"{PURPOSE} {number}".strip()) if blob else ""
