"""Pieces of pages: badges, progress, forms, history, charts, problems."""

from __future__ import annotations

import re
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils.translation import override

from huiyin.furniture.charts import figures, svg
from huiyin.furniture.telling import TITLES, changes_of, problem_page
from huiyin.problems import CATALOGUE, INVALID, Problem
from huiyin.site.showroom import specification


def drawn(template: str, **values: Any) -> str:
    return Template(template).render(Context(values))


def test_a_badge_takes_only_the_tones_that_have_a_shape() -> None:
    with pytest.raises(TemplateSyntaxError, match="pink"):
        drawn("{% badge 'x' 'pink' %}")


def test_a_badge_prints_words_of_people_as_words() -> None:
    assert "&lt;b&gt;" in drawn("{% badge text 'good' %}", text="<b>")


@pytest.mark.parametrize(
    ("given", "shown"), [(-5, 0), (None, 0), (42.4, 42), (100, 100), (250, 100)]
)
def test_progress_stays_between_nothing_and_all(given: float | None, shown: int) -> None:
    assert f'value="{shown}"' in drawn("{% progress percent 'x' %}", percent=given)


def test_a_fact_without_value_is_a_dash_but_nought_is_a_value() -> None:
    page = drawn("{% facts pairs %}", pairs=[("空", ""), ("无", None), ("零", 0)])
    assert page.count("—") == 2
    assert ">0<" in page


class Asked(forms.Form):
    name = forms.CharField(label="名称", help_text="不超过 5 字", max_length=5)
    day = forms.DateField(label="日期", widget=forms.DateInput(attrs={"type": "date"}))
    way = forms.ChoiceField(label="方式", widget=forms.RadioSelect, choices=[("a", "甲")])
    yes = forms.BooleanField(label="同意")

    def clean(self) -> None:
        self.add_error(None, "整体有误")


@pytest.fixture
def wrong_form() -> str:
    return drawn('{% include "furniture/form.html" %}', form=Asked({"name": "一二三四五六"}))


def test_an_error_stands_beside_its_field_and_the_control_points_to_it(wrong_form: str) -> None:
    assert 'aria-describedby="id_name_helptext id_name_error"' in wrong_form
    assert 'id="id_name_error"' in wrong_form
    assert wrong_form.count('aria-invalid="true"') >= 3


def test_the_summary_of_errors_leads_to_the_first_control_of_each_field(wrong_form: str) -> None:
    for control in ("id_name", "id_day", "id_way_0", "id_yes"):
        assert f'href="#{control}"' in wrong_form
        assert f'id="{control}"' in wrong_form


def test_an_error_of_the_whole_form_stands_in_the_summary(wrong_form: str) -> None:
    assert "<li>整体有误</li>" in wrong_form


def test_choices_stand_in_a_group_with_a_legend(wrong_form: str) -> None:
    assert "<legend>方式" in wrong_form


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_date_control_gets_its_date_as_html_wants_it_in_every_language(language: str) -> None:
    form = Asked(initial={"day": date(2026, 11, 28)})
    with override(language):
        page = drawn('{% include "furniture/form.html" %}', form=form)
    assert 'value="2026-11-28"' in page


def event(**values: Any) -> Any:
    return SimpleNamespace(**{"kind": "organisation.unit", "before": {}, "after": {}, **values})


def test_history_speaks_in_the_words_of_the_thing_that_changed() -> None:
    with override("en"):
        (change,) = changes_of(event(before={"kind": "court"}, after={"kind": "police"}))
        assert (change.title, change.before, change.after) == ("Kind", "Court", "Police")


@pytest.mark.parametrize("kind", ["", "nonsense", "organisation.gone"])
def test_history_shows_what_it_cannot_name_as_it_was_recorded(kind: str) -> None:
    (change,) = changes_of(event(kind=kind, before={"x": 1}, after={"x": [1, {"y": None}]}))
    assert change.title == "x"
    assert change.before == "1"
    assert change.after.startswith("1、")


def test_history_shows_what_came_and_what_went() -> None:
    came, went = changes_of(event(kind="", before={"b": 2}, after={"a": True}))[::-1]
    assert (came.before, bool(came.after)) == ("", True)
    assert (went.before, went.after) == ("2", "")


def test_a_chart_carries_no_style_no_script_and_a_title() -> None:
    drawing = svg(specification(), "群众安全感")
    assert "style=" not in drawing
    assert "<script" not in drawing
    assert "href" not in drawing
    assert 'role="img"' in drawing
    assert ">群众安全感</title>" in drawing


def test_values_of_people_cannot_put_markup_into_a_chart() -> None:
    hostile = specification()
    hostile["data"]["values"][0]["area"] = "<script>alert(1)</script>"
    drawing = svg(hostile, '"><script>alert(2)</script>')
    assert "<script" not in drawing


def test_two_charts_on_a_page_share_no_id() -> None:
    other = {**specification(), "width": 300}
    first, second = (
        set(re.findall(r'id="([^"]+)"', svg(s, "x"))) for s in (specification(), other)
    )
    assert not first & second


def test_the_figures_of_a_chart_are_a_table_named_by_its_titles() -> None:
    with override("en"):
        table = figures(specification())
    assert table.columns == ["Area", "Lower bound", "Upper bound", "Residents who feel safe, %"]
    assert table.rows[0] == ["清河镇", 92.1, 98.3, 95.2]


def test_a_chart_that_would_load_its_figures_has_no_table() -> None:
    assert figures({"data": {"url": "x.csv"}, "mark": "bar"}).rows == []


@pytest.mark.parametrize("kind", sorted(CATALOGUE), ids=str)
def test_every_problem_makes_a_page_with_its_status_a_title_and_a_way_out(kind: str) -> None:
    wrong = CATALOGUE[kind]
    request = RequestFactory().get("/x/")
    request.user = AnonymousUser()
    if wrong.code == "not-signed-in":
        assert problem_page(request, wrong()).status_code == 302
        return
    names = re.findall(r"\{(\w+)", str(wrong.message))
    answer = problem_page(request, wrong(**dict.fromkeys(names, 7)))
    assert answer.status_code == wrong.status
    assert 'href="/"' in answer.content.decode()


def test_every_status_of_the_catalogue_has_a_title_of_its_own() -> None:
    assert {kind.status for kind in CATALOGUE.values()} <= set(TITLES)


def test_a_problem_names_its_place_on_the_page() -> None:
    request = RequestFactory().get("/x/")
    request.user = AnonymousUser()
    wrong: Problem = INVALID(place="第 3 行，C 列")
    assert "第 3 行，C 列" in problem_page(request, wrong).content.decode()
