"""A request as a client posts it, turned into the intake that every door uses."""

from __future__ import annotations

import hashlib
import re
import uuid
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from linli.doors.open311.reading import Call, Wrong
from linli.doors.open311.services_of import CONDITION, conditions, known_service
from linli.kernel.errors import Refused
from linli.kernel.identifiers import clean_text
from linli.rooms.cases.actions.given import PHOTOS_LIMIT, WORDS_LIMIT
from linli.rooms.cases.actions.intake import Intake, Receipt, repeated, report_problem
from linli.rooms.cases.actions.photos import keep_photo
from linli.rooms.cases.queries.whereabouts import building_of, place_of_address
from linli.rooms.catalogue.snapshot import ItemEntry, RuleEntry
from linli.rooms.people.rights import Viewer

_HAN = re.compile(r"[\u3400-\u9fff]")
_LONGEST_URL = 2000


def take_in(call: Call) -> Receipt:
    """Make a case of a posted request. Raises NotAllowed, NotFound (unknown service), Wrong, Refused, TooMany."""
    viewer = call.machine("case.report")
    item = known_service(call.need("service_code"))
    key = intake_key(call, viewer)
    found = repeated(key) if key else None
    if found is not None:
        return found
    rule = _condition(call, item)
    words = _words(call, item, rule)
    lng, lat, place_id, address = _where(call, viewer)
    name, phone, mail = _who(call)
    links = links_of(call)
    intake = Intake(
        key=key or uuid.uuid4().hex,
        key_is_new=not key,
        channel="api",
        words=words,
        lng=lng,
        lat=lat,
        place_id=place_id,
        address=address,
        item_key=item.key,
        photo_links=links,
        photos=_pictures(call, viewer, PHOTOS_LIMIT - len(links)),
        phone=phone,
        name=name,
        mail=mail,
        urgent=rule is not None and rule.limit.unit == "urgent_hours",
        occasion=viewer.name[:100],
    )
    return report_problem(intake, viewer=viewer)


def intake_key(call: Call, viewer: Viewer) -> str:
    """The key of the intake: the client's `Idempotency-Key` within its own account; "" when it sends none."""
    given = call.request.headers.get("Idempotency-Key", "").strip()
    if not given:
        return ""
    if len(given) > 255:
        raise Wrong(_("Idempotency-Key 最多 255 个字符。"))
    digest = hashlib.sha256(f"{viewer.account_id}\n{given}".encode()).hexdigest()
    return f"open311-{digest[:48]}"


def _condition(call: Call, item: ItemEntry) -> RuleEntry | None:
    """The filing rule the client chose with `attribute[condition]`; other attributes say nothing to us."""
    chosen = call.texts(f"attribute[{CONDITION}]") + call.texts(f"attribute[{CONDITION}][]")
    if not chosen:
        return None
    found = conditions(item).get(chosen[0])
    if found is None or len(set(chosen)) > 1:
        raise Wrong(_("attribute[condition] 须是该事项 values 中的一个 key。"))
    return found


def _words(call: Call, item: ItemEntry, rule: RuleEntry | None) -> str:
    """The description; the name of the service where there is none; the chosen condition after it, where it fits."""
    words = clean_text(call.text("description"), WORDS_LIMIT, "description") or item.name_zh
    if rule is not None:
        line = f"{words}\n【{rule.condition_zh}】"
        words = line if len(line) <= WORDS_LIMIT else words
    return words


def _where(call: Call, viewer: Viewer) -> tuple[str | None, str | None, int | None, str]:
    """Longitude, latitude, place, address. A point counts first, then a building, then the words of the address."""
    lat, lng = call.text("lat"), call.text("long")
    address = clean_text(call.text("address_string"), 200, "address_string", one_line=True)
    if lat or lng:
        if not (lat and lng):
            raise Wrong(_("lat 和 long 要一起给。"))
        return lng, lat, None, address
    if building := call.text("address_id"):
        place_id = building_of(building)
        if place_id is None:
            raise Wrong(_("没有 address_id 为“%(id)s”的楼栋。") % {"id": building[:40]})
        return None, None, place_id, address
    if address:
        within = next((post.place_id for post in viewer.posts if post.place_id), None)
        return None, None, place_of_address(address, within), address
    raise Wrong(_("缺少位置：请给 lat 和 long，或 address_string，或 address_id。"))


def _who(call: Call) -> tuple[str, str, str]:
    first, last = call.text("first_name"), call.text("last_name")
    name = f"{last}{first}" if _HAN.search(first + last) else f"{first} {last}".strip()
    mail = call.text("email")
    if mail:
        try:
            validate_email(mail)
        except ValidationError:
            raise Wrong(_("email 不是可用的邮箱地址。")) from None
    return clean_text(name, 64, "first_name", one_line=True), call.text("phone"), mail


def links_of(call: Call) -> list[str]:
    """Addresses of pictures. They are fetched later; what cannot be one at all is refused now."""
    found = list(dict.fromkeys(call.texts("media_url")))
    for url in found:
        try:
            parts = urlsplit(url)
            good = parts.scheme in ("http", "https") and bool(parts.hostname) and url.isascii()
        except ValueError:
            good = False
        if not good or len(url) > _LONGEST_URL:
            raise Wrong(_("media_url 须是 http 或 https 开头的地址，最长 2000 个字符。"))
    if len(found) > PHOTOS_LIMIT:
        raise Wrong(_("一次最多 9 张照片。"))
    return found


def _pictures(call: Call, viewer: Viewer, most: int) -> list[str]:
    """Pictures that came with the form (`media`, or any other field): taken in before the case is made."""
    files = [file for _name, some in call.request.FILES.lists() for file in some]
    if len(files) > most:
        raise Wrong(_("一次最多 9 张照片。"))
    taken = []
    for file in files:
        try:
            taken.append(str(keep_photo(file.read(), file.name or "", viewer=viewer).uid))
        except Refused as refused:
            refused.field = "media"
            raise
    return taken
