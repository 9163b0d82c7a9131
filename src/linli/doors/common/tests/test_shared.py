"""What all doors share: pictures and their addresses, suggestions while typing, map data."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from linli.doors.common.photos import photo_url
from linli.kernel import clock
from linli.kernel.text import grams
from linli.rooms.cases.models import Photo
from linli.rooms.cases.tests.fixtures import IN_A, IN_B, LAMP, SIDE, SOUTH, WEST, reported
from linli.rooms.cases.tests.walking import walk
from linli.rooms.places.models import Place

pytestmark = pytest.mark.django_db
BOX = f"{WEST},{SOUTH},{WEST + 3 * SIDE},{SOUTH + SIDE}"


def picture_file(data=None, name="a.jpg"):
    if data is None:
        out = BytesIO()
        Image.new("RGB", (80, 60), (60, 90, 60)).save(out, "JPEG")
        data = out.getvalue()
    return SimpleUploadedFile(name, data, "image/jpeg")


def sign_in(client, town, name):
    client.force_login(town.accounts[name], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def test_a_picture_is_taken_in_and_its_addresses_work(client, town, media):
    answer = client.post(reverse("common:photo_upload"), {"photo": picture_file()})
    told = answer.json()
    assert answer.status_code == 201 and Photo.objects.get(uid=told["id"])
    for address in (told["url"], told["thumb_url"]):
        shown = client.get(address)
        assert shown.status_code == 200 and shown["Content-Type"] == "image/jpeg"
        assert "private" in shown["Cache-Control"]


@pytest.mark.parametrize("data", [b"<svg onload=alert(1)>", b"", b"\x89PNG\r\n\x1a\n broken"])
def test_what_is_no_picture_is_refused_with_words(client, town, media, data):
    answer = client.post(reverse("common:photo_upload"), {"photo": picture_file(data)})
    assert answer.status_code == 422 and answer.json()["message"] and not Photo.objects.exists()


def test_no_file_and_the_wrong_method_are_said_so(client, town):
    assert client.post(reverse("common:photo_upload")).status_code == 422
    assert client.get(reverse("common:photo_upload")).status_code == 405


def test_an_address_of_another_picture_or_day_finds_nothing(client, town, media, picture):
    one, other = (Photo.objects.get(uid=picture()) for _n in range(2))
    good = photo_url(one)
    assert client.get(good).status_code == 200
    seal = good.partition("?s=")[2]
    for address in (
        reverse("common:photo", args=[other.uid]) + f"?s={seal}",
        reverse("common:photo", args=[one.uid]),
        reverse("common:photo", args=[one.uid]) + "?s=x",
    ):
        assert client.get(address).status_code == 404
    with clock.at(clock.now() + dt.timedelta(days=1)):
        assert client.get(good).status_code == 200
    with clock.at(clock.now() + dt.timedelta(days=2)):
        assert client.get(good).status_code == 404


def test_items_are_suggested_by_name_and_by_what_is_told(client, town):
    named = client.get(reverse("common:suggest_items"), {"q": "路灯"}).json()
    assert LAMP in [one["value"] for one in named]
    guessed = client.get(reverse("common:suggest_items"), {"q": "路口的路灯不亮了", "by": "words"}).json()
    assert guessed[0]["value"] == LAMP and "路灯" in guessed[0]["hint"] and len(guessed) <= 5
    assert client.get(reverse("common:suggest_items"), {"q": "", "by": "words"}).json() == []


def test_places_are_suggested_with_what_they_lie_in(client, town):
    Place.objects.filter(pk=town.grid_a.pk).update(grams=grams(town.grid_a.name_zh))
    found = client.get(reverse("common:suggest_places"), {"q": "甲一"}).json()
    assert found[0]["value"] == town.grid_a.pk and "甲社区" in found[0]["hint"]
    assert client.get(reverse("common:suggest_places"), {"q": "x" * 500}).json() == []


def test_units_are_suggested_to_staff_only(client, town):
    assert client.get(reverse("common:suggest_units"), {"q": "路灯"}).json() == []
    found = sign_in(client, town, "dispatcher").get(reverse("common:suggest_units"), {"q": "路灯"}).json()
    assert [one["value"] for one in found] == [town.lamps.pk]


def test_likely_duplicates_are_told_and_nonsense_gives_none(client, town):
    case = reported(town)
    asked = {"lng": IN_A[0], "lat": IN_A[1], "words": "路灯不亮", "item": LAMP}
    assert [one["number"] for one in client.get(reverse("common:suggest_duplicates"), asked).json()] == [case.number]
    for odd in ({"lng": "x", "lat": "y"}, {}, {"lng": "nan", "lat": "1"}):
        assert client.get(reverse("common:suggest_duplicates"), odd).json() == []


def test_the_public_map_shows_only_what_is_public_and_accepted(client, town, picture):
    fresh, accepted = reported(town), walk(reported(town), town, picture, "accept")
    found = client.get(reverse("common:map_public_cases"), {"bbox": BOX}).json()["features"]
    numbers = [feature["properties"]["number"] for feature in found]
    assert numbers == [accepted.number] and fresh.number not in numbers
    assert "phone" not in str(found) and "name" not in found[0]["properties"]


def test_a_map_that_counts_only_the_newest_ended_cases_says_so(client, town, picture, monkeypatch):
    from linli.rooms.cases.queries import overview

    walk(reported(town), town, picture, "close")
    walk(reported(town), town, picture, "accept")
    monkeypatch.setattr(overview, "MAP_AT_MOST", 0)
    everything = client.get(reverse("common:map_public_cases"), {"bbox": BOX, "all": "1"}).json()
    assert everything["clustered"] and everything["counted_at_most"] == overview.CELLS_AT_MOST
    assert "counted_at_most" not in client.get(reverse("common:map_public_cases"), {"bbox": BOX}).json()


def test_my_map_shows_my_cases_only(client, town):
    near, far = reported(town), reported(town, lng=IN_B[0], lat=IN_B[1])
    assert client.get(reverse("common:map_my_cases"), {"bbox": BOX}).status_code == 403
    found = sign_in(client, town, "cadre_a").get(reverse("common:map_my_cases"), {"bbox": BOX}).json()["features"]
    numbers = [feature["properties"]["number"] for feature in found]
    assert near.number in numbers and far.number not in numbers


@pytest.mark.parametrize("box", ["", "1,2,3", "a,b,c,d", "nan,0,1,1"])
@pytest.mark.parametrize("name", ["map_public_cases", "map_grids"])
def test_a_broken_box_is_refused_not_an_error(client, town, name, box):
    assert client.get(reverse(f"common:{name}"), {"bbox": box}).status_code == 422


def test_grids_come_as_geojson_and_with_counts_for_staff(client, town):
    reported(town)
    plain = client.get(reverse("common:map_grids"), {"bbox": BOX}).json()["features"]
    assert {f["properties"]["name"] for f in plain} == {"甲一网格", "乙一网格"} and "open" not in plain[0]["properties"]
    counted = sign_in(client, town, "dispatcher").get(reverse("common:map_grids"), {"bbox": BOX, "counts": "1"}).json()
    assert {f["properties"]["name"]: f["properties"]["open"] for f in counted["features"]}["甲一网格"] == 1


def test_what_lies_under_a_pin_is_told_in_words(client, town):
    told = client.get(reverse("common:where"), {"lng": IN_A[0], "lat": IN_A[1]}).json()
    assert told["kind"] == "inside" and "甲一网格" in told["names"]
    assert client.get(reverse("common:where"), {"lng": "x", "lat": "1"}).status_code == 422


@pytest.mark.parametrize("name", ["map_public_cases", "map_grids", "suggest_items", "suggest_places"])
def test_each_takes_few_queries(client, town, name, django_assert_max_num_queries):
    asked = {"bbox": BOX, "q": "路灯"}
    client.get(reverse(f"common:{name}"), asked)
    with django_assert_max_num_queries(4):
        client.get(reverse(f"common:{name}"), asked)
