"""How a form says what an act refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms

from huiyin.problems import Problem


@contextmanager
def refusals_beside(form: forms.Form, field: str | None = "") -> Iterator[None]:
    """Say what is refused inside the block beside the form's field that it names, and go on.

    Args:
        field: the field beside which everything is said; None = above the form.

    Raises:
        Problem: ``not-signed-in``, ``not-permitted``, ``behind-a-wall``: no field mends these.
    """
    try:
        yield
    except Problem as wrong:
        if wrong.status in (401, 403):
            raise
        named = wrong.place if wrong.place in form.fields else None
        form.add_error(named if field == "" else field, wrong.message)
