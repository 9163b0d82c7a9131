"""Patrols and inspections: planned at the desk, walked with a phone."""
