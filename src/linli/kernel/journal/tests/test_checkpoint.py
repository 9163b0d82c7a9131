"""A checkpoint kept outside finds what the chain alone cannot: an end cut off, a past written anew."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management import call_command

from linli.kernel import clock
from linli.kernel.journal import checkpoint, jobs, keeping, verify
from linli.kernel.journal.models import Batch, Entry
from linli.kernel.outbox.models import OutboxEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(write, home) -> list[int]:
    """Three sealed batches of three entries."""
    ids: list[int] = []
    for _ in range(3):
        ids += write(3)
        jobs.seal()
    return ids


@pytest.fixture
def kept(chain, tmp_path, home) -> str:
    """The checkpoint outside; the one in the home folder is lost, as whoever cuts the journal would see to."""
    file = tmp_path / "outside" / "one.checkpoint"
    file.parent.mkdir()
    assert verify.print_checkpoint(str(file)) == 0
    (home / "journal.checkpoint").unlink(missing_ok=True)
    return str(file)


def found(kept: str) -> list[tuple]:
    extra = checkpoint.parse(Path(kept).read_text())
    return [(fault.kind, fault.entry_id, fault.batch) for fault in verify.verify([extra]).faults]


def cut_off(tamper, chain, batch: int) -> None:
    tamper(
        f"DELETE FROM journal_batch WHERE number >= {batch}",
        f"DELETE FROM journal_entry WHERE id >= {chain[3 * (batch - 1)]}",
        "DELETE FROM journal_unsealed",
    )


def test_an_untouched_journal_fits_its_checkpoint_also_when_it_has_grown(chain, kept, write):
    assert found(kept) == []
    write(2)
    jobs.seal()
    assert found(kept) == []
    assert verify.main(checkpoint=[kept]) == 0


def test_a_clean_cut_is_invisible_to_the_chain_and_found_by_the_checkpoint(chain, kept, tamper, capsys):
    cut_off(tamper, chain, 3)
    assert verify.verify().sound
    checkpoint.path().unlink(missing_ok=True)
    assert found(kept) == [("cut", None, 3)]
    assert verify.main(checkpoint=[kept]) == 1
    assert "ends with batch 2; it had come to 3, 3 more sealed entries" in capsys.readouterr().out


def test_an_end_that_was_cut_and_grown_over_is_found(chain, kept, tamper, write):
    cut_off(tamper, chain, 2)
    for _ in range(4):
        write(3)
        jobs.seal()
    assert verify.verify().sound
    assert found(kept) == [("batch", None, 3)]


def test_several_checkpoints_narrow_down_where_the_past_was_written_anew(chain, kept, tamper, write, tmp_path, capsys):
    (second := Path(kept).with_name("two.checkpoint")).write_text("")
    batch = Batch.objects.get(number=1)
    first = checkpoint.Checkpoint.of(1, bytes(batch.digest), batch.total, batch.sealed_at)
    keeping.write(first, second)
    cut_off(tamper, chain, 2)
    for _ in range(4):
        write(3)
        jobs.seal()
    checkpoint.path().unlink(missing_ok=True)
    assert verify.main(checkpoint=[str(second)]) == 0
    assert verify.main(checkpoint=[str(second.parent)]) == 1
    out = capsys.readouterr().out
    assert "batch 3 is not the batch that the checkpoint saw" in out
    assert "batch 1 is not" not in out


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE journal_entry SET words = 'x' WHERE id = {}", "changed"),
        ("DELETE FROM journal_entry WHERE id = {}", "deleted"),
    ],
)
def test_the_chain_itself_still_names_the_row(chain, kept, tamper, statement, kind):
    tamper(statement.format(chain[4]))
    assert found(kept) == [(kind, chain[4], 2)]


def test_a_row_slipped_in_is_named(chain, kept, tamper):
    tamper(
        "INSERT INTO journal_entry (uid, at, actor_kind, actor_name, post_name, action, object_type, object_id,"
        " words, note, evidence, place_ids, mac) SELECT gen_random_uuid(), at, actor_kind, actor_name, post_name,"
        " action, object_type, object_id, words, note, evidence, place_ids, mac FROM journal_entry"
        f" WHERE id = {chain[0]}"
    )
    assert found(kept) == [("inserted", Entry.objects.latest("id").id, None)]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("total", 8, "was changed"),
        ("number", 2, "was changed"),
        ("digest", "00" * 32, "was changed"),
        ("sealed_at", "2020-01-01T00:00:00+00:00", "was changed"),
        ("signature", "AAAA", "was changed"),
        ("key", "A" * 43 + "=", "another house"),
        ("total", "9", "not a checkpoint"),
        ("number", True, "not a checkpoint"),
        ("signature", "!", "not a checkpoint"),
        ("more", 1, "not a checkpoint"),
    ],
)
def test_a_changed_checkpoint_is_refused(kept, field, value, words, capsys):
    line = json.loads(Path(kept).read_text())
    Path(kept).write_text(json.dumps({**line, field: value}))
    assert verify.main(checkpoint=[kept]) == 2
    assert words in capsys.readouterr().err


def test_a_checkpoint_from_before_signatures_is_still_good_and_replaced_by_the_next(chain, home, settings, write):
    batch = Batch.objects.get(number=3)
    fields = {"number": 3, "digest": bytes(batch.digest).hex(), "total": 9, "sealed_at": batch.sealed_at.isoformat()}
    body = b"linli.journal.checkpoint.1\n" + json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    mac = hmac.digest(settings.LINLI_JOURNAL_KEY, body, "sha256").hex()
    file = home / "journal.checkpoint"
    file.write_text(json.dumps({**fields, "mac": mac}))
    assert verify.verify().checkpoint == 3 and verify.verify().sound
    checkpoint.advance(checkpoint.Checkpoint(4, "00", 10, ""))
    assert "signature" in file.read_text()
    file.write_text(json.dumps({**fields, "total": 8, "mac": mac}))
    assert [fault.kind for fault in verify.verify().faults] == ["cut"]


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", "\x00", '{"number": 1}'])
def test_what_is_no_checkpoint_is_refused(kept, text, capsys):
    Path(kept).write_text(text)
    assert verify.main(checkpoint=[kept]) == 2
    assert "not a checkpoint" in capsys.readouterr().err
    Path(kept).write_bytes(b"\xff\xfe")
    assert verify.main(checkpoint=[kept]) == 2


def test_the_checkpoint_of_another_house_is_refused(kept, settings, capsys):
    settings.LINLI_JOURNAL_KEY = b"another house's key, 32 bytes long"
    assert verify.main(checkpoint=[kept]) == 2
    assert "another house" in capsys.readouterr().err


def test_whoever_keeps_a_checkpoint_can_check_it_without_the_house(kept):
    """As docs/operate.md says: Ed25519 over the form's name and the four fields as sorted compact JSON."""
    line = json.loads(Path(kept).read_text())
    key, signature = line.pop("key"), line.pop("signature")
    signed = b"linli.journal.checkpoint.2\n" + json.dumps(line, sort_keys=True, separators=(",", ":")).encode()
    Ed25519PublicKey.from_public_bytes(b64decode(key)).verify(b64decode(signature), signed)


def test_the_command_writes_seals_and_compares(chain, write, tmp_path, capsys):
    write(1)
    file = tmp_path / "x.checkpoint"
    call_command("journal", "checkpoint", "--out", str(file))
    assert "batch 4, 10 entries" in capsys.readouterr().out
    call_command("journal", "verify", "--checkpoint", str(file))
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == [], "no draft stays behind"
    with pytest.raises(SystemExit):
        call_command("journal", "checkpoint", "--out", str(tmp_path / "none" / "x"))


def test_an_empty_journal_has_no_checkpoint(capsys):
    assert verify.print_checkpoint() == 1
    keeping.keep()
    assert Entry.objects.count() == 0


def test_once_a_day_the_checkpoint_is_an_event_and_hourly_a_file(chain, settings, tmp_path):
    settings.LINLI_CHECKPOINT_FOLDER = str(tmp_path)
    keeping.keep()
    keeping.keep()
    (event,) = OutboxEvent.objects.filter(kind="journal.checkpoint")
    assert checkpoint.parse(event.data["checkpoint"]).number == 3
    (file,) = tmp_path.glob("journal-*.checkpoint")
    assert checkpoint.parse(file.read_text()).total == 9
    with clock.at(clock.now() + timedelta(days=1)):
        jobs.seal()
        keeping.keep()
    assert OutboxEvent.objects.filter(kind="journal.checkpoint").count() == 2
    assert verify.main(checkpoint=[str(tmp_path)]) == 0


def test_a_folder_that_does_not_take_it_is_a_failing_beat(chain, settings, tmp_path):
    settings.LINLI_CHECKPOINT_FOLDER = str(tmp_path / "unmounted")
    with pytest.raises(FileNotFoundError):
        keeping.keep()
