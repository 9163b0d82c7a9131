"""The desk's pages, in the order of a case's day: the list, one case, many at once, taking in, sending out."""

from django.urls import path

from linli.doors.desk.views import bulk, case, exports, imports, intake, worklist

app_name = "desk"
urlpatterns = [
    path("", worklist.worklist, name="worklist"),
    path("facets/", worklist.facets, name="facets"),
    path("news/", worklist.news, name="news"),
    path("views/", worklist.save, name="save_view"),
    path("views/<int:view_id>/drop/", worklist.drop, name="drop_view"),
    path("board/", worklist.board, name="board"),
    path("bulk/", bulk.bulk, name="bulk"),
    path("cases/<slug:number>/", case.case, name="case"),
    path("cases/<slug:number>/near/", case.near, name="near"),
    path("cases/<slug:number>/sheet/", case.sheet, name="sheet"),
    path("cases/<slug:number>/process/", case.process_case, name="process"),
    path("cases/<slug:number>/contact/<int:report_id>/", case.contact, name="contact"),
    path("intake/", intake.intake, name="intake"),
    path("import/", imports.start, name="import"),
    path("import/template.xlsx", imports.template, name="import_template"),
    path("import/<int:import_id>/", imports.draft, name="import_draft"),
    path("import/<int:import_id>/rows/<int:row>/", imports.row, name="import_row"),
    path("import/<int:import_id>/take-in/", imports.take_in, name="import_take_in"),
    path("import/<int:import_id>/drop/", imports.drop, name="import_drop"),
    path("export/", exports.export, name="export"),
]
