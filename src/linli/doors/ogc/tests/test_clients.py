"""A client that others wrote finds its way through the whole interface (OWSLib's of OGC API - Features)."""

from __future__ import annotations

import pytest
from owslib import ogcapi
from owslib.ogcapi.features import Features

from linli.kernel.authority import SystemAuthority
from linli.rooms.cases.tests.fixtures import SIDE, SOUTH, WEST, reported
from linli.rooms.cases.tests.walking import walk
from linli.rooms.people.actions import create_key


@pytest.fixture(autouse=True)
def headers_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """OWSLib writes a client's headers into one dictionary for all clients: each test gets another one."""
    monkeypatch.setattr(ogcapi, "REQUEST_HEADERS", dict(ogcapi.REQUEST_HEADERS))


@pytest.mark.django_db(transaction=True)
def test_owslib_reads_every_collection_page_after_page(town, live_server) -> None:
    for _case in range(3):
        walk(reported(town), town, None, "accept")
    client = Features(f"{live_server.url}/ogc")
    assert sorted(client.feature_collections()) == ["buildings", "cases", "grids"]
    assert any(name.endswith("/conf/geojson") for name in client.conformance()["conformsTo"])
    assert "/collections/{collectionId}/items" in client.api()["paths"]
    assert client.collection("grids")["extent"]["spatial"]["bbox"]
    box = [WEST, SOUTH, WEST + SIDE / 2, SOUTH + SIDE]
    assert client.collection_items("grids", bbox=box)["features"][0]["id"] == town.grid_a.pk
    assert client.collection_items("cases", datetime_="../2000-01-01")["features"] == []
    page = client.collection_items("cases", limit=2)
    assert (page["numberMatched"], page["numberReturned"]) == (3, 2)
    one = client.collection_item("cases", page["features"][0]["id"])
    assert one["properties"] == page["features"][0]["properties"]


@pytest.mark.django_db(transaction=True)
def test_owslib_reads_with_a_key_what_is_not_public(town, live_server) -> None:
    case = reported(town)
    _key, secret = create_key(SystemAuthority(), name="地理信息", scopes=["read"])
    client = Features(f"{live_server.url}/ogc", headers={"Authorization": f"Bearer {secret}"})
    assert client.collection_items("cases")["features"][0]["id"] == case.number
