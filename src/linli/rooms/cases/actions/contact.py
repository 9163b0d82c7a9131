"""A reporter's contact data, shown to who needs it, on record."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from linli.kernel import journal, seal
from linli.kernel.errors import NotAllowed, NotFound
from linli.kernel.identifiers import clean_text
from linli.kernel.outbox import Event
from linli.rooms.cases.judgement import target_of
from linli.rooms.cases.models import Report
from linli.rooms.people.rights import Viewer


@dataclass(frozen=True, slots=True)
class Contact:
    name: str
    phone: str
    mail: str = ""


def reveal_contact(report_id: int, purpose: str, *, viewer: Viewer) -> Contact:
    """Open a reporter's name, phone number and mail address for a stated purpose; the look is recorded before it is
    answered.

    Raises NotFound, NotAllowed, Refused (no purpose given).
    """
    purpose = clean_text(purpose, 200)
    with transaction.atomic():
        report = Report.objects.select_related("case").filter(pk=report_id).first()
        if report is None:
            raise NotFound()
        verdict = viewer.may("case.reveal", target_of(report.case))
        if not verdict.ok:
            raise NotAllowed(verdict.why)
        actor = viewer.acting(verdict.post)
        opened = {
            column: seal.reveal(
                bytes(blob), f"cases_report:{column}:{report.uid}", purpose=purpose, actor=actor
            )
            if blob
            else ""
            for column, blob in (
                ("name", report.name_sealed),
                ("phone", report.phone_sealed),
                ("mail", report.mail_sealed),
            )
        }
        journal.record(
            action="case.reveal_contact",
            actor=actor,
            object_type="case",
            object_id=report.case_id,
            before=None,
            after={"report": report.pk},
            note=purpose,
            place_ids=report.case.lineage,
            events=[Event("case.contact_shown", "case", report.case_id, {"number": report.case.number})],
        )
    return Contact(**opened)
