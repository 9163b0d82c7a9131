"""What the parts say of real cases: figures agree with the statistics, nobody's words or names are in them."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from pathlib import Path

import pypdf
import pytest
from django.conf import settings
from django.db import transaction

from linli.kernel import clock
from linli.kernel.outbox.jobs import drain
from linli.rooms.bulletins.actions import steps
from linli.rooms.bulletins.actions.drafting import make
from linli.rooms.bulletins.models import Kept, KeptPicture, Kind
from linli.rooms.bulletins.numbers import gather
from linli.rooms.bulletins.numbers.showing import chosen_pairs
from linli.rooms.bulletins.pictures import pictures_of_pairs
from linli.rooms.bulletins.rhythm import Period
from linli.rooms.bulletins.sections import SECTIONS, differences, number, pair, rate, with_changes
from linli.rooms.cases.actions.steps import take
from linli.rooms.cases.models import Case, Photo
from linli.rooms.cases.tests.fixtures import reported
from linli.rooms.cases.tests.walking import given_for, walk
from linli.rooms.insight.measures import Counts
from linli.rooms.insight.models import Scorecard
from linli.rooms.people.models import Unit
from linli.rooms.places import atlas

START = dt.datetime(2026, 11, 3, 2, tzinfo=dt.UTC)  # a Tuesday, 10:00 in China
HALF = Period(dt.date(2026, 11, 1), dt.date(2026, 11, 16))
AS_OF = dt.datetime(2026, 11, 16, 1, tzinfo=dt.UTC)
CODES = [code for code, section in SECTIONS.items() if section.counted]


@pytest.fixture
def lived(town, picture):
    """One case solved in time with photos, one handled by nobody and overdue, one only reported."""
    with clock.at(START):
        atlas.forget()
        solved = reported(town, name="王某某", phone="13800138000", photos=[picture(), picture()])
        solved = walk(solved, town, picture)
        late = walk(reported(town, words="路灯又坏了，住在三栋的李大爷说的"), town, picture, until="receive")
        reported(town, words="别处的事")
    drain()
    with clock.at(AS_OF):
        return {"solved": solved, "late": late, "parts": gather(town.district, HALF, AS_OF, CODES)}


def figure(part, code):
    return next(each for each in part["figures"] if each["code"] == code)


def test_figures_have_their_bases(lived):
    totals = lived["parts"]["totals"]
    assert figure(totals, "reported")["number"] == 3 and figure(totals, "closed")["number"] == 1
    assert (figure(totals, "in_time")["above"], figure(totals, "in_time")["of"]) == (1, 2)
    assert figure(totals, "late")["base"] == "1/1"
    assert "应处置" in totals["note"]["zh"]


def test_the_overdue_are_named_by_unit_and_number(lived, town):
    part = lived["parts"]["overdue"]
    late = Case.objects.get(pk=lived["late"].pk)
    assert part["total"] == 1
    number_, unit, _item, _due, light = part["rows"][0]
    assert (number_, unit["zh"]) == (late.number, "路灯所")
    assert light["light"] == "overdue" and light["zh"].endswith(" 天")


def test_places_and_ranking_say_how_they_are_made(lived):
    assert [row[0]["zh"] for row in lived["parts"]["places"]["rows"]] == ["甲一网格"], "the only one that has anything"
    assert lived["parts"]["ranking"]["rows"] == [], "two cases are too few to be ranked"
    assert "不足 5 件" in lived["parts"]["ranking"]["note"]["zh"]


def test_pairs_are_public_photos_before_and_after(lived, town):
    pool = lived["parts"]["pairs"]["pool"]
    assert [each["case_id"] for each in pool] == [lived["solved"].pk] == lived["parts"]["pairs"]["chosen"]
    phases = dict(Photo.objects.filter(case=lived["solved"]).values_list("uid", "phase"))
    assert {str(uid): phase for uid, phase in phases.items()}[pool[0]["before"]] == "report"
    Photo.objects.filter(case=lived["solved"], phase="report").update(is_public=False)
    assert gather(town.district, HALF, AS_OF, ["pairs"])["pairs"]["pool"] == []


def test_pictures_are_small_public_and_by_their_names(lived, town):
    pool = lived["parts"]["pairs"]["pool"]
    case = lived["solved"].pk
    found = pictures_of_pairs(pool)
    assert list(found) == [f"{case}-after.jpg", f"{case}-before.jpg"]
    assert all(data[:2] == b"\xff\xd8" for data in found.values())
    Photo.objects.filter(case=case, phase="report").update(is_public=False)
    assert list(pictures_of_pairs(pool)) == [f"{case}-after.jpg"]
    Path(settings.MEDIA_ROOT, Photo.objects.filter(case=case).latest("pk").path).unlink()
    assert pictures_of_pairs(pool) == {}


def test_the_half_monthly_bulletin_from_its_draft_to_paper(lived, town):
    """Every part with real numbers, the photos in the PDF and kept by their hashes."""
    kind = Kind.objects.get(code="half-monthly")
    with clock.at(AS_OF):
        with transaction.atomic():
            issue = make(kind, town.district, HALF, AS_OF, AS_OF)
        assert issue.pairs == [lived["solved"].pk]
        steps.submit(issue.pk, viewer=town.viewer("supervisor"), version=1)
        steps.issue(issue.pk, viewer=town.viewer("leader"), version=2, address="https://linli.example/bulletins/1/")
    kept = Kept.objects.get(issue=issue)
    reader = pypdf.PdfReader(io.BytesIO(bytes(kept.pdf)))
    assert any(page.images for page in reader.pages)
    pictures = KeptPicture.objects.filter(issue=issue)
    assert [hashlib.sha256(bytes(each.data)).hexdigest() for each in pictures] == [each.sha256 for each in pictures]
    assert len(pictures) == 2
    words = "".join(page.extract_text() for page in reader.pages).replace(" ", "")
    for secret in ("王某某", "13800138000", "李大爷", "别处的事"):
        assert secret not in words
    assert "按期处置率" in words and "超期未办结" in words and "整改前" in words


def test_nothing_of_a_resident_is_in_it(lived):
    words = json.dumps(lived["parts"], ensure_ascii=False)
    for secret in ("王某某", "13800138000", "李大爷", "别处的事", "滨江路和正街路口"):
        assert secret not in words


def test_what_is_told_is_as_of_the_moment(lived, town, picture):
    """Handled after the count: the count of then still says it was overdue."""
    with clock.at(AS_OF + dt.timedelta(days=1)):
        for step, name in (("handle", "lamp_handler"), ("confirm", "lamp_contact")):
            viewer = town.viewer(name)
            case = Case.objects.get(pk=lived["late"].pk)
            take(case.pk, step, given_for(step, town, picture, viewer), viewer=viewer)
        assert gather(town.district, HALF, AS_OF, ["overdue"])["overdue"]["total"] == 1
        assert gather(town.district, HALF, clock.now(), ["overdue"])["overdue"]["total"] == 0


def test_the_questions_asked_do_not_grow_with_the_cases(lived, town, django_assert_max_num_queries):
    with clock.at(AS_OF), django_assert_max_num_queries(24):
        gather(town.district, HALF, AS_OF, CODES)


def test_changes_and_differences_are_told_by_figure_and_row():
    before = [number("open", "正在办", "Open", 7), rate("in_time", "按期", "In time", 1, 2)]
    after = [
        number("open", "正在办", "Open", 5),
        rate("in_time", "按期", "In time", 3, 4),
        number("new", "新", "New", 1),
    ]
    changed = with_changes(after, {each["code"]: each for each in before})
    assert [each.get("change", {}).get("zh") for each in changed] == ["比上期 -2", "比上期 +25 个百分点", None]
    rows = differences(
        {"totals": {"figures": before}, "overdue": {"rows": [["A", pair("甲")], ["B", 1]]}},
        {"totals": {"figures": after}, "overdue": {"rows": [["A", pair("乙")], ["C", 2]]}},
    )
    assert [(row["what"]["zh"], row["before"], row["after"]) for row in rows] == [
        ("正在办", "7", "5"),
        ("按期", "50% 1/2", "75% 3/4"),
        ("新", "–", "1"),
        ("A", "甲", "乙"),
        ("C", "–", "2"),
        ("B", "1", "–"),
    ]


def test_pairs_are_chosen_from_different_places_and_matters():
    what = zip("甲甲乙丙丁", "灯灯灯井灯", strict=True)
    pool = [{"case_id": n, "place": pair(place), "title": pair(title)} for n, (place, title) in enumerate(what)]
    assert chosen_pairs(pool) == [0, 3, 2]


def counts_of_units(*numbers):
    return {unit: Counts.of(due=due, in_time=in_time, dispatched=due) for unit, due, in_time in numbers}


def test_the_best_and_the_worst_by_the_scorecard_in_force(town, monkeypatch):
    units = [
        Unit.objects.create(code=f"R{n}", name_zh=f"单位{n}", kind="department", valid_from=dt.date(2020, 1, 1))
        for n in range(7)
    ]
    numbers = counts_of_units(*((unit.pk, 10, 10 - n) for n, unit in enumerate(units)), (town.power.pk, 4, 4))
    monkeypatch.setattr("linli.rooms.bulletins.numbers.figures.counts", lambda *args, **more: numbers)
    plain = gather(town.district, HALF, AS_OF, ["ranking"])["ranking"]
    assert [(row[1], row[2]["zh"], row[3]) for row in plain["rows"]] == [
        (n + 1, f"单位{n}", str(100 - 10 * n)) for n in range(7)
    ]
    assert [row[0]["zh"] for row in plain["rows"] if row[0]] == ["靠前", "靠后"]
    assert "没有生效的考核办法" in plain["note"]["zh"]
    card = Scorecard(name_zh="单位考核", edition=2, min_base=3, published=True)
    card.lines = [
        {"code": "in_time", "weight": 60, "full": 1, "zero": 0.5},
        {"code": "solved", "weight": 40, "full": 1, "zero": 0},
    ]
    monkeypatch.setattr("linli.rooms.bulletins.numbers.figures.in_force", lambda subject, day: card)
    scored = gather(town.district, HALF, AS_OF, ["ranking"])["ranking"]
    assert [row[3] for row in scored["rows"]][:2] == ["100", "100"], "a rate of 100 %, with four due too"
    assert "《单位考核》第 2 版" in scored["note"]["zh"] and "60 分（100% 得满分，50% 得 0 分）" in scored["note"]["zh"]
    card.published = False
    assert gather(town.district, HALF, AS_OF, ["ranking"])["ranking"] == plain
