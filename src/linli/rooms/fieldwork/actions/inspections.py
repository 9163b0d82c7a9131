"""Inspections: planned, drawn and opened, finished or cancelled."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock
from linli.kernel.clock import TimeLimit
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.kernel.identifiers import clean_text
from linli.rooms.catalogue.queries import catalogue
from linli.rooms.fieldwork import rules
from linli.rooms.fieldwork.actions.telling import civil_day, tell
from linli.rooms.fieldwork.ground import KINDS, code_of, grids_of
from linli.rooms.fieldwork.models import ChecklistItem, Inspection, Level, Visit
from linli.rooms.people.models import Post, Unit
from linli.rooms.people.rights import Target, Viewer
from linli.rooms.places.models import Kind, Place
from linli.rooms.places.queries import valid

MOST_ITEMS = 60


@dataclass(slots=True)
class ItemWords:
    """A question of a checklist as somebody writes it; see `ChecklistItem`."""

    text: str
    proof: str = ChecklistItem.Proof.ON_NO
    item_key: str = ""
    unit_id: int | None = None
    limit: TimeLimit | None = None
    weight: int = 0


@dataclass(slots=True)
class InspectionWords:
    """An inspection as somebody plans it; see `Inspection`."""

    level: str
    theme: str
    place_id: int
    starts_on: dt.date
    ends_on: dt.date
    items: Sequence[ItemWords]
    sample: str = Inspection.Sample.RANDOM
    sample_size: int | None = None
    chosen: Sequence[int] = ()
    grid_kinds: Sequence[str] = ("grid", "special")
    post_ids: Sequence[int] = ()
    signers: int = 1
    words: str = ""
    request_key: str | None = field(default=None)


def save_inspection(
    words: InspectionWords, *, viewer: Viewer, inspection_id: int | None = None, version: int | None = None
) -> Inspection:
    """Plan an inspection, or change one that has not been opened. Raises Refused, Conflict, NotAllowed, NotFound."""
    now = clock.now()
    place = valid().filter(pk=words.place_id).first()
    if place is None or place.kind == Kind.BUILDING:
        raise Refused(_("请选检查范围：区、镇（街道）、社区或网格。"), code="inspection.place", field="place")
    viewer.require("inspection.plan", place.lineage)
    given = _checked(words, place)
    items = _items(words.items)
    with transaction.atomic():
        if inspection_id is None:
            known = Inspection.objects.filter(request_key=words.request_key).first() if words.request_key else None
            if known is not None:
                return known
            found = Inspection(created_by_id=viewer.account_id, created_at=now, request_key=words.request_key)
        else:
            found = _locked(inspection_id, viewer, version)
            if found.state != Inspection.State.DRAFT:
                raise Refused(_("检查已经开始，不能再改检查表和范围。"), code="inspection.opened")
            found.version += 1
        for name, value in given.items():
            setattr(found, name, value)
        found.place, found.tokens = place, list(place.lineage)
        found.save()
        found.items.all().delete()
        for sequence, item in enumerate(items, 1):
            item.inspection, item.sequence = found, sequence
        ChecklistItem.objects.bulk_create(items)
        _tell("inspection.planned", found, viewer, {"items": len(items), "sample": found.sample})
    return found


def open_inspection(inspection_id: int, *, viewer: Viewer, version: int | None = None) -> Inspection:
    """Draw the sample and open its visits. The seed is made here, by chance, after everything else is settled.

    Opening twice changes nothing. Raises Refused when the scope holds no grids, Conflict, NotAllowed, NotFound.
    """
    with transaction.atomic():
        found = _locked(inspection_id, viewer, None)
        if found.state == Inspection.State.RUNNING:
            return found
        _same(found, version)
        if found.state != Inspection.State.DRAFT:
            raise Refused(_("这次检查已经结束。"), code="inspection.ended")
        now = clock.now()
        grids, _moved = grids_of(found.place_id, found.grid_kinds, civil_day(now))
        of_id = {grid.id: grid for grid in grids}
        if not grids:
            raise Refused(_("这个范围里没有所选种类的网格。"), code="inspection.no_grids", field="place")
        pool = [(grid.id, code_of(grid)) for grid in grids]
        if found.sample == Inspection.Sample.RANDOM:
            found.seed = f"{found.pk}-{secrets.token_hex(8)}"
            wanted = rules.draw(pool, found.sample_size or 0, found.seed)
        elif found.sample == Inspection.Sample.CHOSEN:
            wanted = [place_id for place_id in found.chosen if place_id in of_id]
            if not wanted:
                raise Refused(_("指定的网格已不在这个范围里，请重新选。"), code="inspection.chosen", field="chosen")
        else:
            wanted = list(of_id)
        found.pool = [list(entry) for entry in pool]
        found.state, found.drawn_at = Inspection.State.RUNNING, now
        found.version += 1
        found.save()
        Visit.objects.bulk_create(
            Visit(
                inspection=found,
                place_id=place_id,
                lineage=list(of_id[place_id].lineage),
                tokens=list(of_id[place_id].lineage),
            )
            for place_id in wanted
        )
        drawn = {"seed": found.seed, "pool": len(pool), "drawn": wanted}
        _tell("inspection.opened", found, viewer, drawn, posts=list(found.post_ids))
    return found


def finish_inspection(inspection_id: int, conclusion: str, *, viewer: Viewer, version: int | None = None) -> Inspection:
    """End an inspection with a conclusion; grids not visited by then stay marked so. Twice changes nothing.

    Raises Refused while visits are under way (field "conclusion" when it is empty), Conflict, NotAllowed, NotFound.
    """
    with transaction.atomic():
        found = _locked(inspection_id, viewer, None)
        if found.state == Inspection.State.FINISHED:
            return found
        _same(found, version)
        if found.state != Inspection.State.RUNNING:
            raise Refused(_("这次检查还没有开始。"), code="inspection.not_open")
        found.conclusion = clean_text(conclusion, 4000)
        if not found.conclusion:
            raise Refused(_("请写检查结论。"), code="inspection.no_conclusion", field="conclusion")
        under_way = found.visits.filter(state__in=(Visit.State.WALKING, Visit.State.SIGNING)).count()
        if under_way:
            raise Refused(
                _("还有 %(n)d 个网格正在检查或等签字，请先办完。") % {"n": under_way}, code="inspection.under_way"
            )
        left = found.visits.filter(state=Visit.State.DUE).update(state=Visit.State.MISSED)
        found.state, found.finished_at = Inspection.State.FINISHED, clock.now()
        found.version += 1
        found.save()
        _tell("inspection.finished", found, viewer, {"not_visited": left}, posts=list(found.post_ids))
    return found


def cancel_inspection(inspection_id: int, reason: str, *, viewer: Viewer, version: int | None = None) -> Inspection:
    """Call an inspection off; what was found stays. Raises Refused (field "reason"), Conflict, NotAllowed, NotFound."""
    with transaction.atomic():
        found = _locked(inspection_id, viewer, None)
        if found.state == Inspection.State.CANCELLED:
            return found
        _same(found, version)
        if found.state == Inspection.State.FINISHED:
            raise Refused(_("这次检查已经结束。"), code="inspection.ended")
        found.conclusion = clean_text(reason, 4000)
        if not found.conclusion:
            raise Refused(_("请写为什么取消。"), code="inspection.no_reason", field="reason")
        found.visits.exclude(state=Visit.State.DONE).update(state=Visit.State.MISSED)
        found.state = Inspection.State.CANCELLED
        found.version += 1
        found.save()
        _tell("inspection.cancelled", found, viewer, {"reason": found.conclusion}, posts=list(found.post_ids))
    return found


def _locked(inspection_id: int, viewer: Viewer, version: int | None) -> Inspection:
    found = Inspection.objects.select_for_update(of=("self",)).filter(pk=inspection_id).first()
    if found is None:
        raise NotFound(_("没有这次检查。"), code="inspection.not_found")
    viewer.require("inspection.plan", found.tokens)
    _same(found, version)
    return found


def _same(found: Inspection, version: int | None) -> None:
    if version is not None and version != found.version:
        raise Conflict(
            _("您填写的时候，这次检查已被别人改过。"),
            code="inspection.changed",
            what_next=_("您填写的内容都在，核对后可以再交。"),
        )


def _tell(action: str, found: Inspection, viewer: Viewer, after: dict[str, object], posts: Sequence[int] = ()) -> None:
    tell(
        action,
        "inspection",
        found.pk,
        viewer.acting(viewer.may("inspection.plan", Target(found.tokens)).post),
        found.tokens,
        after={"version": found.version, "state": found.state, **after},
        name=found.theme,
        level=found.level,
        posts=list(posts),
        path=f"/rounds/inspections/{found.pk}/",
    )


def _checked(words: InspectionWords, place: Place) -> dict[str, object]:
    theme = clean_text(words.theme, 80)
    if not theme:
        raise Refused(_("请写检查主题，例如“消防通道和电动车充电”。"), code="inspection.no_theme", field="theme")
    if words.level not in (Level.SPECIAL, Level.JOINT):
        raise Refused(_("请选专项检查或联合检查。"), code="inspection.level", field="level")
    if words.ends_on < words.starts_on:
        raise Refused(_("结束的日子不能早于开始的日子。"), code="inspection.period", field="ends_on")
    if words.sample not in Inspection.Sample.values:
        raise Refused(_("请选怎样确定网格。"), code="inspection.sample", field="sample")
    if words.sample == Inspection.Sample.RANDOM and not words.sample_size:
        raise Refused(_("请写抽几个网格。"), code="inspection.sample_size", field="sample_size")
    kinds = [kind for kind in KINDS if kind in words.grid_kinds] or list(KINDS[:2])
    chosen = list(dict.fromkeys(words.chosen)) if words.sample == Inspection.Sample.CHOSEN else []
    if words.sample == Inspection.Sample.CHOSEN:
        good = set(
            valid().filter(pk__in=chosen, kind__in=KINDS, lineage__contains=[place.pk]).values_list("pk", flat=True)
        )
        if not chosen or set(chosen) - good:
            raise Refused(_("请选范围以内的网格。"), code="inspection.chosen", field="chosen")
    posts = list(dict.fromkeys(words.post_ids))
    if posts and Post.objects.filter(pk__in=posts, kind__duties__contains=["inspection.check"]).count() < len(posts):
        raise Refused(_("选的岗位里有的没有“现场检查”的职责。"), code="inspection.posts", field="post_ids")
    least = 2 if words.level == Level.JOINT else 1
    return {
        "theme": theme,
        "level": words.level,
        "starts_on": words.starts_on,
        "ends_on": words.ends_on,
        "sample": words.sample,
        "sample_size": words.sample_size if words.sample == Inspection.Sample.RANDOM else None,
        "chosen": chosen,
        "grid_kinds": kinds,
        "post_ids": posts,
        "signers": min(max(words.signers, least), 9),
        "words": clean_text(words.words, 4000),
    }


def _items(given: Sequence[ItemWords]) -> list[ChecklistItem]:
    items = [_item(words) for words in given if words.text.strip()]
    if not items:
        raise Refused(_("检查表至少要有一条。"), code="inspection.no_items", field="items")
    if len(items) > MOST_ITEMS:
        raise Refused(_("检查表最多 %(n)d 条。") % {"n": MOST_ITEMS}, code="inspection.many_items", field="items")
    return items


def _item(words: ItemWords) -> ChecklistItem:
    item = ChecklistItem(
        text=clean_text(words.text, 200),
        proof=words.proof if words.proof in ChecklistItem.Proof.values else ChecklistItem.Proof.ON_NO,
        weight=min(max(words.weight, 0), 100),
    )
    if words.item_key:
        entry = catalogue().resolve(words.item_key.strip()[:12])
        if entry is None or not entry.active:
            raise Refused(
                _("目录里没有“%(key)s”这个事项。") % {"key": words.item_key[:12]}, code="inspection.item", field="items"
            )
        item.item_key = entry.key
    if words.unit_id is not None:
        if not Unit.objects.filter(pk=words.unit_id, valid_to=None).exists():
            raise Refused(_("检查表里有一个单位已经停用，请重新选。"), code="inspection.unit", field="items")
        item.unit_id = words.unit_id
    if words.limit is not None:
        item.limit_amount, item.limit_unit = words.limit.amount, words.limit.unit
    return item
