"""Pictures named by an address are fetched by the worker, through the guarded way out and the usual intake."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from linli.kernel import clock, journal, outgoing
from linli.kernel.errors import Refused
from linli.rooms.cases.actions import photo_links
from linli.rooms.cases.actions.intake import report_problem
from linli.rooms.cases.models import Case, Photo, PhotoLink
from linli.rooms.cases.tests.fixtures import intake

URL = "https://pictures.example/a.jpg"


def jpeg() -> bytes:
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 90)).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def link(town, settings, tmp_path) -> PhotoLink:
    settings.MEDIA_ROOT = tmp_path
    report_problem(intake(photo_links=[URL]), viewer=town.viewer("nobody"))
    return PhotoLink.objects.get()


def answering(monkeypatch, *answers) -> list[str]:
    """Let the way out give these, one after the other: (status, body) or the reason it cannot be reached."""
    asked: list[str] = []
    waiting = list(answers)

    def get(url: str, *, size: int, **_more):
        asked.append(url)
        answer = waiting.pop(0)
        if isinstance(answer, str):
            raise outgoing.Unreachable(answer)
        return SimpleNamespace(status=answer[0], body=answer[1])

    monkeypatch.setattr(outgoing, "get", get)
    return asked


def test_a_report_waits_for_no_picture(link):
    assert link.again_at is not None and link.case.photo_count == 0


def test_the_picture_becomes_one_of_the_report(link, monkeypatch):
    asked = answering(monkeypatch, (200, jpeg()))
    version = link.case.version
    assert photo_links.fetch_due() == 1 and photo_links.fetch_due() == 0
    photo = Photo.objects.get()
    assert asked == [URL] and (photo.case_id, photo.report_id) == (link.case_id, link.report_id)
    case = Case.objects.get()
    assert (case.photo_count, case.version) == (1, version + 1)
    assert journal.models.Entry.objects.filter(action="case.photo_fetched", evidence=[str(photo.uid)]).count() == 1


@pytest.mark.parametrize("answer", ["forbidden", "address", "too_large", (404, b""), (302, b""), (200, b"<svg/>")])
def test_what_will_never_be_a_picture_is_tried_once_and_the_reason_kept(link, monkeypatch, answer):
    answering(monkeypatch, answer)
    photo_links.fetch_due()
    link.refresh_from_db()
    assert link.again_at is None and link.trouble and not Photo.objects.exists()


@pytest.mark.parametrize("answer", ["timeout", "connection", "name", (503, b""), (429, b"")])
def test_what_may_come_later_is_tried_again_with_growing_patience(link, monkeypatch, answer):
    answering(monkeypatch, *[answer] * 10)
    at = clock.now()
    for turn in range(1, photo_links.TRIES + 1):
        with clock.at(at):
            assert photo_links.fetch_due() == 1
            assert photo_links.fetch_due() == 0, "not again at once"
        link.refresh_from_db()
        assert link.tries == turn and link.trouble
        at += dt.timedelta(hours=1)
    assert link.again_at is None


def test_a_report_takes_nine_pictures_and_links_together(town):
    with pytest.raises(Refused):
        report_problem(intake(photo_links=[f"{URL}?{n}" for n in range(10)]), viewer=town.viewer("nobody"))
