"""The components say what they should, and never let words become markup."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from linli.kernel import clock

EVIL = '<script>alert("x")</script>'


def render(source: str, **context: object) -> str:
    with translation.override("zh-hans"):
        return Template("{% load linli %}" + source).render(Context(context))


@pytest.mark.parametrize("kind", ["on_track", "near", "overdue", "suspended", "done"])
def test_a_light_is_shape_and_word_and_colour(kind: str) -> None:
    html = render('{% light kind words="还剩 2 小时" %}', kind=kind)
    assert "<svg" in html
    assert f"is-{kind}" in html
    assert "还剩 2 小时" in html
    assert 'class="visually-hidden"' in html


def test_a_light_nobody_knows_is_plain_words() -> None:
    assert render("{% light kind %}", kind=EVIL).count("<script") == 0


def test_when_carries_the_exact_time() -> None:
    now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    with clock.at(now):
        html = render("{% when moment %}", moment=now - timedelta(minutes=5))
    assert "5 分钟前" in html
    assert 'datetime="2026-11-22T01:55:00+00:00"' in html
    assert 'title="2026-11-22 09:55"' in html
    assert render("{% when moment %}", moment=None) == "—"


def test_count_shows_its_base_and_no_share_of_nothing() -> None:
    assert "41/53 按期 · 77 %" in render('{% count 41 53 "按期" %}')
    assert "%" not in render('{% count 0 0 "按期" %}')


def test_names_follow_the_language() -> None:
    place = {"name_zh": "渌口镇", "name_en": "Lukou Town"}
    source = Template("{% load linli %}{% place_path places %}")
    with translation.override("en"):
        assert "Lukou Town" in source.render(Context({"places": [place, {"name_zh": "伏波社区", "name_en": ""}]}))
    assert "渌口镇" in render("{% place_path places %}", places=[place])


@pytest.mark.parametrize(
    "source",
    [
        "{% chip words url %}",
        "{% state_badge words %}",
        "{% copy_button words %}",
        "{% place_path places %}",
        '{% empty_state "inbox" words words "/" words %}',
        "{% timeline items %}",
        "{% photo_strip photos %}",
        "{% qr words words %}",
        "{% light 'near' words=words %}",
    ],
)
def test_words_never_become_markup(source: str) -> None:
    html = render(
        source,
        words=EVIL,
        url=f'/"{EVIL}',
        places=[EVIL],
        items=[{"title": EVIL, "who": EVIL, "post": EVIL, "words": EVIL, "note": EVIL, "at": None}],
        photos=[{"url": EVIL, "thumb_url": EVIL, "caption": EVIL}],
    )
    assert "<script" not in html


def test_no_component_has_inline_style_or_handler() -> None:
    html = render(
        '{% light "near" %}{% qr "x" %}{% skeleton 3 %}{% timeline items %}{% empty_state "inbox" "x" %}',
        items=[{"title": "x", "photos": [{"url": "/x"}]}],
    )
    assert "style=" not in html
    assert " on" not in html.replace(" on_track", "")


def test_pager_keeps_the_rest_of_the_address() -> None:
    request = RequestFactory().get("/", {"light": "near", "q": "井盖", "page": "2"})
    html = render("{% pager page %}", page=Paginator(range(436), 50).get_page(2), request=request)
    assert "?light=near&amp;q=%E4%BA%95%E7%9B%96&amp;page=3" in html
    assert "第 51–100 条，共 436 条" in html
    assert 'aria-current="page">2<' in html


def test_with_query_changes_and_removes() -> None:
    request = RequestFactory().get("/", {"light": "near", "page": "2"})
    html = render('{% with_query page=None light="overdue" %}', request=request)
    assert html == "?light=overdue"


class ReportForm(forms.Form):
    words = forms.CharField(label="发生了什么", help_text="一两句话就够", widget=forms.Textarea)
    phone = forms.CharField(label="手机号", required=False)
    again = forms.BooleanField(label="报过")
    kind = forms.ChoiceField(label="类别", choices=[("a", "甲"), ("b", "乙")], widget=forms.RadioSelect)


def test_a_form_puts_label_help_and_error_beside_the_field() -> None:
    form = ReportForm({"words": "", "phone": EVIL})
    html = render("{{ form }}", form=form)
    assert 'aria-describedby="id_words_help id_words_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_words_error"' in html
    assert "选填" in html
    assert "<legend>类别" in html
    assert "<script" not in html
    assert 'rows="4"' in html or 'rows="10"' in html
