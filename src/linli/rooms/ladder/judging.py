"""Who may move a case on the ladder, and where to. Judged over what is loaded; the bearer's post is the only query."""

from __future__ import annotations

from dataclasses import dataclass, field

from linli.rooms.cases.actions.duty import RUNNING
from linli.rooms.cases.judgement import target_of
from linli.rooms.cases.models import Case
from linli.rooms.ladder import rules
from linli.rooms.ladder.models import Stay, Tier
from linli.rooms.ladder.ways import InForce
from linli.rooms.people.models import Post
from linli.rooms.people.rights import HeldPost, Viewer


@dataclass(slots=True)
class MayDo:
    """What a viewer may do with a case's duty now. climb, jump, assign: levels it may be moved to; "" or why not.

    why: the reason, in the viewer's language, when nothing may be done.
    """

    receive: bool = False
    climb: list[int] = field(default_factory=list)
    jump: list[int] = field(default_factory=list)
    assign: list[int] = field(default_factory=list)
    tried_required: bool = True
    why_required: bool = True

    @property
    def anything(self) -> bool:
        return self.receive or bool(self.climb or self.jump or self.assign)


def bearing_post(viewer: Viewer, case: Case, stay: Stay) -> HeldPost | None:
    """The viewer's post that bears the duty of this stay.

    A post is the chair, not the person: whoever holds the same kind of post for the same place or unit now, its deputy
    included, bears what the one before bore.
    """
    target = target_of(case)
    own = [post for post in viewer.posts if post.covers("duty.bear", target)]
    if stay.unit_id is not None:
        return next((post for post in own if post.unit_id == stay.unit_id), None)
    direct = next((post for post in own if post.id == stay.post_id), None)
    if direct is not None or not own or stay.post_id is None:
        return direct
    chair = Post.objects.filter(pk=stay.post_id).values_list("kind__code", "place_id", "unit_id").first()
    if chair is None:
        return None
    kind, place_id, unit_id = chair
    return next(
        (
            post
            for post in own
            if post.kind == kind and post.place_id == place_id and (place_id is not None or post.unit_id == unit_id)
        ),
        None,
    )


def jumping_post(viewer: Viewer, case: Case, tier: Tier | None) -> HeldPost | None:
    """The viewer's post that may take a case from this tier past the next one."""
    if tier is None:
        return None
    target = target_of(case)
    return next(
        (post for post in viewer.posts if post.kind in tier.may_jump and post.covers("case.view", target)), None
    )


def rank(viewer: Viewer, case: Case, ladder: InForce) -> tuple[int, HeldPost | None]:
    """The highest level from which the viewer may assign cases like this one down, and the post that carries it.

    A post that bears a tier assigns from its tier. Posts that approve for the district (leaders, supervisors,
    dispatchers) speak for the leading group at the top. Other posts with the duty to assign do so among units.
    """
    target = target_of(case)
    top = ladder.tiers[-1].level if ladder.tiers else 0
    best: tuple[int, HeldPost | None] = (-1, None)
    for post in viewer.posts:
        if not post.covers("duty.assign", target):
            continue
        borne = [t.level for t in ladder.tiers if t.post_kind is not None and t.post_kind.code == post.kind]
        if "case.approve" in post.duties:
            level = top
        elif borne:
            level = max(borne)
        else:
            level = max((t.level for t in ladder.tiers if t.bearer == Tier.Bearer.UNIT), default=0)
        if level > best[0]:
            best = (level, post)
    return best


def may_do(viewer: Viewer, case: Case, stay: Stay | None, ladder: InForce | None) -> MayDo:
    """Everything the viewer may do here, for pages; the actions ask the same questions."""
    found = MayDo()
    if stay is None or case.state not in (*RUNNING, "suspended"):
        return found
    bearing = bearing_post(viewer, case, stay)
    found.receive = bearing is not None and stay.received_at is None
    if ladder is None or case.state not in RUNNING:
        return found
    tier = ladder.tier(stay.tier_code)
    if tier is not None:
        found.tried_required, found.why_required = tier.tried_required, tier.why_required
    higher = [t.level for t in rules.above(ladder.tiers, stay.tier_code, stay.level)]
    jumping = jumping_post(viewer, case, tier)
    if bearing is not None or jumping is not None or viewer.may("duty.assign", target_of(case)).ok:
        found.climb = higher[:1]
    if jumping is not None:
        found.jump = higher[1:]
    level, _post = rank(viewer, case, ladder)
    here = rules.level_in_force(ladder.tiers, stay.tier_code, stay.level)
    if level >= here:
        found.assign = [t.level for t in ladder.tiers if t.level <= here]
    return found
