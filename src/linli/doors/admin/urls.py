"""Addresses of the administrators' door, grouped by the thing they are about."""

from __future__ import annotations

from django.urls import path

from linli.doors.admin.views import drafts, grids, home

app_name = "admin_door"
urlpatterns = [
    path("", home.index, name="home"),
    path("suggest/<slug:source>", home.suggest, name="suggest"),
    # grids
    path("grids/", grids.index, name="grids"),
    path("grids/borders.geojson", grids.geojson, name="borders"),
    path("grids/import/", grids.import_file, name="grids_import"),
    path("grids/draw/", grids.draw, name="grids_draw"),
    path("grids/export/", grids.export, name="grids_export"),
    path("grids/versions/<int:set_id>/withdraw/", grids.withdraw, name="grids_withdraw"),
    path("grids/drafts/<int:draft_id>/", drafts.show, name="draft"),
    path("grids/drafts/<int:draft_id>/features.geojson", drafts.features, name="draft_features"),
    path("grids/drafts/<int:draft_id>/edit/", drafts.edit, name="draft_edit"),
    path("grids/drafts/<int:draft_id>/again/", drafts.again, name="draft_again"),
    path("grids/drafts/<int:draft_id>/publish/", drafts.publish, name="draft_publish"),
    path("grids/drafts/<int:draft_id>/discard/", drafts.discard, name="draft_discard"),
]
