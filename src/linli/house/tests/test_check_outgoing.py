"""`./linli check` names what cannot be sent, and an allow list that cannot be read."""

from __future__ import annotations

import pytest

from linli.house.checks import running
from linli.kernel import clock
from linli.rooms.webhooks.models import Endpoint


def test_an_allow_list_that_cannot_be_read_is_named(settings):
    settings.LINLI_OUTGOING_ALLOW = ["10.1.2.0/24", "10.1.2.3/24", "*.city.internal"]
    (finding,) = running.allowed_targets()
    assert "10.1.2.3/24" in finding.wrong


@pytest.mark.django_db
def test_webhooks_that_were_paused_by_themselves_are_named():
    for state in ("active", "paused", "gone", "failing"):
        Endpoint.objects.create(url=f"https://{state}.example/", secret=b"", state=state, created_at=clock.now())
    found = [finding.wrong for finding in running.webhooks_arrive()]
    assert len(found) == 2
    assert "gone.example" in found[0] and "failing.example" in found[1]
