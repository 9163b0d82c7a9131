"""Reading. It changes nothing but the reader's own marks and is not journalled."""

from __future__ import annotations

from linli.kernel import clock
from linli.rooms.messages.models import Notice
from linli.rooms.messages.queries import own_notice
from linli.rooms.people.rights import Viewer


def mark_read(notice_id: int, *, viewer: Viewer) -> Notice:
    """Mark one of the viewer's own notices as read. Raises NotFound, also for somebody else's."""
    notice = own_notice(notice_id, viewer)
    if notice.read_at is None:
        notice.read_at = clock.now()
        Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=notice.read_at)
    return notice


def mark_all_read(up_to: int, *, viewer: Viewer) -> int:
    """Mark the viewer's notices up to the latest that the page showed; what came since stays unread."""
    unread = Notice.objects.filter(account_id=viewer.account_id or 0, read_at=None, shown=True, pk__lte=up_to)
    return unread.update(read_at=clock.now())
