import threading
from datetime import UTC, datetime, timedelta

import pytest

from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL


def test_now_is_the_present_in_utc():
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_moment_can_be_put_in_its_place_and_nested():
    noon = datetime(2026, 2, 13, 12, tzinfo=CIVIL)
    with clock.at(noon):
        assert clock.now() == noon and clock.now().tzinfo is UTC
        with clock.at(noon + timedelta(days=1)):
            assert clock.now() == noon + timedelta(days=1)
        assert clock.now() == noon
    assert clock.now() > noon


def test_an_injected_moment_stays_in_its_thread():
    heard = []
    with clock.at(datetime(2000, 1, 1, tzinfo=UTC)):
        other = threading.Thread(target=lambda: heard.append(clock.now()))
        other.start()
        other.join()
    assert heard[0].year > 2000


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError), clock.at(datetime(2026, 1, 1)):  # noqa: DTZ001
        pass
