"""Pinyin initials of names: 大禾塘街道 is found by dhtjd."""

from __future__ import annotations

from functools import cache

from pypinyin import Style, lazy_pinyin

from huiyin.territory.rules import LONGEST_NAME, Level, half_width


def initials_of(name: str, level: int) -> str:
    """The first letter of each character's pinyin; letters and digits stay.

    Names from the town up are read as words, because many have a reading of their own (重庆 cq,
    厦门 xm, 六安 la). Villages are read character by character, each character once: there are
    hundreds of thousands of them, and most of their names are in no dictionary of words.
    """
    if level <= Level.TOWN:
        return _read("".join(lazy_pinyin(half_width(name), style=Style.FIRST_LETTER)))
    return _read("".join(map(_initial, name)))


@cache
def _initial(character: str) -> str:
    return "".join(lazy_pinyin(half_width(character), style=Style.FIRST_LETTER))


def _read(letters: str) -> str:
    plain = letters if letters.isalnum() else "".join(filter(str.isalnum, letters))
    return plain.lower()[:LONGEST_NAME]
