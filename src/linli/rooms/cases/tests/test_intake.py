"""Whatever anybody tells is taken in once, finds its place and owner, and a refusal says what to mend."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from linli.kernel.errors import NotAllowed, Refused
from linli.rooms.cases.actions.intake import join_case, report_problem
from linli.rooms.cases.models import Case, Report
from linli.rooms.cases.queries.near import likely_duplicates
from linli.rooms.cases.tests.fixtures import IN_A, IN_NO_GRID, LAMP, ON_BORDER, intake, reported


@pytest.mark.django_db
def test_a_report_finds_its_grid_its_owner_and_its_deadline(town):
    case = reported(town, item_key=LAMP)
    assert case.place_id == town.grid_a.pk and case.located == "inside"
    assert case.proposed_unit_id == town.lamps.pk
    assert case.routing["via"] == "class" and case.routing["reasons"]
    assert case.current_due_at == case.step_due_at is not None
    assert case.number == f"{case.number[:8]}-{case.pk:06d}"


@pytest.mark.django_db
def test_a_point_in_no_grid_falls_to_the_territory_visibly(town):
    case = reported(town, lng=IN_NO_GRID[0], lat=IN_NO_GRID[1], item_key="M06001")
    assert case.located == "no_grid" and case.place_id == town.two.pk
    assert case.proposed_unit_id == town.committee_two.pk and case.routing["via"] == "fallback"


@pytest.mark.django_db
def test_near_a_border_the_other_grid_is_shown(town):
    case = reported(town, lng=ON_BORDER[0], lat=ON_BORDER[1], accuracy_m=30)
    assert case.located == "near_border"
    assert {c["place"] for c in case.candidates} == {town.grid_a.pk, town.grid_b.pk}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"lng": 0.0, "lat": 0.0}, "case.outside"),
        ({"lng": IN_A[1], "lat": IN_A[0]}, "geo.swapped"),
        ({"lng": "nan", "lat": 27.6}, "geo.not_finite"),
        ({"lng": "abc", "lat": 27.6}, "geo.not_a_number"),
        ({"place_id": 10**9}, "case.place_unknown"),
        ({"words": "   "}, "case.nothing_told"),
        ({"item_key": "M99999"}, "case.item_unknown"),
        ({"photos": ["no-uuid"]}, "case.photo_unknown"),
        ({"photos": [str(i) for i in range(10)]}, "case.too_many_photos"),
        ({"key": "short"}, "case.bad_key"),
    ],
)
def test_bad_input_is_refused_with_what_to_mend_and_keeps_nothing(town, given, code):
    with pytest.raises(Refused) as refused:
        report_problem(intake(**given), viewer=town.viewer("nobody"))
    assert refused.value.code == code
    assert not Case.objects.exists() and not Report.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("phone", ["12345", "1381234567x", "９９９"])
def test_a_wrong_phone_number_is_refused_at_its_field(town, phone):
    with pytest.raises(Refused) as refused:
        report_problem(intake(phone=phone), viewer=town.viewer("nobody"))
    assert refused.value.field == "phone"


@pytest.mark.django_db
def test_hostile_text_is_kept_as_text_without_its_tricks(town):
    words = "<script>alert(1)</script> 路灯\u202e坏了 😀\x00"
    case = reported(town, words=words)
    assert "\u202e" not in case.description and "\x00" not in case.description
    assert "😀" in case.description and "<script>" in case.description


@pytest.mark.django_db
def test_contact_data_is_sealed_and_found_by_its_number(town):
    case = reported(town, phone="138 0000 0001", name="演示人")
    report = case.reports.get()
    assert b"13800000001" not in bytes(report.phone_sealed)
    assert report.phone_index


@pytest.mark.django_db
def test_recording_for_others_needs_the_duty_and_the_place(town):
    with pytest.raises(NotAllowed):
        report_problem(intake(channel="hotline"), viewer=town.viewer("nobody"))
    with pytest.raises(NotAllowed):
        report_problem(intake(channel="walk_in"), viewer=town.viewer("cadre_b"))
    report_problem(intake(channel="walk_in"), viewer=town.viewer("cadre_a"))


@pytest.mark.django_db
def test_neighbours_are_shown_what_is_known_and_join_it(town):
    case = reported(town, item_key=LAMP)
    found = likely_duplicates(*IN_A, "路灯不亮", LAMP, town.viewer("nobody"))
    assert [one.case_id for one in found] == [case.pk]
    assert found[0].words == ""  # nobody's words are shown before somebody accepted them
    receipt = join_case(case.pk, intake(words="我家门口也黑"), viewer=town.viewer("resident"))
    case.refresh_from_db()
    assert receipt.joined and case.report_count == 2 and receipt.tracking_code


@pytest.mark.django_db(transaction=True)
def test_sixteen_identical_posts_make_one_case(town):
    one = intake(key="the-same-key-123")

    def post(_n: int) -> tuple[int, str]:
        try:
            receipt = report_problem(one, viewer=town.viewer("nobody"))
            return receipt.case_id, receipt.tracking_code
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        answers = set(pool.map(post, range(16)))
    assert len(answers) == 1
    assert Case.objects.count() == 1 and Report.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_sixteen_people_taking_the_same_step_one_succeeds(town):
    from linli.kernel.errors import LinliError
    from linli.rooms.cases.actions.steps import take

    case = reported(town)

    def accept(_n: int) -> str:
        try:
            take(case.pk, "accept", {"item": LAMP}, viewer=town.viewer("clerk"), version=case.version)
        except LinliError as error:
            return error.__class__.__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(accept, range(16)))
    assert answers.count("done") == 1 and answers.count("Conflict") == 15
