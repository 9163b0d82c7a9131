"""Verbs of the room: the only code that writes places. Each takes `by`, who acts and with which rights."""

from linli.rooms.places.actions.base import (
    EDIT_BUILDINGS,
    EDIT_DIVISIONS,
    EDIT_GRIDS,
    PUBLISH_GRIDS,
)
from linli.rooms.places.actions.buildings import (
    create_building,
    edit_building,
    import_buildings,
    retire_building,
)
from linli.rooms.places.actions.divisions import (
    create_division,
    edit_place,
    import_division_boundaries,
    import_divisions,
    renumber_division,
    retire_division,
    set_boundary,
)
from linli.rooms.places.actions.drawing import begin_drawing, edit_draft
from linli.rooms.places.actions.grids import (
    discard_draft,
    preview_import,
    publish_import,
    withdraw_set,
)

__all__ = [
    "EDIT_BUILDINGS",
    "EDIT_DIVISIONS",
    "EDIT_GRIDS",
    "PUBLISH_GRIDS",
    "begin_drawing",
    "create_building",
    "create_division",
    "discard_draft",
    "edit_building",
    "edit_draft",
    "edit_place",
    "import_buildings",
    "import_division_boundaries",
    "import_divisions",
    "preview_import",
    "publish_import",
    "renumber_division",
    "retire_building",
    "retire_division",
    "set_boundary",
    "withdraw_set",
]
