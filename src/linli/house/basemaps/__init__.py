"""Bringing in a base map of the operator's own.

`tags` says what an OpenStreetMap object becomes in Linli's layers; `extract` reads a file of them; `build` makes
the vector base map; `service` sets a tile service instead of it.
"""
