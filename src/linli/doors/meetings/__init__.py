"""Meetings: agenda, decisions typed live and projected, minutes."""
