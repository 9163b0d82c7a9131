from __future__ import annotations

from django.apps import AppConfig
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class InboxConfig(AppConfig):
    """Everybody's messages: what is new for me, and what I want to hear of."""

    name = "linli.doors.inbox"
    label = "inbox"
    verbose_name = _("消息")

    def ready(self) -> None:
        from linli.kernel.web import navigation
        from linli.kernel.web.bell import ring
        from linli.kernel.web.navigation import Entry
        from linli.rooms.messages import links

        navigation.register(
            "account",
            [
                Entry(
                    "notices",
                    _("消息设置"),
                    "inbox:choices",
                    icon="bell",
                    order=30,
                    may=lambda viewer: viewer is not None and viewer.signed_in,
                )
            ],
        )
        links.lead(
            links.Ways(
                follow=lambda code: reverse("portal:follow", args=[code]),
                case=lambda number: reverse("desk:case", args=[number]) if number else reverse("desk:worklist"),
                notice=lambda pk: reverse("inbox:open", args=[pk]),
                stop=lambda token: reverse("inbox:stop", args=[token]),
                inbox=lambda: reverse("inbox:index"),
                confirm=lambda token: reverse("inbox:confirm", args=[token]),
            )
        )
        ring(_bell)


def _bell(request: HttpRequest):  # type: ignore[no-untyped-def]
    """One question to a partial index, for those who are signed in; a page about a broken database does without."""
    from django.db import DatabaseError

    from linli.kernel.web.bell import Bell
    from linli.rooms.messages.queries import COUNTED, unread_count

    try:
        viewer = getattr(request, "viewer", None)
        if viewer is None or not viewer.signed_in:
            return None
        return Bell(unread_count(viewer.account_id), reverse("inbox:index"), COUNTED)
    except DatabaseError:
        return None
