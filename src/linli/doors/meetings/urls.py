"""Meetings: the list, one meeting from its preparation to its minutes, what is projected, kinds of meetings."""

from django.urls import path

from linli.doors.meetings import views

app_name = "meetings"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.create, name="new"),
    path("kinds/", views.kinds, name="kinds"),
    path("agenda/", views.put_on, name="put_on"),
    path("regular/<int:seat_id>/stop/", views.stop, name="stop"),
    path("<int:meeting_id>/", views.show, name="meeting"),
    path("<int:meeting_id>/screen/", views.screen, name="screen"),
    path("<int:meeting_id>/minutes.pdf", views.minutes, name="minutes"),
    path("<int:meeting_id>/items/add/", views.add, name="add"),
    path("<int:meeting_id>/items/<int:item_id>/type/", views.type_in, name="type"),
    path("<int:meeting_id>/items/<int:item_id>/<slug:what>/", views.change, name="change"),
    path("<int:meeting_id>/attend/", views.attend, name="attend"),
    path("<int:meeting_id>/<slug:what>/", views.act, name="act"),
]
