"""Taking in what Linli ships: the catalogue and the default filing rules. Idempotent, run after migrating.

What an operator changed is left alone: an item whose version has moved keeps its words. When a release
brings other rules, they come as a new set, because cases name the rules of the old one.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q

from linli.kernel import clock, journal
from linli.kernel.authority import Authority, SystemAuthority
from linli.kernel.text import grams
from linli.rooms.catalogue.actions.revision import touch
from linli.rooms.catalogue.models import LOCAL, CatalogueRevision, FilingRule, Item, MatterClass, RuleSet

DATA = Path(__file__).resolve().parents[1] / "data"


@cache
def _shipped() -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Digest and contents of the two shipped files."""
    files = [(DATA / name).read_bytes() for name in ("catalogue.json", "rules.json")]
    return hashlib.sha256(b"\0".join(files)).hexdigest(), json.loads(files[0]), json.loads(files[1])


@transaction.atomic
def take_in_shipped(by: Authority | None = None) -> bool:
    """Bring classes, items and default rules to what this release ships. Returns whether anything was new."""
    digest, catalogue, rules = _shipped()
    revision, _new = CatalogueRevision.objects.select_for_update().get_or_create(pk=1)
    if revision.shipped == digest:
        return False
    by = by or SystemAuthority()
    by.require("catalogue.edit")
    first = revision.shipped == ""
    _classes(catalogue["classes"])
    count = _items(catalogue["items"], catalogue["standard"])
    made = _rules(rules)
    CatalogueRevision.objects.filter(pk=1).update(shipped=digest)
    touch()
    journal.record(
        action="catalogue.shipped_taken_in" if first else "catalogue.shipped_renewed",
        actor=by.actor,
        object_type="catalogue",
        object_id=1,
        after={"digest": digest, "items": count, "rules": made},
    )
    return True


def _classes(rows: list[dict[str, Any]]) -> None:
    MatterClass.objects.bulk_create(
        [
            MatterClass(
                key=row["key"],
                kind="component" if row["key"][0] == "C" else "matter",
                code=row["key"][1:],
                name_zh=row["zh"],
                name_en=row["en"],
                icon=row["icon"],
                sort=place,
            )
            for place, row in enumerate(rows)
        ],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["name_zh", "name_en", "icon", "sort"],
    )


def _items(rows: list[dict[str, Any]], standard: str) -> int:
    classes = dict(MatterClass.objects.values_list("key", "id"))
    known = {item.key: item for item in Item.objects.all()}
    fresh: list[Item] = []
    renewed: list[Item] = []
    for row in rows:
        key = row["key"]
        item = known.get(key)
        if item is not None and (item.version > 1 or (item.standard == LOCAL) != row.get("local", False)):
            continue
        item = item or Item(key=key)
        item.standard = LOCAL if row.get("local") else standard
        item.kind = "component" if key[0] == "C" else "matter"
        item.code = key[1:]
        item.matter_class_id = classes[key[:3]]
        item.name_zh, item.name_en, item.synonyms = row["zh"], row["en"], row["words"]
        item.grams = grams(row["zh"], row["en"], *row["words"])
        item.urgency = row.get("urgency", "routine")
        item.danger = row.get("danger", False)
        (renewed if item.pk else fresh).append(item)
    Item.objects.bulk_create(fresh)
    Item.objects.bulk_update(
        renewed,
        ["standard", "name_zh", "name_en", "synonyms", "grams", "urgency", "danger"],
        batch_size=200,
    )
    ids = dict(Item.objects.values_list("key", "id"))
    about = {row["key"]: row["concerns"] for row in rows if "concerns" in row}
    linked = list(Item.objects.filter(concerns=None, key__in=about))
    for item in linked:
        item.concerns_id = ids[about[item.key]]
    Item.objects.bulk_update(linked, ["concerns"], batch_size=200)
    return len(fresh) + len(renewed)


def _rules(content: dict[str, Any]) -> int:
    """The default rules as a new set; it is put in force unless a city's own is."""
    now = clock.now()
    former = RuleSet.objects.filter(shipped=True).order_by("-id").first()
    active = RuleSet.objects.filter(state=RuleSet.State.ACTIVE).first()
    in_force = active is None or active.shipped
    if active is not None and active.shipped:
        RuleSet.objects.filter(pk=active.pk).update(state=RuleSet.State.RETIRED, retired_at=now)
    made = RuleSet.objects.create(
        name=content["name_zh"],
        source="linli",
        convention="explicit",
        state=RuleSet.State.ACTIVE if in_force else RuleSet.State.RETIRED,
        shipped=True,
        imported_by="Linli",
        created_at=now,
        effective_from=now if in_force else None,
    )
    ids = dict(Item.objects.values_list("key", "id"))
    kept = _carry_over(former, made)
    listed = [(key, family["rules"]) for family in content["families"] for key in family["items"]]
    listed += [(row["item"], row["rules"]) for row in content["items"]]
    rules = [
        FilingRule(
            rule_set=made,
            item_id=ids[key],
            condition=rule["zh"],
            condition_en=rule["en"],
            closing_condition=rule["close_zh"],
            closing_condition_en=rule["close_en"],
            limit_amount=rule["limit"][0],
            limit_unit=rule["limit"][1],
            sequence=place,
        )
        for key, rows in listed
        if ids[key] not in kept
        for place, rule in enumerate(rows, 1)
    ]
    FilingRule.objects.bulk_create(rules, batch_size=500)
    return len(rules)


def _carry_over(former: RuleSet | None, made: RuleSet) -> set[int]:
    """Bring the rules of items that an operator corrected into the new set; returns the ids of those items."""
    if former is None:
        return set()
    old = FilingRule.objects.filter(rule_set=former)
    # What ships has no text of its limit; a correction has, and leaves an inactive rule behind.
    touched = set(old.filter(Q(active=False) | ~Q(limit_text="")).values_list("item_id", flat=True))
    copies = list(old.filter(item_id__in=touched, active=True))
    for rule in copies:
        rule.pk, rule.rule_set = None, made
        rule._state.adding = True
    FilingRule.objects.bulk_create(copies)
    return touched
