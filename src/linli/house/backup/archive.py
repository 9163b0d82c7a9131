"""Writing and reading the tar file of a backup: every member hashed, the manifest last, no half file ever."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import secrets
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any

MANIFEST = "manifest.json"
FORM = 1
"""The number of this layout; a reader refuses a higher one."""
_BLOCK = tarfile.BLOCKSIZE
_PIECE = 1024 * 1024


class BadArchive(ValueError):
    """The file is no backup, was cut off, or was changed; the text says which."""


class Writer:
    """A backup being written beside its place, as `.<name>.part` (mode 0600), and renamed when it is whole.

    Use it in `with`: on any error the part is removed, and a file that stood there before is untouched. Members
    are written as they come, also streams of unknown length: their header is filled in afterwards.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.members: dict[str, dict[str, Any]] = {}
        self._part = target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(3)}.part")
        handle = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(handle, "w+b", buffering=_PIECE)

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):  # what could not be written is not wanted any more
            self._file.close()
        self._part.unlink(missing_ok=True)

    def add(self, name: str, source: IO[bytes], *, modified: float = 0.0) -> None:
        """Append one member, read to its end. Raises OSError, ENOSPC above all."""
        start = self._file.tell()
        self._file.write(b"\0" * _BLOCK)
        digest, size = hashlib.sha256(), 0
        while piece := source.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            self._file.write(piece)
        self._file.write(b"\0" * (-size % _BLOCK))
        end = self._file.tell()
        self._file.seek(start)
        self._file.write(self._header(name, size, modified))
        self._file.seek(end)
        self.members[name] = {"size": size, "sha256": digest.hexdigest()}

    @staticmethod
    def _header(name: str, size: int, modified: float) -> bytes:
        member = tarfile.TarInfo(name)
        member.size, member.mtime, member.mode = size, int(modified), 0o600
        header = member.tobuf(tarfile.GNU_FORMAT)
        if len(header) != _BLOCK:
            raise BadArchive(f"the name of a file is too long for an archive: {name}")
        return header

    def finish(self, manifest: dict[str, Any]) -> None:
        """Write the manifest, bring everything to the disk, and put the file in its place."""
        whole = {"form": FORM, **manifest, "members": self.members}
        text = json.dumps(whole, ensure_ascii=False, indent=1).encode()
        self.add(MANIFEST, io.BytesIO(text), modified=0)
        self._file.write(b"\0" * (2 * _BLOCK))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.replace(self.target)
        folder = os.open(self.target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class Reader:
    """A backup that is there. Raises BadArchive when it is none, OSError when it cannot be read."""

    def __init__(self, path: Path) -> None:
        try:
            self._tar = tarfile.open(path, "r:")  # noqa: SIM115 (closed by __exit__)
            self._infos = {info.name: info for info in self._tar.getmembers()}
        except tarfile.TarError as error:
            raise BadArchive(f"{path} is no backup of Linli, or it was cut off ({error}).") from None
        if MANIFEST not in self._infos:
            self._tar.close()
            raise BadArchive(f"{path} has no manifest at its end: it is no backup of Linli, or it was cut off.")
        try:
            with self.open(MANIFEST) as file:
                self.manifest: dict[str, Any] = json.load(file)
            self.members: dict[str, dict[str, Any]] = self.manifest["members"]
            form = int(self.manifest["form"])
        except (ValueError, KeyError, TypeError):
            self._tar.close()
            raise BadArchive(f"the manifest in {path} cannot be read: the file was changed.") from None
        if form > FORM:
            self._tar.close()
            raise BadArchive(f"{path} has the layout {form}; this Linli knows {FORM}. Install a newer Linli.")

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._tar.close()

    def open(self, name: str) -> IO[bytes]:
        """The bytes of one member."""
        file = self._tar.extractfile(self._infos[name])
        assert file is not None
        return file

    def verify(self, progress: Callable[[int, int], None] = lambda done, total: None) -> None:
        """Read everything once and compare sizes and hashes with the manifest. Raises BadArchive."""
        extra = set(self._infos) - set(self.members) - {MANIFEST}
        missing = set(self.members) - set(self._infos)
        if extra or missing:
            name = min(extra or missing)
            raise BadArchive(f"the backup was changed: {name} {'was put in' if extra else 'is missing'}.")
        for name in self.members:
            if not _is_inside(name):
                raise BadArchive(f"the backup names a file outside of the home: {name}")
        done, total = 0, sum(member["size"] for member in self.members.values())
        for name, member in self.members.items():
            digest, size = hashlib.sha256(), 0
            with self.open(name) as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
                    size += len(piece)
            if (size, digest.hexdigest()) != (member["size"], member["sha256"]):
                raise BadArchive(f"the backup was changed or damaged: {name} is not what was written.")
            done += size
            progress(done, total)

    def below(self, folder: str) -> Iterator[str]:
        """Names of the members in a folder."""
        return (name for name in self.members if name.startswith(f"{folder}/"))

    def modified(self, name: str) -> float:
        """When the file was changed last, in seconds since 1970."""
        return float(self._infos[name].mtime)


def _is_inside(name: str) -> bool:
    parts = Path(name).parts
    return not name.startswith("/") and ".." not in parts and "\0" not in name
