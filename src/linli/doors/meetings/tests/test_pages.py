"""The pages of meetings: called, prepared, typed live, projected, closed with minutes."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.rooms.cases.tests.fixtures import reported
from linli.rooms.cases.tests.walking import walk
from linli.rooms.oversight.actions import agenda, meetings
from linli.rooms.oversight.models import Meeting, MeetingKind, Seat

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


@pytest.fixture
def enter(client, town):
    """`enter("leader", "en")`: the browser of that person, in that language."""

    def sign_in(name="leader", language="zh-hans"):
        client.force_login(town.accounts[name], backend="allauth.account.auth_backends.AuthenticationBackend")
        client.cookies["linli_language"] = language
        return client

    return sign_in


def at(name: str, *args) -> str:
    return reverse(f"meetings:{name}", args=args)


def soon() -> str:
    return f"{(clock.now() + dt.timedelta(days=3)).astimezone(CIVIL):%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_meeting_from_calling_to_its_minutes(enter, town, picture, language, django_assert_max_num_queries):
    case = walk(reported(town), town, picture, "receive")
    client = enter("leader", language)
    assert client.get(at("index")).status_code == client.get(at("new")).status_code == 200
    given = {"key": "k", "kind": "leading", "place": town.district.pk, "at": "", "venue": "三楼", "title": ""}
    assert client.post(at("new"), given).status_code == 422
    assert client.post(at("new"), {**given, "at": "昨天"}).status_code == 422
    for _again in range(2):
        assert client.post(at("new"), {**given, "at": soon()}).status_code == 302
    meeting = Meeting.objects.get()
    page = at("meeting", meeting.pk)
    assert client.post(at("act", meeting.pk, "open")).status_code == 422  # nothing on the agenda yet
    put = {"case": case.number, "meeting": meeting.pk}
    assert f'value="{meeting.pk}"' in client.get(reverse("desk:case", args=[case.number])).content.decode()
    client.post(at("put_on"), put)
    client.post(at("put_on"), put)
    assert client.post(at("add", meeting.pk), {"title": "", "case": ""}).status_code == 422
    assert client.post(at("add", meeting.pk), {"case": "20990101-000001"}).status_code == 422
    assert client.post(at("add", meeting.pk), {"title": "停车难"}).status_code == 302
    one, two = meeting.items.all()
    client.post(at("change", meeting.pk, two.pk, "up"))
    client.post(at("attend", meeting.pk), {"name": "演示甲", "role": "城管局", "present": "1"})
    plan = {"version": Meeting.objects.get().version, "at": soon(), "venue": "一楼", "chair": "演示乙"}
    assert client.post(at("act", meeting.pk, "plan"), plan).status_code == 302
    assert client.post(at("act", meeting.pk, "plan"), plan).status_code == 409
    client.post(at("act", meeting.pk, "open"))
    client.post(at("change", meeting.pk, one.pk, "current"))
    client.get(page)
    with django_assert_max_num_queries(14):
        assert "演示甲" in client.get(page).content.decode()

    typed = {"version": 1, "decision": "一周内修好", "outcome": "decided"}
    answer = client.post(at("type", meeting.pk, one.pk), typed, headers=JSON)
    assert answer.json()["version"] == 2
    both = client.post(at("type", meeting.pk, one.pk), {**typed, "decision": "两周"}, headers=JSON)
    assert both.status_code == 409 and both.json()["theirs"] == "一周内修好" and both.json()["version"] == 2
    plain = client.post(at("type", meeting.pk, one.pk), {**typed, "decision": "两周"})
    assert plain.status_code == 409 and "两周" in plain.content.decode()
    lacking = client.post(at("act", meeting.pk, "close"))
    assert lacking.status_code == 422
    full = {**typed, "version": 2, "unit": town.lamps.pk, "due_on": f"{clock.now() + dt.timedelta(days=9):%Y-%m-%d}"}
    far = {**full, "due_on": "2099-01-01"}
    assert client.post(at("type", meeting.pk, one.pk), far, headers=JSON).status_code == 422
    assert client.post(at("type", meeting.pk, one.pk), full).status_code == 302

    shown = client.get(at("screen", meeting.pk)).content.decode()
    assert "一周内修好" in shown and "路灯所" in shown
    version = Meeting.objects.get().version
    fragment = {"HX-Request": "true"}
    assert client.get(at("screen", meeting.pk) + f"?seen={version}", headers=fragment).status_code == 204
    assert client.get(at("screen", meeting.pk) + f"?seen={version - 1}", headers=fragment).status_code == 200

    assert client.post(at("act", meeting.pk, "close")).status_code == 302
    number = Meeting.objects.get().issued_minutes.number
    assert number in client.get(page).content.decode()
    first = client.get(at("minutes", meeting.pk)).content
    assert first.startswith(b"%PDF-") and client.get(at("minutes", meeting.pk)).content == first
    # The unit that was given something reads the minutes; others do not.
    assert enter("lamp_contact", language).get(page).status_code == 200
    assert enter("power_contact", language).get(page).status_code == 404
    assert enter("lamp_contact", language).post(at("act", meeting.pk, "open")).status_code == 403
    assert enter("leader", language).get(at("index") + "?past=1").status_code == 200


def test_regular_meetings_are_set_and_stopped(enter, town):
    client = enter("cadre_a")
    given = {"key": "k", "kind": "grid", "place": town.grid_a.pk, "as": "regular", "venue": "", "title": "", "at": ""}
    assert client.post(at("new"), {**given, "place": town.one.pk}).status_code == 422
    assert client.post(at("new"), given).status_code == 302
    seat = Seat.objects.get()
    assert "甲一网格" in client.get(at("index")).content.decode()
    assert enter("cadre_b").post(at("stop", seat.pk)).status_code == 404
    assert enter("cadre_a").post(at("stop", seat.pk)).status_code == 302 and not Seat.objects.exists()


def test_who_may_not_hold_sees_nothing(enter, town):
    when = clock.now() + dt.timedelta(days=1)
    meeting = meetings.call_meeting("leading", town.district.pk, when, viewer=town.viewer("leader"))
    agenda.add_item(meeting.pk, viewer=town.viewer("leader"), title="x")
    assert enter("clerk").get(at("index")).status_code == 403
    assert enter("cadre_a").get(at("meeting", meeting.pk)).status_code == 404
    assert enter("cadre_a").post(at("act", meeting.pk, "open")).status_code == 404
    assert enter("leader").post(at("act", meeting.pk, "nonsense")).status_code == 404
    assert enter("leader").post(at("act", meeting.pk, "cancel"), {"reason": ""}).status_code == 422
    assert enter("leader").post(at("act", meeting.pk, "cancel"), {"reason": "改期"}).status_code == 302


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_operators_set_the_kinds(enter, town, language):
    client = enter("system", language)
    assert client.get(at("kinds")).status_code == 200
    given = {"code": "grid", "rhythm": "weekly tue 10:00", "prepare_days": 2, "minutes_per_item": 5, "items_at_most": 6,
             "sources": ["hard"], "active": "on"}  # fmt: skip
    assert client.post(at("kinds"), {**given, "rhythm": "sometimes"}).status_code == 422
    assert client.post(at("kinds"), given).status_code == 302
    assert MeetingKind.objects.get(code="grid").items_at_most == 6
