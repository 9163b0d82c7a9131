"""What is said of the events that name their readers: topic and shipped words, in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """One kind of event: the topic people choose by, and heading and text in both languages."""

    topic: str
    zh_title: str
    zh: str
    en_title: str
    en: str


NAMED: dict[str, Named] = {
    # The ladder of duty (LK-7).
    "duty.entered": Named(
        "todo",
        "轮到您这一级：{item} · {place}",
        "{place}的“{item}”（{number}）轮到您这一级办理。请{due}办好，办不动就写明试过什么再升级。",
        "Your tier's turn: {item} · {place}",
        "“{item}” in {place} ({number}) is your tier's now. Please solve it {due}, or pass it up with what was tried.",
    ),
    "duty.warned": Named(
        "deadline",
        "快要升级：{item} · {place}",
        "“{item}”（{number}）这一级的时限快到了。{due}还没有办好，就会自动升到上一级。",
        "About to climb: {item} · {place}",
        "The time of this tier for “{item}” ({number}) is running out. Not solved {due}, it climbs to the tier above.",
    ),
    "duty.climbed": Named(
        "todo",
        "升到您这一级：{item} · {place}",
        "{place}的“{item}”（{number}）已升级，现在由您这一级负责。请接收，{due}办好。\n{words}",
        "Climbed to you: {item} · {place}",
        "“{item}” in {place} ({number}) has climbed; the duty is yours now. Please receive it and solve it {due}.\n"
        "{words}",
    ),
    "duty.assigned": Named(
        "todo",
        "交办：{item} · {place}",
        "{place}的“{item}”（{number}）交给您办。请接收，{due}办好。\n{words}",
        "Assigned: {item} · {place}",
        "“{item}” in {place} ({number}) was assigned to you. Please receive it and solve it {due}.\n{words}",
    ),
    "duty.overdue": Named(
        "deadline",
        "最高一级也超期了：{item} · {place}",
        "“{item}”（{number}）在最高一级也过了时限，请尽快定下怎么办。",
        "Overdue on the top tier: {item} · {place}",
        "“{item}” ({number}) has run out of time on the highest tier, too. Please settle what is to be done.",
    ),
    # The whistle (LK-7).
    "whistle.called": Named(
        "todo",
        "吹哨：请{unit}报到 · {item}",
        "{place}的“{item}”（{number}）需要{unit}。请{due}确认来不来；不属本单位，写明理由和该归谁。\n{words}",
        "Whistle: {unit} is needed · {item}",
        "“{item}” in {place} ({number}) needs {unit}. Please confirm {due}, or say why it is not yours and whose.\n"
        "{words}",
    ),
    "whistle.confirmed": Named(
        "oversight",
        "已确认来：{item}",
        "{unit}已确认为“{item}”（{number}）报到。",
        "Confirmed: {item}",
        "{unit} has confirmed to report in for “{item}” ({number}).",
    ),
    "whistle.refused": Named(
        "todo",
        "有单位说不归它，请裁定：{item}",
        "{unit}说“{item}”（{number}）不属本单位。请裁定谁来。\n{words}",
        "A unit says it is not its own, please decide: {item}",
        "{unit} says that “{item}” ({number}) is not its own. Please decide who has to come.\n{words}",
    ),
    "whistle.decided": Named(
        "back",
        "已裁定：{item}",
        "关于“{item}”（{number}）归谁，派遣员已裁定。\n{words}",
        "Decided: {item}",
        "It was decided whose “{item}” ({number}) is.\n{words}",
    ),
    "whistle.overdue": Named(
        "deadline",
        "吹哨超时没有回应：{item}",
        "“{item}”（{number}）的吹哨，{unit}没有按时回应。",
        "No answer to the whistle: {item}",
        "{unit} did not answer the whistle about “{item}” ({number}) in time.",
    ),
    "whistle.promised": Named(
        "oversight",
        "{unit}说了怎么办：{item}",
        "{unit}为“{item}”（{number}）承诺：{words}，{due}完成。",
        "{unit} said what it does: {item}",
        "{unit} promises for “{item}” ({number}): {words}, {due}.",
    ),
    "whistle.reminded": Named(
        "deadline",
        "记得报到：{item}",
        "“{item}”（{number}）的现场碰头{due}，请准时到场签到。",
        "Remember to report in: {item}",
        "The meeting on site about “{item}” ({number}) is {due}. Please be there and check in.",
    ),
    "whistle.cancelled": Named(
        "todo",
        "吹哨已取消：{item}",
        "“{item}”（{number}）的吹哨已取消，不用来了。\n{words}",
        "The whistle is called off: {item}",
        "The whistle about “{item}” ({number}) was called off; there is no need to come.\n{words}",
    ),
    "whistle.scored": Named(
        "oversight",
        "报到评分：{item}",
        "“{item}”（{number}）的吹哨方给{unit}打了分，打开看看。",
        "Scored: {item}",
        "{unit} was scored for “{item}” ({number}). Open it to see how.",
    ),
    # Patrols and inspections (LK-8).
    "patrol.unstaffed": Named(
        "oversight",
        "今天的巡查没有人走：{item}",
        "“{item}”今天没有在岗的人，请安排代理人。",
        "Nobody to walk today's patrol: {item}",
        "Nobody holds the post for “{item}” today. Please name a deputy.",
    ),
    "patrol.missed": Named(
        "deadline",
        "巡查没有走完：{item}",
        "“{item}”当天没有走完，已记为漏巡。",
        "Patrol missed: {item}",
        "“{item}” was not finished on its day and counts as missed.",
    ),
    "inspection.opened": Named(
        "todo",
        "请到现场检查：{item}",
        "“{item}”已经开始，您是检查人。请{due}查完。",
        "To inspect: {item}",
        "“{item}” has begun and you are one of its inspectors. Please finish {due}.",
    ),
    # Supervision orders, meetings, tasks (LK-8, LS-14).
    "order.issued": Named(
        "todo",
        "督办单：{item}",
        "{unit}收到督办单 {number}：{item}。请签收，{due}办好并回复。",
        "Supervision order: {item}",
        "{unit} has received supervision order {number}: {item}. Please sign for it, and answer {due}.",
    ),
    "order.answered": Named(
        "todo",
        "督办单已回复，待核查：{item}",
        "督办单 {number}（{item}）已回复，请核查。",
        "Order answered, to check: {item}",
        "Supervision order {number} ({item}) was answered. Please check it.",
    ),
    "order.returned": Named(
        "back",
        "督办单被退回：{item}",
        "督办单 {number}（{item}）的回复没有通过核查。请{due}再办。\n{words}",
        "Order sent back: {item}",
        "The answer to supervision order {number} ({item}) did not pass. Please see to it again {due}.\n{words}",
    ),
    "order.closed": Named(
        "oversight",
        "督办单已办结：{item}",
        "督办单 {number}（{item}）已核查办结。",
        "Order closed: {item}",
        "Supervision order {number} ({item}) was checked and closed.",
    ),
    "order.raised": Named(
        "todo",
        "督办升级：{item}",
        "督办单 {number}（{item}）已升级督办。请{due}办好。\n{words}",
        "Order raised: {item}",
        "Supervision order {number} ({item}) was raised to a higher level. Please see to it {due}.\n{words}",
    ),
    "order.light": Named(
        "deadline",
        "督办灯变了：{item}",
        "督办单 {number}（{item}）的灯变了，时限是{due}。",
        "The light of an order changed: {item}",
        "The light of supervision order {number} ({item}) has changed; it is due {due}.",
    ),
    "order.proposed": Named(
        "todo",
        "建议督办：{item}",
        "有一条督办建议等您看：{item}。",
        "Supervision proposed: {item}",
        "A proposal for supervision waits for you: {item}.",
    ),
    "order.reminded": Named(
        "todo",
        "督办催办：{item}",
        "督办单 {number}（{item}）催办。请{due}办好并回复。\n{words}",
        "Reminder: {item}",
        "You are reminded of supervision order {number} ({item}). Please answer {due}.\n{words}",
    ),
    "order.contested": Named(
        "todo",
        "单位申请改派：{item}",
        "{unit}认为督办单 {number}（{item}）不该由它办，请决定。\n{words}",
        "Not theirs: {item}",
        "{unit} says that supervision order {number} ({item}) is not theirs. Please decide.\n{words}",
    ),
    "task.added": Named(
        "todo",
        "新任务：{item}",
        "{unit}承担任务“{item}”，{due}完成。请按时报进展。",
        "A task: {item}",
        "{unit} has the task “{item}”, to be done {due}. Please report on it in time.",
    ),
    "task.light": Named(
        "deadline",
        "任务灯变了：{item}",
        "任务“{item}”的灯变了，期限是{due}。",
        "The light of a task changed: {item}",
        "The light of the task “{item}” has changed; it is due {due}.",
    ),
    "meeting.cancelled": Named(
        "oversight",
        "会议取消：{item}",
        "{item}不开了。\n{words}",
        "Called off: {item}",
        "{item} was called off.\n{words}",
    ),
    "meeting.called": Named(
        "todo",
        "开会：{item}",
        "{item}，{due}开始。打开看议程。",
        "Meeting: {item}",
        "{item} begins {due}. Open it to see the agenda.",
    ),
    "meeting.decided": Named(
        "todo",
        "会上交办：{item}",
        "会议决定由您负责：{item}。请{due}办好。\n{words}",
        "Assigned at a meeting: {item}",
        "The meeting has made you answer for {item}. Please see to it {due}.\n{words}",
    ),
    # Bulletins, appeals, scorecards.
    "bulletin.drafted": Named(
        "todo",
        "通报草稿好了：{item}",
        "“{item}”的草稿已生成，请看一看、改一改再送签。",
        "A bulletin is drafted: {item}",
        "“{item}” was drafted. Please look it through and submit it.",
    ),
    "bulletin.submitted": Named(
        "approval",
        "请签发：{item}",
        "“{item}”等您签发。",
        "To approve: {item}",
        "“{item}” waits for your approval.",
    ),
    "bulletin.sent_back": Named(
        "back",
        "通报被退回：{item}",
        "“{item}”没有签发。\n{words}",
        "Bulletin sent back: {item}",
        "“{item}” was not approved.\n{words}",
    ),
    "bulletin.issued": Named(
        "oversight",
        "{item}",
        "{item}（{number}）已发布，打开阅读。",
        "{item}",
        "{item} ({number}) was published. Open it to read.",
    ),
    "appeal.asked": Named(
        "approval",
        "超时申诉待审核：{item}",
        "{unit}就“{item}”（{number}）超时提出申诉，请审核。\n{words}",
        "Appeal to review: {item}",
        "{unit} appeals against the overdue result of “{item}” ({number}). Please review it.\n{words}",
    ),
    "appeal.decided": Named(
        "approval",
        "申诉有结果了：{item}",
        "“{item}”（{number}）的超时申诉有结果了，打开看理由。",
        "Your appeal was decided: {item}",
        "The appeal about “{item}” ({number}) was decided. Open it to see why.",
    ),
}
