"""The small views that belong to every door: choices of the browser, the map's files, the installable shell."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from linli.kernel.web import tiles
from linli.kernel.web.context import ELDER_COOKIE, THEME_COOKIE, THEMES
from linli.kernel.web.map_style import style
from linli.kernel.web.palette import GROUNDS

YEAR = 365 * 24 * 3600
_CHUNK = 256 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


def maps_folder() -> Path:
    """Where this home keeps its base map: ``LINLI_MAPS`` in the settings, else ``<home>/maps``."""
    chosen = getattr(settings, "MAPS_ROOT", None)
    return Path(chosen) if chosen else Path(settings.MEDIA_ROOT).parent / "maps"


def _back(request: HttpRequest) -> HttpResponseRedirect:
    wanted = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(wanted if allowed else "/")


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=YEAR,
        samesite="Lax",
        httponly=True,
        secure=bool(getattr(settings, "HTTPS", False)),
    )


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keeps the chosen colours in this browser."""
    chosen = request.POST.get("theme", "auto")
    response = HttpResponse(status=204) if request.headers.get("X-Quiet") else _back(request)
    _remember(response, THEME_COOKIE, chosen if chosen in THEMES else "auto")
    return response


@require_POST
def elder(request: HttpRequest) -> HttpResponse:
    """Switches elder mode (长辈版) in this browser."""
    response = _back(request)
    _remember(response, ELDER_COOKIE, "1" if request.POST.get("elder") == "1" else "0")
    return response


@require_safe
@cache_control(max_age=300, private=True)
def map_style(request: HttpRequest) -> JsonResponse:
    """The style for MapLibre in ``?theme=light|dark|sun|night``."""
    chosen = request.GET.get("theme", "light")
    folder = maps_folder()
    archive = tiles.archive(folder)
    address = f"/map/base.pmtiles?v={archive.version}" if archive else ""
    return JsonResponse(
        style(
            chosen if chosen in GROUNDS else "light",
            archive,
            tiles.raster_layers(folder),
            address,
            english=(get_language() or "").startswith("en"),
        )
    )


def _pieces(handle: int, start: int, length: int) -> Iterator[bytes]:
    try:
        while length > 0:
            piece = os.pread(handle, min(_CHUNK, length), start)
            if not piece:
                return
            start, length = start + len(piece), length - len(piece)
            yield piece
    finally:
        os.close(handle)


@require_safe
def base_map(request: HttpRequest) -> HttpResponseBase:
    """The PMTiles archive with HTTP Range: one range a request, 416 beyond its end, 304 for a known copy."""
    archive = tiles.archive(maps_folder())
    if archive is None:
        raise Http404(_("还没有底图。"))
    size = archive.path.stat().st_size
    etag = f'"{archive.version}"'
    headers = {"ETag": etag, "Accept-Ranges": "bytes", "Cache-Control": "public, max-age=86400"}
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers=headers)
    first, last, status = 0, size - 1, 200
    asked = _RANGE.match(request.headers.get("Range", ""))
    if asked and any(asked.groups()) and request.headers.get("If-Range", etag) == etag:
        if asked[1]:
            first, last = int(asked[1]), min(int(asked[2]) if asked[2] else size - 1, size - 1)
        else:
            first = max(size - int(asked[2]), 0)
        if first >= size or first > last:
            return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
        status = 206
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    length = last - first + 1
    headers["Content-Length"] = str(length)
    kind = "application/vnd.pmtiles"
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers, content_type=kind)
    handle = os.open(archive.path, os.O_RDONLY)
    if length <= _CHUNK:
        return HttpResponse(b"".join(_pieces(handle, first, length)), status=status, headers=headers, content_type=kind)
    return StreamingHttpResponse(_pieces(handle, first, length), status=status, headers=headers, content_type=kind)


@require_safe
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> JsonResponse:
    """Makes the field door installable."""
    icons = [
        {
            "src": static(f"web/icons/icon-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": "any",
        }
        for size in (192, 512)
    ]
    icons.append(
        {
            "src": static("web/icons/icon-maskable-512.png"),
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        }
    )
    return JsonResponse(
        {
            "id": "/field/",
            "name": _("邻里 · 网格"),
            "short_name": _("邻里"),
            "description": _("网格员的手机页面：今天要办的件，拍照处置，现场核查。"),
            "start_url": "/field/",
            "scope": "/field/",
            "display": "standalone",
            "background_color": "#F6F3EA",
            "theme_color": "#F6F3EA",
            "lang": "en" if (get_language() or "").startswith("en") else "zh-Hans",
            "icons": icons,
        },
        content_type="application/manifest+json",
        json_dumps_params={"ensure_ascii": False},
    )


SHELL = (
    "vendor/tabler/tabler.min.css",
    "web/tokens.css",
    "web/linli.css",
    "web/components.css",
    "web/js/app.js",
    "vendor/htmx/htmx.min.js",
    "vendor/tabler-icons/sprite.svg",
    "web/logo.svg",
)


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """Keeps the shell (styles, scripts, the page "no connection") and nothing that belongs to a person."""
    response = render(
        request,
        "web/service-worker.js",
        {"shell": [static(name) for name in SHELL], "release": static("web/tokens.css")},
        content_type="text/javascript",
    )
    response["Service-Worker-Allowed"] = "/field/"
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The page that stands in when a field page cannot be fetched. Holds no data."""
    return render(request, "web/offline.html")


@require_safe
def favicon(request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(static("web/icons/icon-192.png"))
