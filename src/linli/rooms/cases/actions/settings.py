"""What staff and operators set for themselves: saved views, and the limits of the steps."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import journal
from linli.kernel.authority import Authority
from linli.kernel.clock import TimeLimit
from linli.kernel.errors import NotAllowed, NotFound, Refused
from linli.kernel.identifiers import clean_text
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.models import SavedView, StepLimit
from linli.rooms.cases.queries.worklist import view_query
from linli.rooms.people.rights import Viewer

VIEWS_AT_MOST = 20


def save_view(name: str, query: str, *, viewer: Viewer) -> SavedView:
    """Keep a worklist's filters under a name; the same name again replaces them."""
    if viewer.account_id is None:
        raise NotAllowed()
    name = clean_text(name, 40)
    if not name:
        raise Refused(_("给这个视图起个名字。"), code="view.no_name", field="name")
    clean = view_query(query)
    with transaction.atomic():
        known = SavedView.objects.filter(account_id=viewer.account_id, name=name).exists()
        if not known and SavedView.objects.filter(account_id=viewer.account_id).count() >= VIEWS_AT_MOST:
            raise Refused(_("最多保存 20 个视图，请先删掉不用的。"), code="view.too_many", field="name")
        view, _made = SavedView.objects.update_or_create(
            account_id=viewer.account_id, name=name, defaults={"query": clean}
        )
        journal.record(
            action="view.save",
            actor=viewer.actor,
            object_type="saved_view",
            object_id=view.pk,
            before=None,
            after={"name": name, "query": clean},
        )
    return view


def drop_view(view_id: int, *, viewer: Viewer) -> None:
    """Remove one of the viewer's own views."""
    with transaction.atomic():
        view = SavedView.objects.filter(pk=view_id, account_id=viewer.account_id or 0).first()
        if view is None:
            raise NotFound(_("没有这个视图。"))
        journal.record(
            action="view.drop",
            actor=viewer.actor,
            object_type="saved_view",
            object_id=view.pk,
            before={"name": view.name, "query": view.query},
            after=None,
        )
        view.delete()


def set_step_limit(state: str, urgent: bool, limit: TimeLimit | None, *, by: Authority) -> None:
    """Say how long a case may stay in a state; None: no limit. Running cases keep the deadline they have."""
    by.require("clock.edit_calendar")
    if state not in FLOW.codes("open"):
        raise Refused(_("没有这个环节。"), code="step_limit.unknown_state", field="state")
    with transaction.atomic():
        row = StepLimit.objects.select_for_update().filter(state=state, urgent=urgent).first()
        before = {"amount": row.amount, "unit": row.unit} if row else None
        if limit is None:
            StepLimit.objects.filter(state=state, urgent=urgent).delete()
        else:
            StepLimit.objects.update_or_create(
                state=state, urgent=urgent, defaults={"amount": limit.amount, "unit": limit.unit}
            )
        journal.record(
            action="step_limit.set",
            actor=by.actor,
            object_type="step_limit",
            object_id=f"{state}:{'urgent' if urgent else 'general'}",
            before=before,
            after={"amount": limit.amount, "unit": limit.unit} if limit else None,
        )
