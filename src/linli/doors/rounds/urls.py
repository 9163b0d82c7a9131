"""Patrols and inspections: what a phone walks, what the desk plans, what was found."""

from django.urls import path

from linli.doors.rounds.views import desk, finding, inspections, phone, plans

app_name = "rounds"
urlpatterns = [
    path("", phone.today, name="today"),
    path("patrols/<int:pk>/", phone.patrol, name="patrol"),
    path("patrols/<int:pk>/points.json", phone.points, name="points"),
    path("patrols/<int:pk>/start/", phone.start, name="start"),
    path("patrols/<int:pk>/finish/", phone.finish, name="finish"),
    path("patrols/<int:pk>/stops/<int:sequence>/", phone.stop, name="stop"),
    path("patrols/<int:pk>/finding/", finding.on_patrol, name="patrol_finding"),
    path("visits/<int:pk>/", phone.visit, name="visit"),
    path("visits/<int:pk>/items/<int:item>/", phone.answer_item, name="answer"),
    path("visits/<int:pk>/finding/", finding.on_visit, name="visit_finding"),
    path("visits/<int:pk>/close/", phone.close, name="close_visit"),
    path("visits/<int:pk>/sign/", phone.sign_visit, name="sign_visit"),
    path("visits/<int:pk>/sheet/", desk.sheet, name="sheet"),
    path("whose.json", finding.whose, name="whose"),
    path("desk/", desk.board, name="board"),
    path("plans/", plans.index, name="plans"),
    path("plans/new/", plans.new, name="new_plan"),
    path("plans/<int:pk>/", plans.edit, name="plan"),
    path("plans/<int:pk>/switch/", plans.switch, name="switch_plan"),
    path("inspections/", inspections.index, name="inspections"),
    path("inspections/new/", inspections.new, name="new_inspection"),
    path("inspections/<int:pk>/", inspections.show, name="inspection"),
    path("inspections/<int:pk>/grids.json", inspections.grids, name="inspection_grids"),
    path("inspections/<int:pk>/edit/", inspections.edit, name="edit_inspection"),
    path("inspections/<int:pk>/<slug:step>/", inspections.act, name="act"),
    path("findings/", desk.found, name="findings"),
    path("units/<int:pk>/", desk.unit, name="unit"),
    path("places/<int:pk>/", desk.place, name="place"),
    path("limits/", desk.limits, name="limits"),
]
