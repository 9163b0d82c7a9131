"""Sending: deliveries are claimed (committed, with SKIP LOCKED), sent, and marked; each channel by its own thread.

At least once by nature: a worker that dies between handing over and marking leaves a claim that runs out and is taken
up again; the gateway gets the same message id then. A channel whose server does not answer rests, longer each time,
and costs the messages no tries meanwhile.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from linli.kernel import clock, seal
from linli.kernel.web.context import house_name
from linli.rooms.messages import links, rules, stopping
from linli.rooms.messages.addresses import address_of
from linli.rooms.messages.models import Channel, Delivery, Notice
from linli.rooms.messages.saying import said
from linli.rooms.messages.ways_out import Failed, Message, Way, open_way

AT_ONCE = 20
LEASE = dt.timedelta(minutes=5)
_BATCH_SECONDS = 200.0
"""After this long the rest of a batch goes back: a claim must not run out while it is being worked on."""

log = logging.getLogger(__name__)

_CLAIM = """
WITH due AS (
    SELECT id FROM notices_delivery
    WHERE channel = %s AND state = 'pending' AND next_try_at <= %s
    ORDER BY next_try_at, id LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE notices_delivery d SET state = 'sending', tries = d.tries + 1, locked_until = %s
FROM due WHERE d.id = due.id RETURNING d.id
"""
# What else is due to the same people in one message with the others.
_SIBLINGS = """
WITH due AS (
    SELECT d.id FROM notices_delivery d JOIN notices_notice n ON n.id = d.notice_id
    WHERE d.channel = %s AND d.state = 'pending' AND d.digest AND d.next_try_at <= %s
      AND n.account_id = ANY(%s::bigint[]) FOR UPDATE OF d SKIP LOCKED
)
UPDATE notices_delivery d SET state = 'sending', tries = d.tries + 1, locked_until = %s
FROM due WHERE d.id = due.id RETURNING d.id
"""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes out as one message: one delivery, or all those of a digest."""

    deliveries: tuple[Delivery, ...]

    @property
    def ids(self) -> list[int]:
        return [each.pk for each in self.deliveries]

    @property
    def notice(self) -> Notice:
        return self.deliveries[0].notice


def settings_of(channel: Channel) -> dict[str, object]:
    """How a channel is set up, opened."""
    if channel.settings is None:
        return {}
    return dict(orjson.loads(seal.decrypt(bytes(channel.settings), settings_context(channel))))


def settings_context(channel: Channel) -> str:
    return f"notices_channel:settings:{channel.uid}"


def send_batch(code: str, limit: int = AT_ONCE) -> int:
    """Send up to `limit` deliveries of a channel that are due; returns how many were taken on.

    Never raises for what happens outside of the house: that is noted on the deliveries and on the channel.
    """
    now = clock.now()
    channel = Channel.objects.filter(pk=code, enabled=True).first()
    if channel is None or (channel.resting_until and channel.resting_until > now):
        return 0
    started = time.monotonic()
    parcels = claim(code, 1 if channel.failures >= rules.SICK_AFTER else limit)
    with open_way(code, settings_of(channel)) as way:
        for place, parcel in enumerate(parcels):
            if time.monotonic() - started > _BATCH_SECONDS:
                _put_back(parcels[place:])
                break
            if not _send(channel, way, parcel):
                _put_back(parcels[place + 1 :])
                break
    return sum(len(parcel.deliveries) for parcel in parcels)


def claim(code: str, limit: int) -> list[Parcel]:
    """Take on what is due, the oldest first; of a person's digest everything that is due."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [code, now, limit, now + LEASE])
        ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return []
        rows = Delivery.objects.filter(pk__in=ids, digest=True)
        people = {each for each in rows.values_list("notice__account_id", flat=True) if each is not None}
        if people:
            cursor.execute(_SIBLINGS, [code, now, sorted(people), now + LEASE])
            ids += [row[0] for row in cursor.fetchall()]
    gathered: dict[tuple[str, int], list[Delivery]] = defaultdict(list)
    found = Delivery.objects.select_related("notice__account", "notice__report", "notice__unit").filter(pk__in=ids)
    for each in found.order_by("next_try_at", "id"):
        own = each.digest and each.notice.account_id is not None
        gathered[("account", each.notice.account_id or 0) if own else ("one", each.pk)].append(each)
    return [Parcel(tuple(each)) for each in gathered.values()]


def _send(channel: Channel, way: Way, parcel: Parcel) -> bool:
    """Send one parcel and note what came of it; False when the channel itself has failed."""
    if not _still_ours(parcel):
        return True
    parcel = _without_read(parcel)
    if not parcel.deliveries:
        return True
    try:
        address = address_of(parcel.notice, channel.code)
        if not address:
            raise Failed(_("收件人没有可用的地址。"), for_good=True)
        way.send(address, compose(parcel))
    except Failed as failed:
        _note_failure(channel, parcel, failed)
        return not failed.of_channel
    except Exception as error:
        log.exception("A notice could not be put together")
        _note_failure(channel, parcel, Failed(f"{type(error).__name__}: {error}"))
        return True
    now = clock.now()
    Delivery.objects.filter(pk__in=parcel.ids, state="sending").update(
        state="sent", done_at=now, locked_until=None, last_error=""
    )
    Channel.objects.filter(pk=channel.pk).update(last_sent_at=now, failures=0, resting_until=None)
    channel.failures = 0
    return True


def compose(parcel: Parcel) -> Message:
    """The message in its reader's language, with the way back into the house and, in mails, a way to stop them."""
    notice = parcel.notice
    language = _language(notice)
    base = links.public_url()
    key = f"notice_{parcel.deliveries[0].pk}"
    with translation.override(language):
        if len(parcel.deliveries) == 1:
            link = base + links.path_of(notice)
            words = said(notice, language, link)
            title, body, short = words.title, words.body, words.short
        else:
            n = len(parcel.deliveries)
            link = base + links.ways().inbox()
            title = ngettext("%(n)d 条消息", "%(n)d 条消息", n) % {"n": n}
            body = "\n\n".join(
                f"{words.title}\n{base}{links.path_of(each.notice)}"
                for each in parcel.deliveries
                for words in [said(each.notice, language)]
            )
            short = _("【%(house)s】您有 %(n)d 条消息：%(link)s") % {"house": house_name(), "n": n, "link": link}
        headers: dict[str, str] = {}
        if parcel.deliveries[0].channel == "mail":
            title = f"{title} · {house_name()}"
            body = f"{body}\n\n{link}\n" if len(parcel.deliveries) == 1 else f"{body}\n"
            if notice.account_id is not None:
                stop = base + links.ways().stop(stopping.token(notice.account_id))
                body += "\n-- \n" + _("不想再收到邮件：%(link)s") % {"link": stop} + "\n"
                headers = {
                    "List-Unsubscribe": f"<{stop}>",
                    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                }
    return Message(key, title, body, short, link, str(notice.data.get("number", "")), headers)


def _language(notice: Notice) -> str:
    if notice.account is not None:
        return notice.account.language or "zh-hans"
    return notice.report.language if notice.report is not None else "zh-hans"


def _still_ours(parcel: Parcel) -> bool:
    """Renew the claim, and see that nobody has taken it over."""
    kept = Delivery.objects.filter(
        pk__in=parcel.ids, state="sending", tries__in={each.tries for each in parcel.deliveries}
    ).update(locked_until=clock.now() + LEASE)
    return kept == len(parcel.deliveries)


def _without_read(parcel: Parcel) -> Parcel:
    """What its reader has seen in the inbox meanwhile, or somebody else has done, need not go out."""
    read = [each for each in parcel.deliveries if each.notice.account_id is not None and each.notice.read_at]
    if read:
        Delivery.objects.filter(pk__in=[each.pk for each in read]).update(
            state="dropped", done_at=clock.now(), locked_until=None
        )
    return Parcel(tuple(each for each in parcel.deliveries if each not in read))


def _note_failure(channel: Channel, parcel: Parcel, failed: Failed) -> None:
    now = clock.now()
    words = str(failed).replace("\0", "")[:500]
    if failed.of_channel:
        failures = channel.failures + 1
        rest = dt.timedelta(seconds=rules.rest_of_channel(failures))
        Channel.objects.filter(pk=channel.pk).update(
            failures=failures, resting_until=now + rest if rest else None, last_error=words
        )
        channel.failures = failures
        if rest:
            log.warning("Notices by %s rest for %s after %s failures: %s", channel.code, rest, failures, words)
    for each in parcel.deliveries:
        spent = failed.for_good or each.tries >= rules.TRIES
        wait = dt.timedelta(seconds=rules.wait_before(each.tries))
        Delivery.objects.filter(pk=each.pk, state="sending").update(
            state="failed" if spent else "pending",
            last_error=words,
            locked_until=None,
            done_at=now if spent else None,
            next_try_at=now + wait,
        )


def _put_back(parcels: Sequence[Parcel]) -> None:
    ids = [pk for parcel in parcels for pk in parcel.ids]
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE notices_delivery SET state = 'pending', tries = tries - 1, locked_until = NULL"
                " WHERE id = ANY(%s::bigint[]) AND state = 'sending'",
                [ids],
            )


def reclaim() -> int:
    """Take back claims that have run out, because their worker is gone; returns how many."""
    return Delivery.objects.filter(state="sending", locked_until__lt=clock.now()).update(
        state="pending", locked_until=None, next_try_at=clock.now()
    )


def due_channels() -> list[str]:
    """Open channels that are not resting and have something due."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.code FROM notices_channel c WHERE c.enabled"
            " AND (c.resting_until IS NULL OR c.resting_until <= %s) AND EXISTS (SELECT FROM notices_delivery d"
            "  WHERE d.channel = c.code AND d.state = 'pending' AND d.next_try_at <= %s)",
            [now, now],
        )
        return [row[0] for row in cursor.fetchall()]


class Senders:
    """One thread of this process for each channel that has something due; none for those that have not."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._threads: dict[str, threading.Thread] = {}

    def set_to_work(self) -> None:
        """Start the senders that are needed and not at work."""
        for code in due_channels():
            with self._guard:
                known = self._threads.get(code)
                if known is not None and known.is_alive():
                    continue
                thread = threading.Thread(target=self._work, args=(code,), name=f"notices-{code}", daemon=True)
                self._threads[code] = thread
                thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait until every sender has done its work; whether they have (tests)."""
        until = time.monotonic() + seconds
        for thread in list(self._threads.values()):
            thread.join(max(until - time.monotonic(), 0.0))
        return not any(thread.is_alive() for thread in self._threads.values())

    @staticmethod
    def _work(code: str) -> None:
        try:
            while send_batch(code):
                pass
        except Exception:
            log.exception("The sender of %s stumbled; the next beat starts another", code)
        finally:
            connection.close()


senders = Senders()
