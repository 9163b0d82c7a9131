"""Reads of the room, scoped by the viewer."""
