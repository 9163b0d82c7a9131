"""Addresses of the set-up."""

from __future__ import annotations

from django.urls import path

from linli.doors.setup import views

app_name = "setup"
urlpatterns = [
    path("", views.home, name="home"),
    path("administrators/", views.administrators, name="administrators"),
    path("district/", views.district, name="district"),
    path("divisions/", views.divisions, name="divisions"),
    path("grids/", views.grids, name="grids"),
    path("units/", views.units, name="units"),
    path("posts/", views.posts, name="posts"),
    path("catalogue/", views.catalogue, name="catalogue"),
    path("calendar/", views.calendar, name="calendar"),
    path("finish/", views.finish, name="finish"),
    path("skip/<slug:key>/", views.skip, name="skip"),
    path("away/<slug:key>/", views.away, name="away"),
]
