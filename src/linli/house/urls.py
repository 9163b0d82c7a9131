"""The house's table of contents. Each door has its own urls."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

_DOORS = [
    ("", "linli.kernel.web.urls"),
    ("", "linli.doors.common.urls"),
    ("accounts/", "linli.doors.entrance.urls"),
    ("setup/", "linli.doors.setup.urls"),
    ("field/", "linli.doors.field.urls"),
    ("desk/", "linli.doors.desk.urls"),
    ("command/", "linli.doors.command.urls"),
    ("admin/", "linli.doors.admin.urls"),
    ("", "linli.doors.portal.urls"),
]


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


urlpatterns: list[URLPattern | URLResolver] = [path("language/", set_language, name="set_language")]
urlpatterns += [path(prefix, include(module)) for prefix, module in _DOORS if _is_there(module)]

handler400 = "linli.house.errors.bad_request"
handler403 = "linli.house.errors.forbidden"
handler404 = "linli.house.errors.not_found"
handler500 = "linli.house.errors.server_error"
