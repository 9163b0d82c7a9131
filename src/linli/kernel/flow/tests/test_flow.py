"""The table refuses what is not sound, offers what it says, and its walks never leave it."""

from dataclasses import replace

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from hypothesis import given

from linli.kernel import flow as f
from linli.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from linli.kernel.flow import diagram, oracle

OK = f.Verdict(True)
TABLE = f.Flow(
    code="lamp",
    label="路灯",
    states=(
        f.State("reported", "已上报", "open"),
        f.State("handling", "处置中", "waiting", "责任单位正在处理"),
        f.State("closed", "已结案", "ended"),
    ),
    steps=(
        f.Step("report", "上报", (f.START,), "reported", "anyone", needs=(f.Field("words", "text"),)),
        f.Step(
            "dispatch",
            "派遣",
            ("reported",),
            "handling",
            "dispatcher",
            starts=("handling",),
            needs=(f.Field("unit", "unit"), f.Field("note", "text", required=False)),
        ),
        f.Step("urge", "催办", ("handling",), f.STAY, "anyone"),
        f.Step(
            "close",
            "结案",
            ("handling",),
            "closed",
            "dispatcher",
            guards=("not_handler",),
            stops=("handling",),
            event="lamp.closed",
            needs=(f.Field("solved", "bool"), f.Field("result", "choice", choices=("yes", "no"))),
        ),
        f.Step("reopen", "重开", ("closed",), "reported", "reporter"),
    ),
    capabilities={"anyone": "任何人", "dispatcher": "派遣员", "reporter": "上报人"},
    guards=("not_handler",),
    clocks=("handling",),
)
GIVEN = {"words": "x", "unit": 1, "solved": True, "result": "no"}
ALL = dict.fromkeys(("anyone", "dispatcher", "reporter", "not_handler"), OK)


def _with_step(code, **changes):
    return tuple(replace(s, **changes) if s.code == code else s for s in TABLE.steps)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"states": (*TABLE.states, f.State("lost", "x", "open"))}, "lost cannot be reached"),
        ({"states": (*TABLE.states, f.State("closed", "x", "ended"))}, "closed is there twice"),
        ({"states": (*TABLE.states, f.State("Odd-1", "x", "ended"))}, "lower case"),
        ({"states": tuple(replace(s, kind="open") for s in TABLE.states)}, "no state is an end"),
        ({"states": (replace(TABLE.states[0], kind="odd"), *TABLE.states[1:])}, "unknown kind 'odd'"),
        ({"steps": (*TABLE.steps, TABLE.steps[0])}, "step report is there twice"),
        ({"steps": TABLE.steps[1:]}, "nothing begins"),
        ({"steps": _with_step("close", from_states=("reported",))}, "handling is a dead end"),
        (
            {"steps": _with_step("close", to_state="reported"), "states": TABLE.states},
            "closed cannot be reached",
        ),
        ({"steps": _with_step("close", to_state="nowhere")}, "unknown state 'nowhere'"),
        ({"steps": _with_step("close", from_states=("handling", "gone"))}, "unknown state 'gone'"),
        ({"steps": _with_step("close", from_states=())}, "starts nowhere"),
        ({"steps": _with_step("close", who="king")}, "unknown capability 'king'"),
        ({"steps": _with_step("close", guards=("sun",))}, "unknown guard 'sun'"),
        ({"steps": _with_step("close", starts=("sun",))}, "unknown clock 'sun'"),
        ({"steps": _with_step("close", starts=("handling",))}, "both starts and stops"),
        ({"steps": _with_step("close", needs=(f.Field("a", "sound"),))}, "unknown kind 'sound'"),
        ({"steps": _with_step("close", needs=(f.Field("a", "text"),) * 2)}, "a is there twice"),
        ({"steps": _with_step("close", needs=(f.Field("a", "text", choices=("b",)),))}, "has choices"),
        ({"steps": _with_step("report", to_state=f.STAY)}, "cannot stay"),
        (
            {"guards": ("not_handler", "anyone"), "steps": _with_step("urge", guards=("anyone",))},
            "tell them apart",
        ),
        ({"initial": "elsewhere"}, "initial state 'elsewhere' is unknown"),
    ],
)
def test_a_table_that_is_not_sound_is_refused(changes, said):
    with pytest.raises(f.FlowError, match=said):
        replace(TABLE, **changes)


def test_a_ring_without_a_way_out_is_refused():
    ring = (
        f.Step("a", "a", ("x",), "y", "w"),
        f.Step("b", "b", ("y",), "x", "w"),
        f.Step("c", "c", ("z",), "x", "w"),
    )
    states = (f.State("x", "x", "open"), f.State("y", "y", "open"), f.State("z", "z", "ended"))
    with pytest.raises(f.FlowError, match="no way leads from state x to an end"):
        f.Flow("ring", "ring", states, ring, ("w",), initial="z")


def test_an_initial_state_does_without_a_birth():
    table = replace(TABLE, steps=TABLE.steps[1:], initial="reported")
    assert [p[0].code for p in oracle.paths(table, 1)] == ["dispatch"]


def test_offers_name_each_leaving_step_and_the_first_reason():
    context = {**ALL, "not_handler": f.Verdict(False, _("处置人不能自己结案。"))}
    urge, close = f.offers(TABLE, "handling", context)
    assert (urge.step.code, urge.allowed) == ("urge", True)
    assert (close.allowed, str(close.why_not), close.refused_by) == (False, "处置人不能自己结案。", "guard")
    context["dispatcher"] = f.Verdict(False, "")
    close = f.offers(TABLE, "handling", context)[1]
    assert close.refused_by == "who" and close.why_not


def test_silence_is_never_consent():
    with pytest.raises(f.FlowError, match="not_handler"):
        f.offers(TABLE, "handling", {"anyone": OK, "dispatcher": OK})


def test_predicates_are_asked_once_and_only_when_needed():
    asked = []
    judge = f.Judgements({name: (lambda name=name: asked.append(name) or OK) for name in ALL})
    f.offers(TABLE, "handling", judge)
    f.offers(TABLE, "handling", judge)
    assert asked == ["anyone", "dispatcher", "not_handler"]
    assert set(judge) == set(ALL) and len(judge) == 4


def test_require_tells_the_kinds_of_refusal_apart():
    given = {"solved": False, "result": "yes"}
    assert f.require(TABLE, "handling", "close", ALL, given).event == "lamp.closed"
    with pytest.raises(NotFound):
        f.require(TABLE, "handling", "explode", ALL)
    with pytest.raises(Conflict):
        f.require(TABLE, "closed", "close", ALL, given)
    with pytest.raises(NotAllowed):
        f.require(TABLE, "handling", "close", {**ALL, "dispatcher": f.Verdict(False)}, given)
    with pytest.raises(Refused) as refused:
        f.require(TABLE, "handling", "close", {**ALL, "not_handler": f.Verdict(False, "no")}, given)
    assert refused.value.code == "flow.not_handler"
    for wrong, field in (
        ({"solved": None}, "solved"),
        ({"result": "maybe"}, "result"),
        ({"result": " "}, "result"),
    ):
        with pytest.raises(Refused) as refused:
            f.require(TABLE, "handling", "close", ALL, given | wrong)
        assert refused.value.field == field
    f.require(TABLE, "reported", "dispatch", ALL, {"unit": 3})


def test_paths_and_endings():
    assert [len(list(oracle.paths(TABLE, n))) for n in (1, 2, 3, 4)] == [1, 2, 4, 7]
    assert [[s.code for s in p] for p in oracle.endings(TABLE, 3)] == [["report", "dispatch", "close"]]
    assert [s.code for s in oracle.shortest(TABLE, "closed")] == ["report", "dispatch", "close"]
    assert ("closed", TABLE.step("close")) in set(oracle.forbidden(TABLE))
    assert len(list(oracle.forbidden(TABLE))) == 4 * 5 - 5
    with pytest.raises(ValueError, match="close does not leave"):
        oracle.trace(TABLE, (TABLE.step("close"),))


@given(walk=oracle.walks(TABLE))
def test_every_walk_stays_on_the_table(walk):
    states = oracle.trace(TABLE, walk)
    for state, step in zip(states, walk, strict=False):
        assert f.require(TABLE, state, step.code, ALL, GIVEN) == step


def test_codes_by_kind():
    assert TABLE.codes("open", "waiting") == ("reported", "handling")
    assert TABLE.codes() == ("reported", "handling", "closed")


def test_the_page_draws_every_state_and_step_in_both_languages():
    table = replace(TABLE, label=_("请填写“%(field)s”。"))
    page = diagram.render(table)
    assert page.startswith("# 请填写“%(field)s”。 Please fill in")
    for piece in (
        "[*] --> reported : 上报",
        "reported --> handling : 派遣",
        "closed --> [*]",
        "| `urge` | 催办",
        "| `handling` | (same 不变) | 任何人",
        "▶ `handling`",
        "■ `handling`",
        "note (optional 可不填)",
        "`lamp.closed`",
    ):
        assert piece in page, piece
    with translation.override("en"):
        assert diagram.render(table) == page
