"""Writing answers: the same data as XML (mandatory in GeoReport v2) or as JSON, byte for byte the same each time.

Data are plain values: dicts become elements in their order, lists a list of elements. In XML a list has a name
and so has each of its members (`services` holds `service`); in JSON a list stands bare.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from xml.etree import ElementTree

import orjson
from django.http import HttpResponse

from linli.kernel.clock.calendar import CIVIL

XML, JSON = "xml", "json"
TYPES = {XML: "text/xml; charset=utf-8", JSON: "application/json; charset=utf-8"}
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
# The member of each list; a list that is not here is a defect.
_MEMBER = {
    "services": "service",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "errors": "error",
}
# What XML 1.0 cannot hold, not even escaped: most controls, lone surrogates, the two last of the plane.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def written(root: str, data: Any, form: str) -> bytes:
    """The data in the form. `root` names the outermost element of XML; JSON has none."""
    return to_json(data) if form == JSON else to_xml(root, data)


def to_json(data: Any) -> bytes:
    """JSON in UTF-8; what UTF-8 cannot hold is dropped."""
    try:
        return orjson.dumps(data)
    except orjson.JSONEncodeError:
        return orjson.dumps(_encodable(data))


def _encodable(data: Any) -> Any:
    if isinstance(data, str):
        return data.encode("utf-8", "ignore").decode()
    if isinstance(data, dict):
        return {key: _encodable(value) for key, value in data.items()}
    return [_encodable(value) for value in data] if isinstance(data, list) else data


def to_xml(root: str, data: Any) -> bytes:
    """XML 1.0 in UTF-8 with its declaration. Every text is escaped; characters that XML cannot hold are dropped."""
    element = ElementTree.Element(root)
    _fill(element, root, data)
    text: bytes = ElementTree.tostring(element, encoding="utf-8")
    return _DECLARATION + text


def _fill(element: ElementTree.Element, name: str, data: Any) -> None:
    if isinstance(data, dict):
        for key, value in data.items():
            _fill(ElementTree.SubElement(element, key), key, value)
    elif isinstance(data, list):
        member = _MEMBER[name]
        for value in data:
            _fill(ElementTree.SubElement(element, member), member, value)
    elif data is not None:
        text = "true" if data is True else "false" if data is False else str(data)
        element.text = _ILLEGAL.sub("", text) if _ILLEGAL.search(text) else text


def response(root: str, data: Any, form: str, status: int = 200) -> HttpResponse:
    return HttpResponse(written(root, data, form), content_type=TYPES[form], status=status)


def refusal(status: int, words: str, form: str) -> HttpResponse:
    """An error as GeoReport v2 writes it: the code of HTTP and one sentence."""
    return response("errors", [{"code": status, "description": words}], form, status)


def moment(at: dt.datetime | None) -> str | None:
    """A moment as clients get it: ISO 8601 to the second, with the civil zone."""
    return at.astimezone(CIVIL).isoformat(timespec="seconds") if at else None
