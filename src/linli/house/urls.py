"""The house's table of contents. Each door has its own urls."""

from __future__ import annotations

from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("language/", set_language, name="set_language"),
    path("", include("linli.kernel.web.urls")),
    path("", include("linli.doors.common.urls")),
    path("accounts/", include("linli.doors.entrance.urls")),
    path("me/notices/", include("linli.doors.inbox.urls")),
    path("setup/", include("linli.doors.setup.urls")),
    path("field/", include("linli.doors.field.urls")),
    path("desk/duty/", include("linli.doors.duty.urls")),
    path("whistles/", include("linli.doors.whistle.urls")),
    path("rounds/", include("linli.doors.rounds.urls")),
    path("supervision/", include("linli.doors.supervision.urls")),
    path("meetings/", include("linli.doors.meetings.urls")),
    path("figures/", include("linli.doors.figures.urls")),
    path("bulletins/", include("linli.doors.gazette.urls")),
    path("desk/", include("linli.doors.desk.urls")),
    path("command/", include("linli.doors.command.urls")),
    path("admin/", include("linli.doors.admin.urls")),
    path("api/v1/", include("linli.doors.api.urls")),
    path("open311/", include("linli.doors.open311.urls")),
    path("", include("linli.doors.ogc.urls")),
    path("", include("linli.doors.portal.urls")),
]

handler400 = "linli.house.errors.bad_request"
handler403 = "linli.house.errors.forbidden"
handler404 = "linli.house.errors.not_found"
handler500 = "linli.house.errors.server_error"
