"""What every page knows: language, theme, elder mode, the house's name. Template variable ``web``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

THEME_COOKIE = "linli_theme"
ELDER_COOKIE = "linli_elder"
THEMES = ("auto", "light", "dark", "sun", "night")

_house_name: Callable[[], str] | None = None


def name_house(source: Callable[[], str]) -> None:
    """Tells where the house's name comes from (a setting of the operator); called once per page, so keep it cached."""
    global _house_name
    _house_name = source


def house_name() -> str:
    """What the house is called, in the reader's language."""
    return _house_name() if _house_name else _("邻里")


@dataclass(frozen=True)
class Web:
    """The choices of this browser, ready for ``base.html``."""

    language: str
    theme: str
    elder: bool
    here: str
    is_demo: bool
    debug: bool
    house_name: str

    @property
    def html_lang(self) -> str:
        return "en" if self.language == "en" else "zh-Hans"

    @property
    def other_language(self) -> tuple[str, str]:
        """Code and own name of the language one press away."""
        return ("zh-hans", "中文") if self.language == "en" else ("en", "English")

    @property
    def theme_attribute(self) -> str:
        """data-bs-theme, empty for "as the device"."""
        return {"auto": "", "sun": "light", "night": "dark"}.get(self.theme, self.theme)

    @property
    def theme_class(self) -> str:
        return self.theme if self.theme in {"sun", "night"} else ""

    @property
    def modes(self) -> str:
        """Classes for <html>: elder, sun, night."""
        return " ".join(filter(None, ["elder" if self.elder else "", self.theme_class]))


def web(request: HttpRequest) -> dict[str, Web]:
    """Context processor; no query."""
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    return {
        "web": Web(
            language="en" if (get_language() or "").startswith("en") else "zh-hans",
            theme=theme if theme in THEMES else "auto",
            elder=request.COOKIES.get(ELDER_COOKIE) == "1",
            here=request.get_full_path(),
            is_demo=bool(getattr(settings, "DEMO", False)),
            debug=settings.DEBUG,
            house_name=house_name(),
        )
    }
