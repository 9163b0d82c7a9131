"""Rules of a city: previewed, confirmed as a whole, and never changed under a case."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.db.utils import Error as DatabaseError

from linli.kernel.errors import Conflict, NotFound, Refused
from linli.kernel.journal import queries as journal
from linli.rooms.catalogue import actions, preview, queries
from linli.rooms.catalogue.models import FilingRule, Item, RuleDraft, RuleSet

pytestmark = pytest.mark.django_db


def test_a_preview_changes_nothing(by, city):
    before = queries.active_rule_set().pk
    draft = actions.preview_rules(by, city, "某市.xlsx")
    assert queries.active_rule_set().pk == before
    assert Item.objects.filter(name_zh__contains="爱心驿站").count() == 0
    view = preview.view(draft)
    assert (view.rules, len(view.refusals), len(view.notes)) == (10, 0, 2)
    assert [entry.name for entry in view.fresh] == ["爱心驿站"]
    assert {entry.name: entry.item.key for entry in view.entries if entry.item} == {
        "上水井盖": "M01001",
        "雨水井盖": "M01003",
        "路沿石": "M06050",
        "私搭乱建": "M06001",
        "非法伐树": "M06022",
        "占用消防通道": "M09012",
    }
    assert [entry.name for entry in view.entries if entry.unsure] == ["路沿石"]
    assert len(view.changed) == 6


def test_the_same_file_gives_the_same_draft(by, city):
    assert actions.preview_rules(by, city, "a.xlsx").pk == actions.preview_rules(by, city, "b.xlsx").pk


def test_confirming_puts_all_rules_in_force_and_retires_the_set_before(by, city):
    old = queries.active_rule_set()
    made = actions.confirm_rules(by, actions.preview_rules(by, city, "某市.xlsx").pk)
    assert made.rules.count() == 10
    assert queries.active_rule_set().pk == made.pk
    assert RuleSet.objects.get(pk=old.pk).state == "retired"
    rules = queries.rules_for("M01001")
    assert [str(rule.limit) for rule in rules] == ["2紧急工作时", "4工作时", "2个工作日"]
    assert (rules[0].source_sheet, rules[0].source_row, rules[0].unit_hint) == ("部件", 3, "供水公司")
    entry = journal.of("rule_set", made.pk)[-1]
    assert entry.after["rules"] == 10 and entry.before["rule_set"] == old.pk


def test_an_unmatched_thing_becomes_a_local_item(by, city):
    actions.confirm_rules(by, actions.preview_rules(by, city, "某市.xlsx").pk, names_en={2: "Care station"})
    item = Item.objects.get(name_zh="爱心驿站异常")
    assert (item.standard, item.matter_class.key, item.name_en) == ("local", "M01", "Care station")
    assert queries.default_rule(item.key).condition == "配套设施破损"


def test_items_the_sheet_does_not_name_keep_the_shipped_rules(by, city):
    before = queries.rules_for("M06999")
    actions.confirm_rules(by, actions.preview_rules(by, city, "某市.xlsx").pk)
    assert queries.rules_for("M06999") == before


def test_confirming_twice_makes_one_set(by, city):
    draft = actions.preview_rules(by, city, "某市.xlsx")
    assert actions.confirm_rules(by, draft.pk).pk == actions.confirm_rules(by, draft.pk).pk
    assert RuleSet.objects.filter(shipped=False).count() == 1


def test_importing_the_same_sheet_again_makes_no_second_local_item(by, city):
    actions.confirm_rules(by, actions.preview_rules(by, city, "某市.xlsx").pk)
    again = actions.preview_rules(by, city, "某市.xlsx")
    assert preview.view(again).fresh == ()
    assert preview.view(again).changed == ()


def test_a_person_may_choose_otherwise(by, city):
    draft = actions.preview_rules(by, city, "某市.xlsx")
    made = actions.confirm_rules(by, draft.pk, choices={2: "M10998", 3: "skip", 4: "new"} | {4: "M06011"})
    keys = set(made.rules.values_list("item__key", flat=True))
    assert "M10998" in keys and "M06011" in keys and "M06050" not in keys and "M06001" not in keys


@pytest.mark.parametrize("choice", ["M99999", "C01001", "??"])
def test_a_choice_that_does_not_exist_imports_nothing(by, city, choice):
    draft = actions.preview_rules(by, city, "某市.xlsx")
    with pytest.raises(Refused), transaction.atomic():
        actions.confirm_rules(by, draft.pk, choices={6: choice})
    assert not RuleSet.objects.filter(shipped=False).exists()
    assert not Item.objects.filter(name_zh="爱心驿站异常").exists()
    assert queries.active_rule_set().shipped


def test_nothing_is_half_imported(by, city, monkeypatch):
    draft = actions.preview_rules(by, city, "某市.xlsx")
    before = (Item.objects.count(), FilingRule.objects.count())

    def broken(*args, **kwargs):
        raise IntegrityError("the disk is full")

    monkeypatch.setattr("linli.rooms.catalogue.actions.filing.FilingRule.objects.bulk_create", broken)
    with pytest.raises(IntegrityError), transaction.atomic():
        actions.confirm_rules(by, draft.pk)
    assert (Item.objects.count(), FilingRule.objects.count()) == before
    assert queries.active_rule_set().shipped


def test_refused_rows_stay_out_only_when_that_is_meant(by, workbook):
    from .conftest import MATTERS

    bad = [*MATTERS, ["", "", "", "", "", "", "再堵", "清理", "尽快"]]
    draft = actions.preview_rules(by, workbook(事件=bad), "x.xlsx")
    with pytest.raises(Refused) as refused, transaction.atomic():
        actions.confirm_rules(by, draft.pk)
    assert refused.value.code == "catalogue.refusals"
    assert actions.confirm_rules(by, draft.pk, accept_refusals=True).rules.count() == 4


def test_a_discarded_draft_cannot_be_confirmed(by, city):
    draft = actions.preview_rules(by, city, "x.xlsx")
    actions.discard_draft(by, draft.pk)
    actions.discard_draft(by, draft.pk)
    with pytest.raises(Conflict):
        actions.confirm_rules(by, draft.pk)
    with pytest.raises(NotFound):
        actions.confirm_rules(by, draft.pk + 1000)


def test_a_corrected_rule_is_a_new_one_and_the_old_stays_for_its_cases(by):
    old = queries.rules_for("M01037")[0]
    made = actions.correct_rule(
        by, old.id, actions.RuleText(condition="灯杆倒了", closing_condition="扶正", limit="3紧急工作时")
    )
    now = queries.rules_for("M01037")
    assert (now[0].id, now[0].condition, str(now[0].limit)) == (made.pk, "灯杆倒了", "3紧急工作时")
    assert queries.rule(old.id).condition == old.condition
    with pytest.raises(Conflict):
        actions.correct_rule(by, old.id, actions.RuleText(condition="x", closing_condition="y", limit="1天"))


@pytest.mark.parametrize(
    ("condition", "closing", "limit", "field"),
    [("", "好", "1天", "condition"), ("坏", " ", "1天", "closing_condition"), ("坏", "好", "尽快", "limit")],
)
def test_an_incomplete_rule_is_refused_by_field(by, condition, closing, limit, field):
    with pytest.raises(Refused) as refused:
        actions.add_rule(by, "M01037", actions.RuleText(condition=condition, closing_condition=closing, limit=limit))
    assert refused.value.field == field


def test_a_rule_can_be_added_and_retired(by):
    before = len(queries.rules_for("M01037"))
    made = actions.add_rule(by, "M01037", actions.RuleText(condition="灯罩脏", closing_condition="擦净", limit="2天"))
    assert queries.rules_for("M01037")[-1].id == made.pk
    actions.retire_rule(by, made.pk)
    actions.retire_rule(by, made.pk)
    assert len(queries.rules_for("M01037")) == before


def test_a_rule_added_beside_shipped_ones_does_not_hide_them(by, city):
    actions.confirm_rules(by, actions.preview_rules(by, city, "x.xlsx").pk)
    before = queries.rules_for("M06999")
    actions.add_rule(by, "M06999", actions.RuleText(condition="堆满", closing_condition="清空", limit="2天"))
    assert queries.rules_for("M06999")[:-1] == before


@pytest.mark.parametrize(
    "statement", ["DELETE FROM {t} WHERE id = %s", "UPDATE {t} SET limit_amount = 9 WHERE id = %s"]
)
def test_the_database_itself_keeps_rules_as_they_were(statement):
    from django.db import connection

    rule = FilingRule.objects.first()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(t=FilingRule._meta.db_table), [rule.pk])


def test_only_one_set_is_in_force():
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleSet.objects.filter(shipped=True).first()
        RuleSet.objects.create(name="x", state="active", created_at=RuleSet.objects.first().created_at)


def test_the_command_shows_first_and_imports_when_told(by, city, tmp_path, capsys):
    path = tmp_path / "city.xlsx"
    path.write_bytes(city)
    call_command("import_rules", path)
    shown = capsys.readouterr().out
    assert "I3" in shown and "爱心驿站" in shown and "--yes" in shown
    assert queries.active_rule_set().shipped
    call_command("import_rules", path, "--yes")
    assert queries.active_rule_set().rules.count() == 10
    with pytest.raises(CommandError):
        call_command("import_rules", tmp_path / "missing.xlsx")
    assert RuleDraft.objects.count() == 1
