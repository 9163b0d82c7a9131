"""A tile service instead of a vector base map: what `<home>/maps/source.json` says, checked before it is written."""

from __future__ import annotations

import contextlib
import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from linli.kernel.errors import Refused
from linli.kernel.geo import System

Source = dict[str, Any]

_TIANDITU_KEY = re.compile(r"[0-9a-f]{32}")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_NEEDED = {"{z}", "{x}", "{y}"}
_SHIFTED_HOSTS = ("autonavi.com", "amap.com", "gtimg.com", "map.qq.com", "bdimg.com", "baidu.com", "bcebos.com")
_HOME_HOSTS = re.compile(r"localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[::1\]")


def tianditu(key: str) -> Source:
    """Tianditu's street map with its labels. Refused when the key is not one."""
    key = key.strip().lower()
    if not _TIANDITU_KEY.fullmatch(key):
        raise Refused(
            _("天地图的密钥是 32 位数字和字母（0–9、a–f）。请在天地图控制台里复制“浏览器端”应用的 tk。"),
            "basemap.tianditu_key",
            field="tianditu_key",
        )
    return {"kind": "tianditu", "key": key}


def xyz(addresses: list[str], attribution: str, *, max_zoom: int = 18, system: System = "wgs84") -> Source:
    """Any service of Web Mercator tiles in WGS-84. Refused with the reason when the map would not work."""
    if not attribution.strip():
        raise Refused(
            _("请用 --attribution 写明底图的版权，例如“© OpenStreetMap contributors”。它会显示在地图一角。"),
            "basemap.attribution",
            field="attribution",
        )
    if not 1 <= max_zoom <= 22:
        raise Refused(_("瓦片服务的最大级别在 1 到 22 之间。"), "basemap.max_zoom", field="max_zoom")
    if system not in ("wgs84", "cgcs2000"):
        raise _shifted()
    for address in addresses:
        _check_address(address)
    return {"kind": "xyz", "tiles": addresses, "attribution": attribution.strip()[:200], "max_zoom": max_zoom}


def _shifted() -> Refused:
    return Refused(
        _(
            "这种底图的坐标有偏移（GCJ-02 或 BD-09），邻里的网格和案件会错开几百米，所以不能用。"
            "请用天地图，或坐标为 WGS-84、CGCS2000 的瓦片服务。"
        ),
        "basemap.shifted",
        field="system",
    )


def _check_address(address: str) -> None:
    def refused(message: str, code: str) -> Refused:
        return Refused(message, f"basemap.{code}", field="xyz")

    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host or re.search(r"[\s;,'\"]", address):
        raise refused(
            _("“%(address)s”不是瓦片地址，应为 https://…/{z}/{x}/{y}.png 这样的模板。") % {"address": address[:200]},
            "address",
        )
    if parts.scheme == "http" and not _HOME_HOSTS.match(host):
        raise refused(
            _("瓦片地址要用 https。只有本机和内网地址可以用 http。"),
            "http",
        )
    if parts.username or parts.password:
        raise refused(_("瓦片地址里不能带用户名和密码：每个打开地图的人都看得到。"), "password")
    if _PLACEHOLDER.search(parts.netloc) or "{" in parts.netloc:
        raise refused(_("主机名里不能有 {…}。有几台主机就写几次 --xyz。"), "hosts")
    used = set(_PLACEHOLDER.findall(address))
    if missing := sorted(_NEEDED - used):
        raise refused(_("瓦片地址里缺少 %(missing)s。") % {"missing": " ".join(missing)}, "placeholders")
    if strange := sorted(used - _NEEDED - {"{ratio}"}):
        raise refused(
            _("瓦片地址里的 %(strange)s 没有意义，只用 {z}、{x}、{y}。") % {"strange": " ".join(strange)},
            "placeholders",
        )
    if any(host == shifted or host.endswith("." + shifted) for shifted in _SHIFTED_HOSTS):
        raise _shifted()


def save(folder: Path, source: Source) -> None:
    """Write `source.json` at once or not at all. Refused when the disk does not take it."""
    partial = folder / f".source.json.{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(source, ensure_ascii=False, indent=2) + "\n", "utf-8")
        os.replace(partial, folder / "source.json")
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise Refused(_("设置写不下去：%(reason)s。") % {"reason": error.strerror or error}, "basemap.disk") from error


def remove(folder: Path, name: str) -> bool:
    """Take away `source.json` or `base.pmtiles`; whether there was one."""
    try:
        (folder / name).unlink()
    except FileNotFoundError:
        return False
    return True
