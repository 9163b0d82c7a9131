"""Addresses that several doors use: pictures, suggestions while typing, map data, steps of a case."""

from django.urls import path

from linli.doors.common import map_data, photos, steps, suggestions, tiles

app_name = "common"
urlpatterns = [
    path("photos/", photos.upload, name="photo_upload"),
    path("photos/<uuid:uid>.jpg", photos.show, name="photo"),
    path("photos/<uuid:uid>.thumb.jpg", photos.show, {"thumb": True}, name="photo_thumb"),
    path("suggest/items", suggestions.items, name="suggest_items"),
    path("suggest/duplicates", suggestions.duplicates, name="suggest_duplicates"),
    path("suggest/places", suggestions.places, name="suggest_places"),
    path("suggest/units", suggestions.units, name="suggest_units"),
    path("map/where", map_data.where, name="where"),
    path("map/grids.json", map_data.grids, name="map_grids"),
    path("map/cases.json", map_data.public_cases, name="map_public_cases"),
    path("map/my-cases.json", map_data.my_cases, name="map_my_cases"),
    path("tiles/grids.json", tiles.grids_json, name="grids_tilejson"),
    path("tiles/grids/<int:z>/<int:x>/<int:y>.mvt", tiles.grid_tile, name="grid_tile"),
    path("tiles/cases.json", tiles.cases_json, name="cases_tilejson"),
    path("tiles/cases/<int:z>/<int:x>/<int:y>.mvt", tiles.case_tile, name="case_tile"),
    path("tiles/my-cases/<int:z>/<int:x>/<int:y>.mvt", tiles.my_case_tile, name="my_case_tile"),
    path("cases/<slug:number>/steps/<slug:step>/", steps.step, name="step"),
]
