"""The look of Linli: templates, styles, scripts, map and the small views that belong to every door."""

from __future__ import annotations

import mimetypes

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "linli.kernel.web"
    label = "web"
    verbose_name = "Web design system"

    def ready(self) -> None:
        # Browsers refuse a module that is not served as JavaScript; Python 3.11 does not know .mjs so.
        mimetypes.add_type("text/javascript", ".mjs")
        mimetypes.add_type("text/javascript", ".js")
        mimetypes.add_type("application/manifest+json", ".webmanifest")
