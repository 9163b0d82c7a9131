"""Reads of the room, each scoped by who looks.

- `worklist`: the staff's lists, their facets and counts.
- `page`: one case with its story and the next steps.
- `public`: what everybody may see, and what a reporter follows by code.
- `near`: likely duplicates around a point.
- `overview`: the map's viewport, the board, the figures.
"""
