"""The demo town's base map: one PMTiles file with vector tiles (MVT), zoom 9 to 15 (MapLibre overzooms from there).

Layers and attributes, the contract with the map style:

========== =====================================================================================================
water      polygons. ``kind``: river | lake | pond; ``name``, ``name_en`` (may be empty)
landuse    polygons. ``kind``: park | green | farmland | forest | residential | commercial | school | civic |
           hospital | market | station | industrial | plaza; ``name`` (may be empty)
roads      lines. ``kind``: main | street | lane | path | rail; ``name``, ``name_en`` (may be empty);
           ``bridge``: 1 on bridges, else absent
buildings  polygons, from zoom 13. ``height`` in metres, ``kind``: home | shop | public | plant | shed
labels     points. ``kind``: district | town | village | community | park | school | hospital | market | station |
           civic | mall | compound | river; ``name``, ``name_en``; ``rank`` 1 (always) to 6 (from zoom 15)
boundary   lines. ``level``: county | town | community (villages too); draw it dashed and thin
========== =====================================================================================================

Coordinates come as WGS-84 (lng, lat). Centre of the urban part: about (113.14, 27.70), good at zoom 14.
"""
