"""What browsers are told with every answer, who a session belongs to, and what files and links may do."""

from __future__ import annotations

import io
import zipfile
import zlib
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse

from linli.doors.common.photos import photo_url
from linli.kernel.identifiers import tracking_code
from linli.rooms.cases.models import Photo
from tests.addresses import ADDRESSES
from tests.conftest import Walker
from tests.world import PASSWORD, picture_bytes, signed_in

PAGES = [name for name, row in ADDRESSES.items() if row.page]
MACHINES = ["open311:requests", "open311:discovery", "ogc:items", "api:openapi", "common:map_public_cases"]


# ── headers ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", [*PAGES, *MACHINES])
def test_every_answer_carries_the_headers(world: SimpleNamespace, walker: Walker, name: str):
    row = ADDRESSES[name]
    answer = walker(row.eye, "get", row.url(world))
    policy = answer["Content-Security-Policy"]
    rules = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert rules["default-src"] == rules["script-src"] == rules["style-src"] == rules["form-action"] == "'self'"
    assert rules["frame-ancestors"] == rules["object-src"] == rules["base-uri"] == "'none'"
    assert "unsafe" not in policy and "*" not in policy.replace("blob:", "")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=(self)" in answer["Permissions-Policy"] and "microphone=()" in answer["Permissions-Policy"]


@pytest.mark.parametrize("name", [name for name in PAGES if ADDRESSES[name].eye != "nobody"])
def test_what_the_signed_in_see_is_kept_by_nobody_on_the_way(world: SimpleNamespace, walker: Walker, name: str):
    row = ADDRESSES[name]
    kept = walker(row.eye, "get", row.url(world))["Cache-Control"]
    assert "private" in kept or "no-store" in kept


@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_a_script_or_a_style_of_its_own(world: SimpleNamespace, walker: Walker, name: str):
    row = ADDRESSES[name]
    page = walker(row.eye, "get", row.url(world)).content.decode().lower()
    for tag in page.split("<script")[1:]:
        head, _end, inside = tag.partition(">")
        assert "src=" in head or "application/json" in head or not inside.partition("</script")[0].strip()
    assert "<style" not in page and "javascript:" not in page and " onclick=" not in page and " onerror=" not in page


def test_behind_a_certificate_browsers_are_told_to_stay_there(world: SimpleNamespace):
    with override_settings(SECURE_HSTS_SECONDS=31_536_000, SECURE_SSL_REDIRECT=True):
        assert Client().get("/")["Location"].startswith("https://")
        assert "max-age=31536000" in Client().get("/", secure=True)["Strict-Transport-Security"]


def test_cookies_are_for_the_server_and_for_this_house_only(world: SimpleNamespace):
    cookies = signed_in(world.town.accounts["clerk"]).cookies
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        assert cookies[name]["httponly"] and cookies[name]["samesite"] == "Lax"


# ── where links lead ───────────────────────────────────────────────────────────────────────────────

OUTSIDE = ["https://evil.example/", "//evil.example/", "/\\evil.example/", "https:evil.example", "javascript:alert(1)"]


@pytest.mark.parametrize("there", OUTSIDE)
@pytest.mark.parametrize("name", ["set_language", "web:theme", "web:elder", "account_login", "account_signup"])
def test_next_never_leads_out_of_the_house(world: SimpleNamespace, name: str, there: str):
    typed = {"next": there, "language": "en", "theme": "night", "elder": "1"}
    if name == "account_login":
        typed |= {"login": world.town.accounts["clerk"].username, "password": PASSWORD}
    if name == "account_signup":
        typed |= {"username": f"newcomer{OUTSIDE.index(there)}", "name": "来客", "password": "Walk-2026-guest"}
    answer = Client().post(reverse(name), typed)
    assert answer.status_code in (302, 303)
    assert urlsplit(answer["Location"]).netloc == "" and answer["Location"].startswith("/")
    assert not answer["Location"].startswith(("//", "/\\"))


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "", "a b"])
def test_no_other_name_is_answered_to(world: SimpleNamespace, host: str):
    answer = Client(raise_request_exception=False).get("/", headers={"host": host})
    assert answer.status_code == 400 and b"evil.example" not in answer.content


def test_a_forwarded_host_is_believed_from_nobody(world: SimpleNamespace):
    page = Client().get(
        reverse("portal:follow", args=[world.report.tracking_code]), headers={"x-forwarded-host": "evil.example"}
    )
    assert "evil.example" not in page.content.decode()


# ── sessions ───────────────────────────────────────────────────────────────────────────────────────


def test_a_session_from_before_the_sign_in_is_worth_nothing_after(world: SimpleNamespace):
    client = Client()
    client.post(reverse("set_language"), {"language": "en"})
    planted = client.session
    planted["by"] = "attacker"
    planted.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    account = world.town.accounts["clerk"]
    client.post(reverse("account_login"), {"login": account.username, "password": PASSWORD})
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != planted.session_key
    attacker = Client()
    attacker.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    assert attacker.get(reverse("desk:worklist")).status_code == 302


@pytest.mark.parametrize("what", ["reset", "lock"])
def test_a_new_password_and_a_lock_end_every_open_session(world: SimpleNamespace, what: str):
    from linli.kernel.authority import SystemAuthority
    from linli.rooms.people import actions

    account = world.town.accounts["verifier"]
    client = signed_in(account)
    assert client.get(reverse("field:todo")).status_code == 200
    kept = account.password
    if what == "reset":
        actions.reset_password(SystemAuthority(), account.pk)
    else:
        actions.set_active(SystemAuthority(), account.pk, False)
    assert client.get(reverse("field:todo")).status_code == 302
    type(account).objects.filter(pk=account.pk).update(password=kept, is_active=True, must_change_password=False)


# ── guessing ───────────────────────────────────────────────────────────────────────────────────────


def test_a_tracking_code_has_sixty_random_bits():
    codes = {tracking_code() for _ in range(2000)}
    assert len(codes) == 2000 and all(len(code) == 12 for code in codes)
    assert all(len({code[place] for code in codes}) >= 30 for place in range(12))


def test_a_picture_opens_by_its_signed_address_only(world: SimpleNamespace):
    url = photo_url(world.photo)
    assert Client().get(url).status_code == 200
    bare = url.partition("?")[0]
    for wrong in (bare, f"{bare}?s=", f"{bare}?s=x", url[:-1], url.replace("?s=", "?s=A")):
        assert Client().get(wrong).status_code == 404


# ── files ──────────────────────────────────────────────────────────────────────────────────────────

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)


def _bomb() -> bytes:
    """A PNG of 30,000 × 30,000 pixels in a hundred kilobytes, written row by row: it must not weigh here."""
    packer, side = zlib.compressobj(), 30_000
    row = bytes(1 + (side + 7) // 8)
    pixels = b"".join(packer.compress(row) for _row in range(side)) + packer.flush()
    head = side.to_bytes(4) * 2 + bytes((1, 0, 0, 0, 0))
    parts = _chunk(b"IHDR", head), _chunk(b"IDAT", pixels), _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


HOSTILE = {
    "svg": SVG,
    "svg with a byte order mark": b"\xef\xbb\xbf<?xml version='1.0'?>" + SVG,
    "html": b"<html><script>alert(1)</script>",
    "gif that is a program": b"GIF89a=1;alert(1);//",
    "pdf": b"%PDF-1.7\n",
    "program": b"\x7fELF" + bytes(200),
    "bomb": _bomb(),
    "xml with entities": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
}


@pytest.mark.parametrize("what", list(HOSTILE))
def test_what_is_no_picture_is_refused_whatever_it_is_called(world: SimpleNamespace, walker: Walker, what: str):
    file = SimpleUploadedFile("a.jpg", HOSTILE[what], "image/jpeg")
    answer = walker("nobody", "post", reverse("common:photo_upload"), {"photo": file})
    assert answer.status_code == 422 and answer.json()["message"]


@cache
def _sheet_bomb() -> bytes:
    """An XLSX of half a megabyte that unpacks to 450."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed,
        packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _megabyte in range(450):
            part.write(bytes(1024 * 1024))
    return out.getvalue()


def _most_memory(*, anew: bool = False) -> int:
    """The most this process has had in memory, in kilobytes; anew: from now on. Other tests have had more before."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("system", "admin_door:buildings_import"),
        ("system", "admin_door:rules_import"),
        ("system", "admin_door:divisions_import"),
        ("system", "admin_door:calendar_import"),
        ("system", "admin_door:sheet_upload"),
        ("clerk", "desk:import"),
    ],
)
def test_a_sheet_that_unpacks_to_a_bomb_is_not_unpacked(world: SimpleNamespace, walker: Walker, kind: str, name: str):
    row = ADDRESSES[name]
    file = SimpleUploadedFile("a.xlsx", _sheet_bomb())
    before = _most_memory(anew=True)
    answer = walker(kind, "post", row.url(world), {"file": file, "data": file, "sheet": file, "name": "清单"})
    assert answer.status_code in (302, 422)
    assert _most_memory() - before < 200 * 1024


def test_a_picture_that_is_also_a_page_comes_out_as_a_picture(world: SimpleNamespace):
    both = picture_bytes() + b"<html><script>alert(1)</script></html>"
    answer = Client().post(reverse("common:photo_upload"), {"photo": SimpleUploadedFile("a.html", both, "text/html")})
    photo = Photo.objects.get(uid=answer.json()["id"])
    served = Client().get(photo_url(photo))
    data = b"".join(served.streaming_content)
    assert served["Content-Type"] == "image/jpeg" and served["X-Content-Type-Options"] == "nosniff"
    assert b"<script" not in data and data[:2] == b"\xff\xd8" and data[-2:] == b"\xff\xd9"
    photo.delete()
