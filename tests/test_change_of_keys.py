"""A new key for sealed columns: everything is sealed anew in steps, nothing is lost on the way, and all is found."""

from __future__ import annotations

import os
import re
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import BinaryField

from linli.kernel import seal
from linli.kernel.authority import SystemAuthority
from linli.kernel.journal.models import Entry
from linli.kernel.seal import rotation
from linli.rooms.cases.models import Report
from linli.rooms.webhooks import actions as webhooks
from linli.rooms.webhooks.models import Endpoint
from tests import canary

# Columns of bytes that hold no sealed text, and why.
OTHER = {
    "phone_index": "a blind index", "secret_hash": "a hash", "old_hash": "a hash", "request_hash": "a hash",
    "body": "a message or an answer", "mac": "of the journal", "digest": "of the journal", "geometry": "a border",
    "who": "a blind index",
}  # fmt: skip


def test_every_sealed_column_is_declared():
    declared = {column.name for column in rotation.sealed_columns()}
    missing = [
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        if model.__module__.startswith("linli.")
        for field in model._meta.fields
        if isinstance(field, BinaryField) and re.search("seal|secret|settings", field.column)
        if field.column not in OTHER and f"{model._meta.db_table}.{field.column}" not in declared
    ]
    assert missing == []


@pytest.fixture
def new_key(settings) -> int:
    old = dict(settings.LINLI_SEAL_KEYS)
    newest = max(old) + 1
    settings.LINLI_SEAL_KEYS = {**old, newest: os.urandom(32)}
    return newest


def test_all_is_sealed_anew_and_opens_and_is_found_by_number(world: SimpleNamespace, new_key: int, capsys):
    endpoint, _secret = webhooks.create_endpoint(SystemAuthority(), url="https://1.1.1.1/")
    Endpoint.objects.filter(pk=endpoint.pk).update(old_secret=None)
    rotation.renew(rotation._columns["cases_report.phone_sealed"], at_once=2)  # cut off in the middle, and gone on
    before = {column.name: rotation.waiting(column) for column in rotation.sealed_columns()}
    assert before["cases_report.phone_sealed"] == 0 and before["cases_report.name_sealed"] > 5
    assert before["people_account.phone_sealed"] and before["notices_address.sealed"]
    call_command("seal", "rotate")
    assert {rotation.waiting(column) for column in rotation.sealed_columns()} == {0}
    report = Report.objects.get(pk=world.report.pk)
    assert seal.key_version(report.phone_sealed) == new_key
    assert seal.decrypt(report.phone_sealed, f"cases_report:phone:{report.uid}") == canary.REPORTER_PHONE
    assert report.phone_index == seal.blind_index(canary.REPORTER_PHONE, "phone")
    entry = Entry.objects.filter(action="seal.renewed").latest("pk")
    assert entry.after["cases_report.name_sealed"] == before["cases_report.name_sealed"]
    call_command("seal", "rotate", "--dry-run")
    assert re.search(r"cases_report.phone_sealed +0 to do", capsys.readouterr().out)
    # the world stands under the old key again for the tests after this one
    Report.objects.all().update(name_sealed=None, phone_sealed=None, mail_sealed=None)
