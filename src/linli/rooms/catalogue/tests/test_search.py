"""Words that people use lead to the item that is meant."""

import pytest
from django.utils import translation

from linli.kernel.errors import NotFound
from linli.rooms.catalogue import actions, queries

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("路灯不亮", "M01037"),
        ("路灯", "M01037"),
        ("电动车飞线", "M06994"),
        ("楼道堆物", "M06999"),
        ("下水道堵了", "M06996"),
        ("垃圾", "M06010"),
        ("占道经营", "M09006"),
        ("消防通道", "M09012"),
        ("street lamp", "M01037"),
        ("POTHOLE", "M06013"),
        ("06010", "M06010"),
        ("m06999", "M06999"),
        ("噪音 楼上", "M06998"),
        ("积水", "M10999"),
        ("扬尘", "M08004"),
    ],
)
def test_the_first_result_is_what_is_meant(words, key):
    assert queries.search(words)[0].item.key == key


def test_manhole_covers_come_first_for_their_everyday_name():
    assert {"M01002", "M01003", "M01023"} >= {found.item.key for found in queries.search("窨井盖")[:3]}


def test_a_single_character_finds_something():
    assert "M06991" in {found.item.key for found in queries.search("狗")}


def test_a_result_says_which_word_matched():
    assert queries.search("电动车飞线")[0].because == "电动车飞线"


def test_a_slip_still_finds_it():
    assert queries.search("路灯都不亮了")[0].item.key == "M01037"


@pytest.mark.parametrize("words", ["", "   ", "zzzzqq", "🙂", "%_'\""])
def test_nothing_sensible_finds_nothing(words):
    assert queries.search(words) == []


def test_reports_name_matters_unless_things_are_asked_for():
    assert {found.item.kind for found in queries.search("路灯")} == {"matter"}
    assert queries.search("路灯", kind="component")[0].item.key == "C01037"


def test_a_retired_item_is_found_only_when_asked_for(by):
    actions.retire_item(by, "M06994", successor="M06993")
    assert "M06994" not in {found.item.key for found in queries.search("飞线充电")}
    assert "M06994" in {found.item.key for found in queries.search("飞线充电", inactive=True)}
    assert queries.catalogue().resolve("M06994").key == "M06993"


def test_names_follow_the_language_of_the_page():
    item = queries.item("M06999")
    assert item.name == "楼道堆物"
    with translation.override("en"):
        assert item.name == "Clutter in stairwells"
        assert queries.default_rule("M06999").condition.startswith("It blocks")


def test_an_unknown_key_is_not_found():
    with pytest.raises(NotFound):
        queries.item("M99999")


def test_the_tree_counts_what_is_active(django_assert_num_queries):
    queries.catalogue()
    with django_assert_num_queries(0):
        branches = queries.tree()
    assert [branch.matter_class.key for branch in branches] == [f"M{number:02d}" for number in range(1, 11)]
    assert sum(branch.active for branch in branches) == len(queries.catalogue().matters)


def test_a_warm_catalogue_asks_the_database_nothing(django_assert_num_queries):
    queries.catalogue()
    with django_assert_num_queries(0):
        queries.search("路灯")
        queries.rules_for("M01037")
        queries.item("M06001")


def test_a_change_is_seen_at_once_by_its_own_process(by):
    queries.catalogue()
    actions.add_item(by, "M06", "雪糕筒占位", synonyms="锥桶占位")
    assert queries.search("雪糕筒")[0].item.class_key == "M06"


def test_another_process_sees_a_change_within_a_second(by, monkeypatch):
    held = queries.catalogue()
    actions.add_item(by, "M06", "雪糕筒占位")
    # As another process would: not told, only its next comparison is due.
    monkeypatch.setattr(queries, "_compared", queries.time.monotonic() - queries.FRESH_SECONDS)
    assert queries.catalogue() is not held
    assert queries.FRESH_SECONDS < 1
