"""Reads of the room: lists, one whistle, suggestions, precedents, and the scores that scorecards count."""

from linli.rooms.whistles.queries.listing import VIEWS, Filters, counts, listed, of_case, visible
from linli.rooms.whistles.queries.page import open_whistle, whistle_page
from linli.rooms.whistles.queries.precedents import precedents, precedents_for, precedents_of
from linli.rooms.whistles.queries.suggesting import Suggestion, suggestions

__all__ = [
    "VIEWS",
    "Filters",
    "Suggestion",
    "counts",
    "listed",
    "of_case",
    "open_whistle",
    "precedents",
    "precedents_for",
    "precedents_of",
    "suggestions",
    "visible",
    "whistle_page",
]
