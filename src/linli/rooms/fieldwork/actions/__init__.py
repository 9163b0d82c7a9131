"""The verbs of the room.

- `plans`: `save_plan`, `switch_plan`: the routine lists.
- `patrols`: `make_due`, `close_due` (the worker); `start`, `mark`, `finish` (who walks).
- `inspections`: `save_inspection`, `open_inspection`, `finish_inspection`, `cancel_inspection`.
- `visits`: `answer`, `close_visit`, `sign`: an inspection's checklist in one grid.
- `findings`: `file_finding`: what was found becomes a case on the spot.
- `limits`: `set_rectify_limits`.
"""
