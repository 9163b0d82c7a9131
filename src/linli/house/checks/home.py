"""Checks of the home folder and the settings."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator

from django.conf import settings
from django.core import checks as django_checks

from linli.house.checks.registry import Finding, Level, check
from linli.house.home import Home
from linli.kernel.rates import read_limits

MB = 1024 * 1024


@check("disk")
def disk() -> Iterator[Finding]:
    for folder in {str(Home.current().folder), tempfile.gettempdir()}:
        free = shutil.disk_usage(folder).free // MB
        if free < 1000:
            yield Finding(
                f"Only {free} MB are free where {folder} is.",
                "Free some room or move the home folder to a larger disk; photos and the database grow.",
                Level.ERROR if free < 300 else Level.WARNING,
            )


@check("secrets")
def secrets() -> Iterator[Finding]:
    home = Home.current()
    for name, mend in {
        "secret_key": "Restore it from your backup; without it everybody has to sign in again.",
        "seal_keys.json": "Restore it from your backup: without it sealed telephone numbers cannot be read.",
        "journal_key": "Restore it from your backup: without it the journal's seals cannot be verified.",
    }.items():
        path = home.secrets / name
        if not path.exists():
            yield Finding(f"The key {path} is missing.", mend)
            continue
        found = path.stat()
        if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield Finding(f"Others on this machine may read {path}.", f"chmod 600 {path}")
        if found.st_uid != os.geteuid():
            yield Finding(f"{path} belongs to another user.", f"chown it to the user Linli runs as: {path}")


@check("files")
def files() -> Iterator[Finding]:
    folder = Home.current().files
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Finding(f"Photos cannot be saved: {folder} is not writable.", "Give it to the user Linli runs as.")
        return
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"linli")
    except OSError as error:
        yield Finding(f"Photos cannot be saved in {folder}: {error.strerror}.", "Check the disk.")


@check("settings")
def configured() -> Iterator[Finding]:
    if settings.DEBUG:
        yield Finding(
            "LINLI_DEBUG is on: error pages show the inside of the house.", "Unset LINLI_DEBUG and restart."
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Finding(
            "LINLI_HOSTS=* accepts every host name.",
            "Set LINLI_HOSTS to the names this house is reached by, separated by commas.",
            Level.WARNING,
        )
    try:
        if read_limits(settings.LINLI_LIMITS) is None and not settings.DEMO:
            yield Finding(
                "LINLI_LIMITS=off: nothing stops a flood of reports or guessed passwords.",
                "Unset LINLI_LIMITS, or raise single limits.",
                Level.WARNING,
            )
    except ValueError as error:
        yield Finding(f"LINLI_LIMITS cannot be read, the defaults hold: {error}.", "Correct it and restart.")
    public = set(settings.ALLOWED_HOSTS) - {"127.0.0.1", "localhost", "[::1]"}
    if not public and not settings.DEMO:
        yield Finding(
            "Linli answers only to this machine's own names.",
            "Set LINLI_HOSTS to the name people will type, for instance LINLI_HOSTS=linli.example.cn.",
            Level.WARNING,
        )
    if public and not settings.HTTPS:
        yield Finding(
            "LINLI_HTTPS is not set: passwords cross the network in the clear, and browsers give neither "
            "camera nor location to pages without a certificate.",
            "Put a web server with a certificate in front and set LINLI_HTTPS=1.",
            Level.WARNING,
        )


@check("code")
def code() -> Iterator[Finding]:
    """Django's own system checks."""
    for message in django_checks.run_checks(include_deployment_checks=False):
        if message.is_silenced() or message.level < django_checks.WARNING:
            continue
        level = Level.ERROR if message.level >= django_checks.ERROR else Level.WARNING
        yield Finding(f"{message.id}: {message.msg}", message.hint or "Report this as a defect of Linli.", level)
