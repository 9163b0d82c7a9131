"""The nouns of the room: supervision orders, proposals for them, lights and rules; meetings; tasks."""

from linli.rooms.oversight.models.meetings import AgendaItem, Attendance, Meeting, MeetingKind, Minutes, Seat
from linli.rooms.oversight.models.orders import Answer, CaseWatch, Evidence, Order, OrderCase, Proposal, Source
from linli.rooms.oversight.models.settings import Light, Register, Rules
from linli.rooms.oversight.models.tasks import Area, Aspect, Milestone, Progress, Task

__all__ = [
    "AgendaItem",
    "Answer",
    "Area",
    "Aspect",
    "Attendance",
    "CaseWatch",
    "Evidence",
    "Light",
    "Meeting",
    "MeetingKind",
    "Milestone",
    "Minutes",
    "Order",
    "OrderCase",
    "Progress",
    "Proposal",
    "Register",
    "Rules",
    "Seat",
    "Source",
    "Task",
]
