"""What a password must be: eight characters of three classes (GB/T 22239), besides Django's own checks."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

CLASSES = 3


def classes_of(password: str) -> int:
    """How many of the four classes occur: small letters, capitals, digits, anything else (汉字 too)."""
    small = any(mark.islower() for mark in password)
    capital = any(mark.isupper() for mark in password)
    digit = any(mark.isdigit() for mark in password)
    other = any(not (mark.islower() or mark.isupper() or mark.isdigit()) for mark in password)
    return sum((small, capital, digit, other))


class ThreeClassesValidator:
    """For AUTH_PASSWORD_VALIDATORS."""

    def validate(self, password: str, user: object = None) -> None:
        if classes_of(password) < CLASSES:
            raise ValidationError(self.get_help_text(), code="password_too_plain")

    def get_help_text(self) -> str:
        return _("密码要含小写字母、大写字母、数字、符号（或汉字）中的至少三种。")


class LengthValidator:
    """At least eight characters, in our words."""

    def __init__(self, min_length: int = 8) -> None:
        self.min_length = min_length

    def validate(self, password: str, user: object = None) -> None:
        if len(password) < self.min_length:
            raise ValidationError(self.get_help_text(), code="password_too_short")

    def get_help_text(self) -> str:
        return _("密码至少 %(n)d 个字符。") % {"n": self.min_length}
