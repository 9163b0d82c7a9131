"""The nouns of the room: plans and patrols, inspections and their visits, and what was found."""

from linli.rooms.fieldwork.models.finding import Finding, RectifyLimit
from linli.rooms.fieldwork.models.inspection import (
    Answer,
    AnswerPhoto,
    ChecklistItem,
    Inspection,
    Level,
    Visit,
    VisitSignature,
)
from linli.rooms.fieldwork.models.patrol import Patrol, PatrolPlan, PatrolStop, PlanPoint, PointKind

__all__ = [
    "Answer",
    "AnswerPhoto",
    "ChecklistItem",
    "Finding",
    "Inspection",
    "Level",
    "Patrol",
    "PatrolPlan",
    "PatrolStop",
    "PlanPoint",
    "PointKind",
    "RectifyLimit",
    "Visit",
    "VisitSignature",
]
