"""Patrols of grid workers and inspections (LK-8): what is looked at, by whom, and what was found."""
