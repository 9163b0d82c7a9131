"""`check` finds what the operator's guide warns of, and machines on one database have the same keys."""

from __future__ import annotations

import datetime as dt
import http.server
import json
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from linli.cli.main import Trouble
from linli.cli.prepare import refuse_other_keys
from linli.house import checks, oidc, shared
from linli.house.backup import keys
from linli.house.home import SOURCE, Home
from linli.house.models import Note
from linli.kernel import clock
from linli.kernel.journal.models import Unsealed
from linli.kernel.outbox.models import Delivery, OutboxEvent

ALONE = (
    "backup",
    "shared keys",
    "shared files",
    "secret settings",
    "proxy",
    "identity provider",
    "logs",
    "deliveries",
    "journal",
    "base map",
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings) -> Home:
    """A home of its own with the keys of the test house."""
    made = Home(tmp_path / "home").make()
    for name in keys.NAMES:
        shutil.copy(Path(django_settings.LINLI_HOME) / "secrets" / name, made.secrets / name)
    monkeypatch.setenv("LINLI_HOME", str(made.folder))
    settings.MAPS_ROOT = made.folder / "maps"
    settings.DEMO = False
    return made


def findings(name: str) -> list[checks.Finding]:
    return list(checks.all_checks()[name].function())


def words(name: str) -> str:
    return " ".join(f"{found.level}: {found.wrong} → {found.mend}" for found in findings(name))


def test_a_house_in_order_has_no_findings(home: Home, db) -> None:
    shared.settle(home)
    Note.write("backup", {})
    (home.folder / "maps").mkdir()
    (home.folder / "maps" / "base.pmtiles").touch()
    for name in ALONE:
        assert findings(name) == [], name


def test_a_house_without_backups_is_told(home: Home, db, settings) -> None:
    assert "never been backed up" in words("backup")
    Note.write("backup", {})
    Note.objects.update(written=clock.now() - dt.timedelta(days=3))
    assert words("backup").startswith("error: The last backup is of")
    settings.DEMO = True
    assert findings("backup") == []


def test_a_machine_with_keys_of_its_own_does_not_start(home: Home, db) -> None:
    refuse_other_keys(home)
    assert findings("shared keys") == []
    (home.secrets / "seal_keys.json").write_text(json.dumps({"keys": {"1": "AAAA"}}))
    assert "seal_keys.json:1" in words("shared keys")
    with pytest.raises(Trouble, match="not those of this house"):
        refuse_other_keys(home)
    (home.secrets / "seal_keys.json").unlink()
    with pytest.raises(Trouble):
        refuse_other_keys(home)


def test_a_new_key_is_taken_up_by_one_machine_and_missed_on_the_others(home: Home, db, tmp_path: Path) -> None:
    refuse_other_keys(home)
    other = Home(tmp_path / "other").make()
    shutil.copytree(home.secrets, other.secrets, dirs_exist_ok=True)
    assert keys.add_seal_key(home.secrets) == 2
    assert (home.secrets / "seal_keys.json").stat().st_mode & 0o777 == 0o600
    refuse_other_keys(home)
    assert shared.agreement(other).missing == ["seal_keys.json:2"]
    shared.forget_key("secret_key")
    (home.secrets / "secret_key").write_text("new")
    refuse_other_keys(home)
    assert shared.agreement(other).others == ["secret_key"]


def test_what_was_sealed_before_a_new_key_can_be_read_after_it(home: Home, settings) -> None:
    from linli.kernel import seal

    blob, index = seal.encrypt("13800138000", "t:c:1"), seal.blind_index("13800138000", "p")
    keys.add_seal_key(home.secrets)
    settings.LINLI_SEAL_KEYS = home.seal_keys()
    assert seal.decrypt(blob, "t:c:1") == "13800138000"
    assert seal.encrypt("13800138000", "t:c:1")[0] == 2
    assert seal.blind_index("13800138000", "p") == index


def test_a_machine_with_a_folder_of_pictures_of_its_own_is_found(home: Home, db, tmp_path: Path) -> None:
    shared.settle(home)
    assert findings("shared files") == []
    (home.files / shared.FILES_MARK).unlink()
    assert "not the folder of pictures" in words("shared files")
    shared.settle(home)
    assert "not the folder of pictures" in words("shared files"), "a second start does not hide it"


def test_secrets_outside_of_their_place_are_found(home: Home, settings) -> None:
    (home.secrets / "oidc.json").write_text("{}")
    (home.secrets / "oidc.json").chmod(0o644)
    settings.LINLI_METRICS_TOKEN = "short"
    assert "chmod 600" in words("secret settings") and "LINLI_METRICS_TOKEN" in words("secret settings")


@pytest.mark.parametrize(
    ("https", "trusted", "said"),
    [
        (True, [], "redirected to itself"),
        (True, ["0.0.0.0/0"], "trusts everybody"),
        (True, ["linli.example.cn"], "LINLI_PROXIES: 'linli.example.cn'"),
        (False, ["127.0.0.1"], "LINLI_HTTPS is not"),
    ],
)
def test_a_proxy_that_is_believed_wrongly_is_found(settings, https: bool, trusted: list[str], said: str) -> None:
    settings.HTTPS, settings.LINLI_PROXIES = https, trusted
    assert said in words("proxy")


@pytest.fixture
def provider() -> Iterator[str]:
    """Describes itself as another one."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"issuer": "https://another.example"}')

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_an_identity_provider_set_up_wrongly_is_found(settings, provider: str) -> None:
    def said(**chosen: str) -> str:
        settings.LINLI_OIDC = oidc.Oidc(**chosen)
        return words("identity provider")

    client = {"client_id": "x", "client_secret": "y"}
    assert said() == ""
    assert "without the client" in said(issuer="https://id.example")
    assert "without its address" in said(**client)
    assert "not https" in said(issuer="http://id.example", **client)
    assert "means nothing" in said(issuer="https://id.example", second_factor="maybe", **client)
    assert "does not answer" in said(issuer="http://127.0.0.1:9", **client)
    assert "calls itself https://another.example" in said(issuer=provider, **client)


def test_a_word_that_is_no_form_of_logs_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_LOG", "xml")
    assert "LINLI_LOG=xml" in words("logs")


def test_deliveries_that_pile_up_are_found(home: Home, db) -> None:
    long_ago = clock.now() - dt.timedelta(hours=1)
    for state, name in (("dead", "cases.notices"), ("pending", "nobody.knows")):
        event = OutboxEvent.objects.create(at=long_ago, kind="x", object_type="x", object_id=1, data={}, entry_id=1)
        Delivery.objects.create(event=event, subscriber=name, lane="x", state=state, next_try_at=long_ago)
    said = words("deliveries")
    assert "1 deliveries were given up" in said and "waiting for 60 minutes" in said and "nobody.knows" in said


def test_a_journal_nobody_seals_is_found(home: Home, db) -> None:
    Unsealed.objects.bulk_create(Unsealed(entry_id=number) for number in range(10**9, 10**9 + 2001))
    assert "wait for their seal" in words("journal")


def test_a_house_without_a_base_map_is_told(home: Home) -> None:
    assert "no base map" in words("base map")


def test_the_guide_names_every_check_and_no_other() -> None:
    guide = (SOURCE / "docs" / "operate.md").read_text("utf-8")
    table = guide.partition("## What is wrong?")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([\w ]+)` \|", table, re.M)) == set(checks.all_checks())
