"""The shipped words: for every event of `rules.TABLE`, for reporters and for staff, in Chinese and English."""

from __future__ import annotations

from linli.rooms.messages.named_texts import NAMED
from linli.rooms.messages.wording import Words

LANGUAGES = ("zh-hans", "en")

_ZH_SMS = "【{house}】事件 {number} 有新的进展，查看：{link}"
_EN_SMS = "[{house}] There is news about case {number}: {link}"
_ZH_WORK = "【{house}】事件 {number} 需要您看一下：{link}"
_EN_WORK = "[{house}] Case {number} needs your attention: {link}"

# kind → (Chinese heading, Chinese text, English heading, English text), for reporters.
_REPORTER: dict[str, tuple[str, str, str, str]] = {
    "case.accepted": (
        "已受理：{item}",
        "您上报的“{item}”（{number}）已受理，下一步是立案并派给责任单位。",
        "Accepted: {item}",
        "Your report “{item}” ({number}) was accepted. Next it is filed and given to the unit that answers for it.",
    ),
    "case.refused": (
        "没有受理：{item}",
        "您上报的“{item}”（{number}）没有受理。\n{words}",
        "Not taken on: {item}",
        "Your report “{item}” ({number}) was not taken on.\n{words}",
    ),
    "case.dispatched": (
        "已转给{unit}",
        "您上报的“{item}”（{number}）已转给{unit}，要求{due}处理完。",
        "Given to {unit}",
        "Your report “{item}” ({number}) was given to {unit}, to be dealt with {due}.",
    ),
    "case.told": (
        "有新的进展：{item}",
        "您上报的“{item}”（{number}）有新的进展。\n{words}",
        "News: {item}",
        "There is news about your report “{item}” ({number}).\n{words}",
    ),
    "case.suspended": (
        "暂时办不了：{item}",
        "您上报的“{item}”（{number}）暂时没有条件处理，已挂账，到期后接着办。\n{words}",
        "On hold: {item}",
        "Your report “{item}” ({number}) cannot be dealt with for now. It is on hold and will be taken up again.\n"
        "{words}",
    ),
    "case.closed": (
        "办好了：{item}",
        "您上报的“{item}”（{number}）已办结。\n{words}\n问题解决了吗？请打开链接评价；没有解决可以要求重新办理一次。",
        "Done: {item}",
        "Your report “{item}” ({number}) is closed.\n{words}\nWas the problem solved? Open the link to say so; "
        "if not, you can ask once to have it reopened.",
    ),
    "case.reopened": (
        "已重新办理：{item}",
        "“{item}”（{number}）已按要求重新办理，并已告诉处置单位的上级。",
        "Reopened: {item}",
        "“{item}” ({number}) was reopened as asked; those above the unit were told.",
    ),
    "case.merged": (
        "已合并：{item}",
        "您上报的“{item}”（{number}）与事件 {other} 是同一个问题，随那一件办理，结果会告诉您。",
        "Merged: {item}",
        "Your report “{item}” ({number}) is the same problem as case {other}. You will hear how that one ends.",
    ),
}

# For staff: the same four.
_STAFF: dict[str, tuple[str, str, str, str]] = {
    "case.reported": (
        "待受理：{item} · {place}",
        "{place}有人上报“{item}”（{number}）。请{due}受理。",
        "To accept: {item} · {place}",
        "“{item}” was reported in {place} ({number}). Please accept or refuse it {due}.",
    ),
    "case.check_requested": (
        "请到现场核实：{item} · {place}",
        "受理员请您到{place}核实“{item}”（{number}）。请{due}核实。",
        "To check on site: {item} · {place}",
        "You are asked to check “{item}” in {place} ({number}) {due}.",
    ),
    "case.checked": (
        "已核实，待受理：{item} · {place}",
        "“{item}”（{number}）已到现场核实。请{due}受理。",
        "Checked, to accept: {item} · {place}",
        "“{item}” ({number}) was checked on site. Please accept or refuse it {due}.",
    ),
    "case.accepted": (
        "待立案：{item} · {place}",
        "“{item}”（{number}）已受理。请{due}立案。",
        "To register: {item} · {place}",
        "“{item}” ({number}) was accepted. Please register it {due}.",
    ),
    "case.registered": (
        "待派遣：{item} · {place}",
        "“{item}”（{number}）已立案。请{due}派给责任单位。",
        "To dispatch: {item} · {place}",
        "“{item}” ({number}) was registered. Please dispatch it {due}.",
    ),
    "case.dispatched": (
        "派给{unit}：{item} · {place}",
        "{place}的“{item}”（{number}）已派给{unit}。请{due}接收，或说明理由回退。",
        "For {unit}: {item} · {place}",
        "“{item}” in {place} ({number}) was given to {unit}. Please receive it {due}, or return it with a reason.",
    ),
    "case.assist_opened": (
        "请{unit}协办：{item} · {place}",
        "{place}的“{item}”需要{unit}协办。请{due}接收。",
        "{unit} to assist: {item} · {place}",
        "{unit} is asked to assist with “{item}” in {place}. Please receive it {due}.",
    ),
    "case.returned": (
        "被回退，待重新派遣：{item} · {place}",
        "“{item}”（{number}）被回退，理由在事件里。请{due}重新派遣。",
        "Returned, to dispatch again: {item} · {place}",
        "“{item}” ({number}) was returned; the reason is in the case. Please dispatch it again {due}.",
    ),
    "case.handled": (
        "处置完，待确认：{item} · {place}",
        "“{item}”（{number}）已处置。请{due}确认，或退回重做。",
        "Handled, to confirm: {item} · {place}",
        "“{item}” ({number}) was handled. Please confirm it {due}, or send it back.",
    ),
    "case.sent_back": (
        "退回重做：{item} · {place}",
        "“{item}”（{number}）被退回重做，理由在事件里。请{due}处置。",
        "Sent back: {item} · {place}",
        "“{item}” ({number}) was sent back; the reason is in the case. Please handle it {due}.",
    ),
    "case.confirmed": (
        "待核查：{item} · {place}",
        "“{item}”（{number}）已由{unit}确认办好。请{due}到现场核查。",
        "To verify: {item} · {place}",
        "{unit} says that “{item}” ({number}) is done. Please verify it on site {due}.",
    ),
    "case.assisted": (
        "协办单位已完成：{item} · {place}",
        "“{item}”（{number}）的一个协办单位已完成自己的部分。",
        "An assisting unit is done: {item} · {place}",
        "A unit assisting with “{item}” ({number}) has done its part.",
    ),
    "case.verified": (
        "待结案：{item} · {place}",
        "“{item}”（{number}）核查通过。请{due}结案。",
        "To close: {item} · {place}",
        "“{item}” ({number}) passed the verification. Please close it {due}.",
    ),
    "case.reworked": (
        "返工：{item} · {place}",
        "“{item}”（{number}）核查没有通过，理由在事件里。请{due}重新处置。",
        "To redo: {item} · {place}",
        "“{item}” ({number}) did not pass the verification; the reason is in the case. Please redo it {due}.",
    ),
    "case.rated": (
        "上报人不满意：{item} · {place}",
        "上报人评价“{item}”（{number}）：问题没有完全解决。",
        "The reporter is not satisfied: {item} · {place}",
        "The reporter says that “{item}” ({number}) is not fully solved.",
    ),
    "case.reopened": (
        "要求重开：{item} · {place}",
        "上报人说“{item}”（{number}）没有解决，已重新办理，等派遣。",
        "Reopened: {item} · {place}",
        "The reporter says that “{item}” ({number}) was not solved. It was reopened and waits to be dispatched.",
    ),
    "case.extension_asked": (
        "申请延期：{item} · {place}",
        "{unit}为“{item}”（{number}）申请延期。请审批。",
        "Extension asked: {item} · {place}",
        "{unit} asks for more time for “{item}” ({number}). Please decide.",
    ),
    "case.extension_approved": (
        "同意延期：{item} · {place}",
        "“{item}”（{number}）的延期申请有一位审批人同意了，打开看下一步。",
        "Extension approved: {item} · {place}",
        "Somebody approved the extension of “{item}” ({number}). Open it to see what comes next.",
    ),
    "case.extension_refused": (
        "不同意延期：{item} · {place}",
        "“{item}”（{number}）的延期申请没有同意，理由在事件里。请{due}处置。",
        "Extension refused: {item} · {place}",
        "The extension of “{item}” ({number}) was refused; the reason is in the case. Please handle it {due}.",
    ),
    "case.suspended": (
        "已挂账：{item} · {place}",
        "“{item}”（{number}）已同意挂账，处置时限停到约定的日子。",
        "On hold: {item} · {place}",
        "“{item}” ({number}) is on hold; its time stands still until the agreed day.",
    ),
    "case.resumed": (
        "恢复处置：{item} · {place}",
        "“{item}”（{number}）挂账到期，已恢复处置。请{due}处置。",
        "Resumed: {item} · {place}",
        "“{item}” ({number}) is not on hold any more. Please handle it {due}.",
    ),
    "address.confirm": (
        "请确认您的邮箱",
        "有人在{house}填了这个邮箱，要在这里收消息。是您的话，三天内打开链接确认；不是您，不用理会。",
        "Please confirm your mail address",
        "Somebody asked {house} to send messages to this address. If it was you, open the link within three days; "
        "if not, do nothing.",
    ),
    "deadline.near": (
        "快到期：{item} · {place}",
        "“{item}”（{number}）快到期了，请{due}办完这一步。",
        "Due soon: {item} · {place}",
        "“{item}” ({number}) is due soon. Please take the next step {due}.",
    ),
    "deadline.overdue": (
        "已超期：{item} · {place}",
        "“{item}”（{number}）这一步已经超期，时限是{due}。请尽快办理。",
        "Overdue: {item} · {place}",
        "“{item}” ({number}) is overdue; the step was to be taken {due}. Please deal with it now.",
    ),
}

_STAFF |= {kind: (each.zh_title, each.zh, each.en_title, each.en) for kind, each in NAMED.items()}
# What these are about need not be a case.
_NAMED_SHORT = ("【{house}】有一件事需要您看一下：{link}", "[{house}] Something needs your attention: {link}")
_ENDED = {
    "case.closed": (
        "【{house}】您上报的 {number} 已办结，请查看并评价：{link}",
        "[{house}] Your report {number} is closed. See and rate it: {link}",
    ),
    "case.refused": (
        "【{house}】您上报的 {number} 没有受理，理由：{link}",
        "[{house}] Your report {number} was not taken on; why: {link}",
    ),
    "deadline.overdue": (
        "【{house}】事件 {number} 已超期，请尽快办理：{link}",
        "[{house}] Case {number} is overdue: {link}",
    ),
    "deadline.near": ("【{house}】事件 {number} 快到期：{link}", "[{house}] Case {number} is due soon: {link}"),
}

SHIPPED: dict[tuple[str, bool, str], Words] = {}
"""(kind, for reporters, language) → words."""

for _reporter, _said, _shorts in ((True, _REPORTER, (_ZH_SMS, _EN_SMS)), (False, _STAFF, (_ZH_WORK, _EN_WORK))):
    for _kind, (_zh_title, _zh, _en_title, _en) in _said.items():
        _zh_short, _en_short = _ENDED.get(_kind, _NAMED_SHORT if _kind in NAMED else _shorts)
        SHIPPED[_kind, _reporter, "zh-hans"] = Words(_zh_title, _zh, _zh_short)
        SHIPPED[_kind, _reporter, "en"] = Words(_en_title, _en, _en_short)
