"""What became of an issue meanwhile: between two versions, and between its numbers and a count of now."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from linli.kernel import clock
from linli.kernel.flow import say
from linli.kernel.journal import queries as stories
from linli.rooms.bulletins import numbers as counting
from linli.rooms.bulletins.flow import BULLETIN
from linli.rooms.bulletins.models import Issue, Wording
from linli.rooms.bulletins.sections import SECTIONS, cell_words, differences, language


def changes_since(issue: Issue, version: int) -> list[dict[str, Any]]:
    """What others wrote after the version somebody saw: rows what, before, after, by, at."""
    seen = Wording.objects.filter(issue=issue, version__lte=version).order_by("-version").first()
    found: list[dict[str, Any]] = []
    if seen is None:
        return found
    before: dict[str, Any] = seen.content
    for wording in Wording.objects.filter(issue=issue, version__gt=version).order_by("version"):
        for what, was, now in _moved(before, wording.content):
            found.append({"what": what, "before": was, "after": now, "by": wording.by_name, "at": wording.at})
        before = wording.content
    if not found:
        for entry in stories.of("bulletin", issue.pk):
            if (entry.after or {}).get("version", 0) > version:
                what = _step(entry.action.removeprefix("bulletin."))
                found.append({"what": what, "before": "", "after": "", "by": entry.actor_name, "at": entry.at})
    return found


def _step(code: str) -> str:
    step = BULLETIN.by_step.get(code)
    return say(step.label) if step else code


def _moved(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    if before["title"] != after["title"]:
        found.append((_("标题"), before["title"], after["title"]))
    for code, section in SECTIONS.items():
        was, now = before["texts"].get(code, ""), after["texts"].get(code, "")
        if was != now:
            found.append((cell_words(section.title, language()), was, now))
    for number in sorted({*before["named"], *after["named"]}):
        was, now = before["named"].get(number, ""), after["named"].get(number, "")
        if was != now:
            found.append((number, was, now))
    if before["pairs"] != after["pairs"]:
        found.append((_("照片"), str(len(before["pairs"])), str(len(after["pairs"]))))
    if (before["reader_kinds"], before["public"]) != (after["reader_kinds"], after["public"]):
        found.append((_("发给谁"), str(len(before["reader_kinds"])), str(len(after["reader_kinds"]))))
    return found


def recounted(issue: Issue) -> list[dict[str, Any]]:
    """What a count of now would change in the issue, without changing it: rows section, what, before, after."""
    now = counting.gather(issue.place, issue.period, clock.now(), issue.sections)
    return differences(issue.numbers, now)
