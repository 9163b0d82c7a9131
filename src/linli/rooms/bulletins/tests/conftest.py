from __future__ import annotations

import pytest

from linli.kernel import clock
from linli.rooms.bulletins.tests import parts


@pytest.fixture
def quick_numbers(monkeypatch):
    """Numbers that need no counting; `counted.open` changes them."""
    monkeypatch.setattr("linli.rooms.bulletins.numbers.gather", parts.gathered)
    monkeypatch.setattr(parts.counted, "open", 7)
    return parts.counted


@pytest.fixture
def monday():
    """It is Monday, 16 November 2026, 08:30."""
    with clock.at(parts.MONDAY):
        yield parts.MONDAY


@pytest.fixture
def draft(town, quick_numbers, monday):
    """A weekly schedule that the worker has just drafted."""
    return parts.drafted()
