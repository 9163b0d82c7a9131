"""Addresses of the set-up."""

from __future__ import annotations

from django.urls import path

from linli.doors.setup.views import people, places, wizard

app_name = "setup"
urlpatterns = [
    path("", wizard.home, name="home"),
    path("administrators/", wizard.administrators, name="administrators"),
    path("district/", places.district, name="district"),
    path("divisions/", places.divisions, name="divisions"),
    path("grids/", places.grids, name="grids"),
    path("units/", people.units, name="units"),
    path("posts/", people.posts, name="posts"),
    path("catalogue/", wizard.catalogue, name="catalogue"),
    path("calendar/", wizard.calendar, name="calendar"),
    path("finish/", wizard.finish, name="finish"),
    path("skip/<slug:key>/", wizard.skip, name="skip"),
    path("away/<slug:key>/", wizard.away, name="away"),
]
