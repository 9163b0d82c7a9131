"""What people, browsers and strangers may send by accident or on purpose: always an answer with words, never a 500."""

from __future__ import annotations

import re
import traceback
import uuid
import zlib
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import NoReverseMatch, reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from linli.house.home import SOURCE
from tests.addresses import ADDRESSES, Address, names_in_the_house
from tests.conftest import Walker
from tests.world import signed_in

NASTY = [
    "\x00",
    "路灯\x00灯",
    "长" * 10_000,
    "<script>alert(1)</script>",
    "\u202e反过来\u2066\u200f",
    "👨\u200d👩\u200d👧🏽🚧",
    "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "'; DROP TABLE cases_case; --",
    "%s%(x)s{0}{{ 7*7 }}",
    "-1",
    "0",
    "9" * 30,
    "9223372036854775808",
    "2147483648",
    "NaN",
    "-Infinity",
    "1e308",
    "２７．６",
    "2026-02-30",
    "9999-12-31",
    "null",
    "[]",
    "../../etc/passwd",
    "//evil.example/",
]
READ = re.compile(r"""(?:GET|POST|query|asked|data)\s*(?:\.get|\.getlist|\.pop|\[)\(?\s*["'](\w+)["']""")
FIELD = re.compile(r"""^\s+(\w+)(?:: [\w.\[\]]+)? = (?:forms\.\w+|_\w+)\(""", re.M)
OUTCOMES_FINE = {200, 201, 204, 302, 303, 400, 403, 404, 405, 409, 413, 415, 422, 429}  # 415: REST hears JSON only


@cache
def names_that_are_read() -> tuple[str, ...]:
    """Every parameter that some view, form or filter of the house reads, found in the source."""
    from linli.rooms.cases.queries.worklist import Filters

    found = set(Filters.__dataclass_fields__) | {"bbox", "z", "elder", "theme", "language", "json", "feature"}
    for folder in ("doors", "rooms/cases/queries", "kernel/web", "house"):
        for path in (SOURCE / "src/linli" / folder).rglob("*.py"):
            if "tests" not in path.parts:
                text = path.read_text("utf-8")
                found |= set(READ.findall(text)) | set(FIELD.findall(text))
    return tuple(sorted(found - {"self", "cls", "csrfmiddlewaretoken"}))


def looked_at(method: str) -> list[str]:
    no_such_method = ("*:405", "*:400")  # Open311 has no 405
    return [name for name, address in ADDRESSES.items() if getattr(address, method) not in no_such_method]


def fine(answer: Any, what: str) -> None:
    if answer.status_code not in OUTCOMES_FINE:
        error = (getattr(answer, "exc_info", None) or (None, None))[1]
        where = traceback.extract_tb(error.__traceback__)[-1] if error else ""
        pytest.fail(f"{what}: {answer.status_code} {error!r:.200} {where}")


def rounds(name: str, count: int) -> Iterator[dict[str, str]]:
    """All parameters at once, each with another nasty word; every round and every address mixes them anew."""
    offset = zlib.crc32(name.encode())
    for turn in range(count):
        yield {one: NASTY[(at * 7 + turn * 5 + offset) % len(NASTY)] for at, one in enumerate(names_that_are_read())}
    yield dict.fromkeys(names_that_are_read(), NASTY[0])


@pytest.mark.parametrize("name", looked_at("get"))
def test_nasty_words_in_every_parameter_of_a_page(world: SimpleNamespace, walker: Walker, name: str):
    address = ADDRESSES[name]
    url = address.url(world).partition("?")[0]
    for given_ in rounds(name, 2):
        fine(walker(address.eye, "get", url, given_), f"GET {url}")


@pytest.mark.parametrize("name", looked_at("get"))
def test_any_mixture_of_parameters_of_a_page(world: SimpleNamespace, walker: Walker, name: str):
    address = ADDRESSES[name]
    url = address.url(world).partition("?")[0]
    words = st.sampled_from(NASTY) | st.text(max_size=20).filter(lambda text: text < "\ud800" or text > "\udfff")

    @hypothesis_settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(st.tuples(st.sampled_from(names_that_are_read()), words), min_size=1, max_size=6))
    def look(pairs: list[tuple[str, str]]) -> None:
        query = "&".join(f"{name}={quote(value, errors='replace')}" for name, value in pairs)
        fine(walker(address.eye, "get", f"{url}?{query}"), f"GET {url}?{query[:300]}")

    look()


@pytest.mark.parametrize("name", looked_at("post"))
def test_nasty_words_in_every_field_of_a_form(world: SimpleNamespace, walker: Walker, name: str):
    address = ADDRESSES[name]
    url = address.url(world).partition("?")[0]
    for given_ in rounds(name, 2):
        fine(walker(address.eye, "post", url, given_), f"POST {url}")


FALSE_FILES = [
    ("a.jpg", "image/jpeg", b""),
    ("a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x03\x04 broken"),
    ("a.csv", "text/csv", b"\xff\xfe\x00\x00\x01"),
    ("a.geojson", "application/geo+json", b'{"type": "FeatureCollection", "features": [{"type": 1}]}'),
    ("a.geojson", "application/geo+json", b"[" * 5000),
    ("\u202egpj.exe", "application/octet-stream", b"MZ"),
]


@pytest.mark.parametrize("name", looked_at("post"))
def test_files_that_are_not_what_they_say(world: SimpleNamespace, walker: Walker, name: str):
    address = ADDRESSES[name]
    url = address.url(world).partition("?")[0]
    # Each address gets two of them: there are hundreds of addresses, and few ways of reading a file.
    first = zlib.crc32(name.encode())
    for file_name, kind, data in (FALSE_FILES[first % len(FALSE_FILES)], FALSE_FILES[(first + 3) % len(FALSE_FILES)]):
        data = {
            field: SimpleUploadedFile(file_name, data, kind) for field in ("photo", "photos", "file", "data", "sheet")
        }
        fine(walker(address.eye, "post", url, data | {"system": "wgs84"}), f"POST {url} with {file_name!r}")


@pytest.mark.parametrize("name", ["portal:report", "desk:worklist", "admin_door:units"])
def test_nul_is_dropped_and_the_rest_is_read(world: SimpleNamespace, walker: Walker, name: str):
    url = ADDRESSES[name].url(world).partition("?")[0]
    assert walker(ADDRESSES[name].eye, "get", f"{url}?q=%00路灯").status_code == 200
    assert walker(ADDRESSES[name].eye, "get", f"{url}%00").status_code == 404


# ── addresses that name nothing ────────────────────────────────────────────────────────────────────

IMPOSSIBLE: dict[str, list[Any]] = {
    "IntConverter": [0, 2**31, 2**63, 10**30],
    "SlugConverter": ["nothing-here", "x" * 300, "20991231-999999"],
    "StringConverter": ["nothing", "X" * 500, "\x00", "%2e%2e", "查询码"],
    "UUIDConverter": [uuid.UUID(int=0)],
    "PathConverter": ["nothing/here", "x" * 500],
}
SQUARES = {"common:grid_tile", "common:case_tile", "common:my_case_tile"}  # the first column of a map is there, empty
WITH_ARGUMENTS = {name: converters for name, converters in names_in_the_house() if converters}


@pytest.mark.parametrize("name", sorted(WITH_ARGUMENTS))
def test_numbers_that_name_nothing_find_nothing(world: SimpleNamespace, walker: Walker, name: str):
    """Each argument alone is replaced: also the second one of somebody else's first one."""
    address = ADDRESSES[name]
    for argument, converter in WITH_ARGUMENTS[name].items():
        for value in IMPOSSIBLE[type(converter).__name__]:
            if name in SQUARES and value == 0:
                continue
            try:
                url = reverse(name, kwargs={**address.args(world), argument: value})
            except NoReverseMatch:
                continue
            for method in ("get", "post"):
                answer = walker(address.eye, method, url)
                assert answer.status_code in {302, 400, 403, 404, 405, 409, 415, 422}, (
                    f"{method} {url}: {answer.status_code}"
                )


# ── nothing that was typed is lost ─────────────────────────────────────────────────────────────────


class Forms(HTMLParser):
    """The forms of a page that are sent to the page itself: what people type into, and what goes along unseen."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.found: list[tuple[dict[str, str], dict[str, str]]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given_ = dict(attrs)
        if tag == "form":
            action = given_.get("action") or self.path
            self.inside = (given_.get("method") or "get").lower() == "post" and action.split("?")[0] == self.path
            if self.inside:
                self.found.append(({}, {}))
        kind = "textarea" if tag == "textarea" else (given_.get("type") or "text") if tag == "input" else ""
        name = given_.get("name")
        if not self.inside or not name or "disabled" in given_ or "readonly" in given_:
            return
        if kind in {"text", "textarea", "search", "tel"}:
            self.found[-1][0][name] = given_.get("maxlength") or "99"
        elif kind == "hidden" and name != "csrfmiddlewaretoken":
            # What a suggestion had chosen is forgotten when somebody types something else.
            self.found[-1][1][name] = "" if "data-suggest-value" in given_ else given_.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False


FORMS = [name for name, address in ADDRESSES.items() if address.page and "heard" in address.post]


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_comes_back_still_holds_what_was_typed(world: SimpleNamespace, walker: Walker, name: str):
    address = ADDRESSES[name]
    url = address.url(world)
    forms = Forms(url.partition("?")[0])
    forms.feed(walker(address.eye, "get", url).content.decode())
    for fields, hidden in forms.found[:3]:
        typed = {field: f"写{number}"[: int(longest)] for number, (field, longest) in enumerate(fields.items())}
        answer = walker(address.eye, "post", url, hidden | typed)
        if answer.status_code not in (302, 303, 403, 404) and typed:
            page = answer.content.decode()
            assert [field for field, words in typed.items() if words not in page] == []


# ── tokens, sessions, sizes ────────────────────────────────────────────────────────────────────────


def _address(name: str) -> Address:
    return ADDRESSES[name]


@pytest.mark.parametrize("name", looked_at("post"))
def test_a_form_without_its_token_is_not_heard(world: SimpleNamespace, name: str):
    client = Client(enforce_csrf_checks=True)
    if _address(name).eye != "nobody":
        client.cookies = signed_in(world.town.accounts[_address(name).eye]).cookies
    url = _address(name).url(world).partition("?")[0]
    answer = client.post(url)
    if answer.status_code == 415:  # a form of another site is not JSON, and what is JSON has no token either
        answer = client.post(url, "{}", content_type="application/json")
    assert answer.status_code in {403, 404, 405}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_about_a_missing_token_says_what_to_do(world: SimpleNamespace, language: str):
    client = Client(enforce_csrf_checks=True)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    answer = client.post(reverse("portal:report"), {"words": "路灯不亮"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert ("上一页" if language == "zh-hans" else "back") in page


@pytest.mark.parametrize("cookie", ["unknown" * 4, "", "\x7f", "x" * 4000, "../../a"])
def test_a_session_nobody_knows_is_nobody(world: SimpleNamespace, cookie: str):
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    assert client.get(reverse("portal:home")).status_code == 200
    answer = client.get(reverse("desk:worklist"))
    assert answer.status_code == 302 and "/accounts/login/" in answer["Location"]


def test_a_language_nobody_speaks_is_no_trouble(world: SimpleNamespace):
    client = Client()
    for name in (settings.LANGUAGE_COOKIE_NAME, "linli_theme", "linli_elder"):
        client.cookies[name] = "xx-klingon"
    assert client.get(reverse("portal:home")).status_code == 200


def test_too_large_is_said_before_it_is_read(world: SimpleNamespace):
    answer = Client().post(
        reverse("common:photo_upload"), b"x", content_type="image/jpeg", CONTENT_LENGTH=str(10 * 1024**3)
    )
    page = answer.content.decode()
    assert answer.status_code == 413
    assert "20 MB" in page or "20 MB" in page


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b"words=" + b"a" * 3_000_000, "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % n for n in range(3000)), "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
        (b"{}", "application/json"),
        (b"words=%ff%fe", "application/x-www-form-urlencoded; charset=utf-16"),
    ],
)
def test_bodies_nobody_can_read(world: SimpleNamespace, data: bytes, content_type: str):
    client = Client(raise_request_exception=False)
    answer = client.post(reverse("portal:report"), data, content_type=content_type)
    assert 400 <= answer.status_code < 500


def test_a_host_that_is_not_ours(world: SimpleNamespace):
    assert Client(raise_request_exception=False).get("/", headers={"host": "evil.example"}).status_code == 400
