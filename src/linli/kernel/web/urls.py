"""Addresses of the design system; included at the root."""

from __future__ import annotations

from django.urls import path

from linli.kernel.web import styleguide, views

app_name = "web"

urlpatterns = [
    path("choice/theme", views.theme, name="theme"),
    path("choice/elder", views.elder, name="elder"),
    path("map/style.json", views.map_style, name="map_style"),
    path("map/base.pmtiles", views.base_map, name="base_map"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("service-worker.js", views.service_worker, name="service_worker"),
    path("offline/", views.offline, name="offline"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("design/", styleguide.index, name="design"),
    path("design/<slug:page>/", styleguide.frame, name="design_frame"),
    path("design/data/photo-<int:number>.svg", styleguide.photo, name="design_photo"),
    path("design/data/<slug:name>.json", styleguide.data, name="design_data"),
]
