"""What the house finds worth an order, and what people make of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from linli.kernel import clock, journal
from linli.kernel.clock import TimeLimit
from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.kernel.identifiers import clean_text
from linli.kernel.journal import queries as stories
from linli.kernel.outbox import Event
from linli.rooms.cases.models import Case
from linli.rooms.oversight.actions.issuing import Writ, issue
from linli.rooms.oversight.actions.parts import SYSTEM, rules_in_force, signature
from linli.rooms.oversight.models import Order, Proposal, Source
from linli.rooms.oversight.rules import common_path, metres_between
from linli.rooms.people.queries.carriers import carriers
from linli.rooms.people.rights import HeldPost, Target, Viewer
from linli.rooms.places.models import Place

LOOKED_AT = 400  # cases of one item around a new one: more would be a catastrophe, not a place


def propose(
    key: str, source: str, cases: Sequence[Case], title: str, words: str = "", *, light: str = ""
) -> Proposal | None:
    """Note a cause for an order, once for each key; None when it was noted before. The worker acts, nobody is asked."""
    first = cases[0]
    lineage = common_path([case.lineage for case in cases])
    if not lineage:
        return None
    now = clock.now()
    classes = {case.matter_class for case in cases}
    unit_id = first.unit_id or first.proposed_unit_id
    facts = Proposal(
        key=key[:120],
        source=source,
        title=title[:120],
        words=words[:2000],
        case_ids=[case.pk for case in cases],
        unit_id=unit_id,
        place=Place.objects.get(pk=lineage[-1]),
        lineage=lineage,
        tokens=lineage,
        matter_class=classes.pop() if len(classes) == 1 else "",
        light=light,
        found_at=now,
    )
    try:
        with transaction.atomic():
            facts.save(force_insert=True)
            journal.record(
                action="order.propose",
                actor=SYSTEM,
                object_type="proposal",
                object_id=facts.pk,
                before=None,
                after={"source": source, "cases": facts.case_ids, "light": light, "title": facts.title},
                place_ids=lineage,
                events=[
                    Event(
                        "order.proposed",
                        "proposal",
                        facts.pk,
                        {
                            "source": source,
                            "title": facts.title,
                            "number": first.number or "",
                            "case_id": first.pk,
                            "path": "/supervision/proposals/",
                            **_hearers(source, lineage, now),
                        },
                    )
                ],
            )
    except IntegrityError:
        if Proposal.objects.filter(key=facts.key).exists():
            return None
        raise
    return facts


def _hearers(source: str, lineage: Sequence[int], now: dt.datetime) -> dict[str, list[int]]:
    """People are spoken for: the desks that supervise the district hear of complaints, ratings and recurring places.
    Lights come by the dozen and wait on their page."""
    if source == Source.LIGHT:
        return {}
    desks = [
        one.post.id
        for one in carriers(lineage[:1], [], now)
        if "case.supervise" in one.post.duties and one.post.door == "desk"
    ]
    return {"posts": sorted(set(desks))}


def in_chinese(text: str, **facts: Any) -> str:
    """A sentence that is stored with what it is about: in the house's first language, whoever's turn it is."""
    return text % facts


def head_of(case: Case) -> str:
    """What a case is about in a few words, for a heading."""
    item = case.item.name_zh if case.item else ""
    return item or clean_text(case.description, 4000, one_line=True)[:40]


def propose_for_light(case: Case, light: str, name: str) -> Proposal | None:
    """A case whose handling deadline has come to a light that proposes: once for each run of its clock."""
    run = case.clock_from.isoformat() if case.clock_from else ""
    key = f"light:{case.pk}:{light}:{run}"
    title = in_chinese("%(what)s：%(light)s", what=head_of(case), light=name)
    return propose(key, Source.LIGHT, [case], title, case.description, light=light)


def propose_for_rating(case: Case, report_id: int, solved: str, level: int | None) -> Proposal | None:
    """A bad rating: not solved, or one of the last levels (DOMAIN §3); every one is called back."""
    rules = rules_in_force()
    if solved != "no" and not (level is not None and level <= rules.rating_level):
        return None
    said = in_chinese("没有解决") if solved == "no" else in_chinese("不满意")
    title = in_chinese("%(what)s：上报人评价“%(said)s”", what=head_of(case), said=said)
    return propose(f"rating:{report_id}:{case.reopened}", Source.RATING, [case], title, case.public_words)


def propose_for_complaint(case: Case, words: str) -> Proposal | None:
    """A reporter who had the case reopened: once for each reopening."""
    title = in_chinese("%(what)s：上报人要求重开", what=head_of(case))
    return propose(f"complaint:{case.pk}:{case.reopened}", Source.COMPLAINT, [case], title, words)


def propose_for_place(case: Case) -> Proposal | None:
    """The same item again and again at one spot: as many cases as the rule says, near one another or at one place.

    Once for each cluster: while a case of it stands in an earlier proposal that is young enough, nothing is added.
    """
    rules = rules_in_force()
    if case.item_id is None or case.parent_id is not None:
        return None
    since = clock.now() - dt.timedelta(days=rules.recurring_days)
    with transaction.atomic():
        with connection.cursor() as cursor:  # two cases of one item at once are looked at one after the other
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [7_315_311, case.item_id])
        like = list(
            Case.objects.filter(item_id=case.item_id, reported_at__gte=since, parent=None)
            .exclude(state__in=("refused", "withdrawn", "merged"))
            .select_related("item")
            .order_by("-reported_at")[:LOOKED_AT]
        )
        here = [one for one in like if one.pk == case.pk or _same_spot(case, one, rules.recurring_metres)]
        if len(here) < rules.recurring_cases:
            return None
        ids = [one.pk for one in here]
        known = Proposal.objects.filter(source=Source.RECURRING, case_ids__overlap=ids, found_at__gte=since)
        if known.exists():
            return None
        here.sort(key=lambda one: one.pk)
        title = in_chinese(
            "%(what)s：%(days)d 天内同一处 %(n)d 件", what=head_of(case), days=rules.recurring_days, n=len(here)
        )
        where = case.address or ""
        return propose(f"recurring:{case.item_id}:{here[-1].pk}", Source.RECURRING, here[-20:], title, where)


def _same_spot(a: Case, b: Case, metres: int) -> bool:
    if a.lng is not None and a.lat is not None and b.lng is not None and b.lat is not None:
        return metres_between((a.lng, a.lat), (b.lng, b.lat)) <= metres
    # Without coordinates only a building is exact enough to be "the same place".
    return a.place_id == b.place_id and (a.place.kind == "building" or (bool(a.address) and a.address == b.address))


def propose_finding(
    *, key: str, case_ids: Sequence[int], title: str, words: str = "", source: str = Source.INSPECTION
) -> Proposal | None:
    """For the rooms above: an inspection's finding or a meeting's decision that may deserve an order, once a key."""
    cases = list(Case.objects.filter(pk__in=list(case_ids)).select_related("item").order_by("pk"))
    return propose(f"{source}:{key}", source, cases, title, words) if cases else None


def _mine(proposal_id: int, viewer: Viewer) -> tuple[Proposal, HeldPost | None]:
    proposal = Proposal.objects.select_for_update(of=("self",)).filter(pk=proposal_id).first()
    if proposal is None:
        raise NotFound(gettext_lazy("没有这条建议。"), code="proposal.not_found")
    verdict = viewer.may("case.supervise", Target(proposal.lineage, (), None, proposal.matter_class))
    if not verdict.ok:
        if viewer.has("case.supervise"):
            raise NotFound(gettext_lazy("没有这条建议。"), code="proposal.not_found")
        raise NotAllowed(verdict.why)
    if proposal.state != Proposal.State.WAITING:
        raise Conflict(
            _("这条建议已由%(who)s处理。") % {"who": proposal.decided_name},
            code="proposal.decided",
            what_next=gettext_lazy("请刷新页面看最新情况。"),
        )
    return proposal, verdict.post


def issue_proposal(
    proposal_id: int,
    *,
    viewer: Viewer,
    unit_id: int | None = None,
    limit: TimeLimit | None = None,
    request_key: str | None = None,
) -> Order:
    """Turn a proposal into an order with one click: its words, its cases, the unit that handles them."""
    with transaction.atomic():
        if request_key and (known := stories.by_request_key(request_key)) is not None:
            return Order.objects.get(pk=int(known.object_id))
        proposal, _post = _mine(proposal_id, viewer)
        unit = unit_id or proposal.unit_id
        if unit is None:
            raise Refused(gettext_lazy("还没有定承办单位，请先选单位。"), "order.no_unit", "unit")
        writ = Writ(
            unit_id=unit,
            title=proposal.title,
            demand=demand_for(proposal.source),
            source=proposal.source,
            case_ids=proposal.case_ids,
            proposal_ids=[proposal.pk],
            limit=limit,
        )
        return issue(writ, viewer=viewer, request_key=request_key)


def demand_for(source: str) -> str:
    """What an order asks for when nobody writes anything else."""
    words = {
        Source.LIGHT: gettext_lazy("请查明未按期办理的原因，立即组织处置，并在时限内回复办理结果，附处置后照片。"),
        Source.RATING: gettext_lazy("请与上报人联系，查明没有解决或不满意的原因，整改到位后回复结果，附照片。"),
        Source.COMPLAINT: gettext_lazy("请查明上报人要求重开的原因，重新处置，并在时限内回复结果，附处置后照片。"),
        Source.RECURRING: gettext_lazy("同一处反复出现同类问题，请查明根源，提出并落实长效办法，在时限内回复。"),
    }
    with override("zh-hans"):
        return str(words.get(source, gettext_lazy("请按要求办理，并在时限内回复办理结果，附照片。")))  # type: ignore[call-overload]


def dismiss(proposal_id: int, reason: str, *, viewer: Viewer) -> Proposal:
    """Decide that a proposal needs no order, and say why. A bad rating has to be called back first."""
    reason = clean_text(reason or "", 1000, "reason")
    with transaction.atomic():
        proposal, post = _mine(proposal_id, viewer)
        if not reason:
            raise Refused(gettext_lazy("请写为什么不督办。"), "proposal.no_reason", "reason")
        if proposal.source == Source.RATING and proposal.called_at is None:
            raise Refused(gettext_lazy("差评要先回访：请记下回访结果。"), "proposal.not_called", "words")
        proposal.state, proposal.reason = Proposal.State.DISMISSED, reason
        proposal.decided_at, proposal.decided_name = clock.now(), signature(viewer, post)
        proposal.save()
        _note(proposal, "order.dismiss", viewer, post, reason, "order.dismissed")
        return proposal


def record_callback(proposal_id: int, reached: bool, words: str, *, viewer: Viewer) -> Proposal:
    """What the reporter of a bad rating said when called back (100 % are called, DOMAIN §3)."""
    words = clean_text(words or "", 1000, "words")
    with transaction.atomic():
        proposal, post = _mine(proposal_id, viewer)
        if proposal.source != Source.RATING:
            raise Refused(gettext_lazy("只有差评要回访。"), "proposal.no_rating")
        if not words:
            raise Refused(gettext_lazy("请记下对方说了什么，或为什么没有联系上。"), "proposal.no_words", "words")
        proposal.called_at, proposal.called_name = clock.now(), signature(viewer, post)
        proposal.call_reached, proposal.call_words = reached, words
        proposal.save()
        _note(proposal, "order.call_back", viewer, post, words, "order.called_back")
        return proposal


def _note(proposal: Proposal, action: str, viewer: Viewer, post: HeldPost | None, note: str, event: str) -> None:
    first = proposal.case_ids[0]
    number = Case.objects.filter(pk=first).values_list("number", flat=True).first()
    journal.record(
        action=action,
        actor=viewer.acting(post),
        object_type="proposal",
        object_id=proposal.pk,
        before=None,
        after={"state": proposal.state, "reached": proposal.call_reached},
        note=note,
        place_ids=proposal.lineage,
        events=[
            Event(
                event,
                "proposal",
                proposal.pk,
                {
                    "source": proposal.source,
                    "title": proposal.title,
                    "number": number or "",
                    "case_id": first,
                    "path": "/supervision/proposals/",
                },
            )
        ],
    )
