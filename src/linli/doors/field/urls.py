"""The grid worker's pages: what to do, my grid, one case, report what I see."""

from django.urls import path

from linli.doors.field import views

app_name = "field"
urlpatterns = [
    path("", views.todo, name="todo"),
    path("grid/", views.grid, name="grid"),
    path("report/", views.report, name="report"),
    path("cases/<slug:number>/", views.case, name="case"),
]
