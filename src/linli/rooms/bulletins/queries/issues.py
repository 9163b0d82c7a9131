"""Issues as lists and one by one, as the viewer may see them."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import NotFound
from linli.kernel.flow import Offer
from linli.rooms.bulletins.judgement import PUBLISHERS, Situation, next_steps, publishes
from linli.rooms.bulletins.models import Issue, Kept, KeptPicture, Kind, Reading
from linli.rooms.bulletins.page import Page, page_of
from linli.rooms.bulletins.pictures import pictures_of_pairs
from linli.rooms.bulletins.queries.readers import may_read, reads
from linli.rooms.people.rights import Viewer

_LIGHT = ("numbers", "texts", "named", "lineage")


def published(viewer: Viewer) -> QuerySet[Issue]:
    """What the viewer's posts publish: issues of places they draft or issue for."""
    tokens = {token for capability in PUBLISHERS for token in viewer.reach(capability).free if token > 0}
    return Issue.objects.filter(lineage__overlap=list(tokens)) if tokens else Issue.objects.none()


def at_work(viewer: Viewer) -> list[Issue]:
    """Drafts and those that wait to be issued, the latest period first."""
    found = published(viewer).filter(state__in=("draft", "submitted")).select_related("kind", "place").defer(*_LIGHT)
    return list(found.order_by("-ends_on", "kind__sort", "-id")[:200])


def to_read(viewer: Viewer, kind: str = "", year: int | None = None) -> QuerySet[Issue]:
    """Issued bulletins the viewer may read, the newest first; `opened` says whether the viewer has."""
    found = Issue.objects.filter(
        reads(viewer) | Q(pk__in=published(viewer).filter(issued_at__isnull=False).values("pk"))
    )
    if kind:
        found = found.filter(kind__code=kind)
    if year:
        found = found.filter(year=year)
    opened = Reading.objects.filter(issue=OuterRef("pk"), account_id=viewer.account_id or 0)
    return (
        found.distinct()
        .select_related("kind", "place")
        .defer(*_LIGHT)
        .annotate(opened=Exists(opened))
        .order_by("-issued_at", "-id")
    )


def unread(viewer: Viewer) -> int:
    """How many issued bulletins wait to be read by this viewer."""
    if not viewer.account_id:
        return 0
    mine = Issue.objects.filter(reads(viewer) & ~Q(public=True), state="issued")
    return mine.exclude(readings__account_id=viewer.account_id).distinct().count()


def kinds() -> list[Kind]:
    """All kinds in their order."""
    return list(Kind.objects.select_related("place"))


def open_issue(issue_id: int, viewer: Viewer) -> Issue:
    """One issue that the viewer may see. Raises NotFound otherwise: nobody learns that there is one."""
    issue = Issue.objects.select_related("kind", "place", "corrects", "submitted_by").filter(pk=issue_id).first()
    if issue is None or not may_read(issue, viewer):
        raise NotFound(_("没有这份通报，或者没有发给您。"), code="bulletin.not_found")
    return issue


def steps_for(issue: Issue, viewer: Viewer) -> list[Offer]:
    """What the viewer may do next with it."""
    if not publishes(issue, viewer):
        return []
    corrected = issue.state in ("issued", "withdrawn") and issue.corrections.exclude(state="dropped").exists()
    return next_steps(Situation(issue, viewer, corrected))


def page_for(issue: Issue) -> Page:
    """The page of an issue: as it was issued, or as a draft would look now."""
    if issue.issued_at is not None:
        kept: Page = Kept.objects.values_list("page", flat=True).get(issue=issue)
        return kept
    return page_of(issue)


def correction_of(issue: Issue) -> Issue | None:
    """The issued bulletin that stands in the place of this one."""
    return issue.corrections.filter(state__in=("issued", "withdrawn")).order_by("-id").first()


def file_of(issue: Issue, form: str) -> bytes:
    """The PDF or XLSX as issued. Raises NotFound for one that was not issued."""
    data = Kept.objects.filter(issue=issue).values_list(form, flat=True).first()
    if data is None:
        raise NotFound(code="bulletin.not_issued")
    return bytes(data)


def picture_of(issue: Issue, name: str) -> bytes:
    """A picture by its name: as it was issued, else of the pairs a draft may choose from. Raises NotFound."""
    if issue.issued_at is not None:
        data = KeptPicture.objects.filter(issue=issue, name=name).values_list("data", flat=True).first()
    else:
        pool: list[dict[str, Any]] = issue.numbers.get("pairs", {}).get("pool", [])
        wanted = [each for each in pool if name.partition("-")[0] == str(each["case_id"])]
        data = pictures_of_pairs(wanted).get(name)
    if data is None:
        raise NotFound(code="bulletin.no_picture")
    return bytes(data)
