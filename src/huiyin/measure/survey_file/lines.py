"""On which line of a TOML file a key stands.

``tomllib`` does not tell, so the text is looked through once more. Only keys at the beginning of a
line are found; for one inside an inline table the line of that table is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_PATH = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = re.compile(rf"^\s*(\[\[?)\s*({_PATH})\s*\]")
_ASSIGNED = re.compile(rf"^\s*({_PATH})\s*=")
_PART = re.compile(_KEY)
_FENCES = ('"""', "'''")


def key_lines(text: str) -> dict[str, int]:
    """Path of each key → its line, from 1. Elements of a list of tables count from 1."""
    found: dict[str, int] = {}
    counts: Counter[str] = Counter()
    prefix = ""
    for number, line in _outside_strings(text):
        header = _HEADER.match(line)
        if header:
            prefix = _resolved(header[2], header[1] == "[[", counts)
            found.setdefault(prefix, number)
        elif assigned := _ASSIGNED.match(line):
            found.setdefault(joined(prefix, *_parts(assigned[1])), number)
    return found


def joined(prefix: str, *parts: str) -> str:
    """A key path: parts joined by dots."""
    return ".".join(part for part in (prefix, *parts) if part)


def _parts(path: str) -> list[str]:
    return [part.strip("\"'") for part in _PART.findall(path)]


def _resolved(path: str, is_element: bool, counts: Counter[str]) -> str:
    """A header's path with the number of the element of each list of tables on its way."""
    *above, last = _parts(path)
    prefix = ""
    for part in above:
        prefix = joined(prefix, part)
        if counts[prefix]:
            prefix = f"{prefix}[{counts[prefix]}]"
    prefix = joined(prefix, last)
    if is_element:
        counts[prefix] += 1
        prefix = f"{prefix}[{counts[prefix]}]"
    return prefix


def _outside_strings(text: str) -> Iterator[tuple[int, str]]:
    """Lines that do not begin inside a multi-line string."""
    open_fence = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not open_fence:
            yield number, line
        for fence in _FENCES:
            if (not open_fence or open_fence == fence) and line.count(fence) % 2:
                open_fence = "" if open_fence else fence
