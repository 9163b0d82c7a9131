"""Wrong requests get GeoReport's errors: 404 for what does not exist, 403 for keys, 400 for everything else."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.test_bad_input import NASTY
from tests.world import picture_bytes

from linli.doors.open311.answers import to_json, to_xml
from linli.doors.open311.tests.conftest import V2, read
from linli.kernel import clock
from linli.rooms.cases.models import Case, Photo
from linli.rooms.cases.tests.fixtures import IN_A, LAMP, reported
from linli.rooms.people.models import AccessKey

FORMS = pytest.mark.parametrize("form", ["xml", "json"])
GOOD = {"service_code": LAMP, "lat": str(IN_A[1]), "long": str(IN_A[0]), "description": "路灯不亮"}


def told(answer, form: str, status: int) -> str:
    """The description of the one error, having seen that the answer is one."""
    assert answer.status_code == status, answer.content.decode()[:300]
    (error,) = read(answer, form)
    assert list(error) == ["code", "description"] and int(error["code"]) == status and error["description"]
    return error["description"]


@FORMS
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("services/M99999", 404),
        ("services/C01001", 404),
        ("services/x y", 404),
        ("requests/20200101-000001", 404),
        ("tokens/AAAABBBBCCCC", 404),
        ("nothing", 404),
        ("services/a/b", 404),
        ("services.json?jurisdiction_id=nowhere", 404),
        ("requests.json?jurisdiction_id=nowhere", 404),
        ("requests?start_date=yesterday", 400),
        ("requests?start_date=2026-01-01", 400),
        ("requests?start_date=2026-01-01T00:00:00", 400),
        ("requests?start_date=2026-01-01T00:00:00Z&end_date=2026-04-02T00:00:01Z", 400),
        ("requests?start_date=2026-02-01T00:00:00Z&end_date=2026-01-01T00:00:00Z", 400),
        ("requests?start_date=9999-12-31T23:59:59Z", 400),
        ("requests?end_date=0001-01-01T00:00:00Z", 400),
        ("requests?status=broken", 400),
        ("requests?service_request_id=" + ",".join(map(str, range(1001))), 400),
        ("requests?api_key=wrong", 403),
        ("requests?api_key=linli_aaaaaaaa_" + "a" * 43, 403),
        ("servicerequestupdates?end_date=x", 400),
        ("servicerequestupdates?api_key=wrong", 403),
    ],
)
def test_reading_wrongly_is_told_in_the_form_that_was_asked_for(api, town, form, path, status):
    head, sep, query = path.partition("?")
    head = head.removesuffix(".json")
    answer = api.get(f"{V2}/{head}.{form}{sep}{query}")
    told(answer, form, status)


@FORMS
@pytest.mark.parametrize(
    ("change", "status", "names"),
    [
        ({"api_key": None}, 403, ""),
        ({"api_key": ""}, 403, ""),
        ({"api_key": "wrong"}, 403, ""),
        ({"service_code": None}, 400, "service_code"),
        ({"service_code": ""}, 400, "service_code"),
        ({"service_code": "M99999"}, 404, "M99999"),
        ({"jurisdiction_id": "nowhere"}, 404, "nowhere"),
        ({"lat": None}, 400, "lat"),
        ({"long": ""}, 400, "lat"),
        ({"lat": None, "long": None}, 400, "address_string"),
        ({"lat": "north"}, 400, "lat"),
        ({"lat": "95"}, 400, "lat"),
        ({"lat": "nan"}, 400, "lat"),
        ({"lat": "1e400"}, 400, "lat"),
        ({"lat": str(IN_A[0]), "long": str(IN_A[1])}, 400, "long"),
        ({"lat": "39.9", "long": "116.4"}, 400, "lat, long"),
        ({"lat": None, "long": None, "address_id": "no-such"}, 400, "address_id"),
        ({"description": "长" * 4001}, 400, "description"),
        ({"attribute[condition]": "nothing"}, 400, "condition"),
        ({"email": "nobody"}, 400, "email"),
        ({"phone": "not a number"}, 400, "phone"),
        ({"media_url": "ftp://example.org/a.jpg"}, 400, "media_url"),
        ({"media_url": "file:///etc/passwd"}, 400, "media_url"),
        ({"media_url": "http://[bad/a.jpg"}, 400, "media_url"),
        ({"media_url": [f"https://example.org/{n}.jpg" for n in range(10)]}, 400, ""),
    ],
)
def test_posting_wrongly_makes_nothing_and_names_what_is_wrong(api, town, key, form, change, status, names):
    given = {**GOOD, "api_key": key("report"), **change}
    answer = api.post(f"{V2}/requests.{form}", {name: value for name, value in given.items() if value is not None})
    assert names in told(answer, form, status)
    assert not Case.objects.exists()


def test_keys_without_the_scope_or_out_of_date_are_refused(api, town, key):
    def status(secret: str) -> int:
        return api.post(f"{V2}/requests.json", {**GOOD, "api_key": secret}).status_code

    assert status(key("read")) == 403
    assert status(key("steps")) == 403
    good = key("report", expires_days=1)
    assert status(good) == 200
    with clock.at(clock.now() + dt.timedelta(days=2)):
        assert status(good) == 403
    AccessKey.objects.update(revoked_at=clock.now())
    assert status(good) == 403


def test_a_key_that_asks_too_often_is_told_when_to_come_back(api, town, key):
    secret = key("report", per_minute=1)
    answers = [api.get(f"{V2}/requests.json", {"api_key": secret}) for _ in range(4)]  # a new minute may begin once
    late = next(answer for answer in answers if answer.status_code != 200)
    assert told(late, "json", 429) and int(late["Retry-After"]) <= 60


@pytest.mark.parametrize(
    "body",
    [
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><l>&b;</l>',
        '{"service_code": "M01037"}',
    ],
)
@pytest.mark.parametrize("kind", ["text/xml", "application/xml", "application/json", "text/plain"])
def test_a_body_that_is_no_form_is_refused_and_never_read(api, town, key, body, kind):
    for path in ("requests.xml", "servicerequestupdates.xml"):
        answer = api.post(f"{V2}/{path}", body, content_type=kind, headers={"x-api-key": key("report", "steps")})
        told(answer, "xml", 400)


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_are_refused(api, town, method):
    for path in ("services.json", "requests.json", "requests/1.json", "servicerequestupdates.json"):
        told(getattr(api, method)(f"{V2}/{path}"), "json", 400)


def test_a_broken_multipart_body_is_a_bad_request(api, town, key):
    answer = api.post(
        f"{V2}/requests.json",
        b"--x\r\nbroken",
        content_type="multipart/form-data",
        headers={"x-api-key": key("report")},
    )
    told(answer, "json", 400)


def test_too_many_fields_are_a_bad_request(api, town, key):
    many = {f"attribute[x{n}]": "1" for n in range(3000)}
    told(api.post(f"{V2}/requests.json", {**GOOD, **many, "api_key": key("report")}), "json", 400)


_POSTED = (
    "service_code", "jurisdiction_id", "lat", "long", "address_string", "address_id", "description", "email", "phone",
    "first_name", "last_name", "media_url", "attribute[condition]", "attribute[condition][]", "account_id", "api_key",
)  # fmt: skip
_ASKED = ("service_request_id", "service_code", "status", "start_date", "end_date", "jurisdiction_id", "api_key")
_UPDATED = ("service_request_id", "update_id", "status", "updated_datetime", "description", "api_key")


@pytest.mark.parametrize("turn", range(len(NASTY)))
def test_nothing_that_can_be_sent_breaks_a_route(api, town, key, turn):
    word, form = NASTY[turn], ("xml", "json")[turn % 2]
    secret = key("report", "steps")
    update = {"service_request_id": reported(town).number, "description": "好", "api_key": secret}
    lists = [f"{V2}/requests.{form}", f"{V2}/servicerequestupdates.{form}"]
    answers = [api.post(f"{V2}/requests.{form}", {**GOOD, "api_key": secret, name: word}) for name in _POSTED]
    answers += [api.post(lists[1], {**update, name: word}) for name in _UPDATED]
    answers += [api.get(lists[at % 2], {name: word}) for at, name in enumerate(_ASKED)]
    answers += [api.get(f"{path}", dict.fromkeys(_ASKED, word)) for path in lists]
    answers += [api.get(path) for path in lists]
    assert {answer.status_code for answer in answers} <= {200, 400, 403, 404}
    for answer in answers:
        read(answer, form)


def test_text_that_xml_cannot_hold_is_dropped_and_the_rest_escaped():
    data = [{"description": "a<b>&\"'\x08\ud800\uffff]]>", "status": None, "metadata": True}]
    xml = to_xml("service_requests", data).decode()
    assert "<description>a&lt;b&gt;&amp;\"']]&gt;</description><status /><metadata>true</metadata>" in xml
    assert to_xml("service_requests", data).decode() == xml
    assert to_json([{"a": "x\ud800"}]) == b'[{"a":"x"}]'


def test_pictures_that_come_along_are_taken_in_and_hostile_ones_refused(api, town, key, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    secret = key("report")
    files = [SimpleUploadedFile("a.jpg", picture_bytes(64, 48)), SimpleUploadedFile("b.jpg", picture_bytes(48, 64))]
    answer = api.post(f"{V2}/requests.json", {**GOOD, "api_key": secret, "media": files})
    assert answer.status_code == 200 and Photo.objects.filter(case__isnull=False).count() == 2
    svg = SimpleUploadedFile("a.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    refused = api.post(f"{V2}/requests.json", {**GOOD, "api_key": secret, "media": svg})
    assert "media" in told(refused, "json", 400)
    ten = [SimpleUploadedFile(f"{n}.jpg", picture_bytes()) for n in range(10)]
    told(api.post(f"{V2}/requests.json", {**GOOD, "api_key": secret, "media": ten}), "json", 400)
    assert Case.objects.count() == 1
