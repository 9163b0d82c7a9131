"""The operator's part: opening and closing channels, trying them, units' robots, sending again what failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils.translation import gettext as _

from linli.kernel import clock, identifiers, journal, outgoing, seal
from linli.kernel.authority import Authority
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.kernel.web.context import house_name
from linli.rooms.messages import links, rules
from linli.rooms.messages.addresses import read_address, seal_into
from linli.rooms.messages.delivering import settings_context, settings_of
from linli.rooms.messages.models import Address, Channel, House
from linli.rooms.messages.ways_out import Failed, Message, open_way
from linli.rooms.people.models import Unit

CAPABILITY = "notices.edit"
SECURITY = ("starttls", "tls", "none")


def _record(by: Authority, action: str, object_id: int | str, after: Mapping[str, Any] | None) -> None:
    journal.record(
        action=action,
        actor=by.actor,
        object_type="notice_channel",
        object_id=object_id,
        before=None,
        after=dict(after) if after else None,
    )


def call_at(by: Authority, public_url: str) -> None:
    """Say under which address people reach the house: messages lead back to it. Raises NotAllowed, Refused."""
    by.require(CAPABILITY)
    public_url = public_url.strip().rstrip("/")
    parts = urlsplit(public_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Refused(
            _("请填完整的网址，例如 https://linli.example.gov.cn。"), code="notices.bad_url", field="public_url"
        )
    with transaction.atomic():
        House.objects.update_or_create(pk=1, defaults={"public_url": public_url})
        _record(by, "notices.house_url", "house", {"public_url": public_url})


def open_channel(by: Authority, code: str, settings: Mapping[str, Any]) -> Channel:
    """Set a channel up and open it; what happens from now on goes out through it. An empty secret keeps the old one.

    settings: mail host, port, user, password, security (starttls, tls, none), sender; sms url, secret, allow;
    robots nothing. Raises NotAllowed, NotFound, Refused (names the field).
    """
    by.require(CAPABILITY)
    if code not in rules.CHANNELS:
        raise NotFound(code="notices.no_such_channel")
    if not links.public_url():
        raise Refused(_("请先填平台的网址，消息里的链接要用它。"), code="notices.no_url", field="public_url")
    with transaction.atomic():
        channel = Channel.objects.select_for_update().filter(pk=code).first() or Channel(code=code)
        clean = _clean(code, settings, settings_of(channel))
        channel.settings = seal.encrypt(orjson.dumps(clean).decode(), settings_context(channel))
        if not channel.enabled:
            channel.enabled, channel.enabled_at = True, clock.now()
        channel.failures, channel.resting_until, channel.last_error = 0, None, ""
        channel.save()
        told = {name: value for name, value in clean.items() if name not in ("password", "secret")}
        _record(by, "notices.channel_opened", code, told)
    return channel


def _clean(code: str, given: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    if code == "mail":
        return _clean_mail(given, known)
    if code == "sms":
        return _clean_sms(given, known)
    return {}


def _clean_mail(given: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    host, sender = str(given.get("host", "")).strip(), str(given.get("sender", "")).strip()
    if not host or len(host) > 253 or any(c.isspace() or c in "/@" for c in host):
        raise Refused(_("请填邮件服务器的主机名，例如 smtp.example.cn。"), code="notices.bad_host", field="host")
    try:
        port = int(given.get("port") or 0)
    except (TypeError, ValueError):
        port = 0
    if not 0 < port < 65536:
        raise Refused(_("端口是 1 到 65535 的数。"), code="notices.bad_port", field="port")
    if given.get("security") not in SECURITY:
        raise Refused(_("请选一种加密方式。"), code="notices.bad_security", field="security")
    try:
        validate_email(sender)
    except ValidationError:
        raise Refused(_("这不是邮箱地址。例如 name@example.cn。"), code="notices.bad_sender", field="sender") from None
    return {
        "host": host,
        "port": port,
        "user": str(given.get("user", "")).strip(),
        "password": str(given.get("password") or known.get("password", "")),
        "security": given["security"],
        "sender": sender,
    }


def _clean_sms(given: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    url = str(given.get("url", "")).strip()
    secret = str(given.get("secret") or known.get("secret", "")) or outgoing.new_secret()
    try:
        outgoing.check(url)
    except outgoing.Unreachable as error:
        raise Refused(str(error.message), code="notices.bad_gateway", field="url") from None
    try:
        outgoing.sign(secret, "try", clock.now(), b"")
    except ValueError:
        raise Refused(
            _("密钥应以 whsec_ 开头，后面是 base64。留空会生成一个新的。"), code="notices.bad_secret", field="secret"
        ) from None
    return {"url": url, "secret": secret}


def close_channel(by: Authority, code: str) -> None:
    """Nothing goes out through a channel any more; what was waiting is dropped, its settings stay."""
    by.require(CAPABILITY)
    with transaction.atomic(), connection.cursor() as cursor:
        Channel.objects.filter(pk=code).update(enabled=False, resting_until=None, failures=0)
        cursor.execute(
            "UPDATE notices_delivery SET state = 'dropped', done_at = %s WHERE channel = %s AND state = 'pending'",
            [clock.now(), code],
        )
        _record(by, "notices.channel_closed", code, None)


def gateway_secret(by: Authority) -> str:
    """The secret of the SMS gateway, to be shown once to whoever sets the gateway up; on record."""
    by.require(CAPABILITY)
    channel = Channel.objects.filter(pk="sms").first()
    _record(by, "notices.secret_shown", "sms", None)
    return str(settings_of(channel).get("secret", "")) if channel else ""


def try_channel(by: Authority, code: str, address: str, secret: str = "") -> str:
    """Send a test now, with the channel's own timeouts; "" when it was taken, else what was said.

    Raises NotAllowed, Refused (not an address, the channel is not set up).
    """
    by.require(CAPABILITY)
    channel = Channel.objects.filter(pk=code, enabled=True).first()
    if channel is None:
        raise Refused(_("请先填好设置并开通。"), code="notices.closed_channel", field="address")
    if code == "sms":
        reached = str(identifiers.phone(address))
    else:
        try:
            reached = read_address(code, address, secret)
        except Refused as refused:
            raise Refused(refused.message, code=refused.code, field="address") from None
    link = links.public_url()
    title = _("测试消息")
    body = _("收到这条消息，说明%(house)s可以通过这个渠道发消息了。") % {"house": house_name()}
    message = Message(
        f"try_{clock.now().timestamp():.0f}",
        title,
        f"{body}\n{link}" if code == "mail" else body,
        f"【{house_name()}】{title} {link}",
        link,
    )
    trouble = ""
    try:
        with open_way(code, settings_of(channel)) as way:
            way.send(reached, message)
    except Failed as failed:
        trouble = str(failed) or _("没有回音。")
    with transaction.atomic():
        state: dict[str, Any] = (
            {"last_error": trouble[:500]} if trouble else {"last_sent_at": clock.now(), "last_error": ""}
        )
        if not trouble:
            state |= {"failures": 0, "resting_until": None}
        Channel.objects.filter(pk=code).update(**state)
        _record(by, "notices.channel_tried", code, {"went": not trouble})
    return trouble


def set_unit_address(by: Authority, unit_id: int, channel: str, text: str, secret: str = "") -> Address:
    """The robot of a unit's group: the group is told what comes to the unit. Raises NotAllowed, NotFound, Refused."""
    by.require(CAPABILITY)
    address = read_address(channel, text, secret)
    with transaction.atomic():
        unit = Unit.objects.select_for_update().filter(pk=unit_id).first()
        if unit is None:
            raise NotFound(code="people.unit_not_found")
        Address.objects.filter(unit=unit, channel=channel).delete()
        row = Address(unit=unit, channel=channel, confirmed_at=clock.now())
        seal_into(row, address)
        row.save()
        _record(by, "notices.unit_address_set", channel, {"unit": unit.code, "address": row.masked})
    return row


def drop_unit_address(by: Authority, unit_id: int, channel: str) -> None:
    """The group is told nothing any more."""
    by.require(CAPABILITY)
    with transaction.atomic():
        removed, _kinds = Address.objects.filter(unit_id=unit_id, channel=channel).delete()
        if removed:
            _record(by, "notices.unit_address_dropped", channel, {"unit_id": unit_id})


def retry(by: Authority, delivery_ids: Sequence[int] = (), *, everything: bool = False) -> int:
    """Send failed deliveries again, with all their tries, and wake their channels; returns how many.

    Raises NotAllowed, and Conflict when none of them is failed any more.
    """
    by.require(CAPABILITY)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notices_delivery SET state = 'pending', tries = 0, next_try_at = %s, done_at = NULL"
            " WHERE state IN ('failed', 'pending') AND (state = 'failed' OR tries > 0)"
            " AND (%s OR id = ANY(%s::bigint[])) RETURNING channel",
            [clock.now(), everything, list(delivery_ids)],
        )
        codes = [row[0] for row in cursor.fetchall()]
        if not codes:
            raise Conflict(_("没有失败的消息了，请刷新页面。"), code="notices.not_failed")
        Channel.objects.filter(pk__in=set(codes)).update(failures=0, resting_until=None)
        _record(by, "notices.retried", "deliveries", {"count": len(codes)})
    return len(codes)
