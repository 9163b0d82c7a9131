"""Keeps an issue as it is issued: the page, the PDF, the workbook and the pictures, each with its hash."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

from linli.rooms.bulletins import paper
from linli.rooms.bulletins.models import Issue, Kept, KeptPicture
from linli.rooms.bulletins.page import page_of
from linli.rooms.bulletins.pictures import pictures_of


def keep_as_issued(issue: Issue, now: dt.datetime, address: str) -> Kept:
    """Write down what readers get from now on. Inside the transaction that issues it."""
    page, pictures = page_of(issue), pictures_of(issue)
    pdf, xlsx = paper.pdf(page, pictures, address), paper.xlsx(page)
    KeptPicture.objects.bulk_create(
        KeptPicture(issue=issue, name=name, data=data, sha256=sha256(data)) for name, data in pictures.items()
    )
    return Kept.objects.create(
        issue=issue,
        page=page,
        page_sha256=sha256(as_bytes(page)),
        pdf=pdf,
        pdf_sha256=sha256(pdf),
        xlsx=xlsx,
        xlsx_sha256=sha256(xlsx),
        at=now,
    )


def as_bytes(page: object) -> bytes:
    """A page as the bytes that its hash is of: the same whatever order the database gives the keys."""
    return json.dumps(page, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()
