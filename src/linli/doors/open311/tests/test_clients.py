"""Real clients over a served house: `georeport` of PyPI, and the road that FixMyStreet takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
import requests
from georeport import GeoReport
from tests.world import picture_maker

from linli.kernel.authority import SystemAuthority
from linli.kernel.web.tests.serving import serving
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import IN_A, LAMP, lay_out_town, reported
from linli.rooms.cases.tests.walking import ROAD, given_for, walk
from linli.rooms.catalogue.queries import catalogue
from linli.rooms.people.actions.keys import create_key

pytestmark = pytest.mark.django_db(transaction=True)
FORMS = pytest.mark.parametrize("form", ["xml", "json"])


@pytest.fixture
def served(settings, tmp_path, django_db_blocker) -> Iterator[SimpleNamespace]:
    """A town with two cases and a machine's key, on a port of its own."""
    settings.MEDIA_ROOT = tmp_path
    town = lay_out_town()
    closed = walk(reported(town), town, picture_maker(), "close")
    waiting = reported(town, item_key=LAMP)
    _key, secret = create_key(SystemAuthority(), name="热线", scopes=["report", "steps"])
    with serving() as address:
        yield SimpleNamespace(
            town=town, closed=closed, waiting=waiting, secret=secret, v2=f"{address}/open311/v2", address=address
        )


@FORMS
def test_the_client_of_pypi_reads_everything(served, form):
    client = GeoReport(served.v2, jurisdiction="430212", output_format=form)
    services = client.get_service_list()
    assert len(services) == len(catalogue().matters) and services[0]["service_code"]
    several = next(one["service_code"] for one in services if str(one["metadata"]).lower() == "true")
    definition = client.get_service_definition(several)
    assert definition["service_code"] == several and definition["attributes"]
    assert {row["service_request_id"] for row in client.get_service_requests()} == {
        served.closed.number,
        served.waiting.number,
    }
    both = client.get_service_requests(service_request_id=f"{served.closed.number},{served.waiting.number}")
    assert len(both) == 2
    assert client.get_service_request(served.closed.number)["status"] == "closed"
    since = (dt.datetime.now(dt.UTC) - dt.timedelta(days=80)).strftime("%Y-%m-%dT%H:%M:%SZ")
    filtered = client.get_service_requests(start_date=since, status="open", service_code=LAMP)
    found = filtered if isinstance(filtered, list) else [filtered]  # its XML reader gives a single row bare
    assert [row["service_request_id"] for row in found] == [served.waiting.number]
    with pytest.raises(requests.HTTPError):
        client.get_service_request("20200101-000001")
    with pytest.raises(requests.HTTPError):
        GeoReport(served.v2, jurisdiction="nowhere").get_service_list()


def test_fixmystreet_sends_a_report_and_follows_it_to_the_end(served):
    """In the order and with the parameters that FixMyStreet uses, XML throughout."""

    def get(path: str, **asked: str) -> ElementTree.Element:
        answer = requests.get(f"{served.v2}/{path}", params={"jurisdiction_id": "430212", **asked}, timeout=20)
        answer.raise_for_status()
        return ElementTree.fromstring(answer.content)

    def post(path: str, **given: object) -> ElementTree.Element:
        data = {"jurisdiction_id": "430212", "api_key": served.secret, **given}
        answer = requests.post(f"{served.v2}/{path}", data=data, timeout=20)
        assert answer.status_code == 200, answer.text
        return ElementTree.fromstring(answer.content)

    codes = [element.text for element in get("services.xml").iter("service_code")]
    assert LAMP in codes and get(f"services/{LAMP}.xml").findtext("service_code") == LAMP
    made = post(
        "requests.xml",
        service_code=LAMP,
        lat=str(IN_A[1]),
        long=str(IN_A[0]),
        email="ann@example.org",
        first_name="Ann",
        last_name="Lee",
        phone="",
        description="title: 路灯不亮\n\ndetail: 晚上很黑\n\nurl: https://fix.example/report/1",
        media_url=["https://fix.example/photo/1.jpg"],
        **{"attribute[fixmystreet_id]": "1", "attribute[title]": "路灯不亮"},
    )
    number = made.findtext("request/service_request_id")
    assert number
    case = Case.objects.get(number=number)
    assert case.photo_links.get().url == "https://fix.example/photo/1.jpg"
    case = walk(case, served.town, picture_maker(), "receive")
    told = post(
        "servicerequestupdates.xml",
        update_id="501",
        updated_datetime=dt.datetime.now(dt.UTC).isoformat(),
        service_request_id=number,
        service_request_id_ext="1",
        status="OPEN",
        email="ann@example.org",
        last_name="Lee",
        first_name="Ann",
        public_anonymity_required="FALSE",
        description="还没有人来",
    )
    theirs = told.findtext("request_update/update_id")
    for step, name in ROAD[4:]:
        viewer = served.town.viewer(name)
        take(case.pk, step, given_for(step, served.town, picture_maker(), viewer), viewer=viewer)
    now = dt.datetime.now(dt.UTC)
    updates = get(
        "servicerequestupdates.xml",
        start_date=(now - dt.timedelta(hours=2)).isoformat(),
        end_date=(now + dt.timedelta(hours=1)).isoformat(),
    )
    own = [one for one in updates.findall("request_update") if one.findtext("service_request_id") == number]
    assert theirs in [one.findtext("update_id") for one in own]
    assert [one.findtext("status") for one in own][-1] == "fixed"
    assert get("requests.xml", service_request_id=number).findtext("request/status") == "closed"


def test_discovery_leads_to_the_endpoint(served):
    found = requests.get(f"{served.address}/open311/discovery.json", timeout=20).json()
    endpoint = found["endpoints"][0]["url"]
    assert requests.get(f"{endpoint}/services.json", timeout=20).status_code == 200
