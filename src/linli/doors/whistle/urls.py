"""Blowing the whistle and answering it."""

from django.urls import path

from linli.doors.whistle.views import blowing, check_in, lists, page, steps

app_name = "whistle"
urlpatterns = [
    path("", lists.whistles, name="list"),
    path("precedents/", lists.precedents, name="precedents"),
    path("limits/", lists.limits, name="limits"),
    path("blow/<slug:number>/", blowing.blow_form, name="blow"),
    path("here/<str:code>/", check_in.check_in, name="check_in"),
    path("<int:pk>/", page.page, name="page"),
    path("<int:pk>/screen/", page.screen, name="screen"),
    path("<int:pk>/calls/<int:call>/here/", check_in.by_place, name="by_place"),
    path("<int:pk>/calls/<int:call>/<slug:step>/", steps.of_call, name="call_step"),
    path("<int:pk>/<slug:step>/", steps.of_whistle, name="step"),
]
