from django.urls import path

from linli.doors.command import views

app_name = "command"
urlpatterns = [
    path("", views.today, name="today"),
    path("wall/", views.today, {"wall": True}, name="wall"),
]
