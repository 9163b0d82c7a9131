"""OGC API - Features: the addresses that the standard names (OGC 17-069r4, 7.1). No slash at their ends."""

from django.urls import path, re_path

from linli.doors.ogc import views

app_name = "ogc"
urlpatterns = [
    re_path(r"^ogc/?$", views.landing, name="landing"),
    path("ogc/conformance", views.conformance, name="conformance"),
    path("ogc/api", views.api, name="api"),
    path("ogc/collections", views.collections, name="collections"),
    path("ogc/collections/<slug:name>", views.collection, name="collection"),
    path("ogc/collections/<slug:name>/items", views.items, name="items"),
    path("ogc/collections/<slug:name>/items/<slug:key>", views.item, name="item"),
    path("ogc/<path:rest>", views.nothing, name="nothing"),
]
