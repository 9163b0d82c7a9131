"""What a person may ask for: a copy of what the house has of them, and to be forgotten. Cases and journal stay whole.

Forgetting takes away who reported: name, number, mail address, the tie to the account, numbers and plates in what
was typed. What happened stays, without whom it happened through; the journal never had the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.kernel import journal, seal
from linli.kernel.authority import Authority
from linli.kernel.errors import NotAllowed, NotFound, Refused
from linli.kernel.identifiers import clean_text, normalise_tracking_code, phone
from linli.kernel.outbox import Event
from linli.kernel.text.grams import grams
from linli.rooms.cases.models import Case, Notice, Photo, Rating, Report
from linli.rooms.cases.queries.personal import Copy, copy_of_reports
from linli.rooms.cases.rules import public_text
from linli.rooms.people.actions.accounts import erase_account
from linli.rooms.people.models import Account
from linli.rooms.people.rights import Viewer


def my_copy(viewer: Viewer) -> Copy:
    """Everything about the resident who asks; that it was taken is recorded. Raises NotAllowed."""
    account = _own(viewer)
    copy = copy_of_reports(Report.objects.filter(reporter=account), account)
    with transaction.atomic():
        journal.record(
            action="person.copy_taken",
            actor=viewer.actor,
            object_type="account",
            object_id=account.pk,
            after={"reports": len(copy.facts["reports"])},
        )
    return copy


def forget_me(viewer: Viewer) -> int:
    """Delete the resident's account and what identifies its holder. Returns how many reports became nobody's."""
    account = _own(viewer)
    with transaction.atomic():
        reports = list(Report.objects.select_for_update().filter(reporter=account).values_list("pk", flat=True))
        strip(reports, wholly=True)
        Photo.objects.filter(uploaded_by=account).update(uploaded_by=None)
        erase_account(account.pk, viewer.actor, {"reports": len(reports)})
    return len(reports)


def _own(viewer: Viewer) -> Account:
    account = Account.objects.filter(pk=viewer.account_id or 0, kind=Account.Kind.RESIDENT).first()
    if account is None:
        raise NotAllowed(_("工作人员的账号由本单位的安全管理员处理。"), "person.not_a_resident")
    return account


# ── people without an account: by code and number, with the security administrator ─────────────────


def reports_of_person(by: Authority, code: str, number: str) -> list[int]:
    """The reports of whoever knows both a tracking code and the telephone number given with it.

    All reports with that number are theirs. One refusal for a wrong code, a wrong number and no number at all.
    """
    by.require("persons.serve")
    index = seal.blind_index(phone(number), "phone")
    known = Report.objects.filter(tracking_code=normalise_tracking_code(code), phone_index=index).exists()
    if not known:
        raise NotFound(
            _("查询码和手机号对不上。请本人核对上报时显示的查询码和当时留的手机号。"), "person.not_matched", "code"
        )
    return list(Report.objects.filter(phone_index=index).order_by("pk").values_list("pk", flat=True))


def copy_for_person(by: Authority, code: str, number: str, purpose: str) -> Copy:
    """What the house has of somebody without an account; each opened contact and the request are on record."""
    by.require("persons.serve")
    purpose = _stated(purpose)
    reports = reports_of_person(by, code, number)
    with transaction.atomic():
        _record(by, "person.copy_given", reports, purpose)
        for report in Report.objects.filter(pk__in=reports):
            for column in ("name", "phone", "mail"):
                blob = getattr(report, f"{column}_sealed")
                if blob:
                    context = f"cases_report:{column}:{report.uid}"
                    seal.reveal(bytes(blob), context, actor=by.actor, purpose=purpose)
        return copy_of_reports(Report.objects.filter(pk__in=reports), None)


def forget_person(by: Authority, code: str, number: str, purpose: str) -> int:
    """Take away who reported, for somebody without an account. Returns how many reports became nobody's."""
    by.require("persons.serve")
    purpose = _stated(purpose)
    with transaction.atomic():
        reports = reports_of_person(by, code, number)
        strip(reports, wholly=True)
        _record(by, "person.forgotten", reports, purpose)
    return len(reports)


def _stated(purpose: str) -> str:
    found = clean_text(purpose, 200)
    if not found:
        raise Refused(_("请写明是谁、以什么方式提出的请求。"), "person.purpose", "purpose")
    return found


def _record(by: Authority, action: str, reports: Sequence[int], purpose: str) -> None:
    cases = Case.objects.filter(reports__in=reports).order_by("pk").distinct()
    journal.record(
        action=action,
        actor=by.actor,
        object_type="person",
        object_id=reports[0],
        after={"reports": list(reports), "cases": [case.number for case in cases]},
        note=purpose,
        events=[Event(action, "report", pk, {}) for pk in reports],
    )


# ── taking away ────────────────────────────────────────────────────────────────────────────────────


def strip(report_ids: Iterable[int], *, wholly: bool) -> None:
    """Take the contact data off these reports and mask numbers in what was typed.

    wholly: also the tie to the account, what the person was told, and the wish to be called.
    """
    ids = list(report_ids)
    gone: dict[str, object] = {
        "name_sealed": None,
        "phone_sealed": None,
        "phone_index": None,
        "mail_sealed": None,
        "wants_callback": False,
    }
    if wholly:
        gone["reporter"] = None
        Notice.objects.filter(report_id__in=ids).delete()
        Photo.objects.filter(report_id__in=ids).update(uploaded_by=None)
    Report.objects.filter(pk__in=ids).update(**gone)
    for report in Report.objects.filter(pk__in=ids).only("pk", "words"):
        masked = public_text(report.words)
        if masked != report.words:
            Report.objects.filter(pk=report.pk).update(words=masked)
    for rating in Rating.objects.filter(report_id__in=ids).exclude(words="").only("pk", "words"):
        masked = public_text(rating.words)
        if masked != rating.words:
            Rating.objects.filter(pk=rating.pk).update(words=masked)
    _mask_cases(ids)


def _mask_cases(report_ids: Sequence[int]) -> None:
    """The case says what its first report said, and so do the parts it was split into."""
    whose = Q(reports__in=report_ids) | Q(parent__reports__in=report_ids)
    for case in Case.objects.select_related("item").filter(whose).distinct():
        description, address = public_text(case.description), public_text(case.address)
        if (description, address) == (case.description, case.address):
            continue
        words = grams(description, address, case.item.name_zh if case.item else "")
        Case.objects.filter(pk=case.pk).update(description=description, address=address, grams=words)
