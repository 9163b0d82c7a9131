"""Making a ladder: a draft grows out of the ladder in force, a preset or nothing, is tried out, and takes its place.

An edition that was in force never changes; a draft does, tier by tier, and only in the version that the operator saw.
What a change means for cases that climb just then is said in `activate_ladder`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock, journal
from linli.kernel.authority import Authority
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.kernel.journal import queries as stories
from linli.rooms.catalogue.models import Item, MatterClass
from linli.rooms.ladder.checking import MOST_TIERS
from linli.rooms.ladder.models import Ladder, Tier
from linli.rooms.ladder.words import LadderWords, TierWords, between, columns, line, plain
from linli.rooms.places.models import Place

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('ladder.editions'))"
_COPIED = [field.attname for field in Tier._meta.concrete_fields if field.attname not in ("id", "ladder_id")]


def draft_ladder(by: Authority, district_id: int, *, name_zh: str = "", source: str = "active") -> Ladder:
    """A new draft. source: "active" copies the ladder in force, "empty" begins with nothing, "edition:3" copies that
    edition, anything else is the code of a preset (`presets`)."""
    by.require("ladder.edit")
    with editing():
        district = Place.objects.filter(pk=district_id, kind="district").first()
        if district is None:
            raise Refused(_("请选择区县"), "ladder.district", "district")
        draft = _founded(district, source)
        if name_zh.strip():
            draft.name_zh, draft.name_en = line(name_zh, 60, "name_zh"), ""
            draft.save(update_fields=["name_zh", "name_en"])
        _record("ladder.drafted", by, draft, None, {"edition": draft.edition, "source": source})
    return draft


def edit_ladder(by: Authority, ladder_id: int, words: LadderWords, *, version: int | None = None) -> Ladder:
    """Change the name, the everyday matters and the rules for marks of a draft."""
    by.require("ladder.edit")
    with editing():
        draft = _draft(ladder_id, version)
        likely = [key for key in words.everyday if key.isascii() and key.isalnum()]
        known = set(MatterClass.objects.filter(key__in=likely).values_list("key", flat=True))
        known |= set(Item.objects.filter(key__in=likely).values_list("key", flat=True))
        if strange := [key for key in words.everyday if key not in known]:
            raise Refused(_("目录里没有 %(key)s") % {"key": "、".join(strange)[:60]}, "ladder.everyday", "everyday")
        fields = {
            "name_zh": line(words.name_zh, 60, "name_zh"),
            "name_en": line(words.name_en, 100, "name_en", required=False),
            "everyday": sorted(set(words.everyday)),
            "legacy_after_days": between(words.legacy_after_days, 1, 3650, "legacy_after_days"),
            "major_reports": between(words.major_reports, 2, 10_000, "major_reports"),
            "major_level": between(words.major_level, 1, MOST_TIERS, "major_level"),
        }
        was = {name: getattr(draft, name) for name in fields}
        for name, value in fields.items():
            setattr(draft, name, value)
        _save(draft, "ladder.edited", by, was, fields)
    return draft


def add_tier(by: Authority, ladder_id: int, words: TierWords, *, version: int | None = None) -> Tier:
    """Put one more tier on top of a draft."""
    by.require("ladder.edit")
    with editing():
        draft = _draft(ladder_id, version)
        tiers = list(draft.tiers.order_by("level"))
        if len(tiers) >= MOST_TIERS:
            raise Refused(_("最多 %(most)d 层") % {"most": MOST_TIERS}, "ladder.too_many_tiers")
        tier = Tier(ladder=draft, level=900, code=_free_code(draft), **columns(words))
        if tier.for_everyday:
            draft.tiers.update(for_everyday=False)
        tier.save()
        _number(draft, [t.pk for t in tiers] + [tier.pk], words.everyday)
        _save(draft, "ladder.tier_added", by, None, {"tier": tier.code, **plain(words)})
        tier.refresh_from_db()
    return tier


def edit_tier(by: Authority, tier_id: int, words: TierWords, *, version: int | None = None) -> Tier:
    """Change one tier of a draft."""
    by.require("ladder.edit")
    with editing():
        tier, draft = _tier(tier_id, version)
        was = {name: getattr(tier, name) for name in _COPIED}
        given = columns(words)
        if given["for_everyday"]:
            draft.tiers.exclude(pk=tier.pk).update(for_everyday=False)
        for name, value in given.items():
            setattr(tier, name, value)
        if tier.level == 0:
            tier.level = 900  # the place below the first tier is only kept by who says so
        tier.save()
        order = list(draft.tiers.order_by("level").values_list("pk", flat=True))
        if was["level"] == 0:
            order = [tier.pk, *(pk for pk in order if pk != tier.pk)]
        _number(draft, order, words.everyday)
        tier.refresh_from_db()
        now = {name: getattr(tier, name) for name in _COPIED}
        changed = [name for name in _COPIED if was[name] != now[name]]
        _save(
            draft,
            "ladder.tier_edited",
            by,
            {"tier": tier.code, **{name: was[name] for name in changed}},
            {"tier": tier.code, **{name: now[name] for name in changed}},
        )
    return tier


def move_tier(by: Authority, tier_id: int, *, up: bool, version: int | None = None) -> Ladder:
    """Change places with the tier above or below; at the end of the ladder nothing happens."""
    by.require("ladder.edit")
    with editing():
        tier, draft = _tier(tier_id, version)
        order = list(draft.tiers.order_by("level").values_list("pk", flat=True))
        here = order.index(tier.pk)
        there = here + (1 if up else -1)
        if not 0 <= there < len(order):
            return draft
        order[here], order[there] = order[there], order[here]
        _number(draft, order)
        _save(draft, "ladder.tiers_ordered", by, None, {"tier": tier.code, "up": up})
    return draft


def remove_tier(by: Authority, tier_id: int, *, version: int | None = None) -> Ladder:
    """Take one tier out of a draft."""
    by.require("ladder.edit")
    with editing():
        tier, draft = _tier(tier_id, version)
        code, name = tier.code, tier.name_zh
        tier.delete()
        _number(draft, list(draft.tiers.order_by("level").values_list("pk", flat=True)))
        _save(draft, "ladder.tier_removed", by, {"tier": code, "name_zh": name}, None)
    return draft


def discard_ladder(by: Authority, ladder_id: int) -> None:
    """Throw a draft away."""
    by.require("ladder.edit")
    with editing():
        draft = _draft(ladder_id, None)
        _record("ladder.discarded", by, draft, {"edition": draft.edition}, None)
        draft.delete()


# ── Parts ──────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def editing() -> Iterator[None]:
    """One transaction, one editor of ladders at a time: editions are numbered and put in force without gaps."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_ONE_AT_A_TIME)
        yield


def _founded(district: Place, source: str) -> Ladder:
    """The new edition with the tiers of its source."""
    edition = (Ladder.objects.filter(district=district).aggregate(last=Max("edition"))["last"] or 0) + 1
    from linli.rooms.ladder import presets

    if source in presets.PRESETS:
        return presets.found(district, source, edition=edition, now=clock.now())
    draft = Ladder(district=district, edition=edition, name_zh=str(_("层级联动")), created_at=clock.now())
    model = None
    if source == "active":
        model = Ladder.objects.filter(district=district, state=Ladder.State.ACTIVE).first()
    elif source.startswith("edition:") and source[8:].isdecimal() and len(source) < 14:
        model = Ladder.objects.filter(district=district, edition=int(source[8:])).first()
    if model is None and source != "empty":
        raise Refused(_("请选择从哪里起草"), "ladder.source", "source")
    if model is None:
        draft.save()
        return draft
    for name in ("name_zh", "name_en", "preset", "everyday", "legacy_after_days", "major_reports", "major_level"):
        setattr(draft, name, getattr(model, name))
    draft.save()
    Tier.objects.bulk_create(
        Tier(ladder=draft, **{name: getattr(tier, name) for name in _COPIED}) for tier in model.tiers.all()
    )
    return draft


def _draft(ladder_id: int, version: int | None) -> Ladder:
    """The draft, locked, in the version the operator saw."""
    found = Ladder.objects.select_for_update(of=("self",)).filter(pk=ladder_id).first()
    if found is None:
        raise NotFound(_("没有这一版层级"), "ladder.not_found")
    if found.state != Ladder.State.DRAFT:
        raise Refused(_("生效过的层级不能修改，请先起草新版"), "ladder.fixed")
    if found.starts_at is not None:
        raise Refused(
            _("这一版已经约定启用，不能再改。"), "ladder.waits", what_next=_("要改，请先取消约定的启用时间。")
        )
    expect(found, version)
    return found


def expect(ladder: Ladder, version: int | None) -> None:
    """Raise Conflict when somebody changed the ladder since the operator saw it."""
    if version is None or version == ladder.version:
        return
    changes = [
        {
            "what": entry.action,
            "before": entry.before or {},
            "after": entry.after or {},
            "by": entry.actor_name,
            "at": entry.at,
        }
        for entry in stories.of("ladder", ladder.pk)
        if (entry.after or {}).get("version", 0) > version
    ]
    raise Conflict(
        _("您填写的时候，这一版层级已经变了。"),
        "ladder.changed",
        what_next=_("您填写的都在。看过变化，可以改好再交。"),
        changes=changes,
    )


def _tier(tier_id: int, version: int | None) -> tuple[Tier, Ladder]:
    ladder_id = Tier.objects.filter(pk=tier_id).values_list("ladder_id", flat=True).first()
    if ladder_id is None:
        raise NotFound(_("没有这一层，可能已被删除"), "ladder.tier_not_found")
    draft = _draft(ladder_id, version)
    tier = Tier.objects.select_related("unit", "post_kind").filter(pk=tier_id).first()
    if tier is None:
        raise NotFound(_("没有这一层，可能已被删除"), "ladder.tier_not_found")
    return tier, draft


def _number(draft: Ladder, order: Sequence[int], everyday: str | None = None) -> None:
    """Give the tiers their levels in this order, from 1; the first one is the port below where only everyday matters
    begin, when it says so (`everyday`, or None: as it was)."""
    lowest = draft.tiers.filter(pk=order[0]).first() if order else None
    port = False
    if lowest is not None and lowest.for_everyday and len(order) > 1:
        port = everyday == "only" or (everyday != "starts" and lowest.level == 0)
    draft.tiers.update(level=F("level") + 1000)  # levels are unique at every moment
    for level, pk in enumerate(order, start=0 if port else 1):
        draft.tiers.filter(pk=pk).update(level=level)


def _free_code(draft: Ladder) -> str:
    """A code that no tier of this district ever had: stays of old editions keep their meaning."""
    codes = Tier.objects.filter(ladder__district_id=draft.district_id).values_list("code", flat=True)
    used = [int(code[1:]) for code in codes if re.fullmatch(r"t\d{1,6}", code)]
    return f"t{max(used, default=0) + 1}"


def _save(draft: Ladder, verb: str, by: Authority, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
    """Count the change and put it on record."""
    draft.version += 1
    draft.save()
    _record(verb, by, draft, before, {"version": draft.version, **(after or {})})


def _record(
    verb: str, by: Authority, ladder: Ladder, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> None:
    journal.record(
        action=verb,
        actor=by.actor,
        object_type="ladder",
        object_id=ladder.pk,
        before=before,
        after=after,
        place_ids=[ladder.district_id],
    )
