"""Codes and words that people type: read, checked and brought into one form.

Each reader takes what was typed (or what a sheet's cell held) and returns a value, or raises `Refused` with
the reason, the field and what to do next.
"""

from linli.kernel.identifiers.codes import (
    ComponentCode,
    Division,
    GridCode,
    MatterCode,
    component,
    division,
    grid,
    grid_code,
    matter,
)
from linli.kernel.identifiers.numbering import number_grids
from linli.kernel.identifiers.persons import ResidentId, credit_code, phone, resident_id
from linli.kernel.identifiers.text import clean_text
from linli.kernel.identifiers.tracking import (
    normalise_tracking_code,
    read_tracking_code,
    show_tracking_code,
    tracking_code,
)

__all__ = [
    "ComponentCode",
    "Division",
    "GridCode",
    "MatterCode",
    "ResidentId",
    "clean_text",
    "component",
    "credit_code",
    "division",
    "grid",
    "grid_code",
    "matter",
    "normalise_tracking_code",
    "number_grids",
    "phone",
    "read_tracking_code",
    "resident_id",
    "show_tracking_code",
    "tracking_code",
]
