"""Importing a list at the desk: preview, mending in place, taking in whole."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from linli.rooms.cases.models import Case, CaseImport

pytestmark = pytest.mark.django_db


def upload(*lines, name="清单.csv"):
    return SimpleUploadedFile(name, "\n".join(("问题,社区,电话", *lines)).encode("utf-8-sig"), "text/csv")


def test_a_list_is_seen_mended_and_taken_in(desk, town):
    client = desk("clerk")
    answer = client.post(
        reverse("desk:import"), {"file": upload("路灯不亮,甲社区,", "垃圾没人收,丙社区,"), "name": "十月"}
    )
    draft = CaseImport.objects.get()
    assert answer["Location"] == reverse("desk:import_draft", args=[draft.pk])
    page = client.get(answer["Location"]).content.decode()
    assert "还有 1 行要看" in page and "没有找到“丙社区”" in page
    row = reverse("desk:import_row", args=[draft.pk, 3])
    assert "垃圾没人收" in client.get(row, headers={"HX-Request": "true"}).content.decode()
    mended = client.post(
        row, {"words": "垃圾没人收", "place": town.two.pk}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "2 行可以导入" in mended
    client.post(reverse("desk:import_take_in", args=[draft.pk]))
    assert Case.objects.count() == 2
    assert "已导入 2 件" in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    "file", [None, SimpleUploadedFile("a.xlsx", b""), SimpleUploadedFile("a.xlsx", b"<html>hello")]
)
def test_a_bad_file_says_why_on_the_page(desk, town, file):
    answer = desk("clerk").post(reverse("desk:import"), {"name": "十月", **({"file": file} if file else {})})
    assert answer.status_code == 422 and "这个文件没有读进来" in answer.content.decode()


def test_it_works_without_scripts(desk, town):
    client = desk("clerk")
    client.post(reverse("desk:import"), {"file": upload("路灯不亮,丙社区,")})
    draft = CaseImport.objects.get()
    row = reverse("desk:import_row", args=[draft.pk, 2])
    assert "<html" in client.get(row).content.decode()
    assert client.post(row, {"left_out": "1"}).status_code == 302


@pytest.mark.parametrize("name", ["verifier", "lamp_contact", "system"])
def test_who_has_not_the_duty_stays_out(desk, town, name):
    assert desk(name).get(reverse("desk:import")).status_code == 403


def test_anothers_list_does_not_exist(desk, town):
    desk("clerk").post(reverse("desk:import"), {"file": upload("路灯不亮,甲社区,")})
    pk = CaseImport.objects.get().pk
    other = desk("dispatcher")
    assert other.get(reverse("desk:import_draft", args=[pk])).status_code == 404
    assert other.get(reverse("desk:import_row", args=[pk, 2])).status_code == 404
    assert other.post(reverse("desk:import_take_in", args=[pk])).status_code == 404
    assert other.post(reverse("desk:import_drop", args=[pk])).status_code == 404


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_preview_of_many_costs_few_queries(desk, town, language, django_assert_max_num_queries):
    client = desk("clerk", language)
    client.post(reverse("desk:import"), {"file": upload(*[f"路灯不亮{n},丙社区," for n in range(60)])})
    address = reverse("desk:import_draft", args=[CaseImport.objects.get().pk])
    client.get(address)
    with django_assert_max_num_queries(5):
        assert client.get(address).status_code == 200


def test_the_template_is_read_back_whole(desk, town):
    from linli.rooms.cases.problem_list import COLUMNS, read_list

    answer = desk("clerk").get(reverse("desk:import_template"))
    rows, unknown = read_list(b"".join(answer.streaming_content), "t.xlsx")
    assert unknown == [] and len(rows) == 2 and set(rows[0].cells) == set(COLUMNS)
