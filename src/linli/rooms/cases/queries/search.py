"""What a clerk types into the search box: a number, a telephone number, the name of a place, or words."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from linli.kernel import seal
from linli.kernel.errors import Refused
from linli.kernel.identifiers import phone
from linli.kernel.text import matches, query_grams
from linli.rooms.cases.models import Report
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas


def said_or_lying_in(text: str, viewer: Viewer) -> Q:
    """The condition for cases that the text may mean. Telephone numbers only for who may reveal contacts."""
    if is_number(text):
        return Q(number=text.lstrip("#"))
    digits = "".join(c for c in text if c.isdigit())
    if len(digits) >= 7 and len(digits) >= len(text.replace(" ", "").replace("-", "")) - 1:
        if viewer.has("case.reveal"):
            return Q(pk__in=_by_phone(text))
        return Q(number__endswith=digits[-6:]) & Q(number__startswith=digits[:4])
    parts = query_grams(text)
    if parts and (called := _places_called(text)):
        # A place's name finds what lies in it, beside what says the word.
        return Q(grams__contains=parts) | Q(tokens__overlap=called)
    return Q(grams__contains=parts) if parts else Q(description__icontains=text) | Q(address__icontains=text)


def _places_called(text: str) -> list[int]:
    """Divisions and grids whose name holds the words; none when so many do that the name says nothing."""
    known = atlas.current().places
    found = [pk for pk, facts in known.items() if facts.parent_id is not None and text in facts.name_zh]
    return found if len(found) <= 40 else []


def _by_phone(text: str) -> list[int]:
    """Cases reported under a telephone number, found by its blind index."""
    try:
        index = seal.blind_index(phone(text), "phone")
    except Refused:
        return []
    return list(Report.objects.filter(phone_index=index).values_list("case_id", flat=True)[:200])


def is_number(text: str) -> bool:
    """Whether it looks like the public number of a case."""
    head, dash, tail = text.lstrip("#").partition("-")
    return bool(dash) and len(head) == 8 and head.isdigit() and tail.isdigit()


def really(row: dict[str, Any], text: str) -> bool:
    """Whether a row of the list says the words or lies in the place: pieces of two characters may lie."""
    if sum(c.isdigit() for c in text) >= 7:
        return True
    known = atlas.current().places
    facts = known.get(row["place_id"])
    if facts and any(text in known[above].name_zh for above in facts.lineage[1:] if above in known):
        return True
    return matches(" ".join((row["description"], row["address"], row["item__name_zh"] or "")), text)
