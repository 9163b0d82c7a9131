from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EntranceConfig(AppConfig):
    name = "linli.doors.entrance"
    label = "entrance"
    verbose_name = _("登录")

    def ready(self) -> None:
        from linli.doors.entrance import signals  # noqa: F401  (connects receivers)
        from linli.kernel.web import navigation
        from linli.kernel.web.navigation import Entry

        navigation.register(
            "account",
            [
                Entry(
                    "sign_in",
                    _("登录"),
                    "account_login",
                    icon="login",
                    order=10,
                    may=lambda viewer: viewer is None or not viewer.signed_in,
                ),
                Entry(
                    "me",
                    _("我的账号"),
                    "entrance_me",
                    icon="user-circle",
                    order=20,
                    may=lambda viewer: viewer is not None and viewer.signed_in,
                ),
                Entry(
                    "sign_out",
                    _("退出"),
                    "account_logout",
                    icon="logout",
                    order=90,
                    method="post",
                    may=lambda viewer: viewer is not None and viewer.signed_in,
                ),
            ],
        )
