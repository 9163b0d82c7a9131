"""Numbers of persons and bodies: resident ID (GB 11643), credit code (GB 32100), phone."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.utils.translation import gettext as _
from stdnum.cn import ric, uscc

from linli.kernel.errors import Refused
from linli.kernel.identifiers.cells import lost_digits, plain


@dataclass(frozen=True, slots=True)
class ResidentId:
    """A resident ID number of 18 characters and what it says."""

    number: str
    birth: date
    sex: Literal["female", "male"]

    def __str__(self) -> str:
        return self.number

    @property
    def county(self) -> str:
        """Where it was first given; old codes are kept for life, so never look them up in today's list."""
        return self.number[:6]


def resident_id(value: object, field: str = "resident_id", today: date | None = None) -> ResidentId:
    """Read a resident ID. `today`: also refuse births after that day.

    Place codes are not looked up. A number cell is refused whatever it shows: spreadsheets keep fifteen
    digits and invent the rest.
    """
    if isinstance(value, float | int) or lost_digits(value):
        raise Refused(
            _("身份证号被表格当成了数字，末尾几位已经丢失。"),
            f"{field}_lost_digits",
            field,
            what_next=_("请把该列设为文本格式，再按证件重新填写。"),
        )
    number = plain(value).replace("×", "X").replace("Х", "X").replace("Χ", "X")  # Cyrillic and Greek look-alikes
    again = _("请对照身份证核对每一位。")
    if not number:
        raise Refused(_("没有填写身份证号。"), f"{field}_empty", field)
    if len(number) == 15 and number.isdigit():
        raise Refused(
            _("这是 15 位的旧身份证号，已经停用。"),
            f"{field}_old",
            field,
            what_next=_("请填写 18 位的身份证号。"),
        )
    if len(number) != 18:
        raise Refused(
            _("身份证号应为 18 位，现在是 %(count)s 位。") % {"count": len(number)},
            f"{field}_length",
            field,
            what_next=again,
        )
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number):
        raise Refused(_("身份证号只能是数字，最后一位可以是 X。"), f"{field}_characters", field, what_next=again)
    try:
        birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        birth = date.min
    if birth.year < 1850 or (today is not None and birth > today):
        raise Refused(_("身份证号里的出生日期不存在。"), f"{field}_birth", field, what_next=again)
    if ric.calc_check_digit(number) != number[-1]:
        if number.endswith("000"):
            again = _("末尾的 000 多半是表格改的：请把该列设为文本格式，再按证件重新填写。")
        raise Refused(_("身份证号的校验位不对，至少有一位抄错了。"), f"{field}_check", field, what_next=again)
    return ResidentId(number, birth, "male" if int(number[16]) % 2 else "female")


_CREDIT = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


def credit_code(value: object, field: str = "credit_code") -> str:
    """Read a unified social credit code, 18 characters; a typed O or I is taken for 0 or 1.

    Codes may begin with letters too (rural collective bodies begin with N).
    """
    again = _("请对照营业执照或登记证书核对。")
    if isinstance(value, float | int) or lost_digits(value):
        raise Refused(
            _("统一社会信用代码被表格当成了数字，末尾几位已经丢失。"),
            f"{field}_lost_digits",
            field,
            what_next=_("请把该列设为文本格式后重新填写。"),
        )
    code = plain(value).replace("O", "0").replace("I", "1")
    if not code:
        raise Refused(_("没有填写统一社会信用代码。"), f"{field}_empty", field)
    if len(code) != 18:
        raise Refused(
            _("统一社会信用代码应为 18 位，现在是 %(count)s 位。") % {"count": len(code)},
            f"{field}_length",
            field,
            what_next=again,
        )
    if not _CREDIT.fullmatch(code):
        raise Refused(
            _("统一社会信用代码由数字和大写字母组成，不含 I、O、S、V、Z，第 3 到 8 位是数字。"),
            f"{field}_characters",
            field,
            what_next=again,
        )
    if uscc.calc_check_digit(code) != code[-1]:
        raise Refused(_("统一社会信用代码的校验位不对，至少有一位抄错了。"), f"{field}_check", field, what_next=again)
    return code


_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"(010|02[0-9]|0[3-9][0-9]{2})([2-8][0-9]{6,7})")
_SERVICE = re.compile(r"(400|800)([0-9]{7})")
_FOREIGN = re.compile(r"\+[1-9][0-9]{6,14}")
_EXTENSION = re.compile(r"(.*?)(?:转|分机|EXT\.?|X|#|,|-(?=[0-9]{1,4}$))\s*([0-9]{1,5})", re.DOTALL)


def phone(value: object, field: str = "phone") -> str:
    """Read a phone number; the same number always gives the same text.

    Mobile "13812345678", landline "0731-28881234" (extension "0731-28881234-801"), service number
    "4008123123", numbers from elsewhere "+85261234567".
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFKC", "" if value is None else str(value)).strip().upper()
    text = re.sub(r"^(?:TEL|电话|手机)[::.]?\s*", "", re.sub(r"[‐-―−]", "-", text))
    if not text:
        raise Refused(_("没有填写电话号码。"), f"{field}_empty", field)
    found = _read_phone(text, "")
    if found is None:
        with_extension = _EXTENSION.fullmatch(text)
        if with_extension:
            found = _read_phone(with_extension[1], with_extension[2])
    if found is not None:
        return found
    number = re.sub(r"\D", "", text)
    if re.search(r"[^0-9\s()+.\-/]", text) or not number:
        message, next_step = _("电话号码里有不能识别的字符。"), _("请只填写数字，例如 13812345678。")
    elif 7 <= len(number) <= 8 and number[0] in "2345678":
        message, next_step = _("座机号码缺少区号。"), _("请加上区号，例如 0731-28881234。")
    elif number[0] == "1" and len(number) != 11:
        message = _("手机号应为 11 位，现在是 %(count)s 位。") % {"count": len(number)}
        next_step = _("请检查有没有漏掉或多出数字。")
    else:
        message, next_step = _("这不是可用的电话号码。"), _("请填写 11 位手机号，或带区号的座机号码。")
    raise Refused(message, f"{field}_invalid", field, what_next=next_step)


def _read_phone(text: str, extension: str) -> str | None:
    number = re.sub(r"[\s()./\-]+", "", text)
    number = re.sub(r"^(?:\+86|0086|86(?=1[3-9][0-9]{9}$))", "", number)
    if not extension and _MOBILE.fullmatch(number):
        return number
    if not extension and _FOREIGN.fullmatch(number):
        return number
    landline = _LANDLINE.fullmatch(number)
    if landline is None and text.startswith(("+86", "0086")):
        landline = _LANDLINE.fullmatch("0" + number)  # abroad the area code is dialled without its zero
    if landline and (len(landline[1]) == 4 or len(landline[2]) == 8):
        return "-".join(part for part in (landline[1], landline[2], extension) if part)
    if not extension and _SERVICE.fullmatch(number):
        return number
    return None
