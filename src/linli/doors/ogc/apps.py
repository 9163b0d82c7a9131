from django.apps import AppConfig


class OgcConfig(AppConfig):
    """The door for geographic systems: OGC API - Features over grids, buildings and cases. No pages for people."""

    name = "linli.doors.ogc"
    label = "ogc"
