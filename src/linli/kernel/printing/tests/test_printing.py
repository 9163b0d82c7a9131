"""Printing: what people wrote stays words, no character vanishes, the same data gives the same bytes."""

from __future__ import annotations

import io
import threading
from typing import Any

import pypdf
import pytest

from linli.kernel import printing
from linli.kernel.printing import making, typefaces, vendoring

PAPER: dict[str, Any] = {
    "house": "渌口区网格化治理办公室",
    "title": "半月通报",
    "number": "渌网通〔2026〕第22期",
    "date": "2026年11月16日",
    "day": "2026-11-16",
    "lines": ["2026年11月1日至15日"],
    "sources": ["数据来源：操作日志"],
    "qr": True,
    "qr_words": "扫码看本期",
    "page_words": "第 {page} 页，共 {pages} 页",
}
QR = {"qr.svg": printing.qr("https://linli.example/bulletins/1/")}


def specimen(words: str = "一切正常", rows: int = 2, **paper: Any) -> dict[str, Any]:
    return {
        "paper": PAPER | paper,
        "heading": "一、总体情况",
        "words": words,
        "figures": [{"label": "按期处置率", "value": "91%", "base": "264/290"}],
        "columns": [{"title": "单位", "width": 2}, {"title": "灯", "width": "auto"}, {"title": "件", "align": "right"}],
        "rows": [["区城市管理局", {"light": "overdue", "words": "超期 3 天"}, "12"]] * rows,
        "note": "基数：时限落在本期的事件。",
    }


def text_of(data: dict[str, Any]) -> str:
    reader = pypdf.PdfReader(io.BytesIO(printing.pdf("printing/specimen.typ", data, QR)))
    return "\n".join(page.extract_text() for page in reader.pages)


def test_a_page_has_its_head_its_table_and_its_number():
    text = text_of(specimen())
    for words in ("渌网通〔2026〕第22期", "半月通报", "区城市管理局", "■", "264/290", "数据来源", "扫码看本期"):
        assert words in text
    assert "第 1 页，共 1 页" in text.replace("\xa0", " ")


def test_long_tables_go_on_with_their_heading_on_the_next_page():
    reader = pypdf.PdfReader(io.BytesIO(printing.pdf("printing/specimen.typ", specimen(rows=80), QR)))
    assert len(reader.pages) >= 2
    assert all("单位" in page.extract_text() for page in reader.pages)


def test_the_same_data_gives_the_same_bytes_also_from_a_new_compiler(monkeypatch: pytest.MonkeyPatch):
    first = printing.pdf("printing/specimen.typ", specimen(), QR)
    printing.pdf("printing/specimen.typ", specimen("别的"), QR)
    assert printing.pdf("printing/specimen.typ", specimen(), QR) == first
    monkeypatch.setattr(making, "_compilers", {})
    assert printing.pdf("printing/specimen.typ", specimen(), QR) == first
    assert printing.pdf("printing/specimen.typ", specimen(day="2026-12-01"), QR) != first


def test_what_people_wrote_is_never_run():
    hostile = '#panic("x") #read("/etc/passwd") *bold* $x^2$ @somebody <mark> = 标题 \\u{41} `code` // 注 #{1+1} [a](b)'
    text = text_of(specimen(hostile))
    for words in ('#panic("x")', '#read("/etc/passwd")', "*bold*", "$x^2$", "@somebody", "<mark>", "\\u{41}", "#{1+1}"):
        assert words in text.replace("\n", " ")


def test_every_character_of_gb2312_is_covered():
    characters = vendoring.gb2312()
    assert len(characters) == 7445
    assert {character for character in characters if not typefaces.covers(character)} == set()
    assert typefaces.covers("●▲■✓‖〔〕①℃…— “镕堃喆赟翀淼犇槑陞昇曌” Åéß")


def test_rare_characters_are_printed_and_not_left_out():
    chosen = "".join(sorted(vendoring.gb2312() - set("　")))[::60]
    text = text_of(specimen(chosen))
    assert [character for character in chosen if character not in text] == []


def test_characters_nobody_has_are_printed_as_their_number(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(making.typefaces, "system_has", lambda code: False)
    assert "王〔U+3403〕先生〔U+30EDE〕" in text_of(specimen("王\u3403先生\U00030ede"))
    assert "坏〔U+D800〕字" in text_of(specimen("坏\ud800\x00\u200b字")).replace(" ", "")


def test_templates_with_mistakes_and_unknown_ones_say_so():
    with pytest.raises(printing.PrintingTrouble, match="no template"):
        printing.pdf("printing/nothing.typ", {})
    with pytest.raises(printing.PrintingTrouble, match="no app"):
        printing.pdf("nowhere/nothing.typ", {})
    with pytest.raises(printing.PrintingTrouble, match="specimen"):
        printing.pdf("printing/specimen.typ", {"paper": PAPER}, QR)


def test_several_threads_print_at_once():
    found: dict[int, bytes] = {}

    def make(number: int) -> None:
        found[number] = printing.pdf("printing/specimen.typ", specimen(f"第{number % 2}份"), QR)

    threads = [threading.Thread(target=make, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found.values())) == 2 and len(found) == 6


def test_pictures_are_those_of_this_call_and_lie_nowhere_afterwards():
    from PIL import Image

    def jpeg(colour: tuple[int, int, int]) -> bytes:
        out = io.BytesIO()
        Image.new("RGB", (64, 48), colour).save(out, "JPEG")
        return out.getvalue()

    made = []
    for colour in ((200, 30, 30), (30, 30, 200)):
        files = {**QR, "pictures/1.jpg": jpeg(colour)}
        made.append(printing.pdf("printing/specimen.typ", specimen() | {"picture": "pictures/1.jpg"}, files))
    images = [pypdf.PdfReader(io.BytesIO(pdf)).pages[0].images[0].image.getpixel((5, 5)) for pdf in made]
    assert [max(range(3), key=pixel.__getitem__) for pixel in images] == [0, 2]
    assert [path for path in typefaces.folder().iterdir() if path.name.startswith("page-")] == []
    with pytest.raises(printing.PrintingTrouble, match="cannot be called"):
        printing.pdf("printing/specimen.typ", specimen(), {"../x.jpg": b""})


def test_pages_can_be_looked_at():
    pages = printing.png("printing/specimen.typ", specimen(), QR, ppi=30)
    assert [page[:8] for page in pages] == [b"\x89PNG\r\n\x1a\n"]


def test_the_type_faces_are_those_of_the_lock():
    assert list(vendoring.differences()) == []
    assert sum(path.stat().st_size for path in typefaces.FONTS.iterdir()) < 4_300_000
