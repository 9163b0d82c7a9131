"""A small file that becomes a huge one is seen before it is unpacked."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from linli.kernel.text.packed import opens_to_a_bomb


def archive(size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * size)
    return out.getvalue()


def test_a_bomb_is_seen_and_a_sheet_is_not_one():
    assert opens_to_a_bomb(archive(2_000_000), most=1_000_000)
    assert not opens_to_a_bomb(archive(900_000), most=1_000_000)


def test_a_bomb_that_lies_about_its_size_is_seen():
    data = archive(2_000_000)
    assert opens_to_a_bomb(data.replace(struct.pack("<I", 2_000_000), struct.pack("<I", 100)), most=1_000_000)


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x03\x04 broken", "编号,名称\n".encode()])
def test_what_is_no_archive_is_left_to_its_reader(data):
    assert not opens_to_a_bomb(data)
