"""Reads of the room, each scoped by the viewer: `patrols`, `inspections`, `findings`."""
