from django.urls import URLPattern, URLResolver, path, re_path

from linli.doors.figures.views import appeals, cases, dashboard, left_out, scorecards

app_name = "figures"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", dashboard.dashboard, name="home"),
    re_path(r"^(?P<dimension>unit|post|grid)/(?P<number>[0-9]{1,18})/$", dashboard.one, name="one"),
    path("cases/", cases.cases, name="cases"),
    path("definitions/", cases.definitions, name="definitions"),
    path("left-out/", left_out.left_out, name="left_out"),
    path("left-out/<int:pk>/revoke/", left_out.revoke, name="revoke"),
    path("appeals/", appeals.appeals, name="appeals"),
    path("appeals/<int:pk>/", appeals.appeal, name="appeal"),
    path("appeals/ask/<str:number>/", appeals.ask, name="ask"),
    path("scorecards/", scorecards.scorecards, name="scorecards"),
    path("scorecards/<int:pk>/", scorecards.scorecard, name="scorecard"),
    path("scorecards/<int:pk>/try/", scorecards.try_out, name="try"),
    path("scorecards/<int:pk>/approve/", scorecards.approve, name="approve"),
    path("scorecards/<int:pk>/compute/", scorecards.compute, name="compute"),
    path("results/<int:pk>/", scorecards.result, name="result"),
]
