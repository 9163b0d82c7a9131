"""Grids are drawn, reshaped, split and merged in a draft, under the checks of an import."""

import datetime as dt
import json

import pytest
import shapely

from linli.kernel.errors import Conflict, NotFound, Refused
from linli.rooms.places import actions, atlas, drafts
from linli.rooms.places.models import Place
from linli.rooms.places.tests.land import (
    BY,
    STEP,
    codes,
    divisions,
    feature,
    four_tiles,
    grids,
    middle,
    previewed,
    published,
    tile,
)

pytestmark = pytest.mark.django_db
C3 = "430212100003"


def drawing():
    """A draft of the community …003 with its four grids; returns (draft, number by name)."""
    land = divisions()
    published(*four_tiles())
    preview = actions.begin_drawing(BY, [land[C3].id])
    return preview, {f.name_zh: f.number for f in preview.features}


def step(preview, **operation):
    return actions.edit_draft(BY, preview.draft.id, operation, version=preview.draft.version)


def as_json(shape):
    return json.loads(shapely.to_geojson(shape))


def line(*points):
    return {"type": "LineString", "coordinates": [list(point) for point in points]}


def test_a_drawing_begins_as_a_copy_that_changes_nothing():
    preview, _numbers = drawing()
    assert preview.counts == {"new": 0, "changed": 0, "unchanged": 4, "retiring": 0}
    assert preview.problems == []


def test_splitting_along_a_line_makes_two_grids_that_follow_the_old_one():
    preview, numbers = drawing()
    old = grids()["西南"]
    x, y = middle(0.5, 0.5)
    preview = step(preview, do="split", number=numbers["西南"], line=line((x, y - 3 * STEP), (x, y + 3 * STEP)))
    assert preview.problems == []
    assert preview.counts == {"new": 2, "changed": 0, "unchanged": 3, "retiring": 1}
    actions.publish_import(BY, preview.draft.id)
    old.refresh_from_db()
    assert old.valid_to == atlas.today()
    assert sorted(p.code for p in old.successors.all()) == [C3 + "005", C3 + "006"]
    west, east = sorted(old.successors.all(), key=lambda place: place.lng)
    assert (west.code, east.code) == (C3 + "005", C3 + "006")
    assert {s.reason for s in old.followed_by.all()} == {"split"}


def test_merging_makes_one_grid_that_follows_both():
    preview, numbers = drawing()
    old = [grids()["西南"], grids()["东南"]]
    preview = step(preview, do="merge", numbers=[numbers["西南"], numbers["东南"]], name="南网格")
    assert preview.problems == []
    actions.publish_import(BY, preview.draft.id)
    for place in old:
        assert [p.name_zh for p in place.successors.all()] == ["南网格"]
        assert {s.reason for s in place.followed_by.all()} == {"merge"}
    assert len(grids()) == 3


def test_reshaping_into_a_neighbour_is_an_overlap_until_the_neighbour_gives_way():
    preview, numbers = drawing()
    preview = step(preview, do="reshape", number=numbers["西南"], geometry=as_json(tile(0, 0, 2.5, 2)))
    assert codes(preview) == ["overlap"]
    preview = step(preview, do="reshape", number=numbers["东南"], geometry=as_json(tile(2.5, 0, 1.5, 2)))
    assert preview.problems == []
    assert preview.counts["changed"] == 2
    before = {name: place.code for name, place in grids().items()}
    actions.publish_import(BY, preview.draft.id)
    assert {name: place.code for name, place in grids().items()} == before


def test_a_new_grid_finds_its_community_by_where_it_is_drawn():
    land = divisions()
    preview = actions.begin_drawing(BY, [land[C3].id, land["430212100009"].id])
    preview = step(preview, do="add", geometry=as_json(tile(5, 1)), name="新网格")
    assert preview.features[0].community_id == land["430212100009"].id


def test_removing_and_renaming():
    preview, numbers = drawing()
    preview = step(preview, do="rename", number=numbers["西南"], name="学堂路网格", local_code="A-1")
    preview = step(preview, do="remove", number=numbers["东北"])
    assert [place.name_zh for place in preview.retiring] == ["东北"]
    assert codes(preview) == ["uncovered"]
    actions.publish_import(BY, preview.draft.id, accept_warnings=True)
    assert set(grids()) == {"学堂路网格", "东南", "西北"}
    assert grids()["学堂路网格"].local_code == "A-1"


def test_micro_grids_of_a_split_grid_find_their_new_one():
    land = divisions()
    published(*four_tiles(), feature(tile(0, 0), community=C3, kind="micro", name="微一", parent="西南"))
    preview = actions.begin_drawing(BY, [land[C3].id])
    numbers = {f.name_zh: f.number for f in preview.features}
    x, y = middle(0.5, 0.5)
    preview = step(preview, do="split", number=numbers["西南"], line=line((x, y - STEP * 3), (x, y + STEP * 3)))
    assert preview.problems == []
    actions.publish_import(BY, preview.draft.id)
    micro = grids()["微一"]
    assert micro.parent.code == C3 + "005"
    assert micro.lineage[-2] == micro.parent_id


def test_a_crossing_outline_is_mended_only_on_a_persons_word():
    divisions()
    x, y = middle(0, 0)
    bow = {
        "type": "Polygon",
        "coordinates": [[[x, y], [x + STEP, y + STEP], [x + STEP, y], [x, y + STEP], [x, y]]],
    }
    preview = previewed(feature(bow, community=C3, name="蝴蝶"))
    assert "self_intersection" in codes(preview)
    before = bytes(preview.features[0].polygon)
    assert bytes(drafts.preview(preview.draft.id).features[0].polygon) == before
    preview = step(preview, do="mend", number=1)
    assert "self_intersection" not in codes(preview)


def test_two_people_on_one_draft_do_not_overwrite_each_other():
    preview, numbers = drawing()
    step(preview, do="rename", number=numbers["西南"], name="甲")
    with pytest.raises(Conflict):
        step(preview, do="rename", number=numbers["西南"], name="乙")


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        ({"do": "explode"}, Refused),
        ({"do": "remove", "number": 99}, NotFound),
        ({"do": "remove", "number": "1; drop"}, NotFound),
        ({"do": "remove", "number": None}, NotFound),
        ({"do": "split", "number": 1, "line": None}, Refused),
        ({"do": "split", "number": 1, "line": {"coordinates": [["x", 1], [2, 3]]}}, Refused),
        ({"do": "split", "number": 1, "line": {"coordinates": [[0, 0], [1, 1]]}}, Refused),
        ({"do": "merge", "numbers": [1]}, Refused),
        ({"do": "merge", "numbers": None}, Refused),
        ({"do": "add", "geometry": {"type": "Point", "coordinates": [1, 2]}}, Refused),
        ({"do": "reshape", "number": 1, "geometry": {"type": "Polygon", "coordinates": 3}}, Refused),
        ({"do": "rename", "number": 1, "name": "  "}, Refused),
        ({"do": "rename", "number": 1, "name": "长" * 101}, Refused),
        ({"do": "assign", "number": 1, "community_id": 999_999}, Refused),
    ],
)
def test_a_step_that_makes_no_sense_is_refused(operation, error):
    preview, _numbers = drawing()
    with pytest.raises(error):
        step(preview, **operation)
    assert drafts.preview(preview.draft.id).draft.version == 1


def test_grids_that_do_not_touch_cannot_be_merged():
    preview, numbers = drawing()
    with pytest.raises(Refused, match="不相邻"):
        step(preview, do="remove", number=numbers["东南"]) and step(
            drafts.preview(preview.draft.id), do="merge", numbers=[numbers["西南"], numbers["东北"]]
        )


def test_a_drawing_can_take_effect_later():
    preview, numbers = drawing()
    preview = step(preview, do="merge", numbers=[numbers["西南"], numbers["东南"]], name="南网格")
    later = atlas.today() + dt.timedelta(days=30)
    actions.publish_import(BY, preview.draft.id, effective_from=later)
    assert Place.objects.get(name_zh="南网格").valid_from == later
