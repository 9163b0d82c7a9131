"""The tour: one case from report to rating, with who acts at each step and what happens behind it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from linli.doors.common.templatetags.cases import as_strip
from linli.rooms.cases.queries.public import PublicCase

# Step: icon, who acts, and what happens behind it for somebody who sees it for the first time.
_TOUR = {
    "report": (
        "user",
        _("居民"),
        _("拍照、点地图、发送，不用注册。系统按位置找到网格，按事项找到责任单位，给出查询码。"),
    ),
    "accept": ("headset", _("受理员"), _("看过内容，确认属于哪一类。系统会猜，但由人决定。")),
    "register": ("send", _("派遣员"), _("按立案条件立案，处置时限从这一刻算起，只算工作时间。")),
    "dispatch": (
        "send",
        _("派遣员"),
        _("派给责任单位。单位认为不该自己办，可以写明理由回退，由另一位派遣员重派。"),
    ),
    "receive": ("building", _("责任单位联络员"), _("接收后开始处置。")),
    "handle": ("tool", _("处置人员"), _("写明做了什么，上传处置后的照片。")),
    "confirm": ("building", _("责任单位联络员"), _("确认处置完成，处置时限算到这里。")),
    "verify_pass": ("eye-check", _("核查员"), _("没有参与处置的另一个人到现场看，前后照片对比。")),
    "verify_fail": ("eye-check", _("核查员"), _("现场没有做好，要求返工。")),
    "close": ("send", _("派遣员"), _("处置单位不能自己结案。结案后，所有上报的人都会收到结果。")),
    "rate": ("user", _("居民"), _("说解决没有、满意不满意。没解决可以要求重办一次。")),
}


def told(story: PublicCase) -> list[dict[str, Any]]:
    """The steps of the tour: at, title, icon, who, said (public words), photos, words (what is behind)."""
    steps = []
    for moment in story.moments:
        if moment.code not in _TOUR:
            continue
        icon, who, words = _TOUR[moment.code]
        reported = moment.code == "report"
        steps.append(
            {
                "at": moment.at,
                "title": moment.label,
                "icon": icon,
                "who": moment.unit if moment.unit and moment.code in ("receive", "confirm") else who,
                "said": story.words if reported else moment.words,
                "photos": as_strip(story.before if reported else moment.photos),
                "words": words,
            }
        )
    return steps
