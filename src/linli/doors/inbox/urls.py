"""One's own messages and what to hear of; and the ways in from a mail or an SMS, which need no sign-in."""

from django.urls import path

from linli.doors.inbox import choices, ways_in
from linli.doors.inbox import views as inbox

app_name = "inbox"
urlpatterns = [
    path("", inbox.index, name="index"),
    path("read/", inbox.read_all, name="read_all"),
    path("<int:notice_id>/", inbox.open_notice, name="open"),
    path("<int:notice_id>/read/", inbox.read, name="read"),
    path("choices/", choices.choices, name="choices"),
    path("choices/address/<slug:channel>/", choices.address, name="address"),
    path("stop/<str:token>/", ways_in.stop, name="stop"),
    path("confirm/<str:token>/", ways_in.confirm, name="confirm"),
    path("sms/<str:code>/", ways_in.wish, name="wish"),
]
