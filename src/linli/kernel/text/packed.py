"""Files that are archives inside (XLSX): how large they would become, before anything unpacks them."""

from __future__ import annotations

import io
import zipfile

MOST_UNPACKED = 400 * 1024 * 1024


def opens_to_a_bomb(data: bytes, most: int = MOST_UNPACKED) -> bool:
    """Whether an archive unpacks to more than `most` bytes, or says less of itself than is in it.

    What is no archive is no bomb. An archive whose parts do not match their checksums counts as one: its sizes
    cannot be believed.
    """
    if data[:2] != b"PK":
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > most:
                return True
            return packed.testzip() is not None
    except (zipfile.BadZipFile, zipfile.LargeZipFile):
        return False  # whoever reads it says what is wrong with it
    except Exception:  # encrypted, or packed in a way nobody can check
        return True
