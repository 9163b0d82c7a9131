"""The residents' pages, top to bottom as a resident meets them."""

from django.urls import path

from linli.doors.portal.views import contacts, follow, home, public, report

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("tour/", home.tour, name="tour"),
    path("report/", report.report, name="report"),
    path("track/", follow.enter_code, name="track"),
    path("track/<str:code>/", follow.follow, name="follow"),
    path("track/<str:code>/<slug:step>/", follow.answer, name="answer"),
    path("mine/", follow.mine, name="mine"),
    path("problems/", public.problems, name="problems"),
    path("problems/<slug:number>/", public.problem, name="problem"),
    path("map/", public.problem_map, name="map"),
    path("who/", contacts.who, name="who"),
]
