"""Events that name their readers: who carries the post now hears, once, and is led to the page the event named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

import linli.rooms
from linli.kernel import clock, journal
from linli.kernel.authority import SystemAuthority
from linli.kernel.journal import Actor
from linli.kernel.outbox import Event
from linli.kernel.outbox.jobs import drain
from linli.rooms.cases.tests.fixtures import reported
from linli.rooms.messages import rules
from linli.rooms.messages.links import own_path
from linli.rooms.messages.models import Notice
from linli.rooms.messages.named_texts import NAMED
from linli.rooms.messages.saying import said
from linli.rooms.messages.wording import check
from linli.rooms.people import actions as people
from linli.rooms.people.models import Post

pytestmark = pytest.mark.django_db
SYSTEM = SystemAuthority("系统").actor


def happens(kind: str, data: dict[str, Any], actor: Actor = SYSTEM) -> None:
    with transaction.atomic():
        journal.record(
            action=kind,
            actor=actor,
            object_type="whistle",
            object_id=7,
            events=[Event(kind, "whistle", 7, data)],
        )
    drain()


@pytest.fixture
def post_of(town: SimpleNamespace) -> Callable[[str], Post]:
    return lambda name: Post.objects.get(holder=town.accounts[name])


def heard(town: SimpleNamespace) -> set[str]:
    names = {account.pk: name for name, account in town.accounts.items()}
    told = Notice.objects.filter(kind__in=NAMED).exclude(account=None)
    return {names[pk] for pk in told.values_list("account_id", flat=True)}


def test_the_posts_and_units_that_an_event_names_hear_of_it(
    town: SimpleNamespace, post_of: Callable[[str], Post]
) -> None:
    case = reported(town)
    happens(
        "whistle.called",
        {"posts": [post_of("dispatcher").pk], "units": [town.lamps.pk], "case_id": case.pk, "path": "/whistles/7/"},
    )
    assert heard(town) == {"dispatcher", "lamp_contact"}
    assert Notice.objects.filter(unit=town.lamps).count() == 1
    notice = Notice.objects.get(account=town.accounts["lamp_contact"], kind="whistle.called")
    assert notice.data["number"] == case.number and own_path(notice) == "/whistles/7/"
    assert town.lamps.name_zh in said(notice, "zh-hans").title


def test_whoever_brought_it_about_is_not_told(town: SimpleNamespace) -> None:
    actor = town.viewer("dispatcher").actor
    happens("whistle.called", {"accounts": [town.accounts["dispatcher"].pk, town.accounts["clerk"].pk]}, actor)
    assert heard(town) == {"clerk"}


def test_the_deputy_is_told_while_standing_in(town: SimpleNamespace, post_of: Callable[[str], Post]) -> None:
    post, since = post_of("supervisor"), clock.now() - dt.timedelta(hours=1)
    deputy, until = town.accounts["clerk"], clock.now() + dt.timedelta(hours=1)
    people.deputise(SystemAuthority("系统"), post.pk, deputy.pk, since=since, until=until)
    happens("order.raised", {"posts": [post.pk]})
    assert heard(town) == {"clerk"}
    Notice.objects.all().delete()
    with clock.at(until):
        happens("order.raised", {"posts": [post.pk]})
    assert heard(town) == {"supervisor"}


def test_a_step_of_the_case_does_not_make_it_read(town: SimpleNamespace) -> None:
    case = reported(town)
    happens("whistle.called", {"units": [town.lamps.pk], "case_id": case.pk})
    from linli.rooms.messages.posting import overtake

    overtake(case.pk, clock.now(), "event:0")
    assert Notice.objects.filter(kind="whistle.called", read_at=None).count() == 2


def test_a_notice_leads_nowhere_outside_of_the_house() -> None:
    for path in ("https://example.org/", "//example.org/", "", "javascript:alert(1)"):
        assert own_path(Notice(data={"path": path})) == ""


@pytest.mark.parametrize("kind", sorted(NAMED))
def test_the_words_are_whole_in_both_languages(kind: str) -> None:
    from linli.rooms.messages.texts import LANGUAGES, SHIPPED

    assert NAMED[kind].topic in rules.TOPICS
    for language in LANGUAGES:
        check(SHIPPED[kind, False, language])


def test_every_kind_is_one_that_some_room_speaks_of() -> None:
    """A kind that nobody speaks of any more is told to nobody."""
    rooms = Path(linli.rooms.__path__[0])
    spoken = "\n".join(
        file.read_text("utf-8")
        for room in ("ladder", "whistles", "fieldwork", "oversight", "insight", "bulletins")
        for file in (rooms / room).rglob("*.py")
        if "tests" not in file.parts
    )
    # Some kinds are put together from a room's name and a verb.
    silent = [kind for kind in NAMED if kind not in spoken and f'"{kind.partition(".")[2]}"' not in spoken]
    assert silent == []
