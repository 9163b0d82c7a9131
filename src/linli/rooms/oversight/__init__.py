"""Supervision (督办, LK-8, LS-14): orders, meetings and tasks under supervision."""
