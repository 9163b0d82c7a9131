"""Staff come from the city's identity provider: the whole road over HTTP, against a provider of its own process."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import jwt
import oidc_provider_mock
import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers import registry
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from linli.doors.entrance import oidc as entrance
from linli.doors.entrance.tests.test_entrance import give_totp
from linli.house import oidc
from linli.kernel.journal.models import Entry
from linli.kernel.web.tests.serving import serving
from linli.rooms.people.models import Account, SignInPolicy
from linli.rooms.people.queries.policy import forget_policy
from linli.rooms.people.tests.conftest import make_account, make_place, make_post

START = "/accounts/staff/"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of a provider that knows some people."""
    people = [
        oidc_provider_mock.User(sub="p-1", claims={"preferred_username": "Wu.Fang", "email": "wu@city.example"}),
        oidc_provider_mock.User(sub="p-2", claims={"preferred_username": "nobody.here"}),
        oidc_provider_mock.User(sub="p-3", claims={"preferred_username": "wu.fang"}),
        oidc_provider_mock.User(sub="p-4", claims={"preferred_username": "resident"}),
        oidc_provider_mock.User(sub="m-1", claims={"email": "WU@city.example", "email_verified": True}),
        oidc_provider_mock.User(sub="m-2", claims={"email": "wu@city.example", "email_verified": False}),
        oidc_provider_mock.User(sub="a-1", claims={"preferred_username": "wu.fang", "amr": ["pwd"]}),
        oidc_provider_mock.User(sub="a-2", claims={"preferred_username": "wu.fang", "amr": ["pwd", "otp"]}),
    ]
    with oidc_provider_mock.run_server_in_thread(user_claims=people) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def house(transactional_db, settings, provider: str) -> Iterator[SimpleNamespace]:
    """The house on a port of its own, with this provider. `house.configure(match="email")` changes its settings."""

    def configure(**changes: Any) -> None:
        chosen = {"issuer": provider, "client_id": "linli", "client_secret": "s3cret", **changes}
        settings.LINLI_OIDC = oidc.Oidc(**chosen)
        settings.SOCIALACCOUNT_PROVIDERS = oidc.allauth_settings(settings.LINLI_OIDC)

    registry.load()
    configure()
    cache.clear()
    forget_policy()
    district = make_place("district", "渌口区", code="430212000000")
    street = make_place("street", "渌口镇", district, "430212100000")
    community = make_place("community", "南塘社区", street, "430212100001")
    grid = make_place("grid", "南塘第一网格", community, "430212100001001")
    worker = make_account("wu.fang", name="吴芳")
    worker.email = "wu@city.example"
    worker.save()
    make_post("grid_worker", worker, grid)
    with serving() as address:
        yield SimpleNamespace(address=address, configure=configure, worker=worker)
    cache.clear()
    forget_policy()


class Browser:
    """Follows the road a browser goes, one redirect at a time."""

    def __init__(self, house: SimpleNamespace) -> None:
        self.address = house.address
        self.session = requests.Session()

    def to_provider(self, **query: str) -> str:
        answer = self.session.get(f"{self.address}{START}", params=query, allow_redirects=False)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def at_provider(self, url: str, person: str, **more: str) -> str:
        answer = requests.post(url, data={"sub": person, **more}, allow_redirects=False)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def come(self, person: str, **query: str) -> requests.Response:
        return self.session.get(self.at_provider(self.to_provider(**query), person), allow_redirects=False)

    def is_in(self) -> bool:
        return self.session.get(f"{self.address}/accounts/me/", allow_redirects=False).status_code == 200


def changed(url: str, **query: str) -> str:
    parts = urlsplit(url)
    words = {name: values[0] for name, values in parse_qs(parts.query).items()} | query
    return urlunsplit(parts._replace(query=urlencode(words)))


def test_a_known_person_arrives_at_their_door_and_is_remembered_by_the_providers_number(house) -> None:
    browser = Browser(house)
    answer = browser.come("p-1")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/field/")
    assert browser.is_in()
    link = SocialAccount.objects.get()
    assert (link.user_id, link.uid, link.extra_data) == (house.worker.pk, "p-1", {}), "nothing else is kept"
    assert Entry.objects.filter(action="account.signed_in", actor_id=house.worker.pk).count() == 1
    assert Entry.objects.filter(action="account.identity_bound", object_id=str(house.worker.pk)).count() == 1
    Account.objects.filter(pk=house.worker.pk).update(username="wu.fang.2")
    assert Browser(house).come("p-1").headers["Location"] == "/field/", "also under another name here"
    assert Account.objects.count() == 1
    assert Entry.objects.filter(action="account.identity_bound").count() == 1, "bound once"


def test_next_leads_back_but_never_out_of_the_house(house) -> None:
    assert Browser(house).come("p-1", next="/accounts/me/").headers["Location"] == "/accounts/me/"
    assert Browser(house).come("p-1", next="https://evil.example/").headers["Location"] == "/field/"


@pytest.mark.parametrize("person", ["p-2", "p-4"], ids=["unknown", "resident"])
def test_nobody_gets_an_account_by_coming(house, person: str) -> None:
    Account.objects.create_user("resident", name="居民", kind="resident")
    browser = Browser(house)
    answer = browser.come(person)
    assert answer.status_code == 403 and "没有与您对应的工作账号" in answer.text
    assert not browser.is_in()
    assert Account.objects.count() == 2 and not SocialAccount.objects.exists()


def test_another_person_with_the_same_name_is_refused(house) -> None:
    assert Browser(house).come("p-1").status_code == 302
    assert Browser(house).come("p-3").status_code == 403


def test_a_disabled_account_stays_outside(house) -> None:
    Account.objects.update(is_active=False)
    browser = Browser(house)
    assert "inactive" in browser.come("p-1").headers["Location"]
    assert not browser.is_in()


def test_a_mail_address_counts_only_when_the_provider_verified_it(house) -> None:
    house.configure(match="email")
    assert Browser(house).come("m-2").status_code == 403
    assert Browser(house).come("m-1").status_code == 302


def test_an_answer_to_another_browser_is_refused(house) -> None:
    back = Browser(house)
    url = back.at_provider(back.to_provider(), "p-1")
    thief = Browser(house)
    assert thief.session.get(url, allow_redirects=False).status_code == 403
    assert thief.session.get(changed(url, state="invented"), allow_redirects=False).status_code == 403
    assert not thief.is_in()


def test_a_code_is_good_once(house) -> None:
    browser = Browser(house)
    url = browser.at_provider(browser.to_provider(), "p-1")
    assert browser.session.get(url, allow_redirects=False).status_code == 302
    assert Browser(house).session.get(url, allow_redirects=False).status_code == 403


def test_a_token_made_for_another_exchange_is_refused(house) -> None:
    browser = Browser(house)
    url = browser.to_provider()
    assert len(parse_qs(urlsplit(url).query)["nonce"][0]) == 64
    answer = browser.session.get(browser.at_provider(changed(url, nonce="another"), "p-1"), allow_redirects=False)
    assert answer.status_code == 403 and "没有通过核验" in answer.text
    assert not browser.is_in()


def test_another_issuer_is_refused(house, provider: str) -> None:
    house.configure(issuer=provider.replace("localhost", "127.0.0.1"))  # its discovery names what it was asked as
    assert Browser(house).come("p-1").status_code == 302
    with pytest.MonkeyPatch.context() as patch:
        real = requests.Session.get

        def get(self: requests.Session, url: str, **more: Any) -> requests.Response:
            answer = real(self, url, **more)
            if url.endswith("openid-configuration"):
                text = re.sub(rb'"issuer":\s*"[^"]+"', b'"issuer": "https://evil.example"', answer.content)
                answer._content = text
            return answer

        patch.setattr(requests.Session, "get", get)
        answer = requests.Session().request("GET", f"{house.address}{START}", allow_redirects=False)
    assert answer.status_code == 502


def test_a_provider_that_does_not_answer_is_said_plainly(house) -> None:
    house.configure(issuer="http://127.0.0.1:9")
    answer = requests.get(f"{house.address}{START}", allow_redirects=False)
    assert answer.status_code == 502 and "连不上" in answer.text


def test_turning_back_at_the_provider_is_no_error(house) -> None:
    browser = Browser(house)
    url = browser.to_provider()
    back = browser.at_provider(url, "p-1", action="deny")
    state = parse_qs(urlsplit(url).query)["state"][0]  # which this provider leaves out of a refusal
    answer = browser.session.get(changed(back, state=state), allow_redirects=False)
    assert "您在统一身份平台上取消了登录" in answer.text


def test_the_second_factor_of_the_house_is_asked_for_all_the_same(house) -> None:
    give_totp(house.worker)
    browser = Browser(house)
    assert browser.come("p-1").headers["Location"].startswith(reverse("mfa_authenticate"))
    assert not browser.is_in()


@pytest.mark.parametrize(("person", "asked"), [("p-1", False), ("a-2", False), ("a-1", True)])
def test_it_may_be_left_to_the_provider_unless_that_says_it_asked_for_none(house, person: str, asked: bool) -> None:
    house.configure(second_factor="provider")
    SignInPolicy.objects.update_or_create(pk=1, defaults={"two_factor_for_staff": True})
    forget_policy()
    give_totp(house.worker)
    browser = Browser(house)
    assert browser.come(person).headers["Location"].startswith(reverse("mfa_authenticate")) is asked
    assert browser.is_in() is not asked


def test_who_never_had_a_password_here_need_not_change_it(house) -> None:
    Account.objects.update(must_change_password=True)
    browser = Browser(house)
    browser.come("p-1")
    assert browser.session.get(f"{house.address}/field/", allow_redirects=False).status_code == 200


def test_signing_out_here_offers_to_sign_out_there(house) -> None:
    house.configure(sign_out="https://id.city.example/logout")
    browser = Browser(house)
    browser.come("p-1")
    page = browser.session.get(f"{house.address}/accounts/logout/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page).group(1)  # type: ignore[union-attr]
    answer = browser.session.post(f"{house.address}/accounts/logout/", data={"csrfmiddlewaretoken": token})
    assert "https://id.city.example/logout" in answer.text and not browser.is_in()


def test_the_button_is_there_only_with_a_provider(house, client: Client, settings) -> None:
    assert START in client.get("/accounts/login/").content.decode()
    settings.LINLI_OIDC = oidc.Oidc()
    assert START not in client.get("/accounts/login/").content.decode()
    assert client.get(START).status_code == 404


# ── The ID token alone ─────────────────────────────────────────────────────────────────────────────

KEY = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)


@pytest.fixture
def exchange(settings, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, Any]]:
    settings.LINLI_OIDC = oidc.Oidc(issuer="https://id.example", client_id="linli", client_secret="x")
    monkeypatch.setattr(entrance.Exchange, "openid_config", {"issuer": "https://id.example"})
    monkeypatch.setattr(entrance.Exchange, "_key", lambda self, header: KEY.public_key())
    checked = entrance.Exchange(None, "staff")  # type: ignore[arg-type]
    checked.verifier = "v" * 43
    return lambda token: checked._decode_id_token(SimpleNamespace(client_id="linli"), token)


def token(key: Any = KEY, algorithm: str = "RS256", **changes: Any) -> str:
    claims = {
        "iss": "https://id.example",
        "aud": "linli",
        "sub": "1",
        "iat": int(time.time()),
        "exp": int(time.time()) + 300,
        "nonce": entrance._nonce("v" * 43),
    } | changes
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, key, algorithm)


def test_a_right_token_passes(exchange) -> None:
    assert exchange(token())["sub"] == "1"


@pytest.mark.parametrize(
    "wrong",
    [
        token(OTHER),
        token(iss="https://evil.example"),
        token(aud="another"),
        token(aud=["linli", "another"], azp="another"),
        token(exp=int(time.time()) - 3600),
        token(nonce="another"),
        token(nonce=None),
        token(exp=None),
        token("k" * 40, "HS256"),
        token(None, "none"),
    ],
    ids=["key", "issuer", "audience", "party", "expired", "nonce", "no nonce", "no end", "shared secret", "unsigned"],
)
def test_a_wrong_token_does_not(exchange, wrong: str) -> None:
    with pytest.raises(entrance.OAuth2Error):
        exchange(wrong)


def test_settings_come_from_the_environment_or_the_home(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    from linli.house.home import Home

    for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "NAME", "MATCH", "SECOND_FACTOR"):
        monkeypatch.delenv(f"LINLI_OIDC_{name}", raising=False)
    home = Home(tmp_path).make()
    assert not oidc.of(home).in_use
    (home.secrets / "oidc.json").write_text('{"issuer": "https://a.example", "client_id": "x", "client_secret": "y"}')
    assert oidc.of(home).in_use
    monkeypatch.setenv("LINLI_OIDC_ISSUER", "http://b.example")
    assert oidc.of(home).issuer == "http://b.example" and oidc.of(home).troubles()
    assert dataclasses.replace(oidc.of(home), issuer="http://localhost:1").in_use
