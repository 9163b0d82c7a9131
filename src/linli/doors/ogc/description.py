"""The interface described in OpenAPI 3.0. Clients read the page size from `components.parameters.limit`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from linli.doors.ogc.answers import GEOJSON, JSON, OPENAPI, PROBLEM
from linli.doors.ogc.asked import CRS84, LIMIT, LIMIT_AT_MOST


def openapi(server: str) -> dict[str, Any]:
    """The document; server: the whole address of the landing page."""
    collection = {"$ref": "#/components/parameters/collectionId"}
    query = [{"$ref": f"#/components/parameters/{name}"} for name in ("limit", "bbox", "datetime", "cursor", "bboxCrs")]
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Linli OGC API - Features",
            "version": "1.0.0",
            "description": _("网格、楼栋与公开事件。带 read 范围的密钥时，事件为该密钥可见的事件。"),
        },
        "servers": [{"url": server}],
        "tags": [{"name": "capabilities"}, {"name": "data"}],
        "paths": {
            "/": _get("getLandingPage", _("入口"), "capabilities", JSON, "landingPage"),
            "/conformance": _get("getConformance", _("符合的标准"), "capabilities", JSON, "confClasses"),
            "/api": _get("getApi", _("本说明"), "capabilities", OPENAPI, ""),
            "/collections": _get("getCollections", _("要素集"), "capabilities", JSON, "collections"),
            "/collections/{collectionId}": _get(
                "describeCollection", _("一个要素集"), "capabilities", JSON, "collection", [collection]
            ),
            "/collections/{collectionId}/items": _get(
                "getFeatures", _("要素"), "data", GEOJSON, "featureCollection", [collection, *query]
            ),
            "/collections/{collectionId}/items/{featureId}": _get(
                "getFeature",
                _("一个要素"),
                "data",
                GEOJSON,
                "feature",
                [collection, {"$ref": "#/components/parameters/featureId"}],
            ),
        },
        "components": {
            "parameters": _parameters(),
            "schemas": _SCHEMAS,
            "responses": {
                "Exception": {
                    "description": _("请求有误，或没有找到。"),
                    "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/exception"}}},
                }
            },
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "keyAsPassword": {"type": "http", "scheme": "basic"},
            },
        },
        "security": [{}, {"key": []}, {"keyAsPassword": []}],
    }


def _get(
    name: str, words: str, tag: str, media: str, schema: str, parameters: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    body: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "object"}}
    said: dict[str, Any] = {
        "operationId": name,
        "summary": words,
        "tags": [tag],
        "parameters": [*(parameters or []), {"$ref": "#/components/parameters/f"}],
        "responses": {
            "200": {"description": words, "content": {media: body}},
            "304": {"description": _("与已有的一样（If-None-Match）。")},
            "default": {"$ref": "#/components/responses/Exception"},
        },
    }
    return {"get": said}


def _parameters() -> dict[str, Any]:
    def query(name: str, words: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"name": name, "in": "query", "required": False, "description": words, "schema": schema, **more}

    def step(name: str, words: str, schema: dict[str, Any]) -> dict[str, Any]:
        return {"name": name, "in": "path", "required": True, "description": words, "schema": schema}

    return {
        "collectionId": step("collectionId", _("要素集"), {"type": "string", "enum": ["grids", "buildings", "cases"]}),
        "featureId": step("featureId", _("要素的 id；事件是它的编号"), {"type": "string"}),
        "f": query("f", _("格式，只有 JSON"), {"type": "string", "enum": ["json", "geojson"]}),
        "limit": query(
            "limit",
            _("一页最多多少个"),
            {"type": "integer", "minimum": 1, "maximum": LIMIT_AT_MOST, "default": LIMIT},
        ),
        "bbox": query(
            "bbox",
            _("西,南,东,北（经度、纬度）；西大于东时跨过 180° 经线"),
            {
                "type": "array",
                "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
                "items": {"type": "number"},
            },
            style="form",
            explode=False,
        ),
        "bboxCrs": query("bbox-crs", _("只能是 CRS84"), {"type": "string", "enum": [CRS84]}),
        "datetime": query(
            "datetime",
            _("时刻、一天或一段时间，一端可写 ..；网格、楼栋按有效期，事件按上报时间"),
            {"type": "string"},
            style="form",
            explode=False,
        ),
        "cursor": query("cursor", _("“下一页”链接里的位置"), {"type": "string"}),
    }


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


_TEXT, _TEXTS = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
_LINKS = {"type": "array", "items": _ref("link")}
_SCHEMAS: dict[str, Any] = {
    "exception": _object(["code"], code=_TEXT, description=_TEXT, title=_TEXT, status={"type": "integer"}),
    "link": _object(["href"], href=_TEXT, rel=_TEXT, type=_TEXT, title=_TEXT),
    "landingPage": _object(["links"], title=_TEXT, description=_TEXT, links=_LINKS),
    "confClasses": _object(["conformsTo"], conformsTo=_TEXTS),
    "collections": _object(
        ["links", "collections"], links=_LINKS, collections={"type": "array", "items": _ref("collection")}
    ),
    "collection": _object(
        ["id", "links"],
        id=_TEXT,
        title=_TEXT,
        description=_TEXT,
        itemType=_TEXT,
        extent={"type": "object"},
        crs=_TEXTS,
        links=_LINKS,
    ),
    "featureCollection": _object(
        ["type", "features"],
        type={"type": "string", "enum": ["FeatureCollection"]},
        features={"type": "array", "items": _ref("feature")},
        links=_LINKS,
        timeStamp={"type": "string", "format": "date-time"},
        numberMatched={"type": "integer", "minimum": 0},
        numberReturned={"type": "integer", "minimum": 0},
    ),
    "feature": _object(
        ["type", "geometry", "properties"],
        type={"type": "string", "enum": ["Feature"]},
        geometry={"type": "object", "nullable": True},
        properties={"type": "object", "nullable": True},
        id={"oneOf": [{"type": "string"}, {"type": "integer"}]},
        links=_LINKS,
    ),
}
