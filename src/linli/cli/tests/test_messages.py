"""Collecting texts; and that every text of the house has its English."""

from __future__ import annotations

from pathlib import Path

import pytest

from linli.cli import messages
from linli.cli.messages import Message


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(messages, "PACKAGE", tmp_path)
    room = tmp_path / "room"
    (room / "templates" / "room").mkdir(parents=True)
    (room / "views.py").write_text(
        "from django.utils.translation import gettext as _, ngettext, pgettext\n"
        '_("上报" "问题")\n_(f"{x}")\nngettext("%(n)d 件", "%(n)d 件", n)\npgettext("月", "关")\nother("不是")\n'
    )
    (room / "templates" / "room" / "page.html").write_text(
        '{% load i18n %}<h1>{% translate "首页" %}</h1>\n'
        "{% blocktranslate with n=cases|length trimmed %}\n  共 {{ n }} 件\n{% endblocktranslate %}\n"
        '{% translate "关" context "门" %}{{ _("词") }}'
    )
    return room


def test_it_reads_python_and_templates(package: Path) -> None:
    assert set(messages.texts_in(package)) == {
        Message(None, "上报问题", None),
        Message(None, "%(n)d 件", "%(n)d 件"),
        Message("月", "关", None),
        Message(None, "首页", None),
        Message(None, "共 %(n)s 件", None),
        Message("门", "关", None),
        Message(None, "词", None),
    }


def test_updating_adds_keeps_and_drops(package: Path) -> None:
    assert messages.update(package) == (7, 0, 7)
    path = messages.po_file(package)
    path.write_text(path.read_text().replace('msgid "首页"\nmsgstr ""', 'msgid "首页"\nmsgstr "Home"'))
    (package / "views.py").write_text("")
    assert messages.update(package) == (0, 3, 3)
    assert 'msgstr "Home"' in path.read_text()
    before = path.read_text()
    messages.update(package)
    assert path.read_text() == before


def test_every_text_has_its_english() -> None:
    found = messages.complaints()
    assert not found, "\n".join([f"{len(found)} texts:", *found[:60]])
