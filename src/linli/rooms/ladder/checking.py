"""What is wrong, or at least worth a second look, in a ladder before it takes force. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from linli.rooms.ladder.models import Ladder, Tier

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MOST_TIERS = 9


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `stops`: the ladder cannot take force with it. tier: code, "" for the ladder as a whole."""

    tier: str
    words: str | _StrPromise
    stops: bool = False


def problems_of(ladder: Ladder, tiers: Sequence[Tier]) -> list[Problem]:
    """Findings in the order of the ladder; the tiers come in the order of their levels, with their bearers loaded."""
    found: list[Problem] = []
    rungs = [tier for tier in tiers if tier.level > 0]
    if not rungs:
        words = _("至少要有一层") if not tiers else _("只有日常小事的起点，还要有其他事件的第一层")
        found.append(Problem("", words, stops=True))
    port = next((tier for tier in tiers if tier.for_everyday), None)
    if ladder.everyday and port is None:
        found.append(Problem("", _("选了日常小事，但没有说从哪一层开始")))
    if port is not None and not ladder.everyday:
        found.append(Problem(port.code, _("日常小事从这一层开始，但还没有选哪些事项是日常小事")))
    if ladder.major_level and rungs and ladder.major_level > rungs[-1].level:
        found.append(Problem("", _("标为重大问题的层级比最上一层还高，永远不会标")))
    for number, tier in enumerate(tiers):
        found += _of_tier(tier, tiers[:number], top=number == len(tiers) - 1)
    return found


def _of_tier(tier: Tier, below: Sequence[Tier], *, top: bool) -> list[Problem]:
    found: list[Problem] = []

    def say(words: str | _StrPromise, *, stops: bool = False) -> None:
        found.append(Problem(tier.code, words, stops))

    if tier.name_zh in {other.name_zh for other in below}:
        say(_("和下面一层同名，办的人分不清"), stops=True)
    if tier.unit is not None and tier.unit.valid_to is not None:
        say(_("指定的单位已经撤销"), stops=True)
    if tier.post_kind is not None and "duty.bear" not in tier.post_kind.duties:
        say(_("承担的岗位没有“承担本层级责任”的职责"), stops=True)
    limit, receipt = tier.limit, tier.receipt
    if limit is not None and receipt is not None and receipt.minutes > limit.minutes:
        say(_("接收时限比办理时限还长"), stops=True)
    if receipt is None:
        say(_("没有接收时限：没有接收也不会提醒"))
    if top:
        if limit is None:
            say(_("最上一层没有时限：到了这里不会再标超期"))
    elif limit is None:
        say(_("没有时限：事件只能由人上交，不会自己上升"))
    elif not tier.climbs_alone:
        say(_("到期只标超期，不会自己上升"))
    return found
