"""Requests about personal data at the counter, and how long data is kept."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from django.urls import reverse

from linli.kernel.journal.models import Entry
from linli.kernel.retention.queries import in_force
from linli.rooms.cases.models import Report
from linli.rooms.cases.tests.fixtures import reported

pytestmark = pytest.mark.django_db
PHONE = "13900024680"


@pytest.fixture
def given(town):
    report = reported(town, phone=PHONE, name="金丝雀甲").reports.get()
    return {"code": report.tracking_code, "phone": "139 0002 4680", "purpose": "本人到窗口申请", "what": "copy"}


def test_a_copy_is_handed_out(town, as_, given):
    answer = as_("security").post(reverse("admin_door:persons"), given)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert json.loads(packed.read("data.json"))["reports"][0]["name"] == "金丝雀甲"


def test_data_is_deleted_once_somebody_is_sure(town, as_, given):
    security, url = as_("security"), reverse("admin_door:persons")
    answer = security.post(url, given | {"what": "forget"})
    assert answer.status_code == 422 and Report.objects.exclude(phone_sealed=None).exists()
    answer = security.post(url, given | {"what": "forget", "sure": "on"}, follow=True)
    assert "1 条上报" in answer.content.decode()
    assert not Report.objects.exclude(phone_sealed=None).exists()
    assert Entry.objects.get(action="person.forgotten").actor_name


@pytest.mark.parametrize("wrong", [{"code": "7K2M-9QXD-4TBN"}, {"phone": "13900013579"}])
def test_what_does_not_match_is_refused_with_what_was_typed(town, as_, given, wrong):
    answer = as_("security").post(reverse("admin_door:persons"), given | wrong)
    page = answer.content.decode()
    assert answer.status_code == 422 and "对不上" in page and "本人到窗口申请" in page


def test_days_are_shown_with_what_is_due_and_changed_within_bounds(town, as_):
    security, url = as_("security"), reverse("admin_door:retention")
    page = security.get(url).content.decode()
    assert "400" in page and "30–3660" in page
    days = {held.rule.name: held.days for held in in_force()}
    assert security.post(url, days | {"cases.contacts": 5}).status_code == 422
    assert security.post(url, days | {"cases.contacts": 90}).status_code == 302
    assert {held.rule.name: held.days for held in in_force()}["cases.contacts"] == 90
