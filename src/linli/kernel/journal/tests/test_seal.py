"""The chain: sealed soon, by one at a time, and whoever touches it is found, with the id."""

import json
import threading
import time

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection, transaction

from linli.kernel.journal import checkpoint, jobs, record, rules, verify
from linli.kernel.journal.models import Batch, Entry, Unsealed
from linli.kernel.journal.tests.conftest import WANG

pytestmark = pytest.mark.django_db(transaction=True)


def faults():
    return [(fault.kind, fault.entry_id, fault.batch) for fault in verify.verify().faults]


@pytest.fixture
def chain(write):
    """Three batches of three entries, and two entries that wait."""
    ids = []
    for _ in range(3):
        ids += write(3)
        assert jobs.seal() == 3
    return ids + write(2)


def test_a_sound_chain(chain, capsys):
    report = verify.verify()
    assert (report.sound, report.entries_sealed, report.entries_waiting, report.batches) == (True, 9, 2, 3)
    assert report.checkpoint == 3
    assert verify.main() == 0
    assert "sound" in capsys.readouterr().out
    assert verify.main(json=True) == 0
    assert json.loads(capsys.readouterr().out)["entries_sealed"] == 9


def test_an_empty_journal_is_sound():
    assert jobs.seal() == 0 and faults() == []


@pytest.mark.parametrize(
    "column",
    [
        "words = 'other'",
        "at = at + interval '1 microsecond'",
        "actor_name = '李四'",
        "actor_id = NULL",
        "after = '{\"a\": 1.0}'",
        "evidence = '[1e400]'",
        "place_ids = '{9}'",
        "request_key = 'x'",
        "uid = gen_random_uuid()",
        "mac = mac || '\\x00'",
        "object_id = '2'",
    ],
)
@pytest.mark.parametrize("which", [4, 10])
def test_a_changed_row_is_named(chain, tamper, capsys, column, which):
    tamper(f"UPDATE journal_entry SET {column} WHERE id = {chain[which]}")
    kind, batch = ("changed", 2) if which == 4 else ("inserted", None)
    assert faults() == [(kind, chain[which], batch)]
    assert verify.main() == 1
    assert str(chain[which]) in capsys.readouterr().out


def test_deleted_rows_are_named(chain, tamper):
    tamper(f"DELETE FROM journal_entry WHERE id IN ({chain[0]}, {chain[8]}, {chain[9]})")
    assert faults() == [("deleted", chain[0], 1), ("deleted", chain[8], 3), ("deleted", chain[9], None)]


def test_rows_slipped_in_are_named(chain, tamper):
    copy = (
        "INSERT INTO journal_entry (uid, at, actor_kind, actor_name, post_name, action, object_type,"
        " object_id, words, note, evidence, place_ids, mac)"
        " SELECT gen_random_uuid(), at, actor_kind, actor_name, post_name,"
        " action, object_type, object_id, words, note, evidence, place_ids, mac FROM journal_entry"
        f" WHERE id = {chain[0]}"
    )
    tamper(copy)
    stranger = Entry.objects.latest("id").id
    assert faults() == [("inserted", stranger, None)]
    tamper(f"INSERT INTO journal_unsealed VALUES ({stranger})")
    assert faults() == [("inserted", stranger, None)]
    jobs.seal()
    assert faults() == [("changed", stranger, 4)]


def test_a_true_copy_under_another_id_is_found(chain, tamper):
    columns = ", ".join(f.column for f in Entry._meta.fields if f.column != "id")
    tamper(
        "ALTER TABLE journal_entry DROP CONSTRAINT journal_entry_uid",
        f"INSERT INTO journal_entry ({columns}) SELECT {columns} FROM journal_entry WHERE id = {chain[0]}",
        "INSERT INTO journal_unsealed SELECT max(id) FROM journal_entry",
    )
    jobs.seal()
    assert faults() == [("inserted", Entry.objects.latest("id").id, None)]


def test_swapped_ids_are_named(chain, tamper):
    a, b = chain[0], chain[7]
    tamper(
        f"UPDATE journal_entry SET id = -1 WHERE id = {a}",
        f"UPDATE journal_entry SET id = {a} WHERE id = {b}",
        f"UPDATE journal_entry SET id = {b} WHERE id = -1",
    )
    assert faults() == [("changed", a, 1), ("changed", b, 3)]


def test_a_genuine_row_whose_seal_was_removed(chain, tamper):
    tamper(f"DELETE FROM journal_unsealed WHERE entry_id = {chain[9]}")
    assert faults() == [("unqueued", chain[9], None)]


@pytest.mark.parametrize("number", [1, 2])
def test_a_missing_batch(chain, tamper, number):
    tamper(f"DELETE FROM journal_batch WHERE number = {number}")
    orphans = chain[3 * (number - 1) : 3 * number]
    assert faults() == [("batch", None, number), *(("unqueued", i, None) for i in orphans)]


@pytest.mark.parametrize(
    "change",
    [
        "count = 7",
        "total = 99",
        "sealed_at = now()",
        "previous = digest",
        "digest = previous",
        "mac = digest",
        "entries = entries[3:3] || entries[1:2]",
        "tags = '\\x00'",
        "entries = entries[1:2]",
    ],
)
def test_a_changed_batch(chain, tamper, change):
    tamper(f"UPDATE journal_batch SET {change} WHERE number = 2")
    assert {(batch, kind) for kind, _id, batch in faults()} & {(2, "batch"), (2, "changed")}
    assert verify.main() == 1


def test_a_batch_forged_without_the_key(chain, tamper):
    tip = Batch.objects.get(number=3)
    ids = chain[9:11]
    macs = [(e.id, bytes(e.mac)) for e in Entry.objects.filter(id__in=ids).order_by("id")]
    digest = rules.batch_digest(4, tip.sealed_at, 11, bytes(tip.digest), macs)
    Batch.objects.create(
        number=4,
        entries=ids,
        count=2,
        total=11,
        digest=digest,
        previous=bytes(tip.digest),
        sealed_at=tip.sealed_at,
        tags=b"".join(m[:8] for _, m in macs),
        mac=rules.batch_mac(b"guess", digest),
    )
    Unsealed.objects.all().delete()
    assert faults() == [("batch", None, 4)]


def test_an_id_sealed_twice(chain, write):
    Unsealed.objects.create(entry_id=chain[0])
    jobs.seal()
    assert faults() == [("sealed_twice", chain[0], 4)]


def test_a_cut_tail_is_found_by_the_checkpoint_in_the_home(chain, tamper):
    tamper(
        "DELETE FROM journal_batch WHERE number = 3",
        f"DELETE FROM journal_entry WHERE id >= {chain[6]}",
        "DELETE FROM journal_unsealed",
    )
    report = verify.verify()
    assert [(fault.kind, fault.batch) for fault in report.faults] == [("cut", 3)]
    assert "3 more sealed entries" in report.faults[0].words


def test_a_checkpoint_kept_elsewhere(chain, tamper, tmp_path, home, capsys):
    assert verify.print_checkpoint() == 0  # seals the two that wait
    kept = tmp_path / "kept"
    kept.write_text(capsys.readouterr().out)
    assert verify.main(checkpoint=[str(kept)]) == 0
    tamper("DELETE FROM journal_batch", "DELETE FROM journal_entry", "DELETE FROM journal_unsealed")
    (home / "journal.checkpoint").unlink()
    assert verify.main() == 0  # nothing is left that could know
    assert verify.main(checkpoint=[str(kept)]) == 1
    kept.write_text(kept.read_text().replace('"total":11', '"total":1'))
    assert verify.main(checkpoint=[str(kept)]) == 2
    assert verify.main(checkpoint=[str(tmp_path / "none")]) == 2


def test_a_chain_made_anew_with_the_key_is_found_by_the_checkpoint(chain, tamper):
    tamper(
        "DELETE FROM journal_batch",
        "INSERT INTO journal_unsealed SELECT id FROM journal_entry ON CONFLICT DO NOTHING",
    )
    jobs.seal()
    assert faults() == [("cut", None, 3)]


def test_a_spoilt_checkpoint_is_reported_and_kept(chain, home):
    (home / "journal.checkpoint").write_text('{"number": 1}')
    assert [f.kind for f in verify.verify().faults] == ["cut"]
    jobs.seal()
    assert (home / "journal.checkpoint").read_text() == '{"number": 1}'


def test_the_checkpoint_never_goes_back(chain):
    old = checkpoint.Checkpoint(1, "00", 1, "")
    checkpoint.advance(old)
    assert checkpoint.load().number == 3


def test_a_journal_that_cannot_be_read(tamper, capsys):
    tamper("ALTER TABLE journal_batch RENAME COLUMN digest TO lost")
    try:
        assert verify.main() == 2
    finally:
        tamper("ALTER TABLE journal_batch RENAME COLUMN lost TO digest")
    assert "cannot be read" in capsys.readouterr().err


def test_the_command(chain, capsys):
    call_command("journal", "seal")
    call_command("journal", "checkpoint")
    call_command("journal", "verify", "--json")
    assert '"entries_sealed": 11' in capsys.readouterr().out


def test_late_and_rolled_back_ids(write):
    late, held = threading.Event(), threading.Event()

    def slow():
        try:
            with transaction.atomic():
                record(action="a", actor=WANG, object_type="case", object_id=1)
                held.set()
                late.wait()
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    held.wait()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write()
        raise ZeroDivisionError
    [after] = write()
    assert jobs.seal() == 1
    late.set()
    thread.join()
    assert jobs.seal() == 1
    assert faults() == [] and Batch.objects.get(number=2).entries[0] < after


def test_writers_and_two_sealers_at_once(monkeypatch):
    monkeypatch.setattr(jobs, "BATCH_SIZE", 7)
    writing, sealed = threading.Event(), []
    writing.set()

    def writer():
        try:
            for n in range(60):
                with transaction.atomic():
                    record(action="a", actor=WANG, object_type="case", object_id=n)
        finally:
            connection.close()

    def sealer():
        try:
            while writing.is_set() or Unsealed.objects.exists():
                sealed.append(jobs.seal())
                time.sleep(0.001)
        finally:
            connection.close()

    writers = [threading.Thread(target=writer) for _ in range(4)]
    sealers = [threading.Thread(target=sealer) for _ in range(2)]
    for thread in (*writers, *sealers):
        thread.start()
    for thread in writers:
        thread.join()
    writing.clear()
    for thread in sealers:
        thread.join()
    report = verify.verify()
    assert report.sound and report.entries_sealed == sum(sealed) == 240


def test_a_sealer_killed_in_the_middle_loses_nothing(write, monkeypatch):
    write(5)

    def killed(*args):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "batch_digest", killed)
        with pytest.raises(Exception, match="terminat"):
            jobs.seal()
    connection.close()
    assert jobs.seal() == 5 and faults() == []


def test_another_key_fits_nothing(chain, settings):
    settings.LINLI_JOURNAL_KEY = b"other" + django_settings.LINLI_JOURNAL_KEY
    assert verify.verify().fault_count > 11
