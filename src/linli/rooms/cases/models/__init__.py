"""The nouns of the room: a case, the reports behind it, its photos and ratings, and what an operator sets."""

from linli.rooms.cases.models.case import Case, Extension, Suspension
from linli.rooms.cases.models.report import Notice, Photo, PhotoLink, Rating, Report
from linli.rooms.cases.models.settings import CaseImport, SavedView, StepLimit

__all__ = [
    "Case",
    "CaseImport",
    "Extension",
    "Notice",
    "Photo",
    "PhotoLink",
    "Rating",
    "Report",
    "SavedView",
    "StepLimit",
    "Suspension",
]
