"""Filing rules: preview a city's sheet, confirm it as a whole, correct single rules afterwards."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from linli.kernel import clock, journal
from linli.kernel.authority import Authority
from linli.kernel.clock import TimeLimit
from linli.kernel.errors import Conflict, NotFound, Refused
from linli.kernel.outbox import Event
from linli.rooms.catalogue import queries, sheet
from linli.rooms.catalogue.actions.items import add_items
from linli.rooms.catalogue.actions.revision import touch
from linli.rooms.catalogue.models import FilingRule, Item, RuleDraft, RuleSet
from linli.rooms.catalogue.rules import Known, match_class, match_item

NEW = "new"
SKIP = "skip"


def preview_rules(
    by: Authority, data: bytes, filename: str, *, convention: str = "working", name: str = ""
) -> RuleDraft:
    """Read a rule sheet, propose what each of its items means, and keep it as a draft. Nothing takes effect.

    Raises Refused when the file is no workbook with the known header. The same file read again by the
    same convention gives the same draft. See `draft_view` for what a page shows of it.
    """
    by.require("catalogue.edit")
    if convention not in sheet.CONVENTIONS:
        raise Refused(_("不认识的时限读法。"), "catalogue.convention", "convention")
    digest = hashlib.sha256(data).hexdigest()
    waiting = queries.drafts().filter(sha256=digest, convention=convention).first()
    if waiting is not None:
        return waiting
    reading = sheet.read(data, convention=convention)
    content = reading.as_json()
    present = queries.catalogue()
    known = [Known(item.key, item.kind, item.code, item.name_zh, present.words_of(item)) for item in present.matters]
    classes = [(entry.key, entry.name_zh) for entry in present.classes.values()]
    for row, entry in zip(content["entries"], reading.entries, strict=True):
        match = match_item(entry.kind, entry.class_code, entry.item_code, entry.name, known)
        row["match"], row["how"], row["likeness"] = match.key, match.how, match.likeness
        row["class_key"] = match_class(entry.kind, entry.class_code, entry.class_name, classes)
    with transaction.atomic():
        draft = RuleDraft.objects.create(
            name=(name or reading.title or filename)[:120],
            source=filename[:200],
            sha256=digest,
            convention=convention,
            content=content,
            created_at=clock.now(),
            created_by=by.actor.name[:80],
        )
        journal.record(
            action="catalogue.rules_previewed",
            actor=by.actor,
            object_type="rule_draft",
            object_id=draft.pk,
            after={
                "source": draft.source,
                "sha256": digest,
                "rules": len(reading.rules),
                "refusals": len(reading.refusals),
            },
        )
    return draft


@transaction.atomic
def confirm_rules(
    by: Authority,
    draft_id: int,
    *,
    choices: Mapping[int, str] | None = None,
    names_en: Mapping[int, str] | None = None,
    accept_refusals: bool = False,
) -> RuleSet:
    """Put a draft in force as a new rule set, all of it in one transaction, and retire the set before it.

    choices: for entry numbers whose proposal is not wanted: the key of an item ("M06001"), "new" for a
    local item of its own, or "skip". names_en: English names for new local items. Rows that were
    refused stay out; the caller must say that this is meant (`accept_refusals`). Confirming twice
    gives the set of the first time. Raises Refused, NotFound, Conflict.
    """
    by.require("catalogue.edit")
    draft = RuleDraft.objects.select_for_update().filter(pk=draft_id).first()
    if draft is None:
        raise NotFound(_("没有这份待确认的规则表。"), "catalogue.no_draft")
    if draft.confirmed_as is not None:
        return draft.confirmed_as
    if draft.discarded_at is not None:
        raise Conflict(_("这份规则表已经放弃。"), "catalogue.draft_discarded", what_next=_("请重新上传。"))
    content = draft.content
    refusals = [remark for remark in content["remarks"] if remark["kind"] == "refusal"]
    if refusals and not accept_refusals:
        raise Refused(
            _("有 %(count)d 行看不懂，不会导入。") % {"count": len(refusals)},
            "catalogue.refusals",
            what_next=_("请改好表格重新上传，或确认只导入其余各行。"),
        )
    # Taken first: it orders simultaneous confirmations one after another.
    touch()
    keys, fresh = _resolve(by, content["entries"], choices or {}, names_en or {}, draft.source)
    now = clock.now()
    before = RuleSet.objects.filter(state=RuleSet.State.ACTIVE).first()
    RuleSet.objects.filter(state=RuleSet.State.ACTIVE).update(state=RuleSet.State.RETIRED, retired_at=now)
    made = RuleSet.objects.create(
        name=draft.name,
        source=draft.source,
        convention=draft.convention,
        state=RuleSet.State.ACTIVE,
        imported_by=by.actor.name[:80],
        created_at=now,
        effective_from=now,
    )
    count = _write_rules(made, content["rules"], keys)
    RuleDraft.objects.filter(pk=draft.pk).update(confirmed_as=made)
    journal.record(
        action="catalogue.rules_confirmed",
        actor=by.actor,
        object_type="rule_set",
        object_id=made.pk,
        before={"rule_set": before.pk, "name": before.name} if before else None,
        after={"name": made.name, "rules": count, "new_items": fresh, "refused": len(refusals)},
        events=[Event("catalogue.rules_changed", "rule_set", made.pk, {"rules": count})],
    )
    return made


@transaction.atomic
def discard_draft(by: Authority, draft_id: int) -> None:
    """Put a draft aside; twice does nothing more. Raises NotFound, Conflict when it was confirmed."""
    by.require("catalogue.edit")
    draft = RuleDraft.objects.select_for_update().filter(pk=draft_id).first()
    if draft is None:
        raise NotFound(_("没有这份待确认的规则表。"), "catalogue.no_draft")
    if draft.confirmed_as_id is not None:
        raise Conflict(_("这份规则表已经启用。"), "catalogue.draft_confirmed")
    if draft.discarded_at is None:
        RuleDraft.objects.filter(pk=draft_id).update(discarded_at=clock.now())
        journal.record(action="catalogue.rules_discarded", actor=by.actor, object_type="rule_draft", object_id=draft_id)


def _resolve(
    by: Authority,
    entries: list[dict[str, Any]],
    choices: Mapping[int, str],
    names_en: Mapping[int, str],
    source: str,
) -> tuple[dict[int, str], list[str]]:
    """The item key of every entry that is not skipped, and the keys of items made for it."""
    present = queries.catalogue()
    keys: dict[int, str] = {}
    wanted: dict[tuple[str, str], dict[str, Any]] = {}
    waiting: dict[int, tuple[str, str]] = {}
    for entry in entries:
        number = entry["number"]
        choice = choices.get(number) or entry["match"] or NEW
        if choice == SKIP:
            continue
        if choice != NEW:
            item = present.items.get(choice)
            if item is None or item.kind != "matter" or not item.active:
                raise Refused(
                    _("“%(name)s”选的事项 %(key)s 不能用。") % {"name": entry["name"], "key": choice},
                    "catalogue.choice",
                    what_next=_("请另选一个启用中的事项，或新建本地事项。"),
                )
            keys[number] = choice
            continue
        # The same name listed twice (in both sheets, say) is one new item.
        # The list calls what is wrong with a thing "…异常".
        thing = entry["kind"] == "component" and not entry["name"].endswith("异常")
        place = (entry["class_key"], entry["name"] + ("异常" if thing else ""))
        waiting[number] = place
        row = wanted.setdefault(place, {"class_key": place[0], "name_zh": place[1], "name_en": ""})
        row["name_en"] = row["name_en"] or names_en.get(number, "").strip()
    made = add_items(by, list(wanted.values()), note=source) if wanted else []
    by_place = dict(zip(wanted, made, strict=True))
    keys.update({number: by_place[place].key for number, place in waiting.items()})
    return keys, [item.key for item in made]


def _write_rules(made: RuleSet, rows: list[dict[str, Any]], keys: Mapping[int, str]) -> int:
    ids = dict(Item.objects.filter(key__in=set(keys.values())).values_list("key", "id"))
    counted: defaultdict[str, int] = defaultdict(int)
    rules = []
    for row in rows:
        key = keys.get(row["entry"])
        if key is None:
            continue
        counted[key] += 1
        rules.append(
            FilingRule(
                rule_set=made,
                item_id=ids[key],
                condition=row["condition"],
                closing_condition=row["closing"],
                limit_amount=row["amount"],
                limit_unit=row["unit"],
                limit_text=row["limit_text"][:60],
                sequence=counted[key],
                unit_hint=row["unit_hint"],
                authority_hint=row["authority_hint"],
                note=row["note"],
                source_sheet=row["sheet"][:60],
                source_row=row["row"],
            )
        )
    if not rules:
        raise Refused(_("没有一条规则可以导入。"), "catalogue.nothing_to_import")
    FilingRule.objects.bulk_create(rules, batch_size=500)
    return len(rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """What a rule says, as typed. `limit` is text such as "4工作时"."""

    condition: str
    closing_condition: str
    limit: str
    condition_en: str = ""
    closing_condition_en: str = ""


@transaction.atomic
def correct_rule(by: Authority, rule_id: int, text: RuleText) -> FilingRule:
    """Replace a rule in force by a corrected one at its place; cases filed under the old one keep it.

    Raises NotFound, Refused (an empty condition, an unreadable limit), Conflict when somebody was quicker.
    """
    by.require("catalogue.edit")
    old = FilingRule.objects.select_for_update().select_related("item", "rule_set").filter(pk=rule_id).first()
    if old is None:
        raise NotFound(_("没有这条立案规则。"), "catalogue.no_rule")
    if not old.active:
        raise Conflict(
            _("这条规则已经被改过。"),
            "catalogue.rule_superseded",
            what_next=_("请看现在的规则，再决定要不要改。"),
            typed=asdict(text),
        )
    limit = _checked(text)
    FilingRule.objects.filter(pk=old.pk).update(active=False)
    made = _rule(old.rule_set, old.item_id, text, limit, old.sequence)
    made.unit_hint, made.authority_hint = old.unit_hint, old.authority_hint
    made.source_sheet, made.source_row = old.source_sheet, old.source_row
    made.save()
    _changed(by, "catalogue.rule_corrected", made, before=_said(old), after=_said(made))
    return made


@transaction.atomic
def add_rule(by: Authority, item_key: str, text: RuleText) -> FilingRule:
    """Give an item one more rule, after those it has and in the set they are from."""
    by.require("catalogue.edit")
    present = queries.rules_for(item_key)
    # A component is filed under the rules of its fault.
    item = queries.item(present[0].item_key if present else item_key)
    wanted = {"pk": present[0].rule_set_id} if present else {"state": RuleSet.State.ACTIVE}
    target = RuleSet.objects.select_for_update().filter(**wanted).first()
    if target is None:
        raise Refused(_("还没有启用的规则集。"), "catalogue.no_active_set")
    limit = _checked(text)
    last = (
        FilingRule.objects.filter(rule_set=target, item_id=item.id)
        .order_by("-sequence")
        .values_list("sequence", flat=True)
        .first()
    )
    made = _rule(target, item.id, text, limit, (last or 0) + 1)
    made.save()
    _changed(by, "catalogue.rule_added", made, before=None, after=_said(made) | {"item": item_key})
    return made


@transaction.atomic
def retire_rule(by: Authority, rule_id: int) -> None:
    """Take a rule out of force. An item without rules of the set falls back to the shipped ones."""
    by.require("catalogue.edit")
    rule = FilingRule.objects.select_for_update().filter(pk=rule_id).first()
    if rule is None:
        raise NotFound(_("没有这条立案规则。"), "catalogue.no_rule")
    if rule.active:
        FilingRule.objects.filter(pk=rule_id).update(active=False)
        _changed(by, "catalogue.rule_retired", rule, before=_said(rule), after=None)


def _checked(text: RuleText) -> TimeLimit:
    if not text.condition.strip():
        raise Refused(_("请写立案条件。"), "catalogue.condition_empty", "condition")
    if not text.closing_condition.strip():
        raise Refused(_("请写结案条件。"), "catalogue.closing_empty", "closing_condition")
    return TimeLimit.parse(text.limit)


def _rule(target: RuleSet, item_id: int, text: RuleText, limit: TimeLimit, sequence: int) -> FilingRule:
    return FilingRule(
        rule_set=target,
        item_id=item_id,
        condition=text.condition.strip(),
        condition_en=text.condition_en.strip(),
        closing_condition=text.closing_condition.strip(),
        closing_condition_en=text.closing_condition_en.strip(),
        limit_amount=limit.amount,
        limit_unit=limit.unit,
        limit_text=text.limit.strip()[:60],
        sequence=sequence,
    )


def _said(rule: FilingRule) -> dict[str, Any]:
    return {
        "condition": rule.condition,
        "closing_condition": rule.closing_condition,
        "limit": f"{rule.limit_amount} {rule.limit_unit}",
    }


def _changed(
    by: Authority,
    action: str,
    rule: FilingRule,
    *,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    touch()
    journal.record(
        action=action,
        actor=by.actor,
        object_type="filing_rule",
        object_id=rule.pk,
        before=before,
        after=after,
    )
