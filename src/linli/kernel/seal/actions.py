"""The one way to read a sealed value with a person's eyes: it leaves a record."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock
from linli.kernel.errors import Refused
from linli.kernel.journal.rules import Actor, clean
from linli.kernel.seal.rules import decrypt


def reveal(blob: bytes | memoryview, context: str, *, actor: Actor, purpose: str) -> str:
    """The plaintext, after writing down who reads it for which post and what for. The caller checks the
    right.

    The record is written in the surrounding transaction if there is one. Raises Refused without a purpose,
    CannotOpen when the blob does not open (nothing is recorded then: nothing was seen).
    """
    from linli.kernel.seal.models import Access  # models load later than this package

    if not purpose.strip():
        raise Refused(_("请说明查看的用途，系统会留下查看记录。"), code="seal.purpose_missing", field="purpose")
    text = decrypt(blob, context)
    with transaction.atomic():
        Access.objects.create(
            at=clock.now(),
            actor_kind=actor.kind,
            actor_id=actor.account_id,
            actor_name=clean(actor.name),
            post_id=actor.post_id,
            post_name=clean(actor.post_name),
            purpose=clean(purpose.strip()),
            context=context,
        )
    return text
