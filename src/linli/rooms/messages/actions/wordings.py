"""The operator's own words for an event."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from linli.kernel import journal
from linli.kernel.authority import Authority
from linli.kernel.errors import NotFound
from linli.rooms.messages import saying
from linli.rooms.messages.models import Wording
from linli.rooms.messages.texts import SHIPPED
from linli.rooms.messages.wording import Words, check

CAPABILITY = "notices.edit"


def reword(by: Authority, kind: str, reporter: bool, language: str, words: Words) -> None:
    """Say it in other words from now on. Raises NotAllowed, NotFound, Refused (empty, too long, bad placeholder)."""
    by.require(CAPABILITY)
    before = _known(kind, reporter, language)
    clean = Words(words.title.strip(), words.body.replace("\r\n", "\n").strip(), words.short.strip())
    check(clean)
    with transaction.atomic():
        Wording.objects.update_or_create(
            kind=kind,
            reporter=reporter,
            language=language,
            defaults={"title": clean.title, "body": clean.body, "short": clean.short},
        )
        _record(by, "notices.reworded", kind, reporter, language, before, clean)
    saying.forget_words()


def check_words(words: Words) -> None:
    """Whether the words could be kept, for a preview. Raises Refused."""
    check(Words(words.title.strip(), words.body.replace("\r\n", "\n").strip(), words.short.strip()))


def restore_words(by: Authority, kind: str, reporter: bool, language: str) -> None:
    """Back to the shipped words."""
    by.require(CAPABILITY)
    before = _known(kind, reporter, language)
    with transaction.atomic():
        Wording.objects.filter(kind=kind, reporter=reporter, language=language).delete()
        _record(by, "notices.words_restored", kind, reporter, language, before, SHIPPED[kind, reporter, language])
    saying.forget_words()


def _known(kind: str, reporter: bool, language: str) -> Words:
    if (kind, reporter, language) not in SHIPPED:
        raise NotFound(_("没有这一种消息。"), code="notices.no_such_words")
    row = Wording.objects.filter(kind=kind, reporter=reporter, language=language).first()
    return Words(row.title, row.body, row.short) if row else SHIPPED[kind, reporter, language]


def _record(by: Authority, action: str, kind: str, reporter: bool, language: str, before: Words, after: Words) -> None:
    journal.record(
        action=action,
        actor=by.actor,
        object_type="notice_wording",
        object_id=f"{kind}:{'reporter' if reporter else 'staff'}:{language}",
        before={"title": before.title, "body": before.body, "short": before.short},
        after={"title": after.title, "body": after.body, "short": after.short},
    )
