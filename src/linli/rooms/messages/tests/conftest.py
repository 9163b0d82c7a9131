"""Doors for links, a clock that stands where a test puts it, channels that are set up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import orjson
import pytest

from linli.kernel import clock, seal
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.outbox.jobs import drain
from linli.rooms.messages import delivering, links
from linli.rooms.messages.models import Channel, House

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=CIVIL)
"""A Monday: no quiet hours, all working clocks running."""


@pytest.fixture(autouse=True)
def ways() -> Iterator[None]:
    """Addresses as doors give them, whatever doors there are."""
    before = links._ways
    links.lead(
        links.Ways(
            follow=lambda code: f"/track/{code}/",
            case=lambda number: f"/desk/cases/{number}/",
            notice=lambda pk: f"/me/notices/{pk}/",
            stop=lambda token: f"/me/notices/stop/{token}/",
            inbox=lambda: "/me/notices/",
            confirm=lambda token: f"/me/notices/confirm/{token}/",
        )
    )
    yield
    links._ways = before


@pytest.fixture
def noon() -> Iterator[datetime]:
    """It is a Monday's noon."""
    with clock.at(NOON):
        yield NOON


@pytest.fixture
def tidings(noon: datetime) -> Callable[[], None]:
    """What the worker does after the steps of a test: tell of every event."""

    def deliver() -> None:
        drain()

    return deliver


def open_channel(code: str, since: datetime, **settings: object) -> Channel:
    """Set a channel up as an operator would have, without the action."""
    House.objects.update_or_create(pk=1, defaults={"public_url": "https://linli.example"})
    channel = Channel.objects.filter(pk=code).first() or Channel(code=code)
    channel.settings = seal.encrypt(orjson.dumps(settings).decode(), delivering.settings_context(channel))
    channel.enabled, channel.enabled_at = True, since
    channel.save()
    return channel
