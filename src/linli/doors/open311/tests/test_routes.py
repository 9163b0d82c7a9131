"""Every address of GeoReport v2 in XML and JSON, and what it says."""

from __future__ import annotations

import datetime as dt

import pytest

from linli.doors.open311 import states
from linli.doors.open311.tests.conftest import V2, read
from linli.kernel import clock
from linli.kernel.identifiers import show_tracking_code
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.models import Case, Report
from linli.rooms.cases.tests.fixtures import IN_A, LAMP, reported
from linli.rooms.cases.tests.walking import walk
from linli.rooms.catalogue.queries import catalogue

FORMS = pytest.mark.parametrize("form", ["xml", "json"])


def post(api, secret: str, form: str = "json", **given):
    given = {"service_code": LAMP, "lat": str(IN_A[1]), "long": str(IN_A[0]), "api_key": secret, **given}
    return api.post(f"{V2}/requests.{form}", {name: value for name, value in given.items() if value is not None})


@FORMS
@pytest.mark.parametrize("path", ["/open311/discovery", f"{V2}/discovery"])
def test_discovery_names_the_endpoint_and_its_forms(api, town, form, path):
    found = read(api.get(f"{path}.{form}"), form)
    assert list(found) == ["changeset", "contact", "key_service", "endpoints"]
    assert found["endpoints"][0]["url"] == "http://testserver/open311/v2"
    assert found["endpoints"][0]["formats"] == ["text/xml", "application/json"]
    assert dt.datetime.fromisoformat(found["changeset"]).tzinfo


@FORMS
def test_every_matter_that_can_be_reported_is_a_service(api, town, form):
    found = read(api.get(f"{V2}/services.{form}"), form)
    assert [one["service_code"] for one in found] == [item.key for item in catalogue().matters]
    lamp = next(one for one in found if one["service_code"] == LAMP)
    assert list(lamp) == ["service_code", "service_name", "description", "metadata", "type", "keywords", "group"]
    assert lamp["type"] == "realtime" and lamp["group"] == catalogue().items[LAMP].matter_class.name_zh
    assert "路灯" in lamp["service_name"] + str(lamp["keywords"])
    assert all(str(one["metadata"]).lower() in ("true", "false") for one in found)


def test_where_it_is_stays_vague_until_somebody_accepted_it(api, town, picture):
    case = reported(town, lng=IN_A[0] + 0.00012345, lat=IN_A[1], address="3 栋 2 单元 501")
    before = api.get(f"{V2}/requests/{case.number}.json").json()[0]
    assert before["long"] == round(IN_A[0], 3) and "501" not in str(before["address"])
    walk(case, town, picture, "accept")
    after = api.get(f"{V2}/requests/{case.number}.json").json()[0]
    assert after["long"] == IN_A[0] + 0.00012345 and after["address"] == "3 栋 2 单元 501"


def test_names_follow_the_language_that_the_client_asks_for(api, town):
    zh, en = (
        api.get(f"{V2}/services.json", headers={"accept-language": language}).json()[0]["service_name"]
        for language in ("zh", "en")
    )
    first = catalogue().matters[0]
    assert (zh, en) == (first.name_zh, first.name_en)


@FORMS
def test_a_service_with_several_filing_rules_asks_which_condition_it_is(api, town, form):
    present = catalogue()
    item = next(one for one in present.matters if len(present.rules_for(one.key)) > 1)
    found = read(api.get(f"{V2}/services/{item.key}.{form}"), form)
    attribute = found["attributes"][0]
    assert found["service_code"] == item.key and attribute["code"] == "condition"
    assert attribute["datatype"] == "singlevaluelist" and str(attribute["order"]) == "1"
    assert {value["key"] for value in attribute["values"]} == {str(rule.id) for rule in present.rules_for(item.key)}


@FORMS
def test_a_service_with_one_rule_asks_nothing(api, town, form):
    present = catalogue()
    item = next(one for one in present.matters if len(present.rules_for(one.key)) <= 1)
    assert read(api.get(f"{V2}/services/{item.key}.{form}"), form)["attributes"] in ([], None)


@FORMS
def test_a_report_becomes_a_case_with_its_owner_and_can_be_followed(api, town, key, form):
    secret = key("report")
    answer = post(api, secret, form, description="路灯不亮", first_name="明", last_name="李", phone="13800000001")
    assert answer.status_code == 200
    made = read(answer, form)[0]
    assert list(made) == ["service_request_id", "service_notice", "account_id"]
    case = Case.objects.get(number=made["service_request_id"])
    assert (case.channel, case.place_id, case.proposed_unit_id) == ("api", town.grid_a.pk, town.lamps.pk)
    assert show_tracking_code(case.reports.get().tracking_code) in made["service_notice"]
    seen = read(api.get(f"{V2}/requests/{case.number}.{form}"), form)[0]
    assert seen["status"] == "open" and seen["service_code"] == LAMP and seen["agency_responsible"] == "路灯所"
    assert seen["description"] is None, "nobody reads the words before somebody accepted the case"
    assert (float(seen["lat"]), float(seen["long"])) == pytest.approx((IN_A[1], IN_A[0]))


@FORMS
def test_a_closed_case_is_told_whole_and_without_its_reporter(api, town, picture, form):
    case = walk(reported(town, phone="13800000001", name="演示李", photos=[picture()]), town, picture, "close")
    body = api.get(f"{V2}/requests/{case.number}.{form}")
    seen = read(body, form)[0]
    assert list(seen) == [
        "service_request_id", "status", "status_notes", "service_name", "service_code", "description",
        "agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime",
        "address", "address_id", "zipcode", "lat", "long", "media_url",
    ]  # fmt: skip
    assert seen["status"] == "closed" and "路灯不亮" in seen["description"]
    for name in ("requested_datetime", "updated_datetime", "expected_datetime"):
        assert dt.datetime.fromisoformat(seen[name]).utcoffset() == dt.timedelta(hours=8)
    assert api.get(seen["media_url"].removeprefix("http://testserver")).status_code == 200
    assert "13800000001" not in body.content.decode() and "演示李" not in body.content.decode()


@FORMS
def test_a_token_leads_to_the_number(api, town, form):
    case = reported(town)
    code = case.reports.get().tracking_code
    assert read(api.get(f"{V2}/tokens/{code}.{form}"), form) == [{"service_request_id": case.number, "token": code}]


def test_the_form_is_chosen_by_the_accept_header_where_the_address_has_no_ending(api, town):
    assert api.get(f"{V2}/services", headers={"accept": "application/json"}).json()
    assert read(api.get(f"{V2}/services", headers={"accept": "text/xml"}), "xml")
    assert read(api.get(f"{V2}/services"), "xml")
    assert read(api.get(f"{V2}/services.json", headers={"accept": "text/xml"}), "json"), "the ending counts more"


def test_lists_are_newest_first_and_filtered(api, town, picture):
    old = reported(town, item_key=LAMP)
    with clock.at(clock.now() + dt.timedelta(seconds=5)):
        new = walk(reported(town), town, picture, "close")
    numbers = lambda query: [row["service_request_id"] for row in api.get(f"{V2}/requests.json{query}").json()]  # noqa: E731
    with clock.at(clock.now() + dt.timedelta(days=1)):
        assert numbers("") == [new.number, old.number]
        assert numbers("?status=closed") == [new.number]
        assert numbers("?status=open,closed") == [new.number, old.number]
        assert numbers(f"?service_code={LAMP},M01001&status=open") == [old.number]
        assert numbers("?service_code=M99999") == []
        assert numbers(f"?service_request_id={old.number},nonsense&status=closed") == [old.number], "ids override"
        assert numbers("?status=&service_code=") == [new.number, old.number], "an empty parameter is an absent one"
        assert numbers("?start_date=2020-01-01T00:00:00Z&end_date=2020-02-01T00:00:00Z") == []
        assert numbers("?jurisdiction_id=430212") == [new.number, old.number]


def test_only_a_key_that_may_read_sees_what_is_not_public(api, town, key):
    hidden = reported(town, is_public=False, words="家里有事")
    elsewhere = key("read", place_id=town.two.pk)
    for secret, expected in ((None, 404), (key("report"), 404), (elsewhere, 404), (key("read"), 200)):
        headers = {"authorization": f"Bearer {secret}"} if secret else {}
        assert api.get(f"{V2}/requests/{hidden.number}.json", headers=headers).status_code == expected
        listed = api.get(f"{V2}/requests.json", headers=headers).json()
        assert bool(listed) == (expected == 200)
    assert listed[0]["description"] == "家里有事"


def test_a_machine_follows_what_it_brought_in_though_it_is_not_public(api, town, key):
    secret = key("report")
    number = post(api, secret).json()[0]["service_request_id"]
    Case.objects.filter(number=number).update(is_public=False)
    assert api.get(f"{V2}/requests/{number}.json").status_code == 404
    assert api.get(f"{V2}/requests/{number}.json", {"api_key": secret}).status_code == 200


def test_a_key_reports_for_its_place_and_nowhere_else(api, town, key):
    secret = key("report", place_id=town.two.pk)
    assert post(api, secret).status_code == 403
    assert not Case.objects.exists()
    assert post(api, secret, long=str(IN_A[0] + 0.01)).status_code == 200


def test_what_the_reporter_left_is_sealed_and_not_told(api, town, key):
    post(api, key("report"), first_name="Ann", last_name="Lee", phone="13800000001", email="ann@example.org")
    report = Report.objects.get()
    assert report.phone_sealed and report.name_sealed and report.mail_sealed and report.taken_by_id


def test_without_a_description_the_service_speaks(api, town, key):
    assert post(api, key("report"), description="").status_code == 200
    assert Case.objects.get().description == catalogue().items[LAMP].name_zh


def test_a_chosen_condition_stands_in_the_words_and_urgent_ones_are_urgent(api, town, key):
    present = catalogue()
    item, rule = next(
        (one, rule)
        for one in present.matters
        for rule in present.rules_for(one.key)
        if rule.limit.unit == "urgent_hours" and len(present.rules_for(one.key)) > 1
    )
    given = {"service_code": item.key, "description": "在路口", "attribute[condition]": str(rule.id)}
    assert post(api, key("report"), **given).status_code == 200
    case = Case.objects.get()
    assert case.urgent and case.description == f"在路口\n【{rule.condition_zh}】"


def test_an_address_finds_its_place_and_an_unknown_one_stays_with_the_district(api, town, key):
    secret = key("report")
    nowhere = {"lat": "", "long": ""}
    assert post(api, secret, **nowhere, address_string="甲社区 东门").status_code == 200
    assert post(api, secret, **nowhere, address_string="没有人知道的地方").status_code == 200
    assert post(api, key("report", place_id=town.two.pk), **nowhere, address_string="又一个地方").status_code == 200
    places = list(Case.objects.order_by("id").values_list("place_id", "address"))
    assert [place for place, _address in places] == [town.one.pk, town.district.pk, town.two.pk]
    assert places[0][1] == "甲社区 东门"


def test_a_building_is_named_by_its_id(api, town, key):
    from linli.rooms.places.models import Building, Place

    place = Place.objects.create(kind="building", name_zh="1栋", parent=town.grid_a, valid_from=dt.date(2020, 1, 1))
    Building.objects.create(place=place, lng=IN_A[0], lat=IN_A[1])
    answer = post(api, key("report"), lat="", long="", address_id=str(place.pk))
    number = answer.json()[0]["service_request_id"]
    seen = api.get(f"{V2}/requests/{number}.json").json()[0]
    assert seen["address_id"] == str(place.pk)


def test_the_tables_of_states_are_whole():
    assert set(states.TOLD) == set(FLOW.codes())
    assert states.status("closed") == "closed" and states.status("suspended") == "open"
    assert states.heard("FIXED") == "fixed" and states.heard("Action Scheduled") == "open"
    assert states.heard("gone") is None
