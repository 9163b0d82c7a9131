"""Keys for machines on the security administrator's pages: shown once, changed, ended; in both languages."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from linli.kernel.errors import NotAllowed
from linli.rooms.people.keys import viewer_of_key
from linli.rooms.people.models import AccessKey

pytestmark = pytest.mark.django_db
GIVEN = {"name": "市民热线", "scopes": ["report", "read"], "place": "甲社区", "expires_days": 30, "per_minute": 60}


def shown(answer) -> str:
    found = re.search(r"linli_[a-z0-9]{8}_[\w-]{43}", answer.content.decode())
    assert found and "no-store" in answer["Cache-Control"]
    return found[0]


def test_a_key_is_made_shown_once_changed_and_revoked(town, as_):
    security = as_("security")
    first = shown(security.post(reverse("admin_door:key_new"), GIVEN))
    key = AccessKey.objects.get()
    assert viewer_of_key(first).posts[0].place_id == town.one.pk
    page = security.get(reverse("admin_door:keys")).content.decode()
    assert "市民热线" in page and key.prefix in page and first not in page
    second = shown(security.post(reverse("admin_door:key_rotate", args=[key.pk]), {"grace_hours": 1}))
    assert viewer_of_key(first) and viewer_of_key(second)
    assert security.post(reverse("admin_door:key_revoke", args=[key.pk])).status_code == 302
    assert security.post(reverse("admin_door:key_revoke", args=[key.pk])).status_code == 302
    assert security.post(reverse("admin_door:key_rotate", args=[key.pk]), {"grace_hours": 1}).status_code == 409
    for secret in (first, second):
        with pytest.raises(NotAllowed):
            viewer_of_key(secret)


def test_what_was_typed_comes_back_when_a_key_is_refused(town, as_):
    answer = as_("security").post(reverse("admin_door:key_new"), GIVEN | {"scopes": [], "per_minute": 0})
    assert answer.status_code == 422 and "市民热线" in answer.content.decode()
    assert not AccessKey.objects.exists()


@pytest.mark.parametrize("name", ["keys", "key_new"])
def test_the_pages_speak_english(town, as_, name):
    security = as_("security")
    security.cookies["linli_language"] = "en"
    page = security.get(reverse(f"admin_door:{name}")).content.decode()
    assert "key" in page.lower() and "密钥" not in page
