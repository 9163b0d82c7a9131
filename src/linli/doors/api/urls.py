"""Addresses of the REST interface. Mounted at /api/v1/."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt

from linli.doors.api.door import Api, KeyOrSession, _Json, _Reader, around
from linli.doors.api.problems import problem
from linli.doors.api.views import about, cases, catalogue, grids, matters, places, posts, reports, steps, taking_out

DESCRIPTION = """Everything a person can do in Linli with grids, posts, the catalogue, cases and their steps.

Times are UTC with their zone, coordinates WGS-84 (lng, lat) unless `system` says otherwise. What goes wrong is a
problem (RFC 9457) with a number. Names come in the language of Accept-Language (zh, en)."""

api = Api(
    title="Linli",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    docs_url=None,
    openapi_url=None,
    auth=KeyOrSession(),
    renderer=_Json(),
    parser=_Reader(),
)
for router in (
    about.open_router, about.router, reports.own_router, reports.router, taking_out.router, cases.router, steps.router,
    places.router, posts.router, catalogue.router, matters.rules_router, grids.router,
):  # fmt: skip
    api.add_router("", router)


def document(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document, drawn once."""
    global _document
    if _document is None:
        import orjson

        _document = orjson.dumps(
            api.get_openapi_schema(path_prefix="/api/v1/"), default=str, option=orjson.OPT_NON_STR_KEYS
        )
    if request.method not in ("GET", "HEAD"):
        return problem(request, 405, "method", headers={"Allow": "GET, HEAD"})
    answer = HttpResponse(_document, content_type="application/json")
    answer["Cache-Control"] = "public, max-age=300"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


_document: bytes | None = None


@csrf_exempt
def unknown(request: HttpRequest) -> HttpResponse:
    """No address of the interface."""
    return problem(request, 404, "not_found")


_patterns, app_name, _namespace = api.urls
urlpatterns = [
    path("openapi.json", csrf_exempt(document), name="openapi"),
    *[
        around(cast(URLPattern, pattern), api)
        for pattern in _patterns
        if getattr(pattern, "name", "") not in ("api-root", "openapi-json", "openapi-view")
    ],
    re_path(r"^.*$", unknown, name="unknown"),
]
app_name = "api"
