"""Units, posts, accounts, the matrix: through forms and sheets, with everything typed kept."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from linli.rooms.people import queries
from linli.rooms.people.models import Account, MatrixVersion, Post, Responsibility, Unit

pytestmark = pytest.mark.django_db


def csv(text: str, name: str = "a.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def test_a_unit_is_made_changed_and_ended(town, as_):
    system = as_("system")
    given = {"code": "U9", "name_zh": "园林所", "kind": "department", "credit_code": "错的"}
    answer = system.post(reverse("admin_door:unit_new"), given)
    assert answer.status_code == 422 and "园林所" in answer.content.decode()
    assert system.post(reverse("admin_door:unit_new"), given | {"credit_code": ""}).status_code == 302
    unit = Unit.objects.get(code="U9")
    changed = {"name_zh": "园林绿化所", "kind": "community", "place": "甲社区"}
    assert system.post(reverse("admin_door:unit", args=[unit.pk]), changed).status_code == 302
    changed = {"name_zh": "园林绿化所", "kind": "community", "place": ""}
    assert system.post(reverse("admin_door:unit", args=[unit.pk]), changed).status_code == 422
    end = {"valid_to": "2031-01-01", "successor": "路灯所"}
    assert system.post(reverse("admin_door:unit_end", args=[unit.pk]), end).status_code == 302
    unit.refresh_from_db()
    assert unit.successor == town.lamps


def test_a_sheet_of_units_is_all_or_nothing(town, as_):
    system = as_("system")
    upload = reverse("admin_door:sheet_upload", args=["units"])
    bad = "编号,名称,类别\nU7,甲所,部门\nU1,重号所,部门\nU8,丙所,怪类别\n"
    answer = system.post(upload, {"file": csv(bad)}, follow=True)
    page = answer.content.decode()
    assert "编号 U1 已有单位" in page and "怪类别" in page
    sheet = answer.context["sheet"]
    assert system.post(reverse("admin_door:sheet_confirm", args=[sheet.pk])).status_code == 422
    assert not Unit.objects.filter(code="U7").exists()
    answer = system.post(upload, {"file": csv("编号,名称,类别\nU7,甲所,部门\nU8,丙所,企业\n")}, follow=True)
    sheet = answer.context["sheet"]
    assert system.post(reverse("admin_door:sheet_confirm", args=[sheet.pk])).status_code == 302
    assert Unit.objects.filter(code__in=["U7", "U8"]).count() == 2
    assert system.post(reverse("admin_door:sheet_confirm", args=[sheet.pk])).status_code == 422


@pytest.mark.parametrize("data", [b"", b"\x00\x00", b"PK\x03\x04zzz", "名字\n甲\n".encode()])
def test_a_sheet_that_is_none_is_refused_in_words(town, as_, data):
    upload = reverse("admin_door:sheet_upload", args=["units"])
    answer = as_("system").post(upload, {"file": SimpleUploadedFile("a.xlsx", data)})
    assert answer.status_code == 422
    assert as_("system").post(upload, {}).status_code == 422


def test_each_administrator_sees_only_the_sheets_of_his_own_kind(town, as_):
    assert as_("security").get(reverse("admin_door:sheet_upload", args=["units"])).status_code == 403
    assert as_("system").get(reverse("admin_door:sheet_upload", args=["posts"])).status_code == 403
    assert as_("system").get(reverse("admin_door:sheet_upload", args=["nothing"])).status_code == 404


def test_posts_from_a_sheet_make_accounts_whose_passwords_are_shown_once(town, as_):
    security = as_("security")
    sheet = "岗位,姓名,用户名,地方编码\n网格员,新来的,xinlai,430212100001001\n核查员,新来的,xinlai,430212000000\n"
    upload = reverse("admin_door:sheet_upload", args=["posts"])
    answer = security.post(upload, {"file": csv(sheet)}, follow=True)
    answer = security.post(reverse("admin_door:sheet_confirm", args=[answer.context["sheet"].pk]))
    password = dict(answer.context["passwords"])["xinlai"]
    assert password in answer.content.decode() and Post.objects.filter(holder__username="xinlai").count() == 2
    assert Account.objects.get(username="xinlai").check_password(password)


def test_a_post_is_given_handed_over_stood_in_for_and_ended(town, as_):
    security = as_("security")
    given = {"kind": "verifier", "holder": "clerk", "place": "甲社区"}
    assert security.post(reverse("admin_door:post_new"), given).status_code == 302
    post = Post.objects.get(kind__code="verifier", holder=town.accounts["clerk"])
    answer = security.post(reverse("admin_door:post_new"), given)
    assert answer.status_code == 422 and "已任此岗位" in answer.content.decode()
    answer = security.post(reverse("admin_door:post_new"), given | {"holder": "没有的人"})
    assert answer.status_code == 422 and "没有的人" in answer.content.decode()
    change = lambda what: reverse("admin_door:post_change", args=[post.pk, what])  # noqa: E731
    deputy = {"deputy": "演示dispatcher", "since": "2026-01-01", "until": "2026-12-31"}
    assert security.post(change("deputy"), deputy).status_code == 302
    assert security.post(change("back")).status_code == 302
    assert security.post(change("deputy"), deputy | {"until": "2020-01-01"}).status_code == 422
    assert security.post(change("nonsense")).status_code == 404
    given = {"holder": "dispatcher", "since": "2040-01-01"}
    assert security.post(change("replace"), given).status_code == 302
    assert security.post(change("end"), {"valid_to": "2041-01-01"}).status_code == 422
    assert security.get(reverse("admin_door:posts"), {"place": "甲社区", "q": "clerk", "past": 1}).status_code == 200


def test_a_kind_of_post_never_gets_an_administrators_duty(town, as_):
    security = as_("security")
    url = reverse("admin_door:kind", args=["verifier"])
    assert "accounts.edit" not in security.get(url).content.decode()
    given = {"name_zh": "核查员", "name_en": "verifier", "door": "field", "duties": ["case.view", "accounts.edit"]}
    assert security.post(url, given).status_code == 422
    assert security.post(url, given | {"duties": ["case.view", "case.verify"]}).status_code == 302


def test_an_account_is_made_locked_reset_and_its_password_never_shown_again(town, as_):
    security = as_("security")
    given = {"username": "lisi", "name": "李四", "admin_role": "", "phone": "13800138000"}
    answer = security.post(reverse("admin_door:account_new"), given)
    assert answer.status_code == 200
    password = answer.context["passwords"][0][1]
    account = Account.objects.get(username="lisi")
    assert account.check_password(password) and account.must_change_password
    page = security.get(reverse("admin_door:account", args=[account.pk])).content.decode()
    assert password not in page and "13800138000" not in page
    answer = security.post(reverse("admin_door:account_new"), given)
    assert answer.status_code == 422 and "李四" in answer.content.decode()
    change = lambda what, **data: security.post(  # noqa: E731
        reverse("admin_door:account_change", args=[account.pk, what]), data
    )
    assert change("lock").status_code == 302
    assert not Account.objects.get(pk=account.pk).is_active
    assert change("unlock").status_code == 302
    assert change("password").context["passwords"][0][1] != password
    assert change("factors").status_code == 302
    assert change("role", admin_role="emperor").status_code == 422
    assert change("role", admin_role="audit").status_code == 302
    assert change("nonsense").status_code == 404


def test_the_last_administrator_and_oneself_cannot_be_put_to_rest(town, as_):
    security = as_("security")
    me, system = town.accounts["security"], town.accounts["system"]
    lock = lambda account: security.post(  # noqa: E731
        reverse("admin_door:account_change", args=[account.pk, "lock"])
    )
    assert lock(me).status_code == 422
    answer = lock(system)
    assert answer.status_code == 422 and "最后一位" in answer.content.decode()


def test_the_policy_is_kept_within_what_the_standard_allows(town, as_):
    security = as_("security")
    url = reverse("admin_door:policy")
    given = {"two_factor_for_staff": "", "idle_minutes_staff": 60, "idle_minutes_admins": 30}
    assert security.post(url, given).status_code == 422
    assert security.post(url, given | {"idle_minutes_admins": 5}).status_code == 302
    assert queries.sign_in_policy().idle_minutes_admins == 5


def test_the_matrix_is_drafted_edited_examined_tried_and_put_in_force(town, as_):
    system = as_("system")
    assert system.post(reverse("admin_door:matrix_draft"), {"note": "调整"}).status_code == 302
    draft = MatrixVersion.objects.get(state="draft")
    new = reverse("admin_door:matrix_rule_new", args=[draft.number])
    given = {"matter": "M01037 路灯异常", "place": "甲社区", "unit": "供电所", "weekdays": ["6", "7"]}
    assert system.post(new, given).status_code == 302
    rule = Responsibility.objects.get(matrix=draft, matter="M01037")
    assert rule.weekdays == [6, 7] and rule.unit == town.power
    answer = system.post(new, given | {"from_time": "22:00"})
    assert answer.status_code == 422 and "供电所" in answer.content.decode()
    one = reverse("admin_door:matrix_rule", args=[draft.number, rule.pk])
    assert system.post(one, given | {"note": "周末"}).status_code == 302
    sheet = "事项编码,地方编码,单位编号\nM06,430212000000,U1\nM99,430212000000,U1\n"
    answer = system.post(reverse("admin_door:matrix_sheet", args=[draft.number]), {"file": csv(sheet)}, follow=True)
    assert "M99" in answer.content.decode() and answer.context["sheet"].problems
    for page in ("matrix_report", "matrix_dry_run", "matrix_edition"):
        assert system.get(reverse(f"admin_door:{page}", args=[draft.number])).status_code == 200
    assert system.post(reverse("admin_door:matrix_activate", args=[draft.number])).status_code == 302
    assert queries.in_force().number == draft.number
    answer = system.post(one, given)
    assert answer.status_code == 422 and "不能修改" in answer.content.decode()


def test_a_dry_run_says_which_past_cases_would_go_elsewhere(town, as_, picture):
    from linli.rooms.cases.tests.fixtures import LAMP, reported
    from linli.rooms.cases.tests.walking import walk

    system = as_("system")
    case = reported(town, item_key=LAMP)
    walk(case, town, picture, "dispatch")
    system.post(reverse("admin_door:matrix_draft"))
    draft = MatrixVersion.objects.get(state="draft")
    rule = Responsibility.objects.get(matrix=draft)
    one = reverse("admin_door:matrix_rule", args=[draft.number, rule.pk])
    assert system.post(one, {"matter": "M01", "place": "演示区", "unit": "供电所"}).status_code == 302
    answer = system.get(reverse("admin_door:matrix_dry_run", args=[draft.number]))
    assert answer.context["looked_at"] == 1 and answer.context["changed"] == 1
    assert "供电所" in answer.content.decode() and case.description not in answer.content.decode()


def test_an_edition_that_moved_on_meanwhile_is_not_lost_unseen(town, as_):
    system = as_("system")
    for _edition in range(2):
        system.post(reverse("admin_door:matrix_draft"))
    first, second = MatrixVersion.objects.filter(state="draft").order_by("number")
    assert system.post(reverse("admin_door:matrix_activate", args=[second.number])).status_code == 302
    answer = system.post(reverse("admin_door:matrix_activate", args=[first.number]), follow=True)
    assert "已经生效" in answer.content.decode() and queries.in_force() == second
    assert system.post(reverse("admin_door:matrix_discard", args=[first.number])).status_code == 302
