"""Grids come in as a draft that says what is wrong, and go in force whole or not at all."""

import datetime as dt
import json

import pytest
import shapely
from django.utils import translation

from linli.kernel.errors import Conflict, NotAllowed, Refused
from linli.kernel.geo.systems import geometry_from_wgs84
from linli.kernel.journal.queries import of
from linli.rooms.places import actions, atlas, drafting, drafts, jobs, queries
from linli.rooms.places.models import Boundary, GridSet, Place
from linli.rooms.places.tests.land import (
    BY,
    LONG_AGO,
    Nobody,
    codes,
    divisions,
    feature,
    four_tiles,
    geojson,
    grids,
    middle,
    previewed,
    published,
    tile,
)

pytestmark = pytest.mark.django_db
C3 = "430212100003"


def test_a_good_file_has_no_problems_and_changes_nothing_yet():
    divisions()
    preview = previewed(*four_tiles())
    assert preview.problems == []
    assert preview.counts == {"new": 4, "changed": 0, "unchanged": 0, "retiring": 0}
    assert not grids()


def test_published_grids_are_numbered_west_to_east_north_to_south():
    divisions()
    published(*four_tiles())
    assert {name: place.code for name, place in grids().items()} == {
        "西北": C3 + "001",
        "东北": C3 + "002",
        "西南": C3 + "003",
        "东南": C3 + "004",
    }


def test_codes_that_come_along_are_kept_and_the_rest_is_numbered_above_them():
    divisions()
    tiles = four_tiles()
    tiles[0]["properties"]["code"] = C3 + "007"
    published(*tiles)
    assert grids()["西南"].code == C3 + "007"
    assert sorted(p.code[12:] for p in grids().values()) == ["007", "008", "009", "010"]


def test_a_retired_code_is_never_given_again():
    divisions()
    published(*four_tiles())
    old = grids()["东南"].code
    published(feature(tile(0, 0, 4, 2), community=C3, name="南"), *four_tiles()[2:], on=atlas.today())
    assert grids()["南"].code == C3 + "005"
    again = previewed(feature(tile(0, 0, 4, 2), community=C3, name="另一个", code=old), *four_tiles()[2:])
    assert codes(again) == ["code_retired"]


def test_the_same_file_again_changes_nothing():
    divisions()
    published(*four_tiles())
    preview = previewed(*four_tiles())
    assert preview.counts == {"new": 0, "changed": 0, "unchanged": 4, "retiring": 0}
    boundaries = Boundary.objects.count()
    actions.publish_import(BY, preview.draft.id)
    assert Boundary.objects.count() == boundaries


@pytest.mark.parametrize("system", ["wgs84", "cgcs2000", "gcj02", "bd09"])
def test_the_named_system_is_turned_into_wgs84(system):
    divisions()
    moved = [
        feature(geometry_from_wgs84(shapely.from_geojson(json.dumps(f["geometry"])), system), **f["properties"])
        for f in four_tiles()
    ]
    published(*moved, system=system)
    assert queries.locate(*middle(0, 0)).place_id == grids()["西南"].id
    shape = atlas.current().shapes[grids()["西南"].id]
    assert shape.symmetric_difference(tile(0, 0, 2, 2)).area / shape.area < 1e-6


def in_system(system):
    return [
        feature(geometry_from_wgs84(shapely.from_geojson(json.dumps(f["geometry"])), system), **f["properties"])
        for f in four_tiles()
    ]


@pytest.mark.parametrize(("true", "name"), [("gcj02", "GCJ-02"), ("bd09", "BD-09")])
def test_a_wrong_system_is_suspected_and_the_better_one_named(true, name):
    divisions()
    preview = previewed(*in_system(true), system="wgs84")
    suspicion = next(p for p in preview.problems if p.code == "system_suspect")
    assert suspicion.params["better"] == name
    assert name in suspicion.message
    trusted = previewed(*in_system(true), system="wgs84", trust_system=True)
    assert "system_suspect" not in codes(trusted)


def test_a_missing_system_is_an_error_that_says_which_one_fits():
    divisions()
    preview = previewed(*in_system("gcj02"), system=None)
    missing = next(p for p in preview.problems if p.code == "system_missing")
    assert "GCJ-02" in missing.message
    with pytest.raises(Refused):
        actions.publish_import(BY, preview.draft.id)


def test_the_right_system_raises_no_suspicion():
    divisions()
    assert codes(previewed(*in_system("gcj02"), system="gcj02")) == []


def test_swapped_coordinates_are_named_and_can_be_swapped_back():
    divisions()
    turned = [
        feature(drafting.swapped(shapely.from_geojson(json.dumps(f["geometry"]))), **f["properties"])
        for f in four_tiles()
    ]
    assert codes(previewed(*turned)) == ["swapped"]
    assert codes(previewed(*turned, swap=True)) == []


def test_projected_metres_are_named():
    divisions()
    metres = feature(shapely.box(512_000, 3_052_000, 512_400, 3_052_400), community=C3)
    assert codes(previewed(metres)) == ["projected"]


def test_a_file_of_another_city_is_named_with_its_distance():
    divisions()
    far = feature(shapely.box(116.3, 39.9, 116.31, 39.91), community=C3, name="远")
    preview = previewed(far)
    assert codes(preview) == ["elsewhere"]
    assert "1,3" in preview.problems[0].message  # about 1,390 km


def test_a_file_that_names_another_system_is_noticed():
    divisions()
    preview = actions.preview_import(
        BY,
        geojson(*four_tiles(), crs={"properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}),
        system="gcj02",
        trust_system=False,
    )
    assert "system_conflict" in codes(preview)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"community": "不存在社区"}, "unknown_community"),
        ({"community": "430212100999"}, "unknown_community"),
        ({"code": "12345"}, "bad_code"),
        ({"code": "430212100009001"}, "code_elsewhere"),
        ({"kind": "大网格"}, "unknown_kind"),
        ({"kind": "micro", "parent": "没有的网格"}, "unknown_parent"),
    ],
)
def test_wrong_properties_are_found(change, problem):
    divisions()
    tiles = four_tiles()
    tiles[0]["properties"].update(change)
    preview = previewed(*tiles)
    hit = next(p for p in preview.problems if p.code == problem)
    assert hit.numbers == [1]
    assert hit.severity == "error"
    assert "西南" in hit.message


def test_duplicate_codes_name_all_who_use_them():
    divisions()
    tiles = four_tiles()
    for item in tiles[:3]:
        item["properties"]["code"] = C3 + "009"
    hit = next(p for p in previewed(*tiles).problems if p.code == "duplicate_code")
    assert hit.numbers == [1, 2, 3]
    assert "3 次" in hit.message


def test_a_community_is_found_by_name_by_grid_code_or_by_where_the_grid_lies():
    divisions()
    tiles = four_tiles()
    tiles[0]["properties"]["community"] = "象石社区居委会"
    tiles[1]["properties"] = {"网格名称": "东南", "网格编码": C3 + "002"}
    tiles[2]["properties"] = {"名称": "西北"}
    preview = previewed(*tiles)
    assert preview.problems == []
    assert {f.community.code for f in preview.features} == {C3}


def test_a_grid_reaching_into_the_next_community_is_an_error():
    divisions()
    preview = previewed(feature(tile(3, 0, 2, 4), community=C3, name="越界"))
    assert "outside_community" in codes(preview)


def test_nothing_is_half_imported():
    divisions()
    tiles = [*four_tiles(), feature(tile(1, 1, 2, 2), community=C3, name="叠")]
    preview = previewed(*tiles)
    assert preview.errors
    with pytest.raises(Refused) as refusal:
        actions.publish_import(BY, preview.draft.id, accept_warnings=True)
    assert refusal.value.code == "places.draft_has_errors"
    assert not grids()
    assert not Boundary.objects.filter(place__kind="grid").exists()


def test_warnings_need_somebody_who_has_read_them():
    divisions()
    preview = previewed(*four_tiles()[:3])
    assert codes(preview) == ["uncovered"]
    with pytest.raises(Refused) as refusal:
        actions.publish_import(BY, preview.draft.id)
    assert refusal.value.code == "places.draft_has_warnings"
    actions.publish_import(BY, preview.draft.id, accept_warnings=True)
    assert len(grids()) == 3


def test_other_communities_stay_as_they_are():
    divisions()
    published(*four_tiles())
    published(*four_tiles("430212100009", 4))
    assert len(grids(parent__code=C3)) == 4
    assert len(grids(parent__code="430212100009")) == 4


def test_grids_missing_from_the_file_end_and_are_followed_by_who_took_their_ground():
    divisions()
    published(*four_tiles())
    old = grids()
    whole = feature(tile(0, 0, 4, 4), community=C3, name="全部")
    preview = previewed(whole)
    assert {place.name_zh for place in preview.retiring} == set(old)
    actions.publish_import(BY, preview.draft.id)
    for place in old.values():
        place.refresh_from_db()
        assert place.valid_to == atlas.today()
        assert [p.name_zh for p in place.successors.all()] == ["全部"]


def test_a_version_can_begin_later_and_be_withdrawn_before_its_day():
    divisions()
    published(*four_tiles())
    before = set(grids())
    later = atlas.today() + dt.timedelta(days=10)
    made = published(feature(tile(0, 0, 4, 4), community=C3, name="全部"), on=later)
    assert queries.locate(*middle(0, 0), at=later).candidates[0].name == "全部"
    actions.withdraw_set(BY, made.id)
    assert set(grids()) == before
    assert queries.locate(*middle(0, 0), at=later).candidates[0].name == "西南"
    made.refresh_from_db()
    assert made.state == "withdrawn"


def test_a_version_in_force_cannot_be_withdrawn():
    divisions()
    made = published(*four_tiles())
    with pytest.raises(Refused, match="已经生效"):
        actions.withdraw_set(BY, made.id)


def test_history_is_not_rewritten():
    divisions()
    published(*four_tiles())
    preview = previewed(feature(tile(0, 0, 4, 4), community=C3, name="全部"))
    with pytest.raises(Refused, match="不能早于今天"):
        actions.publish_import(BY, preview.draft.id, effective_from=atlas.today() - dt.timedelta(days=1))


def test_two_drafts_of_one_community_cannot_both_be_published():
    divisions()
    published(*four_tiles())
    first = previewed(feature(tile(0, 0, 4, 4), community=C3, name="全部"))
    second = previewed(
        feature(tile(0, 0, 2, 4), community=C3, name="西"),
        feature(tile(2, 0, 2, 4), community=C3, name="东"),
    )
    actions.publish_import(BY, first.draft.id)
    with pytest.raises(Conflict):
        actions.publish_import(BY, second.draft.id)
    with pytest.raises(Conflict):
        actions.publish_import(BY, first.draft.id)


def test_buildings_move_under_the_new_grids_on_their_day():
    divisions()
    published(*four_tiles())
    lng, lat = middle(0, 0)
    house = actions.create_building(BY, name="3栋", address="学堂路 12 号", lng=lng, lat=lat)
    assert house.parent_id == grids()["西南"].id
    later = atlas.today() + dt.timedelta(days=3)
    made = published(feature(tile(0, 0, 4, 4), community=C3, name="全部"), on=later)
    assert not made.settled
    jobs.settle_due()
    house.refresh_from_db()
    assert house.parent.name_zh == "西南"
    GridSet.objects.filter(id=made.id).update(effective_from=atlas.today())
    from linli.kernel import clock

    with clock.at(dt.datetime.combine(later, dt.time(3), dt.UTC)):
        jobs.settle_due()
    house.refresh_from_db()
    assert house.parent.name_zh == "全部"
    assert house.lineage[-2] == grids()["全部"].id


def test_what_is_exported_can_be_imported_again_in_any_system():
    divisions()
    published(*four_tiles(), feature(tile(0, 0), community=C3, kind="micro", name="微一", parent="西南"))
    for system in ("wgs84", "gcj02", "bd09"):
        exported = queries.export_geojson(system)
        assert len(exported["features"]) == 5
        preview = actions.preview_import(BY, json.dumps(exported).encode(), system=system)
        assert preview.errors == 0
        assert preview.counts["retiring"] == preview.counts["new"] == 0


def test_publishing_is_in_the_journal_with_what_it_did():
    divisions()
    made = published(*four_tiles())
    entry = next(e for e in of("grid_set", made.id) if e.action == "grids.published")
    assert len(entry.after["created"]) == 4
    assert entry.after["effective_from"] == LONG_AGO.isoformat()


def test_who_may_not_cannot():
    divisions()
    with pytest.raises(NotAllowed):
        actions.preview_import(Nobody(), geojson(*four_tiles()), system="wgs84")
    preview = previewed(*four_tiles())
    for forbidden in (
        lambda: actions.publish_import(Nobody(), preview.draft.id),
        lambda: actions.discard_draft(Nobody(), preview.draft.id),
        lambda: actions.begin_drawing(Nobody(), preview.draft.communities),
        lambda: actions.edit_draft(Nobody(), preview.draft.id, {"do": "remove", "number": 1}, version=1),
    ):
        with pytest.raises(NotAllowed):
            forbidden()
    assert not Place.objects.filter(kind="grid").exists()


def test_a_discarded_draft_leaves_no_features():
    divisions()
    preview = previewed(*four_tiles())
    actions.discard_draft(BY, preview.draft.id)
    assert drafts.preview(preview.draft.id).features == []
    with pytest.raises(Conflict):
        actions.publish_import(BY, preview.draft.id)


def test_every_kind_of_problem_can_be_worded_in_both_languages():
    from linli.rooms.places.problems import KINDS, Problem

    words = "reason lng lat flaw area width community count code parent kind hint stated outside better"
    params = dict.fromkeys((words + " remaining crs distance").split(), "7")
    for code in KINDS:
        problem = Problem(code, [1], ["一号"], params)
        assert problem.message
        with translation.override("en"):
            assert not any("\u4e00" <= c <= "\u9fff" for c in problem.what_next), code
            assert not any("\u4e00" <= c <= "\u9fff" for c in problem.message.replace("一号", "")), code
