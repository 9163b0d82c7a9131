"""The registry of the navigation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import RequestFactory

from linli.kernel.web import navigation
from linli.kernel.web.navigation import Entry

pytestmark = pytest.mark.urls("linli.kernel.web.tests.urls")


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(navigation, "_entries", {})
    yield


def test_entries_come_in_their_order_and_only_those_the_viewer_may_use() -> None:
    navigation.register(
        "desk",
        [
            Entry("b", "样式", "web:design", order=20),
            Entry("a", "离线", "web:offline", order=10),
            Entry("c", "不给看", "web:design", may=lambda viewer: False),
            Entry("d", "没有地址", "nowhere:page"),
        ],
    )
    links = navigation.links("desk", RequestFactory().get("/design/portal/"))
    assert [link.entry.key for link in links] == ["a", "b"]
    assert [link.current for link in links] == [False, True]


def test_the_longest_address_is_the_current_one() -> None:
    navigation.register(
        "portal",
        [
            Entry("home", "首页", "web:offline", exact=True),
            Entry("design", "样式", "web:design", match=("/case/",)),
        ],
    )
    current = [link.current for link in navigation.links("portal", RequestFactory().get("/case/12/"))]
    assert current == [True, False] or current == [False, True]
    assert [
        link.entry.key for link in navigation.links("portal", RequestFactory().get("/offline/")) if link.current
    ] == ["home"]
