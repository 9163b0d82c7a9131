"""The ways out of the house: SMTP, chat robots (apprise), the SMS gateway. Each raises `Failed` and nothing else.

Every way has timeouts of its own: a server that is slow or silent costs the sender of this channel seconds, and
nobody else anything.
"""

from __future__ import annotations

import contextlib
import smtplib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from linli.kernel import clock, outgoing

TIMEOUT = 10.0
CHAT_BYTES = 1900
"""WeCom takes 2,048 bytes of text; the others take more."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message ready to go. key: the same for every try, so that a gateway can tell a repetition."""

    key: str
    title: str
    body: str
    short: str
    link: str = ""
    number: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class Failed(Exception):
    """It did not go out. of_channel: the channel itself is down or set up wrongly; for_good: trying again is no use."""

    def __init__(self, words: str, *, of_channel: bool = False, for_good: bool = False) -> None:
        super().__init__(words)
        self.of_channel = of_channel
        self.for_good = for_good


class Way(Protocol):
    def send(self, address: str, message: Message) -> None:
        """Hand one message over. Raises Failed."""
        ...


@contextlib.contextmanager
def open_way(channel: str, settings: dict[str, Any]) -> Iterator[Way]:
    """A way out for a few messages; connections are kept open between them."""
    if channel == "mail":
        mail = Mail(settings)
        try:
            yield mail
        finally:
            mail.close()
    elif channel == "sms":
        yield Sms(settings)
    else:
        yield Robot(channel)


class Mail:
    """The operator's SMTP server."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.sender = settings["sender"]
        self.backend = EmailBackend(
            host=settings["host"],
            port=settings["port"],
            username=settings.get("user", ""),
            password=settings.get("password", ""),
            use_tls=settings.get("security") == "starttls",
            use_ssl=settings.get("security") == "tls",
            timeout=TIMEOUT,
            fail_silently=False,
        )

    def send(self, address: str, message: Message) -> None:
        mail = EmailMessage(
            message.title, message.body, self.sender, [address], headers=message.headers, connection=self.backend
        )
        try:
            self.backend.open()
            self.backend.send_messages([mail])
        except smtplib.SMTPRecipientsRefused as error:
            status, words = next(iter(error.recipients.values()), (550, b""))
            raise Failed(_said(status, words), for_good=status >= 500) from None
        except smtplib.SMTPDataError as error:
            raise Failed(_said(error.smtp_code, error.smtp_error), for_good=error.smtp_code >= 500) from None
        except smtplib.SMTPResponseException as error:
            self.close()
            raise Failed(_said(error.smtp_code, error.smtp_error), of_channel=True) from None
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Failed(f"{type(error).__name__}: {error}", of_channel=True) from None
        except ValueError as error:  # an address or a heading that no mail may carry
            raise Failed(str(error), for_good=True) from None

    def close(self) -> None:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            self.backend.close()
        self.backend.connection = None


def _said(status: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"SMTP {status} {text}"


class Robot:
    """A group's robot of WeCom, DingTalk or Feishu, through apprise."""

    def __init__(self, channel: str) -> None:
        self.channel = channel

    def send(self, address: str, message: Message) -> None:
        text = within(f"{message.title}\n{message.body}", CHAT_BYTES - len(message.link.encode()))
        plugin = _robot(self.channel, address)
        _answers.last = None
        handed_over = plugin.send(body=f"{text}\n{message.link}".strip(), title="")
        answer = _answers.last
        if answer is None:
            raise Failed(_answers.trouble or "no answer", of_channel=True)
        if answer.status_code >= 500:
            raise Failed(f"HTTP {answer.status_code}", of_channel=True)
        if not handed_over:
            raise Failed(f"HTTP {answer.status_code}", for_good=answer.status_code in (400, 401, 403, 404))
        _read_verdict(answer)


# Answers that say that this robot does not take this message, however often it is sent: a token that is none, a
# signature or a keyword that the group asks for.
_FOR_GOOD = frozenset({93000, 40058, 300001, 300005, 310000, 400013, 400101, 400102, 19001, 19021, 19022, 19024})


def _read_verdict(answer: Any) -> None:
    """All three platforms answer 200 and say in the body whether they took it. Raises Failed."""
    try:
        told = orjson.loads(answer.content[:10_000])
        code = int(told.get("errcode", told.get("code", told.get("StatusCode", 0))))
    except (ValueError, TypeError, AttributeError):
        raise Failed("an answer that cannot be read", of_channel=True) from None
    if code:
        words = str(told.get("errmsg") or told.get("msg") or "")
        raise Failed(f"{code} {words}"[:300], for_good=code in _FOR_GOOD)


_answers = threading.local()


class _Watched:
    """In place of `requests` in apprise's plugins: the same call, and its answer is kept.

    The plugins throw the answer away, and take any HTTP 200 for success; the platforms answer 200 to everything.
    """

    def __init__(self, requests: Any) -> None:
        self.codes, self.RequestException, self._post = requests.codes, requests.RequestException, requests.post

    def post(self, url: str, **more: Any) -> Any:
        _answers.trouble = ""
        try:
            _answers.last = self._post(url, **more)
        except self.RequestException as error:
            _answers.last, _answers.trouble = None, type(error).__name__  # the error's text holds the token
            raise
        return _answers.last


def _robot(channel: str, address: str) -> Any:
    """The plugin of one robot. Loaded here: web processes have no use for them."""
    from apprise.plugins import dingtalk, feishu, wecombot

    module: Any = {"wecom": wecombot, "dingtalk": dingtalk, "feishu": feishu}[channel]
    if not isinstance(module.requests, _Watched):
        module.requests = _Watched(module.requests)
    token, _space, secret = address.partition(" ")
    more = {"cto": TIMEOUT / 2, "rto": TIMEOUT, "redirect": "no"}
    try:
        if channel == "wecom":
            return wecombot.NotifyWeComBot(key=token, **more)
        if channel == "dingtalk":
            return dingtalk.NotifyDingTalk(token=token, secret=secret or None, **more)
        return feishu.NotifyFeishu(token=token, **more)
    except TypeError as error:  # apprise's own error for a token that is none
        raise Failed(type(error).__name__, for_good=True) from None


def within(text: str, limit: int) -> str:
    """The text cut to a number of UTF-8 bytes, whole characters only."""
    raw = text.encode()
    return text if len(raw) <= limit else raw[: limit - 3].decode("utf-8", "ignore") + "…"


class Sms:
    """The operator's gateway: one signed POST a message (Standard Webhooks), the delivery's key as message id."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.url, self.secret = settings["url"], settings["secret"]
        self.allow = settings.get("allow", [])

    def send(self, address: str, message: Message) -> None:
        body = orjson.dumps(
            {
                "type": "sms.send",
                "timestamp": clock.now().isoformat(timespec="seconds"),
                "data": {"to": address, "text": message.short, "number": message.number, "link": message.link},
            }
        )
        try:
            headers = outgoing.sign(self.secret, message.key, clock.now(), body)
            answer = outgoing.post(
                self.url,
                body,
                {"Content-Type": "application/json", **headers},
                timeout=TIMEOUT,
                allow=self.allow,
            )
        except outgoing.Unreachable as error:
            raise Failed(str(error), of_channel=True) from None
        except ValueError as error:
            raise Failed(str(error), of_channel=True) from None
        if answer.good:
            return
        words = f"HTTP {answer.status} {answer.words}"[:300]
        raise Failed(words, for_good=answer.status in (400, 422), of_channel=answer.status not in (400, 422, 429))
