"""The steps of an issue: changed, counted anew, handed in, sent back, issued, withdrawn, corrected."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.kernel.flow import require
from linli.kernel.identifiers import clean_text
from linli.kernel.journal import queries as stories
from linli.rooms.bulletins.actions.drafting import content_of, count, keep_wording, make, record
from linli.rooms.bulletins.actions.keeping import keep_as_issued
from linli.rooms.bulletins.flow import BULLETIN
from linli.rooms.bulletins.judgement import Situation, context
from linli.rooms.bulletins.models import Issue, Kind
from linli.rooms.bulletins.numbering import number_text
from linli.rooms.bulletins.queries.comparing import changes_since
from linli.rooms.bulletins.queries.readers import reader_posts
from linli.rooms.people.models import PostKind
from linli.rooms.people.rights import Target, Viewer

MOST_WORDS = 4_000
MOST_NOTE = 300
MOST_PAIRS = 6


def edit(
    issue_id: int, given: Mapping[str, Any], *, viewer: Viewer, version: int, request_key: str | None = None
) -> Issue:
    """Change what people write: title, texts by section, notes to the overdue, photo pairs, readers; never a number.

    given: any of `title`, `texts`, `named` (case number → note), `pairs` (case ids), `reader_kinds`, `public`.
    version: the one that was seen; another one by now raises Conflict with both and with what was typed.
    """
    with transaction.atomic():
        issue, again = _begin(issue_id, "edit", viewer, request_key=request_key, version=version, typed=given)
        if again:
            return issue
        before = content_of(issue)
        _take_in(issue, given)
        after = content_of(issue)
        changed = [name for name in after if after[name] != before[name]]
        if not changed:
            return issue
        _step_on(issue, viewer, "edit")
        keep_wording(issue, clock.now(), viewer.account_id, viewer.name)
        record(
            issue,
            "edit",
            _actor(issue, viewer, "edit"),
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
            request_key=request_key,
            event=("bulletin.edited", ""),
        )
        return issue


def _take_in(issue: Issue, given: Mapping[str, Any]) -> None:
    if "title" in given:
        issue.title = clean_text(str(given["title"] or ""), 60, "title", one_line=True)
        if not issue.title:
            raise Refused(_("请填标题。"), "bulletin.title", "title")
    if "texts" in given:
        texts = {
            code: clean_text(str(words or ""), MOST_WORDS, f"text_{code}")
            for code, words in given["texts"].items()
            if code in issue.sections
        }
        issue.texts = {code: words for code, words in {**issue.texts, **texts}.items() if words}
    if "named" in given:
        listed = {row[0] for row in issue.numbers.get("overdue", {}).get("rows", ())}
        notes = {
            number: clean_text(str(words or ""), MOST_NOTE, f"named_{number}", one_line=True)
            for number, words in given["named"].items()
            if number in listed
        }
        issue.named = {number: words for number, words in notes.items() if words}
    if "pairs" in given:
        pool = {each["case_id"] for each in issue.numbers.get("pairs", {}).get("pool", ())}
        chosen = [case_id for case_id in dict.fromkeys(given["pairs"]) if case_id in pool]
        if len(chosen) > MOST_PAIRS:
            raise Refused(_("照片最多选 %(most)d 组。") % {"most": MOST_PAIRS}, "bulletin.pairs", "pairs")
        issue.pairs = chosen
    if "reader_kinds" in given:
        known = set(PostKind.objects.values_list("code", flat=True))
        issue.reader_kinds = [code for code in dict.fromkeys(given["reader_kinds"]) if code in known]
    if "public" in given:
        issue.public = bool(given["public"])


def recount(issue_id: int, *, viewer: Viewer, version: int, request_key: str | None = None) -> Issue:
    """Count the numbers anew, as of now; what people wrote stays."""
    with transaction.atomic():
        issue, again = _begin(issue_id, "recount", viewer, request_key=request_key, version=version)
        if again:
            return issue
        now = clock.now()
        was = issue.as_of
        issue.numbers = count(issue.kind, issue.place, issue.period, now, issue.sections)
        issue.as_of = now
        pool = {each["case_id"] for each in issue.numbers.get("pairs", {}).get("pool", ())}
        issue.pairs = [case_id for case_id in issue.pairs if case_id in pool]
        _step_on(issue, viewer, "recount")
        keep_wording(issue, now, viewer.account_id, viewer.name)
        record(
            issue,
            "recount",
            _actor(issue, viewer, "recount"),
            before={"as_of": was.isoformat()},
            after={"as_of": now.isoformat()},
            request_key=request_key,
            event=("bulletin.recounted", ""),
        )
        return issue


def submit(issue_id: int, *, viewer: Viewer, version: int, request_key: str | None = None) -> Issue:
    """Hand the draft in for somebody else to issue."""
    with transaction.atomic():
        issue, again = _begin(issue_id, "submit", viewer, request_key=request_key, version=version)
        if again:
            return issue
        if not (issue.reader_kinds or issue.reader_posts or issue.public):
            raise Refused(_("还没有选发给谁。"), "bulletin.readers", "reader_kinds", what_next=_("请在“发给谁”里选。"))
        issue.submitted_at, issue.submitted_by_id, issue.sent_back_why = clock.now(), viewer.account_id, ""
        _step_on(issue, viewer, "submit")
        record(
            issue,
            "submit",
            _actor(issue, viewer, "submit"),
            request_key=request_key,
            event=("bulletin.submitted", "bulletin.approve"),
        )
        return issue


def send_back(issue_id: int, why: str, *, viewer: Viewer, version: int, request_key: str | None = None) -> Issue:
    """Back to the editors, with the reason."""
    with transaction.atomic():
        why = clean_text(why or "", 500, "why")
        given = {"why": why}
        issue, again = _begin(issue_id, "send_back", viewer, given, request_key=request_key, version=version)
        if again:
            return issue
        told = sorted({*issue.editor_ids, *filter(None, [issue.submitted_by_id])})
        issue.sent_back_why, issue.submitted_at, issue.submitted_by = why, None, None
        _step_on(issue, viewer, "send_back")
        record(
            issue,
            "send_back",
            _actor(issue, viewer, "send_back"),
            note=why,
            request_key=request_key,
            event=("bulletin.sent_back", ""),
            accounts=told,
        )
        return issue


def issue(issue_id: int, *, viewer: Viewer, version: int, address: str = "", request_key: str | None = None) -> Issue:
    """Issue it: gives the number, keeps page, PDF and XLSX as they are now, tells the readers.

    address: the page's whole address, printed as a QR code; "" for none.
    """
    with transaction.atomic():
        found, again = _begin(issue_id, "issue", viewer, request_key=request_key, version=version)
        if again:
            return found
        # The kind's row is the series: two who issue at once get two numbers, and whoever gives up gives it back.
        kind = Kind.objects.select_for_update(of=("self",)).get(pk=found.kind_id)
        now = clock.now()
        found.year, found.serial, found.number = next_number(kind, now)
        found.issued_at, found.issued_by_id = now, viewer.account_id
        found.issued_name = viewer.name
        _step_on(found, viewer, "issue", editor=False)
        kept = keep_as_issued(found, now, address)
        record(
            found,
            "issue",
            _actor(found, viewer, "issue"),
            after={"number": found.number, "pdf": kept.pdf_sha256, "xlsx": kept.xlsx_sha256, "page": kept.page_sha256},
            request_key=request_key,
            event=("bulletin.issued", ""),
            posts=reader_posts(found, now),
            accounts=[*found.editor_ids],
        )
        return found


def next_number(kind: Kind, now: dt.datetime) -> tuple[int, int, str]:
    """Year, serial and text of the next number of a kind whose row is locked: without a gap in each civil year."""
    year = now.astimezone(CIVIL).year
    last = Issue.objects.filter(kind=kind, year=year).order_by("-serial").values_list("serial", flat=True).first()
    serial = last + 1 if last else (kind.first_serial if kind.first_year == year else 1)
    return year, serial, number_text(kind.prefix, year, serial)


def drop(issue_id: int, why: str, *, viewer: Viewer, version: int, request_key: str | None = None) -> Issue:
    """This one is not issued. It keeps its reason and gets no number."""
    with transaction.atomic():
        why = clean_text(why or "", 500, "why")
        issue, again = _begin(issue_id, "drop", viewer, {"why": why}, request_key=request_key, version=version)
        if again:
            return issue
        issue.ended_why = why
        _step_on(issue, viewer, "drop")
        record(
            issue,
            "drop",
            _actor(issue, viewer, "drop"),
            note=why,
            request_key=request_key,
            event=("bulletin.dropped", ""),
        )
        return issue


def withdraw(issue_id: int, why: str, *, viewer: Viewer, version: int, request_key: str | None = None) -> Issue:
    """An issued bulletin no longer holds; readers see that and why. Number and wording stay."""
    with transaction.atomic():
        why = clean_text(why or "", 500, "why")
        issue, again = _begin(issue_id, "withdraw", viewer, {"why": why}, request_key=request_key, version=version)
        if again:
            return issue
        issue.ended_why, issue.withdrawn_at = why, clock.now()
        _step_on(issue, viewer, "withdraw", editor=False)
        record(
            issue,
            "withdraw",
            _actor(issue, viewer, "withdraw"),
            words=why,
            request_key=request_key,
            event=("bulletin.withdrawn", ""),
            posts=reader_posts(issue, clock.now()),
        )
        return issue


def correct(issue_id: int, *, viewer: Viewer, request_key: str | None = None) -> Issue:
    """Begin an issue that stands in the place of an issued one; answers the new draft."""
    with transaction.atomic():
        old, again = _begin(issue_id, "correct", viewer, request_key=request_key)
        if again:
            found = old.corrections.exclude(state="dropped").order_by("-id").first()
            return found or old
        now = clock.now()
        new = make(old.kind, old.place, old.period, old.planned_at, now, corrects=old)
        new.title = clean_text(f"{re.sub('（更正）$', '', old.title)}（更正）", 60, "title", one_line=True)
        new.editor_ids = [viewer.account_id] if viewer.account_id else []
        new.save(update_fields=["title", "editor_ids"])
        record(
            new,
            "correct",
            _actor(new, viewer, "correct"),
            after={"corrects": old.number},
            request_key=request_key,
            event=("bulletin.correcting", ""),
        )
        return new


# ── what every step does ───────────────────────────────────────────────────────────────────────────


def _begin(
    issue_id: int,
    step: str,
    viewer: Viewer,
    given: Mapping[str, Any] | None = None,
    *,
    request_key: str | None,
    version: int | None = None,
    typed: Mapping[str, Any] | None = None,
) -> tuple[Issue, bool]:
    """The locked issue, and whether this very request was carried out before. Raises what stands against the step."""
    issue = Issue.objects.select_for_update(of=("self",)).select_related("kind", "place").filter(pk=issue_id).first()
    if issue is None:
        raise NotFound(_("没有这份通报。"), code="bulletin.not_found")
    if request_key and stories.by_request_key(request_key) is not None:
        viewer.require(BULLETIN.step(step).who, issue.lineage)
        return issue, True
    corrected = step == "correct" and issue.corrections.exclude(state="dropped").exists()
    situation = Situation(issue, viewer, corrected)
    if version is not None and version != issue.version:
        viewer.require(BULLETIN.step(step).who, issue.lineage)
        raise Conflict(
            _("您打开以后，别人改过这份通报。"),
            code="bulletin.changed",
            what_next=_("请看看有什么变化。您填写的内容都在，可以改好再交。"),
            changes=changes_since(issue, version),
            typed=dict(typed or given or {}),
        )
    require(BULLETIN, issue.state, step, context(situation), given)
    return issue, False


def _step_on(issue: Issue, viewer: Viewer, step: str, *, editor: bool = True) -> None:
    """To the step's state, one version on; whoever drafts is kept, and will not issue it."""
    issue.state = BULLETIN.step(step).target(issue.state)
    issue.version += 1
    if editor and BULLETIN.step(step).who == "bulletin.draft" and viewer.account_id:
        issue.editor_ids = list(dict.fromkeys([*issue.editor_ids, viewer.account_id]))
    issue.save()


def _actor(issue: Issue, viewer: Viewer, step: str) -> Any:
    return viewer.acting(viewer.may(BULLETIN.step(step).who, Target(lineage=issue.lineage)).post)
