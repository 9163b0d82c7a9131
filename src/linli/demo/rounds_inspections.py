"""The inspections of the demo town: one drawn by lot, a small one for today, a joint one that is over (LK-8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from linli.demo.rounds_cast import Teller, handle, middle, photo, told
from linli.demo.rounds_words import CHECK, CLUTTER, FIRE, NOT_MET, THREE_DAYS, WORDS
from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.rooms.cases.actions.intake import Intake
from linli.rooms.fieldwork.actions import visits
from linli.rooms.fieldwork.actions.findings import FindingWords, file_on_visit
from linli.rooms.fieldwork.actions.inspections import (
    InspectionWords,
    ItemWords,
    finish_inspection,
    open_inspection,
    save_inspection,
)
from linli.rooms.fieldwork.actions.telling import Where
from linli.rooms.fieldwork.models import Finding, Inspection, Visit
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas


def _items(t: Teller) -> list[ItemWords]:
    return [
        ItemWords(text, proof, item, t.units.get(unit) if unit else None, limit, weight)
        for text, item, unit, limit, weight, proof in CHECK
    ]


def _visit(
    t: Teller, visit: Visit, viewer: Viewer, begin: dt.datetime, no: Collection[int], *, close: bool = True
) -> list[Finding]:
    """Answer a checklist; the questions in `no` are not met and each becomes a finding."""
    moment, found = begin, []
    _facts, lng, lat = middle(t, next(key for key, pk in t.places.items() if pk == visit.place_id))
    items = list(visit.inspection.items.all())
    for item in items if close else items[:3]:
        moment = min(moment + dt.timedelta(minutes=t.rng.randint(3, 8)), t.now - dt.timedelta(seconds=20))
        with clock.at(moment):
            if item.sequence in no:
                intake = Intake(
                    key=f"demo-visit-{t.now:%Y%m%d%H%M}-{next(t.serial)}", channel="field",
                    words=WORDS.get(item.item_key, WORDS[FIRE]), lng=lng, lat=lat, item_key=item.item_key,
                    photos=[photo(t, item.item_key, viewer, lng, lat)],
                )  # fmt: skip
                unit = item.unit_id or t.units[t.rng.choice(("cg", "hw"))]
                found.append(
                    file_on_visit(visit.pk, FindingWords(intake, unit_id=unit), viewer=viewer, item_id=item.pk)
                )
            else:
                photos = [photo(t, item.item_key, viewer, lng, lat, "after")] if item.proof == "always" else []
                visits.answer(visit.pk, item.pk, "yes", viewer=viewer, photos=photos, where=Where(lng, lat, 12.0))
    if close:
        with clock.at(min(moment + dt.timedelta(minutes=4), t.now)):
            visits.close_visit(visit.pk, "现场已向物业和商户说明要求。", viewer=viewer)
    return found


def special(t: Teller, keys: list[str], today: dt.date) -> None:
    """EQ-6: fire lanes and e-bike charging, grids drawn by lot in the town, half of them visited."""
    supervisor, street = t.cast.viewer("supervisor01"), middle(t, keys[0])[0].lineage[1]
    size = min(
        max(len([f for f in atlas.current().places.values() if f.kind == "grid" and street in f.lineage]) // 2, 3), 12
    )
    begun = t.at(today - dt.timedelta(days=6), 9)
    mine = _opened(t, begun, supervisor, InspectionWords(
        "special", "消防通道和电动车充电专项检查", street, begun.astimezone(CIVIL).date(), today + dt.timedelta(days=6),
        _items(t), sample="random", sample_size=size, grid_kinds=("grid",),
        words="区创文办、消防救援大队联合部署：打通生命通道，整治飞线充电和进楼入户。",
    ))  # fmt: skip
    inspectors = [t.cast.viewer(name) for name in t.cast.holders("verifier", "")[:3]]
    sample = list(mine.visits.select_related("inspection").order_by("pk"))
    for number, visit in enumerate(sample[: (len(sample) + 1) // 2 + 1]):
        last = number == (len(sample) + 1) // 2
        begin = t.at(today - dt.timedelta(days=max(4 - number, 0)), 10)
        with told():
            found = _visit(t, visit, inspectors[number % len(inspectors)], begin, NOT_MET[number % 4], close=not last)
            for one in found:
                handle(t, one, ("in_time", "nothing", "late", "confirm")[number % 4])


def night(t: Teller, keys: list[str], today: dt.date) -> None:
    """A small one for chosen grids, with something to do for the showcase worker today."""
    supervisor, place = t.cast.viewer("supervisor01"), middle(t, keys[0])[0]
    begun = t.at(today - dt.timedelta(days=1), 16)
    chosen = [place.id, *(t.places[key] for key in keys[1:3] if place.lineage[1] in middle(t, key)[0].lineage)]
    _opened(t, begun, supervisor, InspectionWords(
        "special", "“九小”场所用火用电检查", place.lineage[1], begun.astimezone(CIVIL).date(),
        today + dt.timedelta(days=3),
        [ItemWords("灭火器在有效期内", "on_no", FIRE, t.units.get("xf"), THREE_DAYS),
         ItemWords("后门能打开，无堆物", "on_no", CLUTTER), ItemWords("插线板没有串接", "on_no", FIRE)],
        sample="chosen", chosen=chosen,
    ))  # fmt: skip


def joint(t: Teller, keys: list[str], today: dt.date) -> None:
    """The leading group's: three grids, signed by three, over; what was found stands in all states."""
    leader, second, supervisor = (t.cast.viewer(name) for name in ("leader01", "leader02", "supervisor01"))
    begun = t.at(today - dt.timedelta(days=12), 9)
    place = middle(t, keys[0])[0]
    posts = [
        post.id for viewer in (leader, second, supervisor) for post in viewer.posts if "inspection.check" in post.duties
    ]
    mine = _opened(t, begun, leader, InspectionWords(
        "joint", "创文领导小组联合检查：背街小巷和集贸市场", place.lineage[0], begun.astimezone(CIVIL).date(),
        today - dt.timedelta(days=7), _items(t), sample="chosen", chosen=[t.places[key] for key in keys[:3]],
        post_ids=posts, signers=3, words="三级督查：领导小组联合检查，当场交办，限期整改，检查结果通报。",
    ))  # fmt: skip
    for number, visit in enumerate(mine.visits.select_related("inspection").order_by("pk")):
        begin = t.at(today - dt.timedelta(days=11 - number), 15)
        for one in _visit(t, visit, leader, begin, ({1, 3}, {2}, {1, 5})[number % 3]):
            handle(t, one, ("in_time", "late", "nothing", "confirm", "in_time")[(number * 2 + one.pk) % 5])
        for viewer, hours in ((second, 2), (supervisor, 3)):
            with clock.at(begin + dt.timedelta(hours=hours)):
                visits.sign(visit.pk, viewer=viewer)
    with clock.at(t.at(today - dt.timedelta(days=7), 17)):
        finish_inspection(
            mine.pk,
            "三个网格总体有序，消防通道占用仍有反复。请城管局、消防救援大队牵头，一周内复查销号。",
            viewer=leader,
        )


def _opened(t: Teller, moment: dt.datetime, viewer: Viewer, words: InspectionWords) -> Inspection:
    with clock.at(moment):
        mine = save_inspection(words, viewer=viewer)
    with clock.at(moment + dt.timedelta(minutes=20)):
        return open_inspection(mine.pk, viewer=viewer)
