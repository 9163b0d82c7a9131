"""Two at the same moment: nothing is doubled, whoever comes second is told so."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.outbox.models import OutboxEvent
from linli.rooms.cases.models import Case
from linli.rooms.cases.tests.fixtures import IN_A
from linli.rooms.places import atlas
from linli.rooms.whistles import actions
from linli.rooms.whistles.actions import sweeping
from linli.rooms.whistles.models import Call, Whistle
from linli.rooms.whistles.tests.fixtures import MEETING, MONDAY, call_of, given, lay_out_square, problem


@pytest.fixture
def square(transactional_db):
    yield lay_out_square()
    atlas.forget()


def together(moment: Any, *works: Callable[[], Any]) -> list[Any]:
    """All at once, each in a thread with its own connection; what they answered, or the error's code."""
    gate, answers = threading.Barrier(len(works)), [None] * len(works)

    def run(k: int, work: Callable[[], Any]) -> None:
        try:
            gate.wait(10)
            with clock.at(moment):
                answers[k] = work()
        except LinliError as error:
            answers[k] = error.code  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def test_nothing_is_doubled(square):
    """One town for all of it: laying one out costs more than the races do."""
    case = problem(square)
    chief, cadre = square.viewer("chief"), square.viewer("cadre_a")
    answers = together(
        MONDAY,
        lambda: actions.blow(case.pk, given(square), viewer=chief, request_key="w1"),
        lambda: actions.blow(case.pk, given(square), viewer=chief, request_key="w1"),
        lambda: actions.blow(case.pk, given(square), viewer=cadre, request_key="w2"),
    )
    whistle = Whistle.objects.get()
    assert sorted(map(str, answers)).count("whistle.runs") in (1, 2)
    assert Call.objects.count() == 3

    call = call_of(whistle, square.lamps)
    contact, handler = square.viewer("lamp_contact"), square.viewer("lamp_handler")
    answers = together(
        MONDAY,
        lambda: actions.confirm(whistle.pk, call.pk, viewer=contact),
        lambda: actions.confirm(whistle.pk, call.pk, viewer=handler),
    )
    assert "flow.moved_on" in answers
    together(
        MEETING,
        *[
            lambda who=who: actions.check_in_by_place(whistle.pk, call.pk, *IN_A, 9, viewer=who)
            for who in (contact, handler)
        ],
    )
    Case.objects.filter(pk=case.pk).update(unit=square.power)  # so that the lamp unit's promise opens a sub-case
    Call.objects.filter(whistle=whistle).update(lead=False)
    answers = together(
        MEETING,
        *[
            lambda who=who: actions.promise(whistle.pk, call.pk, "换灯杆", MEETING.replace(hour=20), viewer=who)
            for who in (contact, handler)
        ],
    )
    assert "flow.moved_on" in answers
    assert Case.objects.filter(parent=case).count() == 1

    late = call_of(whistle, square.water).due_at
    together(late, sweeping.sweep, sweeping.sweep, sweeping.sweep)
    kinds = list(OutboxEvent.objects.values_list("kind", flat=True))
    counted = {
        kind: kinds.count(kind)
        for kind in ("whistle.blown", "whistle.confirmed", "whistle.arrived", "whistle.promised")
    }
    assert set(counted.values()) == {1}
    assert kinds.count("whistle.overdue") == 2  # the two that never answered, each once

    call = call_of(whistle, square.power)
    with clock.at(late):
        actions.refuse(whistle.pk, call.pk, "不归我们", square.water.pk, viewer=square.viewer("power_contact"))
    one, other = square.viewer("dispatcher"), square.viewer("dispatcher2")
    answers = together(
        late,
        lambda: actions.decide(whistle.pk, call.pk, "stands", "同意", viewer=one),
        lambda: actions.decide(whistle.pk, call.pk, "must_come", "不同意", viewer=other),
    )
    assert "flow.moved_on" in answers
    assert call.precedents.count() == 1
