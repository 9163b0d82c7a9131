"""Drafting, changing, activating and reporting on the responsibility matrix; sheets."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, transaction

from linli.kernel.authority import SystemAuthority
from linli.kernel.errors import Conflict, NotAllowed, Refused
from linli.rooms.catalogue.models import Item, MatterClass
from linli.rooms.people import actions, queries
from linli.rooms.people.actions import RuleWords
from linli.rooms.people.models import Account, MatrixVersion, Responsibility, SheetDraft, Unit
from linli.rooms.people.rights import viewer_of
from linli.rooms.people.tests.conftest import make_account, make_post, make_unit

HOUSE = SystemAuthority()


@pytest.fixture
def system(db):
    return viewer_of(make_account("sys", admin_role="system"))


@pytest.fixture
def catalogue(db):
    """Two classes with two items each, and nothing else."""
    with connection.cursor() as cursor:  # the shipped catalogue is not what is looked at here
        cursor.execute("TRUNCATE catalogue_matterclass CASCADE")
    for key in ("M06", "M07"):
        row = MatterClass.objects.create(key=key, kind="matter", code=key[1:], name_zh=f"大类{key}")
        for number in (901, 902):
            Item.objects.create(
                key=f"{key}{number}",
                standard="local",
                kind="matter",
                code=f"{key[1:]}{number}",
                matter_class=row,
                name_zh=f"事项{key}{number}",
            )


def active(system, *rules):
    draft = actions.draft_matrix(system)
    if rules:
        actions.add_rules(system, draft.pk, rules)
    return actions.activate_matrix(system, draft.pk)


def test_a_draft_copies_the_edition_in_force_and_takes_its_place(town, system):
    first = active(system, RuleWords("", town.district.pk, town.city.pk))
    draft = actions.draft_matrix(system, note="夏季调整")
    assert (draft.number, draft.based_on, draft.rules.count()) == (2, 1, 1)
    actions.activate_matrix(system, draft.pk)
    first.refresh_from_db()
    assert first.state == "retired" and queries.in_force() == draft


def test_rules_of_an_edition_that_was_in_force_are_fixed_in_actions_and_in_the_database(town, system):
    edition = active(system, RuleWords("", town.district.pk, town.city.pk))
    rule = edition.rules.get()
    for act in (
        lambda: actions.add_rule(system, edition.pk, RuleWords("", town.grid.pk, town.water.pk)),
        lambda: actions.edit_rule(system, rule.pk, RuleWords("", town.grid.pk, town.water.pk)),
        lambda: actions.remove_rule(system, rule.pk),
        lambda: actions.discard_draft(system, edition.pk),
        lambda: actions.activate_matrix(system, edition.pk),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "people.matrix_fixed"
    with pytest.raises(IntegrityError), transaction.atomic():
        Responsibility.objects.filter(pk=rule.pk).update(unit=town.water)
    with pytest.raises(IntegrityError), transaction.atomic():
        MatrixVersion.objects.get(pk=edition.pk).delete()


def test_a_draft_overtaken_by_another_edition_is_a_conflict_until_the_operator_says_so(town, system):
    active(system)
    mine, theirs = actions.draft_matrix(system), actions.draft_matrix(system)
    actions.activate_matrix(system, theirs.pk)
    with pytest.raises(Conflict) as conflict:
        actions.activate_matrix(system, mine.pk)
    assert conflict.value.changes[0]["after"] == theirs.number
    assert actions.activate_matrix(system, mine.pk, replacing=theirs.number).state == "active"


@pytest.mark.django_db(transaction=True)
def test_of_two_activations_at_once_one_wins_and_one_hears_of_it():
    drafts = [actions.draft_matrix(HOUSE), actions.draft_matrix(HOUSE)]
    barrier, won, lost = threading.Barrier(2), [], []

    def activate(pk):
        try:
            barrier.wait()
            won.append(actions.activate_matrix(HOUSE, pk).number)
        except Conflict as conflict:
            lost.append(conflict.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=activate, args=(draft.pk,)) for draft in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1 and lost == ["people.matrix_moved_on"]
    assert MatrixVersion.objects.filter(state="active").count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"matter": "M99"}, "matter"),
        ({"place_id": 10**9}, "place"),
        ({"unit_id": 10**9}, "unit"),
        ({"from_time": dt.time(8)}, "from_time"),
        ({"from_time": dt.time(8), "to_time": dt.time(8)}, "from_time"),
        ({"weekdays": (0,)}, "weekdays"),
        ({"valid_from": dt.date(2026, 1, 2), "valid_to": dt.date(2026, 1, 2)}, "valid_to"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_at_its_field(town, system, change, field):
    draft = actions.draft_matrix(system)
    words = {"matter": "", "place_id": town.district.pk, "unit_id": town.city.pk} | change
    with pytest.raises(Refused) as refusal:
        actions.add_rule(system, draft.pk, RuleWords(**words))
    assert refusal.value.field == field


def test_rules_are_listed_with_filters_and_pages(town, system, catalogue, django_assert_num_queries):
    draft = actions.draft_matrix(system)
    actions.add_rules(
        system,
        draft.pk,
        [
            RuleWords("M06", town.district.pk, town.city.pk),
            RuleWords("M06901", town.grid.pk, town.water.pk),
            RuleWords("M07", town.other_street.pk, town.city.pk, note="夜间"),
        ],
    )
    with django_assert_num_queries(2):
        assert queries.rules(system, draft.pk, matter="M06").total == 2
    assert queries.rules(system, draft.pk, place_id=town.street.pk).total == 1
    assert queries.rules(system, draft.pk, words="水务").total == 1
    assert queries.rules(system, draft.pk, words="夜间").rows[0].matter == "M07"
    page = queries.rules(system, draft.pk, page=99, size=2)
    assert (page.page, page.pages, len(page.rows)) == (2, 2, 1)


def test_the_matrix_is_seen_by_those_who_may(town, system):
    worker = make_account("worker")
    make_post("building_head", worker, town.grid)
    with pytest.raises(NotAllowed):
        queries.editions(viewer_of(worker))
    assert list(queries.editions(system)) == []


# ── Report ─────────────────────────────────────────────────────────────────────────────────────────


def report(system, *rules):
    draft = actions.draft_matrix(system)
    made = actions.add_rules(system, draft.pk, rules) if rules else []
    return queries.gaps_and_conflicts(system, draft.pk), made


def test_gaps_name_class_and_community_and_say_when_only_some_hours_are_covered(town, system, catalogue):
    found, _made = report(
        system,
        RuleWords("M06", town.community.pk, town.city.pk),
        RuleWords("M07", town.community.pk, town.city.pk, weekdays=(1,)),
        RuleWords("M07901", town.neighbour.pk, town.water.pk),
        RuleWords("M07902", town.street.pk, town.water.pk),
    )
    gaps = {(gap.class_key, gap.place_name, gap.part_time) for gap in found.gaps}
    assert gaps == {("M07", "南塘社区", True), ("M06", "湾塘社区", False)}


def test_one_rule_for_everything_leaves_no_gap(town, system, catalogue):
    found, _made = report(system, RuleWords("", town.district.pk, town.city.pk))
    assert found.clean and found.communities == 2


def test_rules_that_can_never_win_are_named_with_the_reason(town, system, catalogue):
    ended = make_unit("U-E", "已撤销", valid_to=dt.date(2021, 1, 1))
    found, made = report(
        system,
        RuleWords("M06", town.street.pk, town.city.pk),
        RuleWords("M06", town.street.pk, town.city.pk),
        RuleWords("M06", town.street.pk, ended.pk),
        RuleWords("M06", town.street.pk, town.city.pk, valid_to=dt.date(2021, 1, 1)),
        RuleWords("M07901", town.district.pk, town.city.pk),
        RuleWords("M07902", town.district.pk, town.city.pk),
        RuleWords("M07", town.grid.pk, town.water.pk),
        RuleWords("", town.grid.pk, town.water.pk),
    )
    why = {row.rule_id: (row.why, row.by) for row in found.never}
    assert why == {
        made[1].pk: ("older_rule", made[0].pk),
        made[2].pk: ("unit_ended", None),
        made[3].pk: ("expired", None),
        made[6].pk: ("all_items_named", None),
        made[7].pk: ("all_classes_named", None),
    }


def test_equal_rules_with_different_units_clash_only_where_their_times_meet(town, system, catalogue):
    day, night = (dt.time(8), dt.time(20)), (dt.time(20), dt.time(8))
    found, made = report(
        system,
        RuleWords("M06", town.street.pk, town.city.pk, from_time=day[0], to_time=day[1]),
        RuleWords("M06", town.street.pk, town.water.pk, from_time=night[0], to_time=night[1]),
        RuleWords("M06", town.street.pk, town.committee.pk, weekdays=(6, 7)),
        RuleWords("M07", town.street.pk, town.city.pk),
        RuleWords("M07", town.street.pk, town.water.pk),
    )
    clashes = {(clash.rule_id, clash.other_id) for clash in found.clashes}
    assert clashes == {
        (made[0].pk, made[2].pk),
        (made[1].pk, made[2].pk),
        (made[3].pk, made[4].pk),
    }
    assert {clash.rule_id for clash in found.clashes} <= set(found.rows)


def test_a_dry_run_names_the_cases_that_would_go_elsewhere(town, system):
    draft = actions.draft_matrix(system)
    actions.add_rule(system, draft.pk, RuleWords("", town.grid.pk, town.city.pk))
    at = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    cases = [
        (1, "M06012", "M06", town.grid.lineage, at, town.city.pk),
        (2, "M06012", "M06", town.grid.lineage, at, town.water.pk),
        (3, "M06012", "M06", town.neighbour.lineage, at, None),
    ]
    changes = list(queries.dry_run(draft.pk, cases))
    assert [(change.case_id, change.unit_id_after, change.via) for change in changes] == [
        (2, town.city.pk, "any"),
        (3, town.street_office.pk, "fallback"),
    ]


# ── Sheets ─────────────────────────────────────────────────────────────────────────────────────────


def csv(*lines):
    return "\n".join(lines).encode()


def test_a_sheet_of_posts_is_seen_first_then_makes_accounts_and_posts_as_a_whole(town):
    data = csv(
        "岗位,姓名,用户名,地方编码,单位编号,起,止,电话",
        f"网格员,周敏,zhou.min,{town.grid.code},U-NT,2026-01-01,,13812345678",
        "责任单位联络员,郑强,zheng,,区城管局,2026年1月1日,至今,",
    )
    sheet = actions.read_sheet(HOUSE, "posts", "岗位.csv", data)
    assert sheet.problems == [] and len(sheet.rows) == 2
    assert not Account.objects.filter(username="zhou.min").exists()
    done = actions.confirm_sheet(HOUSE, sheet.pk)
    assert set(done["passwords"]) == {"zhou.min", "zheng"}
    zhou = Account.objects.get(username="zhou.min")
    assert zhou.check_password(done["passwords"]["zhou.min"]) and viewer_of(zhou).holds("grid_worker")
    with pytest.raises(Refused):
        actions.confirm_sheet(HOUSE, sheet.pk)


def test_each_problem_of_a_sheet_is_named_by_row_and_column_and_nothing_is_taken_in(town):
    make_account("zhou.min", name="周敏")
    data = csv(
        "岗位,姓名,用户名,地方编码,起",
        f"网格员,周敏敏,zhou.min,{town.grid.code},",
        f"飞行员,吴,wu,{town.grid.code},",
        "网格员,吴,wu,999999,",
        f"网格员,吴,wu,{town.grid.code},某日",
        f"网格员,吴,wu,{town.grid.code},",
        f"网格员,吴,wu,{town.grid.code},",
        "网格员,吴,wu,,",
    )
    sheet = actions.read_sheet(HOUSE, "posts", "岗位.csv", data)
    found = [(problem["row"], problem["column"]) for problem in sheet.problems]
    assert found == [(2, "name"), (3, "kind"), (4, "place"), (5, "valid_from"), (7, "username"), (8, "place")]
    with pytest.raises(Refused) as refusal:
        actions.confirm_sheet(HOUSE, sheet.pk)
    assert refusal.value.code == "people.sheet_problems"
    assert not Account.objects.filter(username="wu").exists()


def test_what_changed_between_look_and_confirmation_takes_nothing_in(town):
    data = csv("编号,名称", "U-1,甲局", "U-2,乙局")
    sheet = actions.read_sheet(HOUSE, "units", "单位.csv", data)
    make_unit("U-2", "抢先")
    with pytest.raises(Refused) as refusal:
        actions.confirm_sheet(HOUSE, sheet.pk)
    assert refusal.value.code == "people.unit_code_taken"
    assert not Unit.objects.filter(code="U-1").exists()
    assert SheetDraft.objects.get(pk=sheet.pk).done_at is None


def test_rules_come_from_a_sheet_by_code_or_name(town, system, catalogue):
    draft = actions.draft_matrix(system)
    data = csv(
        "事项,地方,责任单位,责任岗位,星期,开始时刻,结束时刻",
        "大类M06,南塘社区,区城管局,网格员,周一至周五,8:00,18:00",
        f"M07901,{town.grid.code},U-SW,,六日,,",
        "全部,渌口区,区网格中心,,,,",
    )
    sheet = actions.read_sheet(system, "matrix", "清单.csv", data, matrix_id=draft.pk)
    assert sheet.problems == []
    actions.confirm_sheet(system, sheet.pk)
    rules = list(draft.rules.order_by("id"))
    assert [rule.matter for rule in rules] == ["M06", "M07901", ""]
    assert rules[0].weekdays == [1, 2, 3, 4, 5] and rules[0].from_time == dt.time(8)
    assert rules[1].weekdays == [6, 7]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "sheet.empty"),
        (b"\x00\x01\x02", "sheet.not_a_sheet"),
        ("名称,电话\n甲,1".encode(), "people.sheet_columns"),
        ("编号,名称\n,\n".encode(), "people.sheet_empty"),
        (b"PK\x03\x04broken", "sheet.broken"),
    ],
)
def test_what_is_no_sheet_of_units_is_refused_with_a_reason(db, data, code):
    with pytest.raises(Refused) as refusal:
        actions.read_sheet(HOUSE, "units", "x.xlsx", data)
    assert refusal.value.code == code and str(refusal.value)


def test_sheets_need_the_right_of_what_they_change(town, system):
    data = csv("岗位,姓名,用户名", "网格员,吴,wu")
    with pytest.raises(NotAllowed):
        actions.read_sheet(system, "posts", "岗位.csv", data)
