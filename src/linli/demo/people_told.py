"""Who works in the town, told through the actions of `people`: units, accounts, posts, the matrix."""

from __future__ import annotations

import datetime as dt

from linli.demo import units as rows
from linli.demo.staffing import SHOWCASE, Staffing, password
from linli.demo.town import Town
from linli.kernel import clock
from linli.kernel.authority import SystemAuthority
from linli.rooms.people import actions
from linli.rooms.people.models import Account
from linli.rooms.people.rights import Viewer, viewer_of


def found_units(by: SystemAuthority, staffing: Staffing, places: dict[str, int], since: dt.date) -> dict[str, int]:
    """The 101 units; returns their ids by key."""
    return {
        row.key: actions.create_unit(
            by,
            code=row.code,
            name_zh=row.name_zh,
            name_en=row.name_en,
            kind=row.kind,
            credit_code=row.credit_code,
            place_id=places[row.place_code],
            phone=row.phone,
            valid_from=since,
        ).pk
        for row in staffing.units
    }


def settle_people(
    by: SystemAuthority,
    staffing: Staffing,
    places: dict[str, int],
    units: dict[str, int],
    since: dt.date,
    *,
    seed: int,
    home: str,
) -> dict[str, int]:
    """Accounts and posts of everybody; returns the ids of the accounts by username."""
    ids = actions.bring_in(
        by,
        [
            actions.NewPerson(
                person.username,
                person.name,
                person.kind,
                person.admin_role,
                person.phone,
                password(person.username, seed, home) if person.showcase else "",
            )
            for person in staffing.people
        ],
    )
    actions.appoint_many(
        by,
        [
            actions.NewPost(
                post.kind,
                ids[post.username],
                places[post.place_key] if post.place_key else None,
                units[post.unit_key] if post.unit_key else None,
                post.phone,
            )
            for post in staffing.posts
        ],
        valid_from=since,
    )
    known = {person.username for person in staffing.people}
    actions.offer_to_visitors(
        by,
        [
            {
                "account_id": ids[shown.username],
                "role": shown.role,
                "label_zh": shown.label_zh,
                "label_en": shown.label_en,
                "sort": number,
                "password": password(shown.username, seed, home),
            }
            for number, shown in enumerate(SHOWCASE)
            if shown.username in known
        ],
    )
    return ids


def set_matrix(by: SystemAuthority, town: Town, places: dict[str, int], units: dict[str, int]) -> None:
    """The responsibility matrix, drafted and put in force."""
    draft = actions.draft_matrix(by, note="渌口区责任清单")
    actions.add_rules(
        by,
        draft.pk,
        [
            actions.RuleWords(
                matter=row.matter,
                place_id=places[row.place_key],
                unit_id=units[row.unit_key],
                from_time=dt.time.fromisoformat(row.from_time) if row.from_time else None,
                to_time=dt.time.fromisoformat(row.to_time) if row.to_time else None,
                note=row.note,
            )
            for row in rows.matrix(town)
        ],
    )
    actions.activate_matrix(by, draft.pk)


class Cast:
    """The people as actors: viewers by username, and who may take which part."""

    def __init__(self, staffing: Staffing, ids: dict[str, int], moment: dt.datetime) -> None:
        self.staffing, self.ids = staffing, ids
        self._moment = moment
        self._viewers: dict[str, Viewer] = {}
        self._by_kind: dict[tuple[str, str], list[str]] = {}
        for post in staffing.posts:
            for key in {post.place_key, post.unit_key, ""}:
                self._by_kind.setdefault((post.kind, key), []).append(post.username)
        self.residents = [person.username for person in staffing.people if person.kind == "resident"]

    def viewer(self, username: str) -> Viewer:
        """The viewer of an account; "" is nobody. Posts do not change while the town's story is told."""
        if not username:
            return Viewer()
        found = self._viewers.get(username)
        if found is None:
            with clock.at(self._moment):
                found = self._viewers[username] = viewer_of(Account.objects.get(pk=self.ids[username]))
        return found

    def holders(self, kind: str, key: str = "") -> list[str]:
        """Who holds a kind of post for a place or unit of this key; anywhere without one."""
        return self._by_kind.get((kind, key), [])
