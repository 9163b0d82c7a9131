"""Sealed values open only where they belong; masks show no more than they must; a reveal leaves a record."""

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel import seal
from linli.kernel.errors import Refused
from linli.kernel.journal import Actor
from linli.kernel.seal import queries
from linli.kernel.seal.models import Access

WANG = Actor(7, "王小明", 3, "网格员")


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_was_sealed_opens(text):
    blob = seal.encrypt(text, "t:c:1")
    assert seal.decrypt(blob, "t:c:1") == text
    assert seal.decrypt(memoryview(blob), "t:c:1") == text
    assert seal.encrypt(text, "t:c:1") != blob


def test_a_blob_does_not_open_elsewhere_or_changed():
    blob = seal.encrypt("13812345678", "t:c:1")
    for wrong in ("t:c:2", "t:d:1", ""):
        with pytest.raises(seal.CannotOpen):
            seal.decrypt(blob, wrong)
    for place in range(len(blob)):
        changed = bytearray(blob)
        changed[place] ^= 1
        with pytest.raises(seal.CannotOpen):
            seal.decrypt(bytes(changed), "t:c:1")
    for short in (b"", blob[:1], blob[:14]):
        with pytest.raises(seal.CannotOpen):
            seal.decrypt(short, "t:c:1")


def test_a_new_key_encrypts_and_the_old_one_still_opens(settings):
    settings.LINLI_SEAL_KEYS = {1: b"1" * 32}
    old, index = seal.encrypt("a", "x"), seal.blind_index("a", "p")
    settings.LINLI_SEAL_KEYS = {1: b"1" * 32, 2: b"2" * 32}
    new = seal.encrypt("a", "x")
    assert (seal.key_version(old), seal.key_version(new)) == (1, 2)
    assert seal.decrypt(old, "x") == seal.decrypt(new, "x") == "a"
    assert seal.blind_index("a", "p") == index
    settings.LINLI_SEAL_KEYS = {2: b"2" * 32}
    with pytest.raises(seal.CannotOpen, match="version 1"):
        seal.decrypt(old, "x")


def test_blind_indexes_keep_purposes_apart():
    one = seal.blind_index("13812345678", "reporter phone")
    assert len(one) == 16 and one == seal.blind_index("13812345678", "reporter phone")
    assert one != seal.blind_index("13812345678", "staff phone")
    assert one != seal.blind_index("13812345679", "reporter phone")


@pytest.mark.parametrize(
    ("plain", "masked"),
    [
        ("13812345678", "138****5678"),
        ("+86 138-1234-5678", "138****5678"),
        ("073122345678", "0731-******78"),
        ("010-62345678", "010-******78"),
        ("(0733) 2834567", "0733-*****67"),
        ("123456", "****56"),
        ("110", "***"),
        ("", ""),
    ],
)
def test_phones_are_masked(plain, masked):
    assert seal.mask_phone(plain) == masked


@pytest.mark.parametrize(
    ("plain", "masked"),
    [("王小明", "王*"), ("欧阳修", "欧阳*"), ("欧阳", "欧*"), (" 李 ", "李*"), ("Smith", "S*"), ("", "")],
)
def test_names_are_masked(plain, masked):
    assert seal.mask_name(plain) == masked


def test_ids_are_masked():
    assert seal.mask_id("430212199001011234") == "*" * 14 + "1234"
    assert seal.mask_id("12345678") == "********"


@pytest.mark.django_db
def test_a_reveal_leaves_a_record():
    blob = seal.encrypt("13812345678", "cases_reporter:phone:17")
    said = seal.reveal(blob, "cases_reporter:phone:17", actor=WANG, purpose=" 回访 ")
    assert said == "13812345678"
    [access] = queries.of("cases_reporter:phone:17")
    assert (access.actor_id, access.post_name, access.purpose) == (7, "网格员", "回访")
    assert queries.page(actor_id=7, table="cases_reporter") == [access]
    assert queries.page(table="cases") == [] and queries.page(before_id=access.id) == []


@pytest.mark.django_db
def test_no_purpose_no_reveal_and_what_does_not_open_is_not_recorded():
    blob = seal.encrypt("x", "a:b:1")
    with pytest.raises(Refused) as refused:
        seal.reveal(blob, "a:b:1", actor=WANG, purpose=" ")
    assert refused.value.field == "purpose"
    with pytest.raises(seal.CannotOpen):
        seal.reveal(blob, "a:b:2", actor=WANG, purpose="回访")
    assert Access.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("sql", ["UPDATE seal_access SET purpose = ''", "DELETE FROM seal_access"])
def test_the_record_of_reveals_only_grows(sql):
    seal.reveal(seal.encrypt("x", "a:b:1"), "a:b:1", actor=WANG, purpose="回访")
    with (
        pytest.raises(DatabaseError, match="only grows"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
