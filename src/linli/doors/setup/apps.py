"""Setting an empty house up in the browser, once."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SetupConfig(AppConfig):
    name = "linli.doors.setup"
    label = "setup"
    verbose_name = _("首次设置")

    def ready(self) -> None:
        from linli.kernel.web import navigation
        from linli.kernel.web.navigation import Entry

        navigation.register(
            "admin", [Entry("setup", _("继续首次设置"), "setup:home", icon="checklist", order=-1, may=_goes_on)]
        )


def _goes_on(viewer: Any) -> bool:
    from linli.doors.setup.keeper import is_open

    return bool(viewer is not None and viewer.admin_role == "system" and is_open())
