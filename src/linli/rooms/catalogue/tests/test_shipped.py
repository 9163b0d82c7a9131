"""What Linli ships is complete, in both languages, and comes in once."""

import json
from pathlib import Path

import pytest

from linli.kernel.clock.limits import UNITS
from linli.rooms.catalogue import actions, queries
from linli.rooms.catalogue.actions import shipped
from linli.rooms.catalogue.models import CatalogueRevision, FilingRule, Item, MatterClass, RuleSet

DATA = Path(shipped.__file__).resolve().parents[1] / "data"
CATALOGUE = json.loads((DATA / "catalogue.json").read_text("utf-8"))
RULES = json.loads((DATA / "rules.json").read_text("utf-8"))


def test_it_has_the_403_entries_of_the_standard():
    standard = [row for row in CATALOGUE["items"] if not row.get("local")]
    kinds = [row["key"][0] for row in standard]
    assert (kinds.count("C"), kinds.count("M")) == (153, 250)


def test_it_says_that_it_is_a_transcription():
    assert "转录" in CATALOGUE["note_zh"]
    assert "transcription" in CATALOGUE["note_en"]


def test_every_entry_has_names_in_both_languages_and_everyday_words():
    for row in CATALOGUE["items"]:
        assert row["zh"] and row["en"].replace("ç", "c").isascii(), row["key"]
        assert row["en"], row["key"]
        assert row["words"], row["key"]


def test_english_names_are_different_from_one_another():
    for kind in "CM":
        names = [row["en"] for row in CATALOGUE["items"] if row["key"][0] == kind]
        assert len(names) == len(set(names))


def test_local_items_count_down_from_999_without_gaps():
    by_class: dict[str, list[int]] = {}
    for row in CATALOGUE["items"]:
        if row.get("local"):
            by_class.setdefault(row["key"][:3], []).append(int(row["key"][3:]))
    for numbers in by_class.values():
        assert sorted(numbers, reverse=True) == list(range(999, 999 - len(numbers), -1))


def test_every_rule_is_whole():
    rules = [rule for part in (*RULES["families"], *RULES["items"]) for rule in part["rules"]]
    for rule in rules:
        assert all(rule[name] for name in ("zh", "en", "close_zh", "close_en"))
        amount, unit = rule["limit"]
        assert 0 < amount <= 72 and unit in UNITS


def test_a_missing_manhole_cover_is_due_in_two_urgent_hours():
    family = next(part for part in RULES["families"] if part["name"] == "cover")
    assert [rule["limit"] for rule in family["rules"]][:3] == [
        [2, "urgent_hours"],
        [4, "working_hours"],
        [2, "working_days"],
    ]


@pytest.mark.django_db
def test_a_migrated_database_has_it_all():
    assert Item.objects.count() == len(CATALOGUE["items"])
    assert MatterClass.objects.count() == 15
    assert queries.active_rule_set().shipped


@pytest.mark.django_db
def test_every_active_item_can_be_filed_under_a_rule():
    present = queries.catalogue()
    without = [item.key for item in present.items.values() if item.active and not present.rules_for(item.key)]
    assert without == []
    assert all(present.default_rule(item.key) for item in present.items.values())


@pytest.mark.django_db
def test_taking_it_in_again_changes_nothing(by):
    before = (Item.objects.count(), FilingRule.objects.count(), RuleSet.objects.count())
    assert actions.take_in_shipped(by) is False
    assert (Item.objects.count(), FilingRule.objects.count(), RuleSet.objects.count()) == before


@pytest.mark.django_db
def test_a_new_release_leaves_what_an_operator_changed_and_brings_a_new_set(by):
    actions.change_item(by, "M01037", 1, synonyms=["街上的灯"])
    CatalogueRevision.objects.update(shipped="former release")
    old = queries.active_rule_set()
    assert actions.take_in_shipped(by) is True
    assert Item.objects.get(key="M01037").synonyms == ["街上的灯"]
    assert queries.active_rule_set().pk != old.pk
    assert RuleSet.objects.get(pk=old.pk).state == "retired"


@pytest.mark.django_db
def test_a_new_release_keeps_the_rules_an_operator_corrected(by):
    text = actions.RuleText(condition="灯杆倒了", closing_condition="扶正", limit="3紧急工作时")
    actions.correct_rule(by, queries.rules_for("M01037")[0].id, text)
    actions.retire_rule(by, queries.rules_for("M06013")[1].id)
    count = sum(map(len, queries.catalogue().rules.values()))
    CatalogueRevision.objects.update(shipped="former release")
    actions.take_in_shipped(by)
    assert queries.rules_for("M01037")[0].condition == "灯杆倒了"
    assert len(queries.rules_for("M01037")) == 4
    assert len(queries.rules_for("M06013")) == 1
    assert sum(map(len, queries.catalogue().rules.values())) == count


@pytest.mark.django_db
def test_matters_of_things_know_their_thing():
    assert queries.item("M01037").concerns == "C01037"
    assert queries.rules_for("C01037") == queries.rules_for("M01037")
