"""The map's style for MapLibre: muted, in the colours of the tokens, words drawn with the browser's own
fonts.

There is no ``glyphs`` address on purpose: labels need no font server (see ``web/js/map.js``).
The layers and attributes of a vector base map are those of `base_layers`.
"""

from __future__ import annotations

from html import escape
from typing import Any

from linli.kernel.web.palette import palettes
from linli.kernel.web.tiles import Archive, Raster

Json = dict[str, Any]


def style(theme: str, archive: Archive | None, rasters: list[Raster], address: str, english: bool = False) -> Json:
    """A complete style. ``address``: where the archive is served; theme: light, dark, sun or night."""
    colour = palettes().get(theme) or palettes()["light"]
    made: Json = {
        "version": 8,
        "name": "Linli",
        "metadata": {"linli:base": "none"},
        "sources": {},
        "layers": [{"id": "land", "type": "background", "paint": {"background-color": colour["map-land"]}}],
    }
    if rasters:
        made["metadata"] = {"linli:base": "raster"}
        for number, raster in enumerate(rasters):
            name = f"raster-{number}"
            # MapLibre takes an attribution for HTML; whoever made the map wrote words.
            made["sources"][name] = {
                "type": "raster",
                "tiles": list(raster.tiles),
                "tileSize": 256,
                "maxzoom": raster.max_zoom,
                "attribution": escape(raster.attribution, quote=False),
            }
            # A dark page dims a light map instead of turning its colours round.
            dim = {"raster-brightness-max": 0.55, "raster-saturation": -0.4} if theme in {"dark", "night"} else {}
            made["layers"].append(
                {"id": name, "type": "raster", "source": name, "paint": {"raster-saturation": -0.35} | dim}
            )
    elif archive is not None:
        made["metadata"] = {"linli:base": "pmtiles", "linli:bounds": list(archive.bounds)}
        made["center"] = list(archive.centre[:2])
        made["zoom"] = archive.centre[2]
        made["sources"]["base"] = {
            "type": "vector" if archive.vector else "raster",
            "url": f"pmtiles://{address}",
            "attribution": escape(archive.attribution, quote=False),
        }
        if archive.vector:
            made["layers"] += _vector_layers(colour, english)
        else:
            made["layers"].append({"id": "raster-0", "type": "raster", "source": "base"})
    return made


def _layer(name: str, kind: str, source_layer: str, paint: Json, **more: Any) -> Json:
    return {"id": name, "type": kind, "source": "base", "source-layer": source_layer, "paint": paint, **more}


def _width(*stops: Any) -> list[Any]:
    return ["interpolate", ["exponential", 1.5], ["zoom"], *stops]


def _vector_layers(colour: dict[str, str], english: bool) -> list[Json]:
    green = ["park", "green", "forest", "plaza", "farmland"]
    built = ["residential", "commercial", "school", "civic", "hospital", "market", "station", "industrial"]
    name = (
        ["case", ["!=", ["coalesce", ["get", "name_en"], ""], ""], ["get", "name_en"], ["get", "name"]]
        if english
        else ["get", "name"]
    )
    halo = {"text-color": colour["map-words"], "text-halo-color": colour["map-land"], "text-halo-width": 1.25}
    kind = ["get", "kind"]
    return [
        _layer(
            "green",
            "fill",
            "landuse",
            {"fill-color": colour["map-green"]},
            filter=["in", kind, ["literal", green]],
        ),
        _layer(
            "built",
            "fill",
            "landuse",
            {"fill-color": colour["map-building"], "fill-opacity": 0.45},
            filter=["in", kind, ["literal", built]],
        ),
        _layer("water", "fill", "water", {"fill-color": colour["map-water"]}),
        _layer(
            "road-edge",
            "line",
            "roads",
            {
                "line-color": colour["map-edge"],
                "line-width": _width(
                    10,
                    ["match", kind, "main", 1.5, 0.25],
                    15,
                    ["match", kind, "main", 9, "street", 6.5, 3.5],
                    18,
                    ["match", kind, "main", 34, "street", 24, 12],
                ),
            },
            filter=["in", kind, ["literal", ["main", "street", "lane"]]],
            layout={"line-cap": "round", "line-join": "round"},
        ),
        _layer(
            "road",
            "line",
            "roads",
            {
                "line-color": colour["map-road"],
                "line-width": _width(
                    10,
                    ["match", kind, "main", 1, 0],
                    15,
                    ["match", kind, "main", 7, "street", 5, 2.25],
                    18,
                    ["match", kind, "main", 31, "street", 22, 10],
                ),
            },
            filter=["in", kind, ["literal", ["main", "street", "lane"]]],
            layout={"line-cap": "round", "line-join": "round"},
        ),
        _layer(
            "path",
            "line",
            "roads",
            {"line-color": colour["map-edge"], "line-width": 1.25, "line-dasharray": [2, 1.5]},
            filter=["==", kind, "path"],
            minzoom=14,
        ),
        _layer(
            "rail",
            "line",
            "roads",
            {"line-color": colour["map-edge"], "line-width": 2, "line-dasharray": [4, 2]},
            filter=["==", kind, "rail"],
        ),
        _layer(
            "building",
            "fill",
            "buildings",
            {"fill-color": colour["map-building"], "fill-outline-color": colour["map-edge"]},
            minzoom=14,
        ),
        _layer(
            "boundary",
            "line",
            "boundary",
            {
                "line-color": colour["map-words"],
                "line-opacity": 0.5,
                "line-width": 1,
                "line-dasharray": [4, 3],
            },
        ),
        _layer(
            "road-name",
            "symbol",
            "roads",
            halo,
            filter=[
                "all",
                ["in", kind, ["literal", ["main", "street"]]],
                ["!=", ["coalesce", ["get", "name"], ""], ""],
            ],
            minzoom=14,
            layout={"symbol-placement": "line", "text-field": name, "text-size": 11.5, "text-font": ["sans"]},
        ),
        _layer(
            "label",
            "symbol",
            "labels",
            halo,
            filter=["<=", ["get", "rank"], ["step", ["zoom"], 2, 11, 3, 13, 4, 14, 5, 15, 6]],
            layout={
                "text-field": name,
                "text-size": ["step", ["get", "rank"], 14, 3, 12.5, 5, 11.5],
                "text-font": ["sans"],
                "text-max-width": 8,
                "symbol-sort-key": ["get", "rank"],
            },
        ),
    ]
