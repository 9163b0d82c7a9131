"""Only the design system's own addresses: the ground floor is tested without any door."""

from __future__ import annotations

from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [path("language/", set_language, name="set_language"), path("", include("linli.kernel.web.urls"))]
