"""What an act refuses is said beside the field that it names."""

from __future__ import annotations

import pytest
from django import forms

from huiyin.furniture.forms import refusals_beside
from huiyin.problems import BEHIND_A_WALL, INVALID, NOT_PERMITTED, NOT_SIGNED_IN, Problem


class Name(forms.Form):
    name = forms.CharField()
    file = forms.CharField()


def sent() -> Name:
    form = Name({"name": "书湾街道", "file": "x"})
    assert form.is_valid()
    return form


def test_a_refusal_stands_beside_the_field_that_it_names() -> None:
    form = sent()
    with refusals_beside(form):
        raise INVALID(place="name")
    assert set(form.errors) == {"name"}


def test_a_refusal_that_names_no_field_stands_above_the_form() -> None:
    form = sent()
    with refusals_beside(form):
        raise INVALID(place="elsewhere")
    assert set(form.errors) == {"__all__"}


@pytest.mark.parametrize(("field", "stands"), [("file", "file"), (None, "__all__")])
def test_a_page_may_say_every_refusal_at_one_place(field: str | None, stands: str) -> None:
    form = sent()
    with refusals_beside(form, field):
        raise INVALID(place="name")
    assert set(form.errors) == {stands}


@pytest.mark.parametrize("kind", [NOT_SIGNED_IN, NOT_PERMITTED, BEHIND_A_WALL])
def test_what_no_field_mends_is_not_said_in_the_form(kind: object) -> None:
    form = sent()
    with pytest.raises(Problem), refusals_beside(form):
        raise kind(act="x")  # type: ignore[operator]
    assert form.is_valid()
