"""The house: what each piece of furniture of a room may hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import huiyin
from huiyin.audit.acts import ACTS
from huiyin.organisation.permissions import TABLE

HOUSE = Path(huiyin.__file__).parent
RULES = sorted(HOUSE.glob("*/rules.py"))
#: What a pure function may not reach: the database, the clock, what is stored, what is done.
IMPURE = ("django.db.models.query", "django.db.connection", "django.utils.timezone", "time")


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.parent.name)
def test_rules_touch_neither_database_nor_clock(file: Path) -> None:
    for name in imported(file):
        assert name not in IMPURE
        assert not name.startswith("django.db.") or name.startswith("django.db.models.TextChoices")
        assert ".models" not in name or name.startswith("django.db.models")
        assert ".actions" not in name
        assert ".queries" not in name
    calls = {
        node.attr
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute)
    }
    assert not calls & {"now", "today", "localdate"}, "time is an argument"


def test_every_act_has_a_row_in_the_table_of_permissions_and_every_row_an_act() -> None:
    assert set(TABLE) == set(ACTS)
