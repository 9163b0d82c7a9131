"""The administrator's pages of webhooks: the secret is shown once, messages are seen and sent again."""

from __future__ import annotations

import pytest
from django.urls import reverse

from linli.kernel import clock
from linli.kernel.authority import SystemAuthority
from linli.rooms.webhooks import actions
from linli.rooms.webhooks.models import Delivery, Endpoint

pytestmark = pytest.mark.django_db
URL = "http://127.0.0.1:9/hook"  # allowed below; nobody listens at the port "discard"


@pytest.fixture
def endpoint(settings) -> Endpoint:
    settings.LINLI_OUTGOING_ALLOW = ["127.0.0.1"]
    return actions.create_endpoint(SystemAuthority(), url=URL, description="12345 热线")[0]


def message(endpoint: Endpoint, **given) -> Delivery:
    now = clock.now()
    facts = {"event_id": 1, "kind": "case.closed", "subject": "20261122-00001", "body": b"{}", "state": "dead"}
    facts |= {"tries": 10, "status": 500, "took_ms": 12, "words": "<b>oops</b>"}
    return Delivery.objects.create(endpoint=endpoint, created_at=now, next_try_at=now, **facts | given)


def change(client, endpoint: Endpoint, what: str, **given):
    return client.post(reverse("admin_door:webhook_change", args=[endpoint.pk, what]), given)


def test_the_secret_is_shown_once(town, as_, settings):
    settings.LINLI_OUTGOING_ALLOW = ["127.0.0.1"]
    system = as_("system")
    given = {"url": URL, "description": "热线", "language": "en", "kinds": ["case.closed"], "place": town.one.code}
    shown = system.post(reverse("admin_door:webhook_new"), given).content.decode()
    assert "whsec_" in shown
    made = Endpoint.objects.get()
    assert (made.kinds, made.place_id, made.language) == (["case.closed"], town.one.pk, "en")
    for page in (reverse("admin_door:webhook", args=[made.pk]), reverse("admin_door:webhooks")):
        assert "whsec_" not in system.get(page).content.decode()


def test_a_refused_address_keeps_what_was_typed(town, as_):
    given = {"url": "https://169.254.169.254/x", "description": "热线平台", "language": "en"}
    answer = as_("system").post(reverse("admin_door:webhook_new"), given)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "https://169.254.169.254/x" in page and "热线平台" in page and "未放行" in page


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_messages_are_seen_with_state_tries_and_answer(town, as_, endpoint, language):
    message(endpoint)
    message(endpoint, event_id=2, state="pending", status=None, words="", trouble="timeout")
    system = as_("system")
    system.cookies["linli_language"] = language
    page = system.get(reverse("admin_door:webhook", args=[endpoint.pk])).content.decode()
    assert "HTTP 500" in page and "&lt;b&gt;oops" in page and "20261122-00001" in page
    assert ("did not answer in time" if language == "en" else "没有答复") in page
    assert "12345" in system.get(reverse("admin_door:webhooks")).content.decode()


def test_a_long_list_costs_few_queries(town, as_, endpoint, django_assert_max_num_queries):
    for number in range(60):
        message(endpoint, event_id=number)
    system = as_("system")
    with django_assert_max_num_queries(13):
        page = system.get(reverse("admin_door:webhook", args=[endpoint.pk]))
    assert "before=" in page.content.decode()


def test_failed_messages_are_sent_again_by_tick_or_by_day(town, as_, endpoint):
    system, one = as_("system"), message(endpoint)
    assert change(system, endpoint, "replay", delivery=[one.pk]).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.tries, one.replays) == ("pending", 0, 1)
    Delivery.objects.update(state="dead")
    assert change(system, endpoint, "replay", since="2020-01-01").status_code == 302
    assert change(system, endpoint, "replay", since="2020-01-01").status_code == 409, "nothing has failed any more"
    assert change(system, endpoint, "replay", since="morgen").status_code == 422
    assert change(system, endpoint, "replay", delivery=["x", "9" * 40]).status_code == 422


def test_pause_resume_rotate_test_delete(town, as_, endpoint):
    system = as_("system")
    assert change(system, endpoint, "pause").status_code == 302
    assert change(system, endpoint, "pause").status_code == 409
    assert change(system, endpoint, "resume").status_code == 302
    assert "whsec_" in change(system, endpoint, "rotate", hours="24").content.decode()
    assert change(system, endpoint, "rotate", hours="25").status_code == 422
    answer = system.post(reverse("admin_door:webhook_change", args=[endpoint.pk, "test"]), follow=True)
    assert "连接不上" in answer.content.decode()
    assert change(system, endpoint, "explode").status_code == 404
    assert change(system, endpoint, "delete").status_code == 302
    assert not Endpoint.objects.exists()


def test_an_endpoint_is_changed_on_its_page(town, as_, endpoint):
    page = reverse("admin_door:webhook", args=[endpoint.pk])
    given = {"url": URL + "2", "description": "", "language": "zh-hans", "kinds": ["case.rated"]}
    assert as_("system").post(page, given).status_code == 302
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.kinds) == (URL + "2", ["case.rated"])
    assert as_("system").post(page, {**given, "kinds": ["case.exploded"]}).status_code == 422
