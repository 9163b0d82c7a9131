from django.urls import path

from linli.doors.gazette.views import editing, kinds, reading

app_name = "gazette"
urlpatterns = [
    path("", reading.home, name="home"),
    path("kinds/", kinds.index, name="kinds"),
    path("kinds/new/", kinds.new, name="kind_new"),
    path("kinds/<slug:code>/", kinds.change, name="kind"),
    path("<int:issue_id>/", reading.issue, name="issue"),
    path("<int:issue_id>/pdf/", reading.pdf, name="pdf"),
    path("<int:issue_id>/xlsx/", reading.xlsx, name="xlsx"),
    path("<int:issue_id>/pictures/<str:name>/", reading.picture, name="picture"),
    path("<int:issue_id>/readers/", reading.readers, name="readers"),
    path("<int:issue_id>/edit/", editing.edit, name="edit"),
    path("<int:issue_id>/changes/", editing.changes, name="changes"),
    path("<int:issue_id>/steps/<slug:step>/", editing.step, name="step"),
]
