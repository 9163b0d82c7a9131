"""Reads of supervision, each scoped by who looks."""
