"""Checks of how the house is run: backups, what machines have in common, who is believed, what piles up."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings

from linli.house import proxies, shared
from linli.house.backup.last import NOTE
from linli.house.checks.registry import Finding, Level, check
from linli.house.home import Home
from linli.house.models import Note
from linli.kernel.journal.queries import waiting_for_seal
from linli.kernel.outbox import queries as outbox

OLDEST_BACKUP = timedelta(hours=50)  # a night may be missed, two may not
SHORTEST_TOKEN = 16
LONGEST_WAIT = timedelta(minutes=10)
MOST_UNSEALED = 2000


@check("backup", needs="tables")
def backup() -> Iterator[Finding]:
    if settings.DEMO:
        return
    note = Note.objects.filter(pk=NOTE).first()
    if note is None:
        yield Finding(
            "This house has never been backed up.",
            "`./linli backup --to FOLDER` every night, for instance by linli-backup.timer; try a restore, too.",
            Level.WARNING,
        )
    elif datetime.now(UTC) - note.written > OLDEST_BACKUP:
        yield Finding(
            f"The last backup is of {note.written:%Y-%m-%d %H:%M} UTC.",
            "See why the timer does not run: systemctl status linli-backup.timer linli-backup.service",
        )


@check("shared keys", needs="tables")
def shared_keys() -> Iterator[Finding]:
    found = shared.agreement(Home.current())
    if not found.keys:
        names = ", ".join(found.missing + found.others)
        yield Finding(
            f"The keys here are not those of this house: {names}.",
            f"Copy {Home.current().secrets} from the first machine (`./linli keys list` compares), then restart.",
        )


@check("shared files", needs="tables")
def shared_files() -> Iterator[Finding]:
    home = Home.current()
    if not shared.agreement(home).files:
        yield Finding(
            f"{home.files} is not the folder of pictures of this house.",
            "Mount the folder `files` of the first machine there (NFS or the like), so that all see all pictures.",
        )


@check("secret settings")
def secret_settings() -> Iterator[Finding]:
    path = Home.current().secrets / "oidc.json"
    if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Finding(f"Others on this machine may read {path}.", f"chmod 600 {path}")
    if settings.LINLI_METRICS_TOKEN and len(settings.LINLI_METRICS_TOKEN) < SHORTEST_TOKEN:
        yield Finding(
            f"LINLI_METRICS_TOKEN has fewer than {SHORTEST_TOKEN} characters.",
            "Make one with `openssl rand -hex 24`.",
            Level.WARNING,
        )


@check("proxy")
def proxy() -> Iterator[Finding]:
    try:
        trusted = proxies.networks(settings.LINLI_PROXIES)
    except ValueError as error:
        yield Finding(
            f"LINLI_PROXIES: {error}.", "List addresses or networks, for instance LINLI_PROXIES=127.0.0.1,10.0.0.0/24."
        )
        return
    if settings.HTTPS and not trusted:
        yield Finding(
            "LINLI_HTTPS is set, but no proxy is trusted: every page is redirected to itself.",
            "Set LINLI_PROXIES to the address of the web server before Linli.",
        )
    if any(network.prefixlen == 0 for network in trusted):
        yield Finding(
            "LINLI_PROXIES trusts everybody: anybody can invent the address a request comes from.",
            "List only the web servers before Linli.",
        )
    if trusted and not settings.HTTPS:
        yield Finding(
            "LINLI_PROXIES is set, but LINLI_HTTPS is not: X-Forwarded-Proto is not used.",
            "Set LINLI_HTTPS=1 if people come by https.",
            Level.WARNING,
        )


@check("identity provider")
def identity_provider() -> Iterator[Finding]:
    for wrong, mend in settings.LINLI_OIDC.troubles():
        yield Finding(wrong, mend)
    if settings.LINLI_OIDC.in_use:
        yield from _discovery()


def _discovery() -> Iterator[Finding]:
    """Ask the provider for its own description, as the first sign-in would."""
    import requests

    issuer = settings.LINLI_OIDC.issuer.rstrip("/")
    try:
        answer = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=5)
        answer.raise_for_status()
        found = answer.json()
    except (requests.RequestException, ValueError) as error:
        yield Finding(
            f"The identity provider {urlsplit(issuer).netloc} does not answer: {type(error).__name__}.",
            "Check LINLI_OIDC_ISSUER and the way from this machine to it (firewall, name, certificate).",
        )
        return
    if str(found.get("issuer", "")).rstrip("/") != issuer:
        yield Finding(
            f"The identity provider calls itself {found.get('issuer')}.",
            "Set LINLI_OIDC_ISSUER to exactly this, if it is the right one.",
        )


@check("logs")
def logs() -> Iterator[Finding]:
    chosen = os.environ.get("LINLI_LOG", "line")
    if chosen not in {"line", "json"}:
        yield Finding(f"LINLI_LOG={chosen} means nothing.", "Set it to `line` or `json`.", Level.WARNING)


@check("deliveries", needs="tables")
def deliveries() -> Iterator[Finding]:
    found = outbox.summary()
    if found.dead:
        yield Finding(
            f"{found.dead} deliveries were given up.",
            "See them under Administration → Operations: mend the cause, then repeat them there.",
            Level.WARNING,
        )
    if found.waiting and found.waiting > LONGEST_WAIT:
        minutes = int(found.waiting.total_seconds() // 60)
        yield Finding(
            f"The oldest event has been waiting for {minutes} minutes.",
            "See whether a worker runs and what its log says; more workers: linli-worker@.service.",
        )
    for name in found.unknown_subscribers:
        yield Finding(
            f"Events wait for {name}, which this release does not know.",
            "Workers of an older release are still needed, or an upgrade was not finished on every machine.",
            Level.WARNING,
        )


@check("journal", needs="tables")
def journal() -> Iterator[Finding]:
    waiting = waiting_for_seal()
    if waiting > MOST_UNSEALED:
        yield Finding(
            f"{waiting} entries of the journal wait for their seal.",
            "Start a worker; if one runs, see `regular work`. `./linli journal seal` does it by hand.",
        )


@check("base map")
def base_map() -> Iterator[Finding]:
    folder = settings.MAPS_ROOT
    if not folder.is_dir() or not any(folder.iterdir()):
        yield Finding(
            "There is no base map: the map shows grids on an empty ground.",
            "`./linli import basemap` with an OpenStreetMap extract, a Tianditu key or a tile service.",
            Level.WARNING,
        )
