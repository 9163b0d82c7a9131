"""Items are edited by version, numbered by rule, and leave their former state in the journal."""

import pytest

from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.kernel.journal import queries as journal
from linli.rooms.catalogue import actions, queries
from linli.rooms.catalogue.models import Item

pytestmark = pytest.mark.django_db


class Nobody:
    """An authority that may do nothing."""

    def __init__(self, by):
        self.actor = by.actor

    def require(self, capability, place_lineage=(), unit_id=None, class_code=""):
        raise NotAllowed("no", "no")


def test_a_local_item_takes_the_next_number_down(by):
    item = actions.add_item(by, "M09", "占用公共晒谷场", name_en="Drying ground taken")
    assert (item.key, item.standard, item.version) == ("M09999", "local", 1)
    assert actions.add_item(by, "M09", "再来一个").key == "M09998"


def test_two_items_may_not_have_one_name(by):
    with pytest.raises(Refused) as refused:
        actions.add_item(by, "M06", " 暴露垃圾 ")
    assert refused.value.code == "catalogue.name_taken"


@pytest.mark.parametrize("name", ["", "   ", "长" * 101])
def test_a_name_must_be_sensible(by, name):
    with pytest.raises(Refused):
        actions.add_item(by, "M06", name)


def test_an_unknown_class_is_refused(by):
    with pytest.raises(Refused):
        actions.add_item(by, "M77", "什么")


def test_a_change_counts_the_version_up_and_records_before_and_after(by):
    actions.change_item(by, "M01037", 1, synonyms="路灯坏，街灯、路灯坏", urgency="urgent")
    item = Item.objects.get(key="M01037")
    assert (item.version, item.synonyms, item.urgency) == (2, ["路灯坏", "街灯"], "urgent")
    entry = journal.of("item", "M01037")[-1]
    assert entry.before["version"] == 1 and entry.after["version"] == 2
    assert entry.before["urgency"] == "soon" and entry.after["synonyms"] == ["路灯坏", "街灯"]


def test_saving_without_a_change_makes_no_version(by):
    item = Item.objects.get(key="M01037")
    actions.change_item(by, "M01037", 1, synonyms=item.synonyms)
    assert Item.objects.get(key="M01037").version == 1


def test_the_second_of_two_editors_is_told_and_keeps_what_was_typed(by):
    actions.change_item(by, "M01037", 1, danger=True)
    with pytest.raises(Conflict) as conflict:
        actions.change_item(by, "M01037", 1, synonyms="街灯")
    assert conflict.value.typed == {"synonyms": "街灯"}


def test_a_name_of_the_standard_stays(by):
    with pytest.raises(Refused):
        actions.change_item(by, "M01037", 1, name_zh="马路灯")
    assert actions.change_item(by, "M06999", 1, name_zh="楼道杂物").name_zh == "楼道杂物"


def test_a_changed_word_is_searchable_at_once(by):
    actions.change_item(by, "M01037", 1, synonyms="夜明珠熄火")
    assert queries.search("夜明珠")[0].item.key == "M01037"


def test_an_item_cannot_follow_itself_or_a_retired_one(by):
    actions.retire_item(by, "M06995")
    for successor in ("M06994", "M06995", "C01037"):
        with pytest.raises(Refused):
            actions.retire_item(by, "M06994", successor=successor)


def test_retiring_twice_does_it_once_and_restoring_brings_it_back(by):
    actions.retire_item(by, "M06995")
    actions.retire_item(by, "M06995")
    assert Item.objects.get(key="M06995").version == 2
    actions.restore_item(by, "M06995")
    assert queries.item("M06995").active


def test_an_unknown_item_cannot_be_changed(by):
    with pytest.raises(NotFound):
        actions.change_item(by, "M00000", 1, danger=True)


def test_who_may_not_edit_the_catalogue_changes_nothing(by, city):
    nobody = Nobody(by)
    for attempt in (
        lambda: actions.add_item(nobody, "M06", "新事项"),
        lambda: actions.change_item(nobody, "M01037", 1, danger=True),
        lambda: actions.retire_item(nobody, "M01037"),
        lambda: actions.restore_item(nobody, "M01037"),
        lambda: actions.preview_rules(nobody, city, "x.xlsx"),
        lambda: actions.confirm_rules(nobody, 1),
        lambda: actions.discard_draft(nobody, 1),
        lambda: actions.retire_rule(nobody, 1),
        lambda: actions.add_rule(nobody, "M01037", actions.RuleText(condition="a", closing_condition="b", limit="1天")),
        lambda: actions.correct_rule(nobody, 1, actions.RuleText(condition="a", closing_condition="b", limit="1天")),
    ):
        with pytest.raises(NotAllowed):
            attempt()


@pytest.mark.django_db(transaction=True)
def test_eight_clerks_at_once_get_eight_numbers(by):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    def add(number):
        try:
            return actions.add_item(by, "M09", f"新事项{number}").key
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(add, range(8)))
    assert sorted(keys) == [f"M09{number}" for number in range(992, 1000)]
