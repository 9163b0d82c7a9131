"""Reads of the room: who answers, who holds which post, which units there are, how the matrix stands."""

from linli.rooms.people.queries.answerable import Answer, answerable

__all__ = ["Answer", "answerable"]
