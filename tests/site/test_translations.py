"""The interface is Chinese first: no string without its Chinese, no value lost on the way."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog

from huiyin.site import catalogues


@pytest.mark.parametrize("room", catalogues.rooms())
def test_every_string_of_a_room_has_its_chinese(room: str) -> None:
    gaps = [message.id for message in catalogues.missing(room)]
    assert gaps == []


@pytest.mark.parametrize("room", catalogues.rooms())
def test_no_catalogue_keeps_a_string_that_nothing_says(room: str) -> None:
    said = {(message.id, message.context) for message in catalogues.strings_of(room)}
    known = catalogues.read(catalogues.catalogue_of(room))
    assert {(message.id, message.context) for message in known if message.id} <= said


@pytest.mark.parametrize(
    ("english", "chinese", "said"),
    [
        ("Wait {seconds} seconds", "请等候 {seconds} 秒", True),
        ("Wait {seconds} seconds", "请稍候", False),
        ("Wait %(seconds)s seconds", "请等候 %(second)s 秒", False),
        ("Wait", "", False),
    ],
)
def test_a_translation_keeps_the_named_values_of_its_source(
    english: str, chinese: str, said: bool
) -> None:
    catalogue = Catalog(locale="zh_Hans")
    catalogue.add(english, chinese)
    assert catalogues._is_said(catalogue.get(english)) is said
