"""Completes what Ninja draws: problems for every address, headers, security, examples."""

from __future__ import annotations

from typing import Any

from linli.doors.api.problems import MEDIA, PREFIX
from linli.doors.api.schemas import Problem
from linli.kernel.flow import say
from linli.rooms.cases.flow import FLOW, NOT_BY_HAND

_KINDS: dict[str, dict[str, Any]] = {
    "text": {"type": "string", "maxLength": 4000},
    "choice": {"type": "string"},
    "item": {"type": "string", "maxLength": 12},
    "bool": {"type": "boolean"},
    "place": {"type": "integer", "minimum": 1},
    "rule": {"type": "integer", "minimum": 1},
    "unit": {
        "anyOf": [
            {"type": "integer", "minimum": 1},
            {"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 20},
        ]
    },
    "photo": {"type": "array", "items": {"type": "string", "format": "uuid"}, "maxItems": 9},
}
_WORDS = {
    400: "The request cannot be read.",
    401: "No key and nobody signed in, or a key that is good for nothing.",
    403: "The key or the posts do not carry this duty here.",
    404: "No such thing, or none that you may know of.",
    405: "The address does not have this method.",
    409: "Somebody else was quicker.",
    412: "If-Match does not name the present version.",
    413: "Too large.",
    415: "Another content type is wanted.",
    422: "Fields are missing, unknown or wrong, or a rule of the house is against it.",
    429: "Too many requests.",
}
_EXAMPLE = {
    "type": "/api/v1/problems/LL-4041",
    "title": "没有找到",
    "status": 404,
    "detail": "没有找到",
    "instance": "/api/v1/cases/20261122-000017",
    "code": "LL-4041",
    "reason": "case.not_found",
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "Made by the client for each new request; the same key again gives the same answer for 24 hours.",
}
_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 60, "pattern": "^[!-~]+$"},
    "description": "The ETag of what was seen; another version by now is answered with 412.",
}
_FILES: dict[str, Any] = {
    "csv": {"text/csv": {"schema": {"type": "string"}}},
    "xlsx": {
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
            "schema": {"type": "string", "format": "binary"}
        }
    },
    "geojson": {"application/geo+json": {"schema": {"type": "object", "required": ["features", "watermark"]}}},
}
STEP_BODY: dict[str, Any] = {
    "requestBody": {
        "required": False,
        "description": "The fields of the step, as GET …/steps names them.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/StepIn"}}},
    }
}
REPORT_BODY: dict[str, Any] = {
    "requestBody": {
        "required": False,
        "description": "The fields of the step, as GET …/reports/{tracking_code} names them under `steps`.",
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/ReportStepIn"},
                "example": {"solved": "yes", "level": "5", "words": "很快就亮了"},
            }
        },
    }
}
PHOTO_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["photo"],
                    "properties": {"photo": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


def upload_body(name: str, words: str) -> dict[str, Any]:
    """A multipart body of one file."""
    schema = {"type": "object", "required": [name], "properties": {name: {"type": "string", "format": "binary"}}}
    return {
        "requestBody": {"required": True, "description": words, "content": {"multipart/form-data": {"schema": schema}}}
    }


def step_schema(title: str = "StepIn", *, reporter: bool = False) -> dict[str, Any]:
    """One object with every field that some step needs; which ones a step takes is in its description."""
    properties: dict[str, Any] = {}
    lines = []
    for step in FLOW.steps:
        if step.code in NOT_BY_HAND or (step.who == "reporter") is not reporter:
            continue
        for need in step.needs:
            kind = dict(_KINDS[need.kind])
            if need.choices:
                kind["enum"] = list(need.choices)
            if need.name in properties and properties[need.name] != kind:
                kind = {"anyOf": [properties[need.name], kind]}
            properties[need.name] = kind
        needs = ", ".join(f"{need.name}{'' if need.required else '?'}" for need in step.needs)
        lines.append(f"- `{step.code}` {say(step.label)}: {needs or '—'}")
    return {
        "title": title,
        "type": "object",
        "description": "The fields of a step (`?`: may be left out):\n" + "\n".join(lines),
        "properties": properties,
        "additionalProperties": False,
    }


def complete(document: Any) -> Any:
    """The whole document, with what Ninja cannot know."""
    schemas = document["components"]["schemas"]
    schemas["StepIn"] = step_schema()
    schemas["ReportStepIn"] = step_schema("ReportStepIn", reporter=True)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= {**problem.pop("$defs", {}), "Problem": problem}
    document["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "A key: `Authorization: Bearer linli_…`"},
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        "session": {"type": "apiKey", "in": "cookie", "name": "linli_session"},
    }
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            _operation(path, method, operation)
    return document


def _operation(path: str, method: str, operation: dict[str, Any]) -> None:
    known: list[dict[str, Any]] = [{"bearer": []}, {"key": []}, {"session": []}]
    operation["security"] = known
    if operation.pop("x-open", False):
        operation["security"] = [{}, *known] if path.startswith(f"{PREFIX}reports/") else []
    parameters = operation.setdefault("parameters", [])
    statuses = [400, 404, 413, 422]
    if operation["security"]:
        statuses += [401, 403, 429]
    if method == "post":
        parameters.append(_KEY)
    if method in ("post", "patch", "delete"):
        statuses += [409, 415]
    versioned = "/steps/" in path or "/reports/{" in path or path.endswith("/publish")
    if (method == "post" and versioned) or (method == "patch" and path.endswith("/items/{key}")):
        parameters.append(_MATCH)
        statuses.append(412)
    if path.endswith("/cases/{number}") and method == "get":
        etags = {"type": "string", "maxLength": 400}
        parameters.append(
            {
                "name": "If-None-Match",
                "in": "header",
                "required": False,
                "schema": etags,
                "description": "304 if the case is still the same.",
            }
        )
        operation["responses"][304] = {"description": "Not Modified"}
    for status, answer in operation["responses"].items():
        if int(status) < 300:
            answer["headers"] = _headers(path, method)
            if path.startswith(f"{PREFIX}cases."):
                answer["content"] = _FILES[path.rpartition(".")[2]]
            elif path.endswith("geojson"):
                answer["content"] = {"application/geo+json": answer["content"]["application/json"]}
    for status in sorted(statuses):
        operation["responses"][status] = {
            "description": _WORDS[status],
            "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": _EXAMPLE}},
        }


def _headers(path: str, method: str) -> dict[str, Any]:
    number = {"schema": {"type": "integer"}}
    found: dict[str, Any] = {
        "RateLimit-Limit": {**number, "description": "Requests a minute of this key."},
        "RateLimit-Remaining": {**number, "description": "What is left of them."},
        "RateLimit-Reset": {**number, "description": "Seconds until the next minute."},
    }
    if "/cases/{number}" in path or "/reports/{" in path:
        found["ETag"] = {"schema": {"type": "string"}, "description": "Version and sum of the case."}
    if method == "post":
        found["Idempotent-Replayed"] = {"schema": {"type": "string"}, "description": "`true`: given before."}
    return found
