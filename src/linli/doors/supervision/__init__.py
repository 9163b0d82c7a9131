"""Supervision orders and tasks under supervision."""
