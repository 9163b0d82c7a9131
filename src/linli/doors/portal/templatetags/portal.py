"""``{% load portal %}``: a case in a resident's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template

from linli.doors.portal import words
from linli.rooms.cases.queries.public import PublicCase

register = template.Library()


@register.filter
def for_residents(state: str) -> str:
    """The resident's word for a state."""
    return words.state_words(state)


@register.filter
def now_words(public: PublicCase) -> str:
    """Where it stands and what comes next by when."""
    return words.now_words(public.case, public.place.rsplit(" › ", 1)[-1])


@register.filter
def story(public: PublicCase) -> list[dict[str, Any]]:
    """Rows for the `timeline` tag, newest first."""
    return words.story(public)


@register.filter
def progress(public: PublicCase) -> Sequence[tuple[str, str]]:
    """The five stages and which of them are done."""
    return words.progress(public.stage)
