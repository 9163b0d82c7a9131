"""Reading what a client sends: parameters, moments, keys, the form of the answer.

An empty parameter is an absent one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from linli.doors.open311.answers import JSON, XML
from linli.kernel import clock
from linli.kernel.errors import LinliError, NotAllowed, NotFound
from linli.rooms.people.keys import viewer_of_key
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas

LONGEST_SPAN = dt.timedelta(days=90)
_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data", ""}
# "…T00:00:00 08:00": a plus sign that nobody escaped in an address arrives as a blank.
_LOST_PLUS = re.compile(r"(T[\d:.]+) (\d\d:?\d\d)$")


class Wrong(LinliError):
    """The request cannot be understood (400)."""

    status = 400
    default_code = "open311.wrong"


@dataclass(slots=True)
class Call:
    """One request as the views read it."""

    request: HttpRequest
    form: str
    query: QueryDict
    posted: QueryDict
    jurisdiction: int | None = None
    _viewer: Viewer | None = field(default=None, init=False)

    def text(self, name: str) -> str:
        """A parameter, trimmed; of the form before the address. "" when absent or empty."""
        return (self.posted.get(name) or self.query.get(name) or "").strip()

    def texts(self, name: str) -> list[str]:
        """Every value of a parameter that may be repeated."""
        values = self.posted.getlist(name) or self.query.getlist(name)
        return [value.strip() for value in values if value.strip()]

    def need(self, name: str) -> str:
        """A required parameter. Raises Wrong."""
        found = self.text(name)
        if not found:
            raise Wrong(_("缺少参数 %(name)s。") % {"name": name})
        return found

    def listed(self, name: str, most: int = 1000) -> list[str]:
        """A parameter that is a list parted by commas. Raises Wrong for too many."""
        found = [word for value in self.texts(name) for word in (w.strip() for w in value.split(",")) if word]
        if len(found) > most:
            raise Wrong(_("%(name)s 一次最多 %(most)d 个。") % {"name": name, "most": most})
        return list(dict.fromkeys(found))

    def moment(self, name: str) -> dt.datetime | None:
        """A moment with its zone (ISO 8601). Raises Wrong."""
        text = _LOST_PLUS.sub(r"\1+\2", self.text(name))
        if not text:
            return None
        try:
            found = dt.datetime.fromisoformat(text)
            if found.tzinfo is None:
                raise ValueError("no zone")
            return found.astimezone(dt.UTC)
        except (ValueError, OverflowError):
            raise Wrong(
                _("%(name)s 须写成带时区的时间，例如 2026-11-01T00:00:00+08:00 或 2026-11-01T00:00:00Z。")
                % {"name": name}
            ) from None

    def span(self) -> tuple[dt.datetime, dt.datetime]:
        """`start_date` and `end_date`: at most ninety days; the last ninety when neither is given. Raises Wrong."""
        since, until = self.moment("start_date"), self.moment("end_date")
        try:
            if since is None:
                until = until or clock.now()
                since = until - LONGEST_SPAN
            elif until is None:
                until = min(since + LONGEST_SPAN, max(clock.now(), since))
        except OverflowError:
            raise Wrong(_("start_date 和 end_date 超出可用的年份。")) from None
        if since > until:
            raise Wrong(_("start_date 在 end_date 之后。"))
        if until - since > LONGEST_SPAN:
            raise Wrong(_("start_date 到 end_date 最多 90 天。"))
        return since, until

    def key(self) -> str:
        """The key that came along: parameter `api_key`, `Authorization: Bearer …` or `X-API-Key`."""
        bearer = self.request.headers.get("Authorization", "")
        scheme, _blank, secret = bearer.partition(" ")
        return (
            self.text("api_key")
            or (secret.strip() if scheme.lower() == "bearer" else "")
            or self.request.headers.get("X-API-Key", "").strip()
        )

    def machine(self, capability: str = "") -> Viewer:
        """The machine behind the key. Raises NotAllowed without one, with a wrong one, or one without the scope."""
        if self._viewer is None:
            self._viewer = viewer_of_key(self.key())
        if capability and not self._viewer.has(capability):
            raise NotAllowed(_("这个密钥没有这项权限。"), code="key.scope")
        return self._viewer

    def viewer(self) -> Viewer | None:
        """The machine behind the key, None for a call without one. A wrong key is refused, never overlooked."""
        return self.machine() if self.key() else None


def call_of(request: HttpRequest, form: str) -> Call:
    """Read a request. Raises Wrong for a body that is no form, NotFound for a foreign jurisdiction."""
    posted = QueryDict()
    if request.method == "POST":
        if request.content_type not in _FORMS:
            raise Wrong(_("请求正文须为表单（application/x-www-form-urlencoded 或 multipart/form-data）。"))
        posted = request.POST
    call = Call(request, form, request.GET, posted)
    call.jurisdiction = _jurisdiction(call.text("jurisdiction_id"))
    return call


def jurisdictions() -> Mapping[str, int]:
    """The names a district goes by: its division code of twelve digits, and the county's six."""
    districts = [facts for facts in atlas.current().places.values() if facts.kind == "district" and facts.code]
    return {code: facts.id for facts in districts for code in (facts.code[:6], facts.code)}


def _jurisdiction(name: str) -> int | None:
    if not name:
        return None
    known = jurisdictions()
    if name not in known:
        raise NotFound(_("这里没有 jurisdiction_id “%(name)s”。") % {"name": name[:40]}, code="open311.jurisdiction")
    return known[name]


def form_of(request: HttpRequest, extension: str = "") -> str:
    """XML or JSON: by the ending of the address, else by what the client says it accepts, else XML."""
    if extension:
        return extension
    if request.path_info.endswith((".json", ".xml")):
        return request.path_info.rsplit(".", 1)[1]
    preferred = request.get_preferred_type(["text/xml", "application/xml", "application/json"])
    return JSON if preferred == "application/json" else XML
